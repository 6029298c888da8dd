//! TOML, and lock files written in it.

use super::site::{first_named, unquoted};
use crate::profile::{ListRule, Name, Part, Profile, Site, SymbolRule};
use crate::{Blocks, Kind, Language, Order};

const FIRST: Name = Name::With(first);

/// The table.
pub(crate) const TOML: Profile = Profile {
    extensions: &["toml"],
    file_names: &["Cargo.lock", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile", "Gopkg.lock"],
    symbols: &[&[
        SymbolRule::new("table", Kind::Table, FIRST).signature(&[&["]"]]),
        SymbolRule::new("table_array_element", Kind::Table, Name::With(named))
            .scope(Part::With(first))
            .overload(Part::With(version))
            .signature(&[&["]]"]]),
        SymbolRule::new("table_array_element", Kind::Table, FIRST).signature(&[&["]]"]]),
        SymbolRule::new("pair", Kind::Key, FIRST).signature(&[&["="]]),
        SymbolRule::new("inline_table", Kind::Item, Name::With(named)).within(&["array"]),
    ]],
    comment_starts: &["#"],
    opaque: &["string", "comment"],
    loose: &["table", "table_array_element"],
    lists: &[ListRule::commas("array"), ListRule::commas("inline_table")],
    orders: &[
        ("document", Order::Unordered),
        ("table", Order::Unordered),
        ("table_array_element", Order::Unordered),
        ("inline_table", Order::Unordered),
    ],
    data: true,
    blocks: Some(Blocks::Brackets),
    ..Profile::bare(Language::Toml, "toml", || tree_sitter_toml_ng::LANGUAGE.into())
};

/// The header of a table, the key of a pair.
fn first(site: &Site<'_, '_>) -> Option<String> {
    let key = first_named(site.node)?;
    Some(unquoted(&site.text_of(key)).to_owned())
}

/// The `name` or `id` of one of many tables.
fn named(site: &Site<'_, '_>) -> Option<String> {
    value_of(site, &["name", "id"])
}

fn version(site: &Site<'_, '_>) -> Option<String> {
    value_of(site, &["version"])
}

fn value_of(site: &Site<'_, '_>, keys: &[&str]) -> Option<String> {
    const LOOKED_AT: usize = 16;
    let mut cursor = site.node.walk();
    let value = site.node.named_children(&mut cursor).filter(|child| child.kind() == "pair").take(LOOKED_AT).find_map(|pair| {
        let mut inner = pair.walk();
        let mut parts = pair.named_children(&mut inner);
        let key = parts.next().filter(|key| keys.contains(&site.text_of(*key).as_str()));
        key.and_then(|_| parts.next()).filter(|value| value.kind() == "string")
    });
    value.map(|value| unquoted(&site.text_of(value)).to_owned())
}
