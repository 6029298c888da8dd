//! Leaving out what neither side touched, so that parsing and merging follow what changed and not the size of the file.
//!
//! The base's outline tells where symbols are. A comment line stands for a run of symbols that both sides left alone: it is merged like any
//! other line, and the bytes come back where it ends up.
//!
//! Invariants: only symbols are left out that are byte for byte the same in all three texts and that nothing which changed can be
//! mistaken for: none with the name of something that a side touched, or with a name that stands in lines that a side took away or
//! added. Each mark comes back exactly once, or the whole texts are merged.

use super::context::{BASE, OURS, THEIRS};
use crate::files::{FileConflict, FileMerged, FilePiece, Open};
use crate::lines::LineRange;
use acetate_syntax::{Kind, Language, Outline, Splice, Symbol};
use bytes::Bytes;
use foldhash::HashSet;
use std::ops::Range;

/// A run of symbols of fewer bytes is not worth a mark.
const WORTH: usize = 256;
/// Most runs of one file.
const MOST: usize = 1_000;
/// Stands around the number of a mark; texts that have it are merged whole.
const FENCE: u8 = 1;

/// What is left out of the three texts.
pub(super) struct Elision {
    runs: Vec<Run>,
}

struct Run {
    /// Where it is in base, ours and theirs.
    starts: [usize; 3],
    len: usize,
    /// The line that stands for it.
    mark: Vec<u8>,
}

impl Elision {
    /// What can be left out; `None` where there is nothing.
    pub fn of(language: Language, outline: &Outline, texts: [&[u8]; 3], splices: [&[Splice]; 2]) -> Option<Self> {
        // Where it is so much, little is left to be left out.
        let changed: usize = splices.iter().flat_map(|splices| *splices).map(|splice| splice.removed + splice.added).sum();
        if changed > texts[BASE].len() || outline.is_cut || texts.iter().any(|text| memchr::memchr(FENCE, text).is_some()) {
            return None;
        }
        let search = Search { outline, texts, splices, names: names(outline, texts, splices) };
        let crlf = super::finish::in_crlf(texts[BASE]);
        let mut runs = Vec::new();
        for base in search.runs().into_iter().take(MOST) {
            let starts = [Some(base.start), shifted(splices[0], base.start), shifted(splices[1], base.start)];
            let [Some(start), Some(ours), Some(theirs)] = starts else { return None };
            let bytes = texts[BASE].get(base.clone())?;
            if texts[OURS].get(ours..ours + base.len()) != Some(bytes) || texts[THEIRS].get(theirs..theirs + base.len()) != Some(bytes) {
                return None;
            }
            let mark = mark(language, runs.len(), crlf)?;
            runs.push(Run { starts: [start, ours, theirs], len: base.len(), mark });
        }
        (!runs.is_empty()).then_some(Self { runs })
    }

    /// Whether a symbol of the base is left out.
    pub fn has(&self, symbol: &Symbol) -> bool {
        let at = self.runs.partition_point(|run| run.starts[BASE] + run.len <= symbol.core.start);
        self.runs.get(at).is_some_and(|run| run.starts[BASE] <= symbol.core.start)
    }

    /// How many of a hundred bytes of the base are left out.
    pub fn share(&self, base: &[u8]) -> usize {
        self.runs.iter().map(|run| run.len).sum::<usize>() * 100 / base.len().max(1)
    }

    /// A text of the base without it.
    pub fn base(&self, base: &[u8]) -> Vec<u8> {
        self.without(base, |run| run.starts[BASE])
    }

    /// The three texts without it.
    pub fn texts(&self, texts: [&[u8]; 3]) -> [Vec<u8>; 3] {
        [BASE, OURS, THEIRS].map(|side| self.without(texts[side], |run| run.starts[side]))
    }

    /// A clean merge of the three without it; `None` where that is not to be found in it.
    pub fn merged(&self, base: &[u8], merged: &[u8], splices: &[Splice]) -> Option<Vec<u8>> {
        let starts: Vec<usize> = self.runs.iter().map(|run| shifted(splices, run.starts[BASE])).collect::<Option<_>>()?;
        let same =
            |(run, start): (&Run, &usize)| merged.get(*start..start + run.len) == base.get(run.starts[BASE]..run.starts[BASE] + run.len);
        if !self.runs.iter().zip(&starts).all(same) || !starts.is_sorted() {
            return None;
        }
        let mut at = 0;
        Some(self.without(merged, |_| {
            at += 1;
            starts.get(at - 1).copied().unwrap_or(merged.len())
        }))
    }

