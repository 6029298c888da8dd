//! Which symbols of the base a change is about, as far as its lines tell.

use crate::diff::indentation;
use acetate_syntax::{Kind, Outline, Splice, Symbol};
use std::ops::Range;

/// A symbol's lines, without blank ones above.
pub(super) fn lines(base: &[u8], symbol: &Symbol) -> Range<usize> {
    let all = base.get(symbol.span.clone()).unwrap_or_default();
    let blank = all.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let blank = all.get(..blank).and_then(|blank| memchr::memrchr(b'\n', blank)).map_or(0, |at| at + 1);
    symbol.span.start + blank..symbol.span.end
}

/// Whether a change takes bytes of a range away or adds some inside of it.
pub(super) fn meets(splice: &Splice, range: &Range<usize>) -> bool {
    splice.before < range.end && splice.before + splice.removed > range.start
}

/// The symbol that what a change adds is more of, though it is added behind it: it is indented deeper, or stands under the same heading.
pub(super) fn continued(outline: &Outline, base: &[u8], side: &[u8], splice: &Splice) -> Option<usize> {
    let before = base.get(..splice.before)?;
    let last = before.iter().rposition(|byte| !byte.is_ascii_whitespace())?;
    let added = side.get(splice.after..splice.after + splice.added)?;
    let line = added.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    let mut at = outline.at(last)?;
    loop {
        let symbol = outline.symbols.get(at)?;
        if symbol.kind() == Kind::Section || indentation(line) > depth(base, symbol) {
            return Some(at);
        }
        at = symbol.parent?;
    }
}

/// How far a symbol's first line is indented.
pub(super) fn depth(base: &[u8], symbol: &Symbol) -> usize {
    let start = memchr::memrchr(b'\n', base.get(..symbol.core.start).unwrap_or_default()).map_or(0, |at| at + 1);
    let line = base.get(start..).unwrap_or_default();
    // A core begins with its indentation or behind it.
    if start == symbol.core.start || line.get(..symbol.core.start - start).is_some_and(|blank| blank.trim_ascii().is_empty()) {
        return indentation(line);
    }
    0
}
