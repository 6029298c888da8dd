//! YAML.

use super::site::{child, first_named, unquoted};
use crate::indents::nested;
use crate::profile::{ListRule, Name, Profile, Site, SymbolRule};
use crate::{Blocks, Kind, Language, Order};
use tree_sitter::Node;

/// The table.
pub(crate) const YAML: Profile = Profile {
    extensions: &["yml", "yaml"],
    file_names: &[".clang-format", ".clang-tidy", "pubspec.lock"],
    symbols: &[&[
        SymbolRule::new("block_mapping_pair", Kind::Key, Name::Unquoted(&["key"])).signature(&[&[":"]]),
        SymbolRule::new("flow_pair", Kind::Key, Name::Unquoted(&["key"])).signature(&[&[":"]]),
        SymbolRule::new("block_sequence_item", Kind::Item, Name::With(identified)).signature(&[&["-"]]),
        SymbolRule::new("block_sequence_item", Kind::Item, Name::Unnamed).signature(&[&["-"]]),
        SymbolRule::new("document", Kind::Section, Name::With(one_of_many)),
    ]],
    comment_starts: &["#"],
    transparent: &["document", "block_node", "block_mapping", "block_sequence"],
    opaque: &["block_scalar", "double_quote_scalar", "single_quote_scalar", "plain_scalar", "comment"],
    loose: &["block_mapping_pair", "block_sequence_item"],
    lists: &[ListRule::commas("flow_sequence"), ListRule::commas("flow_mapping")],
    orders: &[("block_mapping", Order::Unordered), ("flow_mapping", Order::Unordered)],
    too_deep: Some(|text| nested(text) > 100),
    data: true,
    blocks: Some(Blocks::Indented),
    ..Profile::bare(Language::Yaml, "yaml", || tree_sitter_yaml::LANGUAGE.into())
};

/// The value of the first key of an item, if that key says which item it is.
fn identified(site: &Site<'_, '_>) -> Option<String> {
    let first = first_pair(site.node)?;
    let key = site.text_of(first.child_by_field_name("key")?);
    let value = first.child_by_field_name("value").filter(|value| value.kind() == "flow_node")?;
    let text = site.text_of(value);
    match unquoted(&key) {
        "name" | "id" => Some(unquoted(&text).to_owned()),
        // Another version of an action is the same step.
        "uses" => Some(unquoted(&text).split('@').next().unwrap_or_default().to_owned()),
        _ => None,
    }
}

/// The mapping below a node, where there is nothing else.
fn mapping(node: Node<'_>) -> Option<Node<'_>> {
    child(child(node, "block_node")?, "block_mapping")
}

fn first_pair(node: Node<'_>) -> Option<Node<'_>> {
    first_named(mapping(node)?)
}

/// A document is a thing of its own only where the file has several.
fn one_of_many(site: &Site<'_, '_>) -> Option<String> {
    if !has_several(site.text) {
        return None;
    }
    let Some(mapping) = mapping(site.node) else { return Some("---".to_owned()) };
    let kind = value_of(site, mapping, "kind").map(|node| site.text_of(node));
    let metadata = value_of(site, mapping, "metadata");
    let name = metadata
        .and_then(|metadata| child(metadata, "block_mapping"))
        .and_then(|metadata| value_of(site, metadata, "name"))
        .or_else(|| value_of(site, mapping, "name"))
        .map(|node| site.text_of(node));
    match (kind, name) {
        (Some(kind), Some(name)) => Some(format!("{kind} {name}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => Some("---".to_owned()),
    }
}

fn value_of<'t>(site: &Site<'_, 't>, mapping: Node<'t>, key: &str) -> Option<Node<'t>> {
    const LOOKED_AT: usize = 16;
    let mut cursor = mapping.walk();
    let mut pairs = mapping.named_children(&mut cursor).take(LOOKED_AT);
    let pair = pairs.find(|pair| pair.child_by_field_name("key").is_some_and(|node| site.bytes_of(node) == key.as_bytes()));
    pair?.child_by_field_name("value")
}

/// Whether a text has several documents. Asked of the text, and of no more than its first two, since the tree can't count its own children.
fn has_several(text: &[u8]) -> bool {
    const MARK: &[u8] = b"---";
    let is_mark = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(MARK));
    let mut marks = std::iter::once(0).chain(memchr::memmem::find_iter(text, b"\n---").map(|at| at + 1)).filter(is_mark);
    let Some(first) = marks.next() else { return false };
    let is_content = |line: &[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"#") && !line.starts_with(b"%");
    let before = text.get(..first).unwrap_or_default();
    marks.next().is_some() || before.split(|byte| *byte == b'\n').any(is_content)
}
