//! Functions that one side changed inside and the other left alone: they are as the one side has them, and need not be looked into.
//!
//! Not where what is changed in them has to do with what the other side did elsewhere: a name that one of them took away wherever it stood
//! and the other uses in what it added. And not where brackets or quotation marks are opened that are not closed again.

use super::context::{BASE, OURS, THEIRS};
use super::dangling::has_word;
use super::elide::{touches, words};
use super::touched::depth;
use crate::diff::indentation;
use acetate_syntax::{Kind, Outline, Splice, Symbol};
use foldhash::{HashMap, HashSet};
use std::cell::RefCell;
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

/// What the sides changed, as words.
pub(super) struct Changed<'a> {
    texts: [&'a [u8]; 3],
    splices: [&'a [Splice]; 2],
    removed: [HashSet<&'a [u8]>; 2],
    added: [HashSet<&'a [u8]>; 2],
    /// Whether a side has a word nowhere, where somebody asked.
    gone: RefCell<HashMap<(usize, &'a [u8]), bool>>,
}

/// Most words that are looked for in whole texts; past them all are taken for gone.
const MOST: usize = 500;

impl<'a> Changed<'a> {
    pub fn new(texts: [&'a [u8]; 3], splices: [&'a [Splice]; 2]) -> Self {
        let removed = |side: usize| splices[side - 1].iter().flat_map(|splice| words(before(texts, splice))).collect();
        let added = |side: usize| splices[side - 1].iter().flat_map(|splice| words(after(texts, side, splice))).collect();
        Self { texts, splices, removed: [removed(OURS), removed(THEIRS)], added: [added(OURS), added(THEIRS)], gone: RefCell::default() }
    }

    /// For each symbol the side that alone changed it, inside only.
    pub fn alone(&self, outline: &Outline) -> Vec<Option<usize>> {
        let of = |symbol: &Symbol| {
            let touched = [OURS, THEIRS].map(|side| touches(self.splices[side - 1], &symbol.span));
            let side = match touched {
                [true, false] => OURS,
                [false, true] => THEIRS,
                _ => return None,
            };
            (is_function(symbol) && self.is_plain(symbol, side)).then_some(side)
        };
        outline.symbols.iter().map(of).collect()
    }

    /// Whether a side's changes of a function stay inside and have to do with nothing else.
    fn is_plain(&self, symbol: &Symbol, side: usize) -> bool {
        let splices = self.splices[side - 1];
        let from = splices.partition_point(|splice| splice.before + splice.removed < symbol.span.start);
        let own = splices.get(from..).unwrap_or_default().iter().take_while(|splice| splice.before <= symbol.span.end);
        own.into_iter().all(|splice| {
            let (before, after) = (before(self.texts, splice), after(self.texts, side, splice));
            is_inside(self.texts, symbol, side, splice) && balance(before) == balance(after) && !self.entangled(side, splice)
        })
    }

    /// Whether a change takes a name away that the other side added somewhere, or adds one that the other took away wherever it stood.
    fn entangled(&self, side: usize, splice: &Splice) -> bool {
        let other = OURS + THEIRS - side;
        words(after(self.texts, side, splice)).any(|word| self.removed[other - 1].contains(word) && self.is_gone(other, word))
            || words(before(self.texts, splice)).any(|word| self.added[other - 1].contains(word) && self.is_gone(side, word))
    }

    /// Whether a side has a word nowhere.
    fn is_gone(&self, side: usize, word: &'a [u8]) -> bool {
        let mut known = self.gone.borrow_mut();
        if known.len() >= MOST && !known.contains_key(&(side, word)) {
            return true;
        }
        let look = || std::str::from_utf8(word).is_ok_and(|word| has_word(self.texts[side], word).is_none());
        *known.entry((side, word)).or_insert_with(look)
    }

    /// The words that may name something that a side touched: those of what it changed outside of functions, and those that one side took away
    /// and the other added.
    pub fn names(&self, outline: &Outline) -> HashSet<&'a [u8]> {
        let mut names: HashSet<&[u8]> = HashSet::default();
        for side in [OURS, THEIRS] {
            let other = OURS + THEIRS - side;
            names.extend(self.removed[side - 1].iter().filter(|word| self.added[other - 1].contains(*word)));
            for splice in self.splices[side - 1] {
                let function = outline.at(splice.before).and_then(|at| outline.symbols.get(at)).filter(|symbol| is_function(symbol));
                if !function.is_some_and(|symbol| is_inside(self.texts, symbol, side, splice)) {
                    names.extend(words(before(self.texts, splice)).chain(words(after(self.texts, side, splice))));
                }
            }
        }
        names
    }
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
