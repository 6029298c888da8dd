//! What a TOML text may have been before the entry came.

use super::insert::parse;
use crate::format::Earlier;
use crate::layout::{before_newline, line_end, line_start, next_line};
use crate::splice::{Splice, apply};
use crate::{ConfigError, NAME, flow};
use std::ops::Range;
use toml_edit::{Document, Item, Key, TableLike, Value};

/// The texts without the entry.
pub fn earlier(text: &str, parent: &str) -> Result<Earlier, ConfigError> {
    let document = parse(text)?;
    if let Some(Item::Value(Value::InlineTable(servers))) = document.as_table().get(parent) {
        let place = servers.get_key_value(NAME).and_then(|(key, value)| Some(key.span()?.start..value.span()?.end));
        let close = place.map(|place| flow::without(text, place)).unwrap_or_default();
        return Ok(Earlier { exact: close.clone(), close });
    }
    let pieces = pieces(text, &document, parent);
    let mut exact = Vec::new();
    if let [(at, true)] = pieces.as_slice() {
        let one = before_newline(text, at.start);
        exact.extend([at.start, one, before_newline(text, one)].map(|start| apply(text, vec![Splice::cut(start..at.end)])));
    }
    let with_gap = pieces.iter().map(|(at, header)| Splice::cut(if *header { gap(text, at.start) } else { at.start }..at.end)).collect();
    let bare = pieces.into_iter().map(|(at, _)| Splice::cut(at)).collect();
    Ok(Earlier { exact, close: vec![apply(text, with_gap), apply(text, bare)] })
}

/// Where the empty line before a header begins, if there is one.
fn gap(text: &str, at: usize) -> usize {
    let line = before_newline(text, at);
    if line < at && (line == 0 || before_newline(text, line) < line) { line } else { at }
}

/// The whole lines that make up the entry, and whether they are a table under a header.
pub fn pieces(text: &str, document: &Document<&str>, parent: &str) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    if let Some(servers) = document.as_table().get(parent).and_then(Item::as_table_like)
        && let Some((key, item)) = servers.get_key_value(NAME)
    {
        collect(text, key, item, &mut found);
    }
    found
}

fn collect(text: &str, key: &Key, item: &Item, found: &mut Vec<(Range<usize>, bool)>) {
    match item {
        Item::Value(_) => found.extend(lines(text, key, item).map(|lines| (lines, false))),
        Item::Table(table) if table.is_implicit() || table.is_dotted() => {
            each(table, |key, item| collect(text, key, item, found));
        }
        Item::Table(table) => {
            let Some(header) = table.span() else { return };
            let mut end = next_line(text, header.end);
            let mut deeper = Vec::new();
            each(table, |key, item| match item {
                Item::Value(_) => end = end.max(lines(text, key, item).map_or(0, |lines| lines.end)),
                // A dotted key stands among the table's own lines.
                Item::Table(inner) if inner.is_dotted() => collect(text, key, item, &mut deeper),
                _ => collect(text, key, item, found),
            });
            let end = deeper.iter().fold(end, |end, (lines, _)| end.max(lines.end));
            found.push((line_start(text, header.start)..end, true));
        }
        Item::ArrayOfTables(_) | Item::None => {}
    }
}

fn each(table: &dyn TableLike, mut what: impl FnMut(&Key, &Item)) {
    for (name, _) in table.iter() {
        if let Some((key, item)) = table.get_key_value(name) {
            what(key, item);
        }
    }
}

fn lines(text: &str, key: &Key, item: &Item) -> Option<Range<usize>> {
    let (start, end) = (key.span()?.start, item.span()?.end);
    Some(line_start(text, start)..next_line(text, line_end(text, end)))
}