    fn without(&self, text: &[u8], mut start: impl FnMut(&Run) -> usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for run in &self.runs {
            let start = start(run);
            out.extend_from_slice(text.get(at..start).unwrap_or_default());
            out.extend_from_slice(&run.mark);
            at = start + run.len;
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        out
    }

    /// What was merged, with all that was left out in its place; `None` if a mark got lost or is there more than once.
    pub fn restore(&self, texts: [&[u8]; 3], merged: FileMerged) -> Option<FileMerged> {
        let mut seen = vec![false; self.runs.len()];
        let restored = match merged {
            FileMerged::Clean(text) => FileMerged::Clean(self.whole(texts[BASE], &text, &mut seen)?),
            FileMerged::Conflict(conflict) => FileMerged::Conflict(Box::new(self.conflict(texts, *conflict, &mut seen)?)),
            other => return Some(other),
        };
        seen.iter().all(|seen| *seen).then_some(restored)
    }

    fn conflict(&self, texts: [&[u8]; 3], mut conflict: FileConflict, seen: &mut [bool]) -> Option<FileConflict> {
        for piece in &mut conflict.pieces {
            match piece {
                FilePiece::Merged(text) => *text = self.whole(texts[BASE], text, seen)?,
                FilePiece::Open(open) => self.open(texts[BASE], open, seen)?,
            }
        }
        let lines = [BASE, OURS, THEIRS].map(|side| self.lines(texts, side));
        for hunk in conflict.questions.iter_mut().flat_map(|question| &mut question.hunks) {
            for (side, range) in [(BASE, &mut hunk.base), (OURS, &mut hunk.ours), (THEIRS, &mut hunk.theirs)] {
                *range = whole_lines(&lines[side], *range);
            }
        }
        Some(conflict)
    }

    /// All versions of an open piece have the same marks, each once.
    fn open(&self, base: &[u8], open: &mut Open, seen: &mut [bool]) -> Option<()> {
        let mut all: Option<Vec<bool>> = None;
        for text in [&mut open.base, &mut open.ours, &mut open.theirs].into_iter().chain(&mut open.proposal) {
            let mut here = vec![false; seen.len()];
            *text = self.whole(base, text, &mut here)?;
            match &all {
                Some(all) if *all != here => return None,
                _ => all = Some(here),
            }
        }
        for (seen, here) in seen.iter_mut().zip(all?) {
            if *seen && here {
                return None;
            }
            *seen |= here;
        }
        Some(())
    }

    fn whole(&self, base: &[u8], text: &Bytes, seen: &mut [bool]) -> Option<Bytes> {
        if memchr::memchr(FENCE, text).is_none() {
            return Some(text.clone());
        }
        let mut out = Vec::with_capacity(text.len() + self.runs.iter().map(|run| run.len).sum::<usize>());
        let mut rest = &text[..];
        while let Some(fence) = memchr::memchr(FENCE, rest) {
            let line = memchr::memrchr(b'\n', rest.get(..fence)?).map_or(0, |at| at + 1);
            let at = self.runs.iter().position(|run| rest.get(line..).is_some_and(|rest| rest.starts_with(&run.mark)))?;
            let run = self.runs.get(at)?;
            if std::mem::replace(seen.get_mut(at)?, true) {
                return None;
            }
            out.extend_from_slice(rest.get(..line)?);
            out.extend_from_slice(base.get(run.starts[BASE]..run.starts[BASE] + run.len)?);
            rest = rest.get(line + run.mark.len()..)?;
        }
        out.extend_from_slice(rest);
        Some(out.into())
    }

    /// For each mark its line in a side's text without what is left out, and how many lines more the whole text has there.
    fn lines(&self, texts: [&[u8]; 3], side: usize) -> Vec<(usize, usize)> {
        let (mut at, mut line) = (0, 0);
        let mark = |run: &Run| {
            let between = texts[side].get(at..run.starts[side]).unwrap_or_default();
            at = run.starts[side] + run.len;
            line += memchr::memchr_iter(b'\n', between).count() + 1;
            let lines =
                memchr::memchr_iter(b'\n', texts[BASE].get(run.starts[BASE]..run.starts[BASE] + run.len).unwrap_or_default()).count();
            (line - 1, lines.saturating_sub(1))
        };
        self.runs.iter().map(mark).collect()
    }
}

/// A range of lines of a text without what is left out, in the whole text.
fn whole_lines(marks: &[(usize, usize)], range: LineRange) -> LineRange {
    let whole = |line: u32| -> u32 {
        let more: usize = marks.iter().filter(|(mark, _)| *mark < line as usize).map(|(_, more)| more).sum();
        line + u32::try_from(more).unwrap_or(u32::MAX - line)
    };
    let start = whole(range.start);
    LineRange { start, len: whole(range.start + range.len) - start }
}

/// Where a place that a side did not touch is on that side.
fn shifted(splices: &[Splice], at: usize) -> Option<usize> {
    match splices[..splices.partition_point(|splice| splice.before + splice.removed <= at)].last() {
        None => Some(at),
        Some(last) => (at + last.after + last.added).checked_sub(last.before + last.removed),
    }
}

/// The line that stands for what is left out.
fn mark(language: Language, number: usize, crlf: bool) -> Option<Vec<u8>> {
    let start = language.profile().comment_starts.first()?;
    let end = if *start == "<!--" { " -->" } else { "" };
    let fence = char::from(FENCE);
    Some(format!("{start} {fence}{number}{fence}{end}{}", if crlf { "\r\n" } else { "\n" }).into_bytes())
}

/// The words that may name what a side touched.
fn names<'a>(outline: &'a Outline, texts: [&'a [u8]; 3], splices: [&[Splice]; 2]) -> HashSet<&'a [u8]> {
    let mut names: HashSet<&[u8]> = HashSet::default();
    for side in [OURS, THEIRS] {
        for splice in splices[side - 1] {
            names.extend(words(texts[BASE].get(splice.before..splice.before + splice.removed).unwrap_or_default()));
            names.extend(words(texts[side].get(splice.after..splice.after + splice.added).unwrap_or_default()));
        }
    }
    let touched = |symbol: &&Symbol| splices.iter().any(|splices| touches(splices, &symbol.span));
    names.extend(outline.symbols.iter().filter(touched).flat_map(|symbol| words(symbol.name().as_bytes())));
    names
}

pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)).filter(|word| !word.is_empty())
}

