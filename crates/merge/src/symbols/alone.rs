//! Functions that one side changed inside and the other left alone: they are as the one side has them, and need not be looked into.
//!
//! Not where what is changed in them has to do with what the other side did elsewhere: a name that one of them took away wherever it stood
//! and the other uses in what it added. And not where brackets or quotation marks are opened that are not closed again.

use super::context::{BASE, OURS, THEIRS};
use super::dangling::has_word;
use super::elide::{touches, words};
use super::touched::{depth, indentation};
use acetate_syntax::{Kind, Outline, Splice, Symbol};
use foldhash::HashSet;
use std::ops::Range;

/// Whether a symbol is a function that parses.
pub(super) fn is_function(symbol: &Symbol) -> bool {
    matches!(symbol.kind(), Kind::Function | Kind::Method | Kind::Constructor) && !symbol.has_error
}

/// Whether a change stays inside of a symbol: below its signature's last line, above its last line, and indented deeper than its first.
pub(super) fn is_inside(texts: [&[u8]; 3], symbol: &Symbol, side: usize, splice: &Splice) -> bool {
    let base = texts[BASE];
    let line_start = |at: usize| memchr::memrchr(b'\n', base.get(..at).unwrap_or_default()).map_or(0, |at| at + 1);
    let Some(body) = base.get(symbol.signature_end..symbol.core.end).and_then(|body| memchr::memchr(b'\n', body)) else { return false };
    let (body, last) = (symbol.signature_end + body + 1, line_start(symbol.core.end));
    if splice.before < body || splice.before + splice.removed > last {
        return false;
    }
    let depth = depth(base, symbol);
    let deeper = |lines: &[u8]| lines.split(|byte| *byte == b'\n').all(|line| line.trim_ascii().is_empty() || indentation(line) > depth);
    let all = |text: &'_ [u8], range: Range<usize>| text.get(range).is_some_and(deeper);
    all(texts[side], splice.after..splice.after + splice.added) && all(base, splice.before..splice.before + splice.removed)
}

/// For each symbol the side that alone changed it, inside only.
pub(super) fn alone(outline: &Outline, texts: [&[u8]; 3], splices: [&[Splice]; 2]) -> Vec<Option<usize>> {
    let removed =
        [OURS, THEIRS].map(|side| splices[side - 1].iter().flat_map(|splice| words(before(texts, splice))).collect::<HashSet<_>>());
    let added =
        [OURS, THEIRS].map(|side| splices[side - 1].iter().flat_map(|splice| words(after(texts, side, splice))).collect::<HashSet<_>>());
    let gone = |side: usize, word: &[u8]| std::str::from_utf8(word).is_ok_and(|word| has_word(texts[side], word).is_none());
    let entangled = |side: usize, splice: &Splice| {
        let other = OURS + THEIRS - side;
        words(after(texts, side, splice)).any(|word| removed[other - 1].contains(word) && gone(other, word))
            || words(before(texts, splice)).any(|word| added[other - 1].contains(word) && gone(side, word))
    };
    let of = |symbol: &Symbol| {
        let touched = [OURS, THEIRS].map(|side| touches(splices[side - 1], &symbol.span));
        let side = match touched {
            [true, false] => OURS,
            [false, true] => THEIRS,
            _ => return None,
        };
        let own = || {
            splices[side - 1]
                .iter()
                .filter(|splice| splice.before <= symbol.span.end && splice.before + splice.removed >= symbol.span.start)
        };
        let is_plain = |splice: &Splice| balance(before(texts, splice)) == balance(after(texts, side, splice)) && !entangled(side, splice);
        (is_function(symbol) && own().all(|splice| is_inside(texts, symbol, side, splice) && is_plain(splice))).then_some(side)
    };
    outline.symbols.iter().map(of).collect()
}

fn before<'a>(texts: [&'a [u8]; 3], splice: &Splice) -> &'a [u8] {
    texts[BASE].get(splice.before..splice.before + splice.removed).unwrap_or_default()
}

fn after<'a>(texts: [&'a [u8]; 3], side: usize, splice: &Splice) -> &'a [u8] {
    texts[side].get(splice.after..splice.after + splice.added).unwrap_or_default()
}

/// How many brackets a text opens more than it closes, and whether it has odd numbers of quotation marks or ends of comments.
fn balance(text: &[u8]) -> [i64; 6] {
    let mut balance = [0; 6];
    let mut last = 0;
    for byte in text {
        match byte {
            b'(' => balance[0] += 1,
            b')' => balance[0] -= 1,
            b'[' => balance[1] += 1,
            b']' => balance[1] -= 1,
            b'{' => balance[2] += 1,
            b'}' => balance[2] -= 1,
            b'"' => balance[3] ^= 1,
            b'`' => balance[4] ^= 1,
            b'*' if last == b'/' => balance[5] += 1,
            b'/' if last == b'*' => balance[5] -= 1,
            b'\'' if last == b'\'' => balance[5] += 1_000,
            _ => {}
        }
        last = *byte;
    }
    balance
}
