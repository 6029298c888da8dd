//! What is code: whether a name occurs in a part of a text, outside strings and comments, and whether a part is inside of one.

use crate::languages::{Compiled, Flag};
use crate::parsed::Parsed;
use std::ops::Range;

impl Parsed {
    /// The first place within a range where an identifier with this name stands, in code. Costs follow how often the bytes of the name
    /// occur. `text` must be the text that was parsed.
    pub fn mentions(&self, name: &str, text: &[u8], within: Range<usize>) -> Option<usize> {
        if name.is_empty() || text.len() != self.len {
            return None;
        }
        let part = text.get(within.clone())?;
        let mut places = memchr::memmem::find_iter(part, name.as_bytes()).map(|at| within.start + at);
        places.find(|at| is_whole(text, *at..at + name.len()) && self.is_identifier(*at..at + name.len()))
    }

    /// Whether a part of the text is in no comment or string that began before it or ends after it, as far as its first and last letters
    /// tell. `text` must be the text that was parsed.
    pub fn is_code(&self, text: &[u8], within: Range<usize>) -> bool {
        let Some(part) = text.get(within.clone()).filter(|_| text.len() == self.len) else { return false };
        let letter = |byte: &u8| !byte.is_ascii_whitespace();
        let (Some(first), Some(last)) = (part.iter().position(letter), part.iter().rposition(letter)) else { return true };
        let compiled = Compiled::of(self.language);
        [first, last].into_iter().all(|at| {
            let at = within.start + at;
            let mut node = self.tree.root_node().descendant_for_byte_range(at, at + 1);
            // What is in a string is not far below it.
            for _ in 0..4 {
                let Some(found) = node else { break };
                let is_inside = within.start <= found.start_byte() && found.end_byte() <= within.end;
                if !is_inside && (compiled.has(found, Flag::Comment) || compiled.has(found, Flag::Opaque)) {
                    return false;
                }
                node = found.parent();
            }
            true
        })
    }

    fn is_identifier(&self, place: Range<usize>) -> bool {
        let compiled = Compiled::of(self.language);
        let node = self.tree.root_node().descendant_for_byte_range(place.start, place.end);
        node.is_some_and(|node| node.byte_range() == place && compiled.has(node, Flag::Identifier))
    }
}

/// Whether no other letter of a name is beside the place: spares asking the tree.
pub(crate) fn is_whole(text: &[u8], place: Range<usize>) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    let before = place.start.checked_sub(1).and_then(|at| text.get(at));
    !before.is_some_and(is_letter) && !text.get(place.end).is_some_and(is_letter)
}
