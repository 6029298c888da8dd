//! Where a name is bound and where it is used, as far as syntax tells.

use crate::languages::{Compiled, Flag};
use crate::mentions::is_whole;
use crate::parsed::Parsed;
use crate::profile::Bind;
use std::ops::Range;
use tree_sitter::Node;

/// Most places of one name that are looked at.
const MOST: usize = 1_000;
/// Patterns nested deeper bind nothing.
const DEEPEST: usize = 6;

/// What a name is in a part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whether it stands there at all, in code.
    pub mentioned: bool,
    /// Whether something there binds it: a variable, a parameter, a pattern.
    pub bound: bool,
    /// Whether a part of it does: a comprehension, a closure.
    pub bound_inside: bool,
    /// The first place where it is used for itself: not bound, and no name of a part.
    pub free: Option<usize>,
}

impl Parsed {
    /// What a name is within a range, by [`crate::Profile::binds`]. Costs follow how often its bytes occur. `text` must be the text that was
    /// parsed.
    pub fn standing(&self, name: &str, text: &[u8], within: Range<usize>) -> Standing {
        let mut standing = Standing::default();
        let Some(part) = text.get(within.clone()).filter(|_| !name.is_empty() && text.len() == self.len) else { return standing };
        let compiled = Compiled::of(self.language);
        let places = memchr::memmem::find_iter(part, name.as_bytes()).map(|at| within.start + at..within.start + at + name.len());
        for place in places.filter(|place| is_whole(text, place.clone())).take(MOST) {
            let node = self.tree.root_node().descendant_for_byte_range(place.start, place.end);
            let Some(node) = node.filter(|node| node.byte_range() == place && compiled.has(*node, Flag::Identifier)) else { continue };
            standing.mentioned = true;
            match role(compiled, node) {
                Some(Bind::Name) => standing.bound = true,
                Some(Bind::Inner) => standing.bound_inside = true,
                Some(Bind::Part) => {}
                None if is_member(node, text.get(..place.start).unwrap_or_default()) => {}
                None => {
                    standing.free.get_or_insert(place.start);
                }
            }
        }
        standing
    }
}

/// Whether a name is bound where it stands, by itself or as part of a pattern, or only names a part of something.
fn role(compiled: &Compiled, name: Node<'_>) -> Option<Bind> {
    let mut node = name;
    for _ in 0..DEEPEST {
        let parent = node.parent()?;
        let kind = parent.kind();
        let is_field =
            |field: &str| field.is_empty() || parent.children_by_field_name(field, &mut parent.walk()).any(|child| child == node);
        if let Some((.., bind)) = compiled.profile().binds.iter().copied().flatten().find(|(of, field, _)| *of == kind && is_field(field)) {
            return Some(*bind);
        }
        if !(kind.contains("pattern") || kind.ends_with("_list") || kind.contains("tuple")) || kind.contains("argument") {
            return None;
        }
        node = parent;
    }
    None
}

/// Whether a name is one of something's parts.
fn is_member(node: Node<'_>, before: &[u8]) -> bool {
    let kind = node.kind();
    let before = before.trim_ascii_end();
    let behind = (before.ends_with(b".") && !before.ends_with(b"..")) || before.ends_with(b"::") || before.ends_with(b"->");
    behind || kind == "field_identifier" || kind == "property_identifier" || kind == "private_property_identifier"
}
