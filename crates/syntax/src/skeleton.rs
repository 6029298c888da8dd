//! A long text without the insides of its functions: enough to tell its symbols, for none of them are in functions.
//!
//! Functions are found by their lines alone: one that begins a function, by the language's table, and a later one that closes it, indented
//! alike, with all between indented deeper. Where lines deceive, what is left does not parse, and there is no outline of it.
//!
//! Deliberately missing: whether something inside of a function does not parse.

use crate::outlining::Lines;
use crate::parsed::{ParseLimits, Parsed, bounds};
use crate::python::Statements;
use crate::{Language, Outline};
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// How a language's functions show in lines.
#[derive(Debug, Clone, Copy)]
pub enum Functions {
    /// By braces. Says of a line without its indentation what it begins.
    Braces(fn(&[u8]) -> Begins),
    /// As in Python.
    Python,
}

/// What a line begins, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// A function.
    Function,
    /// Something like a function that may have such as itself inside: a test.
    Test,
    /// Neither.
    Nothing,
}

/// An inside of fewer bytes stays.
pub(crate) const WORTH: usize = 48;
/// Most lines of a signature.
const SIGNATURE: usize = 60;

/// A text without the insides of its functions.
#[derive(Debug)]
pub struct Skeleton {
    text: Vec<u8>,
    /// What is left out, as ranges of the whole text, in order.
    cuts: Vec<Range<usize>>,
}

impl Skeleton {
    /// The skeleton of a text; `None` where the language's table does not say how functions look.
    pub fn of(language: Language, text: &[u8]) -> Option<Self> {
        let functions = language.profile().functions?;
        let cuts = match functions {
            _ if has_lone_returns(text) => Vec::new(),
            Functions::Braces(begins) => in_braces(text, begins),
            Functions::Python => Statements::of(text).insides(text, WORTH),
        };
        Some(Self::without(text, cuts))
    }

    /// A text of data without the insides of what `is_touched` says nothing of; `None` where the language's table does not say how they look.
    /// Its outline lacks the symbols that are in them.
    pub fn of_untouched(language: Language, text: &[u8], is_touched: impl Fn(&Range<usize>) -> bool) -> Option<Self> {
        let blocks = language.profile().blocks?;
        let cuts = if has_lone_returns(text) { Vec::new() } else { blocks.insides(text, is_touched) };
        Some(Self::without(text, cuts))
    }

    fn without(text: &[u8], cuts: Vec<Range<usize>>) -> Self {
        let mut kept = Vec::with_capacity(text.len());
        let mut at = 0;
        for cut in &cuts {
            kept.extend_from_slice(text.get(at..cut.start).unwrap_or_default());
            at = cut.end;
        }
        kept.extend_from_slice(text.get(at..).unwrap_or_default());
        Self { text: kept, cuts }
    }

    /// How many bytes it has.
    #[expect(clippy::len_without_is_empty, reason = "of an empty text nobody asks for the skeleton")]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// What is left out, as ranges of the whole text, in order.
    pub fn cuts(&self) -> &[Range<usize>] {
        &self.cuts
    }

    /// The symbols of the whole text; `None` if what is left of it does not parse. That of the whole text may not parse inside of functions.
    pub fn outline(&self, language: Language, text: &[u8], limits: &ParseLimits) -> Option<Outline> {
        bounds(language, text, limits).ok()?;
        let parsed = Parsed::new(language, &self.text, limits).ok().filter(Parsed::is_clean)?;
        let mut outline = Outline::of(&parsed, &self.text);
        let (before, lines) = (Lines::of(&self.text), Lines::of(text));
        let places = self.places();
        // What begins where something is left out begins behind it.
        let whole = |range: &Range<usize>| places.behind(range.start)..places.whole(range.end);
        let hash = |range: Range<usize>| xxh3_64(text.get(range).unwrap_or_default());
        for symbol in &mut outline.symbols {
            let first = places.behind(before.start(symbol.lines.start));
            (symbol.span, symbol.core) = (whole(&symbol.span), whole(&symbol.core));
            symbol.signature_end = places.whole(symbol.signature_end);
            symbol.lines = lines.of_range(first..symbol.span.end);
            symbol.signature_hash = hash(symbol.signature());
            symbol.text_hash = hash(symbol.core.clone());
        }
        Some(outline)
    }

    fn places(&self) -> Places {
        let mut out = 0;
        let starts = self.cuts.iter().map(|cut| {
            let start = cut.start - out;
            out += cut.len();
            (start, out)
        });
        Places(starts.collect())
    }
}

/// Whether a carriage return may end a line by itself, as some languages have it: lines are not what they seem then.
fn has_lone_returns(text: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', text).any(|at| text.get(at + 1) != Some(&b'\n'))
}

