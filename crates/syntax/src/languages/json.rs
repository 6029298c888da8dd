//! JSON, also with comments.

use super::site::unquoted;
use crate::profile::{ListRule, Name, Profile, Site, SymbolRule};
use crate::{Blocks, Kind, Language, Order};

/// The table.
pub(crate) const JSON: Profile = Profile {
    extensions: &["json", "jsonc", "json5", "webmanifest", "code-workspace", "geojson", "jsonld", "ipynb", "avsc"],
    file_names: &["composer.lock", "Pipfile.lock", ".eslintrc", ".babelrc", ".prettierrc", ".swcrc", "flake.lock", "deno.lock"],
    symbols: &[&[
        SymbolRule::new("pair", Kind::Key, Name::Unquoted(&["key"])).body(&[&["value"]]),
        SymbolRule::new("object", Kind::Item, Name::With(identified)).within(&["array"]),
    ]],
    comment_starts: &["//", "/*"],
    transparent_in: &[("object", "document"), ("array", "document")],
    opaque: &["string", "comment"],
    lists: &[ListRule::commas("array"), ListRule::commas("object")],
    orders: &[("object", Order::Unordered)],
    data: true,
    blocks: Some(Blocks::Brackets),
    ..Profile::bare(Language::Json, "json", || tree_sitter_json::LANGUAGE.into())
};

/// The `name` or `id` of an object in an array.
fn identified(site: &Site<'_, '_>) -> Option<String> {
    const LOOKED_AT: usize = 16;
    let mut cursor = site.node.walk();
    let mut pairs = site.node.named_children(&mut cursor).take(LOOKED_AT);
    pairs.find_map(|pair| {
        let key = site.text_of(pair.child_by_field_name("key")?);
        let value = pair.child_by_field_name("value").filter(|value| value.kind() == "string")?;
        matches!(unquoted(&key), "name" | "id").then(|| unquoted(&site.text_of(value)).to_owned())
    })
}