/// Whether something was replaced in a range, or added in it or at its ends.
pub(super) fn touches(splices: &[Splice], range: &Range<usize>) -> bool {
    let at = splices.partition_point(|splice| splice.before + splice.removed < range.start);
    splices.get(at).is_some_and(|splice| splice.before < range.end)
}

struct Search<'a> {
    outline: &'a Outline,
    texts: [&'a [u8]; 3],
    splices: [&'a [Splice]; 2],
    names: HashSet<&'a [u8]>,
}

impl Search<'_> {
    /// What can be left out, in order.
    fn runs(&self) -> Vec<Range<usize>> {
        // For the file, and for each symbol, the run that its last children make.
        let mut open: Vec<Option<Row>> = vec![None; self.outline.symbols.len() + 1];
        let mut runs = Vec::new();
        for symbol in &self.outline.symbols {
            let parent = symbol.parent.map_or(0, |parent| parent + 1);
            let touched = self.is_touched(symbol);
            // Inside of what is left alone nothing is looked for.
            if symbol.parent.and_then(|parent| self.outline.symbols.get(parent)).is_some_and(|parent| !self.is_touched(parent)) {
                continue;
            }
            let Some(slot) = open.get_mut(parent) else { continue };
            if touched || !self.may_go(symbol) {
                runs.extend(slot.take().and_then(|row| row.inner(self.texts[BASE])));
                continue;
            }
            match slot {
                Some(run) if run.last.end == symbol.span.start => run.last = symbol.span.clone(),
                _ => {
                    runs.extend(slot.take().and_then(|row| row.inner(self.texts[BASE])));
                    *slot = Some(Row { first: symbol.span.clone(), last: symbol.span.clone() });
                }
            }
        }
        runs.extend(open.into_iter().flatten().filter_map(|row| row.inner(self.texts[BASE])));
        runs.sort_by_key(|run| run.start);
        runs
    }

    fn is_touched(&self, symbol: &Symbol) -> bool {
        self.splices.iter().any(|splices| touches(splices, &symbol.span))
    }

    fn may_go(&self, symbol: &Symbol) -> bool {
        let is_line = |at: usize| at == 0 || self.texts[BASE].get(at - 1) == Some(&b'\n');
        !symbol.has_error
            && !matches!(symbol.kind(), Kind::Import | Kind::Package)
            && is_line(symbol.span.start)
            && is_line(symbol.span.end)
            && !words(symbol.name().as_bytes()).all(|word| self.names.contains(word))
    }
}

/// A run of symbols that goes on.
#[derive(Clone)]
struct Row {
    first: Range<usize>,
    last: Range<usize>,
}

impl Row {
    /// What of it can go: with a blank line before and behind, a mark belongs to nothing else; where there is none, a symbol stays.
    fn inner(self, text: &[u8]) -> Option<Range<usize>> {
        let blank = |at: usize| {
            let rest = text.get(at..).unwrap_or_default();
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            rest.get(..blanks).and_then(|blanks| memchr::memrchr(b'\n', blanks)).map_or(at, |last| at + last + 1)
        };
        let first = blank(self.first.start);
        let start = if first > self.first.start { first } else { self.first.end };
        let end = if blank(self.last.end) > self.last.end { self.last.end } else { self.last.start };
        (end >= start + WORTH).then_some(start..end)
    }
}
