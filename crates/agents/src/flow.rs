//! Members of a mapping in braces, as TOML's inline tables and YAML's flow mappings have them.
//!
//! A new member goes to the front: what follows the last one, a comment or a trailing comma, need not be understood then.

use crate::layout::slice;
use crate::splice::{Splice, apply};
use std::ops::Range;

/// Puts a member in front, behind the brace at `open`.
pub fn prepend(text: &str, open: usize, empty: bool, member: &str) -> Splice {
    let at = open + 1;
    let blank = slice(text, at..text.len()).starts_with(char::is_whitespace);
    let text = match (empty, blank) {
        (true, true) => format!(" {member}"),
        (true, false) => member.to_owned(),
        (false, true) => format!(" {member},"),
        (false, false) => format!("{member}, "),
    };
    Splice::insert(at, text)
}

/// The texts that may have been before the member came.
pub fn without(text: &str, member: Range<usize>) -> Vec<String> {
    let Range { start, end } = member;
    let tail = slice(text, end..text.len());
    let comma = tail.trim_start().starts_with(',').then(|| end + tail.len() - tail.trim_start().len() + 1);
    let head = slice(text, 0..start);
    let earlier = head.trim_end();
    let blank = if head.ends_with(' ') { start - 1 } else { start };
    let mut cuts = Vec::new();
    match comma {
        Some(comma) => {
            let and_blank = if slice(text, comma..text.len()).starts_with(' ') { comma + 1 } else { comma };
            cuts.extend([blank..comma, start..and_blank, start..comma]);
        }
        None if earlier.ends_with(',') => cuts.push(earlier.len() - 1..end),
        None => cuts.extend([blank..end, start..end]),
    }
    cuts.into_iter().map(|cut| apply(text, vec![Splice::cut(cut)])).collect()
}
