//! What a YAML text may have been before the entry came.

use super::insert::{mapping, member};
use super::tree::{Node, Tree};
use crate::format::Earlier;
use crate::layout::{before_newline, line_start, next_line};
use crate::splice::{Splice, apply};
use crate::{ConfigError, NAME, flow};
use std::ops::Range;

/// The texts without the entry; without its parent, if that holds nothing else.
pub fn earlier(text: &str, parent: &str) -> Result<Earlier, ConfigError> {
    let Some(root) = Tree::parse(text)?.root else { return Ok(Earlier::default()) };
    let (root_flow, members) = mapping(&root, "the file")?;
    let Some((parent_key, servers)) = member(members, parent)? else { return Ok(Earlier::default()) };
    let (flow, entries) = mapping(servers, parent)?;
    let Some((key, entry)) = member(entries, NAME)? else { return Ok(Earlier::default()) };
    let mut exact = Vec::new();
    if entries.len() == 1 {
        exact.extend(without(text, root_flow, parent_key, servers));
    }
    let close = without(text, flow, key, entry);
    exact.extend(close.iter().cloned());
    let close = match close.first() {
        // goose does not take an empty value for an empty mapping.
        Some(_) if entries.len() == 1 && !flow => lines(text, key, entry)
            .into_iter()
            .map(|cut| apply(text, vec![Splice::cut(cut), Splice::insert(colon(text, parent_key), " {}")]))
            .collect(),
        _ => close,
    };
    Ok(Earlier { exact, close })
}

fn without(text: &str, flow: bool, key: &Node, value: &Node) -> Vec<String> {
    if flow {
        return flow::without(text, key.start..value.end.max(key.end));
    }
    lines(text, key, value).into_iter().map(|cut| apply(text, vec![Splice::cut(cut)])).collect()
}

/// The whole lines of a member; at the end of a text without a last line end, with the line end before them first.
fn lines(text: &str, key: &Node, value: &Node) -> Vec<Range<usize>> {
    let (start, end) = (line_start(text, key.start), value.next_line(text).max(next_line(text, key.end)));
    let before = before_newline(text, start);
    let unended = (end == text.len() && !text.ends_with('\n')).then_some(before..end);
    unended.into_iter().chain(std::iter::once(start..end)).collect()
}

/// Behind the colon of a key.
fn colon(text: &str, key: &Node) -> usize {
    text.get(key.end..).and_then(|tail| tail.find(':')).map_or(key.end, |at| key.end + at + 1)
}
