//! What a JSON text may have been before the entry came.

use super::document::{Document, member, member_object};
use crate::format::{Earlier, without_newline};
use crate::layout::slice;
use crate::splice::{Splice, apply};
use crate::{ConfigError, NAME};
use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged as _;

/// The texts without the entry; without its parent, if that holds nothing else; without the top object, likewise.
pub fn earlier(text: &str, comments: bool, parent: &str) -> Result<Earlier, ConfigError> {
    let document = Document::parse(text, comments)?;
    let Some(root) = document.object()? else { return Ok(Earlier::default()) };
    let Some((number, servers)) = member_object(root, parent)? else { return Ok(Earlier::default()) };
    let Some((entry, _)) = member(servers, NAME)? else { return Ok(Earlier::default()) };
    let mut exact = Vec::new();
    if servers.properties.len() == 1 {
        if root.properties.len() == 1 {
            let (head, tail) = (slice(text, 0..root.start()), slice(text, root.end()..text.len()));
            exact.extend([[head, without_newline(tail)].concat(), [head, tail].concat()]);
        }
        exact.extend(without(&document, root, number));
    }
    let close = without(&document, servers, entry);
    exact.extend(close.iter().cloned());
    Ok(Earlier { exact, close })
}

/// The texts without a member, by how much of the blanks before it goes with it.
fn without(document: &Document<'_>, object: &Object<'_>, number: usize) -> Vec<String> {
    let text = document.text;
    let Some(member) = object.properties.get(number) else { return Vec::new() };
    let (start, end) = (member.start(), member.end());
    let behind = document.comma_after(end);
    let last = number + 1 == object.properties.len();
    let comma = if last { behind.or_else(|| document.comma_before(start)) } else { behind };
    let head = slice(text, 0..start);
    let blanks = head.trim_end_matches([' ', '\t', '\r', '\n']).len();
    let blank = if head.ends_with(' ') { start - 1 } else { start };
    let cut = |from: usize| {
        let member = Splice::cut(from..end);
        // With the blanks between a comma and the member both cuts touch, which is one.
        let cuts = comma.iter().filter(|comma| comma.start >= end || comma.end <= from).map(|comma| Splice::cut(comma.clone()));
        apply(text, std::iter::once(member).chain(cuts).collect())
    };
    [blanks, blank, start].map(cut).into()
}
