//! The law that bytes tile: head, elements and tail of every body, joined, are the body's span.

use acetate_syntax::{Element, Parsed};
use std::ops::Range;

/// What was walked.
#[derive(Debug, Default)]
pub struct Tiled {
    pub elements: usize,
    pub keyed: usize,
    pub deepest: usize,
}

/// Walks all elements of a text and panics where bytes do not tile.
#[track_caller]
pub fn tiling(parsed: &Parsed, text: &[u8]) -> Tiled {
    let mut tiled = Tiled::default();
    let mut waiting = vec![(parsed.file(), 0)];
    while let Some((element, depth)) = waiting.pop() {
        tiled.elements += 1;
        tiled.keyed += usize::from(element.key.is_some());
        tiled.deepest = tiled.deepest.max(depth);
        whole(&element, text);
        let Some(body) = parsed.body(&element, text) else { continue };
        let mut at = element.span.start;
        let mut follow = |range: &Range<usize>, what: &str| {
            assert!(range.start == at && range.end >= at, "{what} {range:?} does not follow {at} in {element:?}");
            at = range.end;
        };
        follow(&body.head, "head");
        for inner in &body.elements {
            assert!(!inner.span.is_empty(), "an element without bytes: {inner:?}");
            follow(&inner.span, "element");
        }
        follow(&body.tail, "tail");
        assert!(at == element.span.end, "tail ends at {at}, not where {element:?} does");
        assert!(!body.elements.is_empty(), "a body without elements: {element:?}");
        waiting.extend(body.elements.into_iter().map(|element| (element, depth + 1)));
    }
    tiled
}

/// An element is whole lines, and its parts are in order.
#[track_caller]
fn whole(element: &Element<'_>, text: &[u8]) {
    let Range { start, end } = element.span;
    let marked = start == 3 && text.starts_with(b"\xef\xbb\xbf");
    assert!(start == 0 || marked || text[start - 1] == b'\n', "begins within a line: {element:?}");
    assert!(end == text.len() || (end > 0 && text[end - 1] == b'\n'), "ends within a line: {element:?}");
    let places = [start, element.blank_end, element.core.start, element.signature_end, element.core.end, end];
    assert!(places.is_sorted(), "parts are out of order: {element:?}");
    assert!(text[start..element.blank_end].iter().all(|byte| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte)));
    if let Some(separator) = element.separator {
        assert!(separator >= element.core.end && separator < end, "separator is not behind the core: {element:?}");
    }
}