/// Where each cut is in the skeleton, and how many bytes are left out up to its end.
struct Places(Vec<(usize, usize)>);

impl Places {
    fn whole(&self, at: usize) -> usize {
        self.after(self.0.partition_point(|(start, _)| *start < at), at)
    }

    fn behind(&self, at: usize) -> usize {
        self.after(self.0.partition_point(|(start, _)| *start <= at), at)
    }

    fn after(&self, cuts: usize, at: usize) -> usize {
        at + cuts.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |(_, out)| *out)
    }
}

/// The insides of functions in braces.
fn in_braces(text: &[u8], begins: fn(&[u8]) -> Begins) -> Vec<Range<usize>> {
    let lines: Vec<Line<'_>> = Line::all(text).collect();
    let mut cuts = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let what = begins(line.text);
        let inside = (what != Begins::Nothing).then(|| inside(&lines, at)).flatten();
        at += 1;
        let Some((open, close)) = inside else { continue };
        let range = lines[open].end..lines[close].start;
        let nested = || lines[open + 1..close].iter().any(|line| begins(line.text) == Begins::Test);
        if range.len() >= WORTH && is_balanced(text.get(range.clone()).unwrap_or_default()) && !(what == Begins::Test && nested()) {
            cuts.push(range);
            at = close;
        }
    }
    cuts
}

/// Whether no brace closes one that is not opened before, and none stays open; those in strings count, so this errs to one side.
fn is_balanced(text: &[u8]) -> bool {
    let mut open = 0usize;
    let mut braces = memchr::memchr2_iter(b'{', b'}', text);
    let closes_none = braces.any(|at| {
        let opens = text.get(at) == Some(&b'{');
        let none = !opens && open == 0;
        open = if opens { open + 1 } else { open.saturating_sub(1) };
        none
    });
    !closes_none && open == 0
}

/// The lines that open and close the body of what begins on a line.
fn inside(lines: &[Line<'_>], first: usize) -> Option<(usize, usize)> {
    let head = lines.get(first)?;
    let is_deeper =
        |line: &Line<'_>| line.text.is_empty() || (line.indent.len() > head.indent.len() && line.indent.starts_with(head.indent));
    let open = if head.text.ends_with(b"{") {
        // A pattern among the parameters may open a brace of its own.
        let called = || head.text.ends_with(b") {") && memchr::memmem::find(head.text, b"function").is_some();
        (open_parens(head.text) == 0 || head.text.ends_with(ARROW) || called()).then_some(first)?
    } else if head.text.ends_with(b"}") || head.text.ends_with(b";") {
        return None;
    } else {
        let next = |from: usize| (from..lines.len().min(first + SIGNATURE)).find(|at| !is_deeper(&lines[*at]));
        let mut at = next(first + 1)?;
        // What is between the parameters and the body.
        let goes_on = |line: &Line<'_>| {
            line.indent == head.indent && (line.text.starts_with(b"where") || (line.text.starts_with(b")") && !line.text.ends_with(b"{")))
        };
        while lines.get(at).is_some_and(goes_on) {
            at = next(at + 1)?;
        }
        let line = lines.get(at).filter(|line| line.indent == head.indent && line.text.ends_with(b"{"))?;
        let ends_signature =
            line.text.starts_with(b")") && (open_parens(line.text) == -1 || line.text.ends_with(ARROW)) && !line.text.ends_with(b": {");
        (ends_signature || line.text == b"{").then_some(at)?
    };
    let close = (open + 1..lines.len()).find(|at| !is_deeper(&lines[*at]))?;
    let line = &lines[close];
    let closes = line.text.strip_prefix(b"}").is_some_and(|rest| rest.iter().all(|byte| matches!(byte, b')' | b';' | b',')));
    (closes && line.indent == head.indent).then_some((open, close))
}

/// Behind it an arrow function's body begins.
const ARROW: &[u8] = b"=> {";

/// How many parentheses a line opens more than it closes.
fn open_parens(line: &[u8]) -> isize {
    line.iter().map(|byte| isize::from(*byte == b'(') - isize::from(*byte == b')')).sum()
}

/// A line, without blanks at its ends.
pub(crate) struct Line<'a> {
    pub start: usize,
    /// Where the next begins.
    pub end: usize,
    pub indent: &'a [u8],
    pub text: &'a [u8],
}

impl<'a> Line<'a> {
    pub(crate) fn all(text: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut start = 0;
        text.split_inclusive(|byte| *byte == b'\n').map(move |line| {
            let end = start + line.len();
            let rest = line.trim_ascii_start();
            let indent = line.get(..line.len() - rest.len()).unwrap_or_default();
            Self { start: std::mem::replace(&mut start, end), end, indent, text: rest.trim_ascii_end() }
        })
    }
}
