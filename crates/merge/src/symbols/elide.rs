//! Leaving out what neither side touched, so that parsing and merging follow what changed and not the size of the file.
//!
//! The base's outline tells where symbols are. A comment line stands for a run of symbols that both sides left alone, or that one side alone
//! changed inside of functions: it is merged like any other line, and the bytes come back where it ends up.
//!
//! Invariants: only symbols are left out that are byte for byte the same in all three texts, or as one side alone made their insides, and that
//! nothing else which changed can be mistaken for: none with the name of something that a side touched, or with a name that stands in lines
//! that a side changed outside of functions, or that one side took away and the other added. Each mark comes back exactly once, or the
//! whole texts are merged.

use super::alone::Changed;
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
    spans: [Range<usize>; 3],
    /// The version that has it as it will be: the base's, or of the side that alone changed it.
    of: usize,
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
        let changed = Changed::new(texts, splices);
        let alone = changed.alone(outline);
        let mut names = changed.names(outline);
        let is_touched = |symbol: &Symbol| splices.iter().any(|splices| touches(splices, &symbol.span));
        let touched = outline.symbols.iter().zip(&alone).filter(|(symbol, alone)| alone.is_none() && is_touched(symbol));
        names.extend(touched.flat_map(|(symbol, _)| words(symbol.name().as_bytes())));
        let search = Search { outline, texts, splices, names, alone };
        let crlf = super::finish::in_crlf(texts[BASE]);
        let mut runs = Vec::new();
        for (base, of) in search.runs().into_iter().take(MOST) {
            let [ours, theirs] = splices.map(|splices| Some(shifted(splices, base.start)?..shifted(splices, base.end)?));
            let spans = [base, ours?, theirs?];
            let bytes = |version: usize| texts[version].get(spans[version].clone());
            let before = bytes(BASE)?;
            if [OURS, THEIRS].into_iter().any(|side| if side == of { bytes(side).is_none() } else { bytes(side) != Some(before) }) {
                return None;
            }
            let mark = mark(language, runs.len(), crlf)?;
            if spans.iter().any(|span| span.len() < mark.len()) {
                return None;
            }
            runs.push(Run { spans, of, mark });
        }
        (!runs.is_empty()).then_some(Self { runs })
    }

    /// Whether a symbol of the base is left out.
    pub fn has(&self, symbol: &Symbol) -> bool {
        let at = self.runs.partition_point(|run| run.spans[BASE].end <= symbol.core.start);
        self.runs.get(at).is_some_and(|run| run.spans[BASE].start <= symbol.core.start)
    }

    /// How many of a hundred bytes of the base are left out.
    pub fn share(&self, base: &[u8]) -> usize {
        self.runs.iter().map(|run| run.spans[BASE].len()).sum::<usize>() * 100 / base.len().max(1)
    }

    /// A text of the base without it.
    pub fn base(&self, base: &[u8]) -> Vec<u8> {
        self.without(base, |run| run.spans[BASE].clone())
    }

    /// The three texts without it.
    pub fn texts(&self, texts: [&[u8]; 3]) -> [Vec<u8>; 3] {
        [BASE, OURS, THEIRS].map(|side| self.without(texts[side], |run| run.spans[side].clone()))
    }

    /// What a side changed, in the texts without it.
    pub fn splices(&self, side: usize, splices: &[Splice]) -> Vec<Splice> {
        let mut runs = self.runs.iter().peekable();
        let mut out = [0; 2];
        let mut kept = Vec::with_capacity(splices.len());
        for splice in splices {
            while let Some(run) = runs.next_if(|run| run.spans[BASE].end <= splice.before) {
                out[0] += run.spans[BASE].len() - run.mark.len();
                out[1] += run.spans[side].len() - run.mark.len();
            }
            if runs.peek().is_none_or(|run| splice.before < run.spans[BASE].start) {
                kept.push(Splice { before: splice.before - out[0], after: splice.after - out[1], ..*splice });
            }
        }
        kept
    }

    /// A clean merge of the three without it; `None` where that is not to be found in it.
    pub fn merged(&self, texts: [&[u8]; 3], merged: &[u8], splices: &[Splice]) -> Option<Vec<u8>> {
        let place = |run: &Run| Some(shifted(splices, run.spans[BASE].start)?..shifted(splices, run.spans[BASE].end)?);
        let spans: Vec<Range<usize>> = self.runs.iter().map(place).collect::<Option<_>>()?;
        let same = |(run, span): (&Run, &Range<usize>)| merged.get(span.clone()) == Some(run.bytes(texts, run.of));
        if !self.runs.iter().zip(&spans).all(same) || !spans.is_sorted_by(|one, next| one.end <= next.start) {
            return None;
        }
        let mut at = 0;
        Some(self.without(merged, |_| {
            at += 1;
            spans.get(at - 1).cloned().unwrap_or(merged.len()..merged.len())
        }))
    }

    fn without(&self, text: &[u8], mut span: impl FnMut(&Run) -> Range<usize>) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for run in &self.runs {
            let span = span(run);
            out.extend_from_slice(text.get(at..span.start).unwrap_or_default());
            out.extend_from_slice(&run.mark);
            at = span.end;
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        out
    }

    /// What was merged, with all that was left out in its place; `None` if a mark got lost or is there more than once.
    pub fn restore(&self, texts: [&[u8]; 3], merged: FileMerged) -> Option<FileMerged> {
        let mut seen = vec![false; self.runs.len()];
        let restored = match merged {
            FileMerged::Clean(text) => FileMerged::Clean(self.whole(texts, None, &text, &mut seen)?),
            FileMerged::Conflict(conflict) => FileMerged::Conflict(Box::new(self.conflict(texts, *conflict, &mut seen)?)),
            other => return Some(other),
        };
        seen.iter().all(|seen| *seen).then_some(restored)
    }

    fn conflict(&self, texts: [&[u8]; 3], mut conflict: FileConflict, seen: &mut [bool]) -> Option<FileConflict> {
        for piece in &mut conflict.pieces {
            match piece {
                FilePiece::Merged(text) => *text = self.whole(texts, None, text, seen)?,
                FilePiece::Open(open) => self.open(texts, open, seen)?,
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
    fn open(&self, texts: [&[u8]; 3], open: &mut Open, seen: &mut [bool]) -> Option<()> {
        let mut all: Option<Vec<bool>> = None;
        let versions = [(Some(BASE), &mut open.base), (Some(OURS), &mut open.ours), (Some(THEIRS), &mut open.theirs)];
        for (version, text) in versions.into_iter().chain(open.proposal.as_mut().map(|text| (None, text))) {
            let mut here = vec![false; seen.len()];
            *text = self.whole(texts, version, text, &mut here)?;
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

    /// A text of a version with what was left out of it; without one, of the merge.
    fn whole(&self, texts: [&[u8]; 3], version: Option<usize>, text: &Bytes, seen: &mut [bool]) -> Option<Bytes> {
        if memchr::memchr(FENCE, text).is_none() {
            return Some(text.clone());
        }
        let mut out = Vec::with_capacity(text.len() + self.runs.iter().map(|run| run.spans[run.of].len()).sum::<usize>());
        let mut rest = &text[..];
        while let Some(fence) = memchr::memchr(FENCE, rest) {
            let line = memchr::memrchr(b'\n', rest.get(..fence)?).map_or(0, |at| at + 1);
            let at = self.runs.iter().position(|run| rest.get(line..).is_some_and(|rest| rest.starts_with(&run.mark)))?;
            let run = self.runs.get(at)?;
            if std::mem::replace(seen.get_mut(at)?, true) {
                return None;
            }
            out.extend_from_slice(rest.get(..line)?);
            out.extend_from_slice(run.bytes(texts, version.unwrap_or(run.of)));
            rest = rest.get(line + run.mark.len()..)?;
        }
        out.extend_from_slice(rest);
        Some(out.into())
    }

    /// For each mark its line in a side's text without what is left out, and how many lines more the whole text has there.
    fn lines(&self, texts: [&[u8]; 3], side: usize) -> Vec<(usize, usize)> {
        let (mut at, mut line) = (0, 0);
        let mark = |run: &Run| {
            let between = texts[side].get(at..run.spans[side].start).unwrap_or_default();
            at = run.spans[side].end;
            line += memchr::memchr_iter(b'\n', between).count() + 1;
            let lines = memchr::memchr_iter(b'\n', run.bytes(texts, side)).count();
            (line - 1, lines.saturating_sub(1))
        };
        self.runs.iter().map(mark).collect()
    }
}

impl Run {
    fn bytes<'a>(&self, texts: [&'a [u8]; 3], version: usize) -> &'a [u8] {
        texts[version].get(self.spans[version].clone()).unwrap_or_default()
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
    /// For each symbol the side that alone changed it, inside only.
    alone: Vec<Option<usize>>,
}

impl Search<'_> {
    /// What can be left out, in order, with the version that has it as it will be.
    fn runs(&self) -> Vec<(Range<usize>, usize)> {
        // For the file, and for each symbol, the run that its last children make.
        let mut open: Vec<Option<Row>> = vec![None; self.outline.symbols.len() + 1];
        let mut runs = Vec::new();
        let mut end = |row: Option<Row>| runs.extend(row.and_then(|row| row.inner(self.texts[BASE])));
        for (symbol, alone) in self.outline.symbols.iter().zip(&self.alone) {
            let parent = symbol.parent.map_or(0, |parent| parent + 1);
            let touched = alone.is_none() && self.is_touched(symbol);
            // Inside of what is left alone nothing is looked for.
            if symbol.parent.and_then(|parent| self.outline.symbols.get(parent)).is_some_and(|parent| !self.is_touched(parent)) {
                continue;
            }
            let Some(slot) = open.get_mut(parent) else { continue };
            if touched || !self.may_go(symbol) {
                end(slot.take());
                continue;
            }
            match slot {
                // Untouched ones belong to whatever is beside them.
                Some(run) if run.last.end == symbol.span.start && (run.of == BASE || alone.is_none_or(|side| side == run.of)) => {
                    run.last = symbol.span.clone();
                    run.of = alone.unwrap_or(run.of);
                }
                _ => {
                    end(slot.take());
                    *slot = Some(Row { first: symbol.span.clone(), last: symbol.span.clone(), of: alone.unwrap_or(BASE) });
                }
            }
        }
        open.into_iter().for_each(end);
        runs.sort_by_key(|(run, _)| run.start);
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
    of: usize,
}

impl Row {
    /// What of it can go: with a blank line before and behind, a mark belongs to nothing else; where there is none, a symbol stays.
    fn inner(self, text: &[u8]) -> Option<(Range<usize>, usize)> {
        let blank = |at: usize| {
            let rest = text.get(at..).unwrap_or_default();
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            rest.get(..blanks).and_then(|blanks| memchr::memrchr(b'\n', blanks)).map_or(at, |last| at + last + 1)
        };
        let first = blank(self.first.start);
        let start = if first > self.first.start { first } else { self.first.end };
        let end = if blank(self.last.end) > self.last.end { self.last.end } else { self.last.start };
        (end >= start + WORTH).then_some((start..end, self.of))
    }
}
