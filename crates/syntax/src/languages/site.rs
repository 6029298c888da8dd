//! What tables ask of a place: texts and children by name. For functions in tables, which run once per symbol.

use super::compiled::reduce;
use crate::profile::Site;
use tree_sitter::Node;

impl<'t> Site<'_, 't> {
    /// A node's text on one line.
    pub(crate) fn text_of(&self, node: Node<'_>) -> String {
        reduce(self.text.get(node.byte_range()).unwrap_or_default())
    }

    /// A node's bytes.
    pub(crate) fn bytes_of(&self, node: Node<'_>) -> &[u8] {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The first child of a kind, anonymous ones included.
    pub(crate) fn child(&self, kind: &str) -> Option<Node<'t>> {
        child(self.node, kind)
    }

    /// The texts of a field of each child of a kind, joined: `a, b` of `var a = 1, b = 2`.
    pub(crate) fn each(&self, kind: &str, field: &str) -> Option<String> {
        let mut cursor = self.node.walk();
        let names: Vec<String> = self
            .node
            .named_children(&mut cursor)
            .filter(|child| child.kind() == kind)
            .take(MOST_NAMES)
            .filter_map(|child| child.child_by_field_name(field))
            .map(|name| self.text_of(name))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// Most names of one symbol.
pub(crate) const MOST_NAMES: usize = 64;

/// The first child of a kind.
pub(crate) fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|child| child.kind() == kind)
}

/// The first child that is named.
pub(crate) fn first_named(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).next()
}

/// A text without the quotation marks around it.
pub(crate) fn unquoted(text: &str) -> &str {
    for quote in ['"', '\'', '`'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}
