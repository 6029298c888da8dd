//! Lines that one side indented anew: it put them into a block, or took them out of one.
//!
//! Lines are compared without their indentation. What both left alone is as the side has it that indented it anew; what the other
//! side changed there is indented as the lines were whose place it has. Where these do not agree on how, lines with their indentation
//! have to decide.

use super::context::{BASE, Context, LineTimes, OURS, THEIRS};
use super::out::Ranges;
use crate::diff::{Change, Lines, LinesOf, compare, indentation};
use acetate_syntax::{Language, Splice};
use foldhash::{HashMap, HashSet};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// Shorter lines are brackets.
const TELLING: usize = 6;

/// Merges three ranges by their lines without indentation; `None` if both sides changed a line or lines that touch, or none was only indented
/// anew.
pub(super) fn reindented(context: &mut Context<'_>, ranges: &Ranges) -> Option<Vec<u8>> {
    if !context.indented {
        return None;
    }
    let texts = context.three(ranges);
    if texts.into_iter().any(has_long_strings) {
        return None;
    }
    let mut lines = Lines::default();
    let lines = [
        lines.add_unindented(texts[BASE], u32::MAX)?,
        lines.add_unindented(texts[OURS], u32::MAX)?,
        lines.add_unindented(texts[THEIRS], u32::MAX)?,
    ];
    let mut changes = |side: usize| compare(&lines[BASE].tokens, &lines[side].tokens, &mut context.budget).ok();
    let changes = [changes(OURS)?, changes(THEIRS)?];
    let pairs = changes.each_ref().map(|changes| unchanged(changes, lines[BASE].len()));
    let merge = Merge { lines, pairs, maps: Default::default(), times: Default::default() };
    merge.text(&in_order(&changes)?)
}

/// Whether a side indented a line of the base anew, where the ranges say or elsewhere: what stands there in its stead is something else.
pub(super) fn elsewhere(context: &Context<'_>, ranges: &Ranges) -> bool {
    if !context.indented {
        return false;
    }
    let texts = context.three(ranges);
    let base: BTreeSet<&[u8]> = telling(texts[BASE]).collect();
    let whole = context.lines.get_or_init(|| context.texts.map(times));
    [OURS, THEIRS].into_iter().any(|side| {
        let anew = |line: &&[u8]| {
            let plain = line.trim_ascii_start();
            !whole[side].contains_key(*line) && whole[BASE].get(plain) <= whole[side].get(plain)
        };
        base.iter().any(anew)
    })
}

/// Whether a side has a line that says something in the place of the same one, indented differently. Not in data, where lines are not put into
/// blocks and taken out of them without saying something else.
pub(super) fn indents(language: Language, texts: [&[u8]; 3], splices: [&[Splice]; 2]) -> bool {
    !language.profile().data
        && [OURS, THEIRS].into_iter().any(|side| {
            let removed = |splice: &Splice| telling(texts[BASE].get(splice.before..splice.before + splice.removed).unwrap_or_default());
            let added = |splice: &Splice| telling(texts[side].get(splice.after..splice.after + splice.added).unwrap_or_default());
            let gone: HashMap<&[u8], &[u8]> =
                splices[side - 1].iter().flat_map(removed).map(|line| (line.trim_ascii_start(), line)).collect();
            let anew = |line: &[u8]| gone.get(line.trim_ascii_start()).is_some_and(|before| *before != line);
            !gone.is_empty() && splices[side - 1].iter().flat_map(added).any(anew)
        })
}

/// Whether a string may go over several lines, which are no lines to indent anew.
fn has_long_strings(text: &[u8]) -> bool {
    let odd = |line: &[u8], quote: u8| {
        let mut escaped = false;
        let quotes = line.iter().filter(|byte| {
            let counts = **byte == quote && !escaped;
            escaped = **byte == b'\\' && !escaped;
            counts
        });
        quotes.count() % 2 == 1
    };
    text.split(|byte| *byte == b'\n')
        .any(|line| odd(line, b'"') || odd(line, b'`') || memchr::memmem::find_iter(line, b"'''").count() % 2 == 1)
}

/// How often each line is there that says something, with its indentation and without.
fn times(text: &[u8]) -> LineTimes<'_> {
    let mut times = LineTimes::default();
    for line in telling(text) {
        let plain = line.trim_ascii_start();
        *times.entry(plain).or_default() += 1;
        if plain.len() < line.len() {
            *times.entry(line).or_default() += 1;
        }
    }
    times
}

/// The lines that say something, without the white space behind them.
fn telling(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| line.trim_ascii_start().len() >= TELLING)
}

/// For each line of the base its place in the side, if it is there.
fn unchanged(changes: &[Change], len: usize) -> Vec<Option<usize>> {
    let mut pairs = Vec::with_capacity(len);
    let mut after = 0;
    for change in changes {
        while pairs.len() < change.before {
            pairs.push(Some(after));
            after += 1;
        }
        pairs.resize(change.before_end(), None);
        after = change.after_end();
    }
    while pairs.len() < len {
        pairs.push(Some(after));
        after += 1;
    }
    pairs
}

/// All changes in the order of the base; `None` if two of them touch.
fn in_order(changes: &[Vec<Change>; 2]) -> Option<Vec<(Change, usize)>> {
    let of = |side: usize| changes[side - 1].iter().map(move |change| (*change, side));
    let mut all: Vec<(Change, usize)> = of(OURS).chain(of(THEIRS)).collect();
    all.sort_by_key(|(change, side)| (change.before, change.before_end(), *side));
    all.is_sorted_by(|(first, a), (second, b)| a == b || first.before_end() < second.before).then_some(all)
}

struct Merge<'a> {
    lines: [LinesOf<'a>; 3],
    /// For each line of the base, where it is in ours and in theirs.
    pairs: [Vec<Option<usize>>; 2],
    /// For each side, what became of each indentation, where that is the same throughout and somebody asked.
    maps: [OnceCell<Option<Map<'a>>>; 2],
    /// How often each line stands in the three versions, where somebody asked.
    times: OnceCell<[HashMap<u32, usize>; 3]>,
}

type Map<'a> = HashMap<&'a [u8], &'a [u8]>;

impl<'a> Merge<'a> {
    fn text(&self, changes: &[(Change, usize)]) -> Option<Vec<u8>> {
        let base = &self.lines[BASE];
        let mut text = Vec::with_capacity(self.lines[OURS].text.len().max(self.lines[THEIRS].text.len()));
        let mut anew = false;
        let mut at = 0;
        let last = (Change { before: base.len(), removed: 0, after: 0, added: 0 }, OURS);
        for (change, side) in changes.iter().chain([&last]) {
            for kept in at..change.before {
                let line = self.kept(kept)?;
                anew |= line != base.line(kept);
                text.extend_from_slice(line);
            }
            if change.added > 0 {
                self.changed(change, *side, &mut text)?;
            }
            at = change.before_end();
        }
        anew.then_some(text)
    }

    /// A line that both left alone but for its indentation.
    fn kept(&self, at: usize) -> Option<&'a [u8]> {
        let base = self.lines[BASE].line(at);
        let [ours, theirs] = [self.line(OURS, at)?, self.line(THEIRS, at)?];
        // The last line of one may not be the last of the other.
        if [ours, theirs].into_iter().any(|line| line.ends_with(b"\n") != base.ends_with(b"\n")) {
            return None;
        }
        match (ours == base, theirs == base) {
            (true, _) => Some(theirs),
            (_, true) => Some(ours),
            _ => (ours == theirs).then_some(ours),
        }
    }

    /// A line of the base as a side has it.
    fn line(&self, side: usize, at: usize) -> Option<&'a [u8]> {
        Some(self.lines[side].line((*self.pairs[side - 1].get(at)?)?))
    }

    /// What a side changed, indented as the other side has what was there.
    fn changed(&self, change: &Change, side: usize, text: &mut Vec<u8>) -> Option<()> {
        let other = OURS + THEIRS - side;
        let mut shift = self.shift(other, change.before..change.before_end())?;
        if shift != Shift::None && self.is_there_already(change, side)? {
            shift = Shift::None;
        }
        // What reaches out of the lines that were indented anew is not inside of what they were put into.
        if shift != Shift::None && !self.stays_inside(change, side) {
            return None;
        }
        for at in change.after..change.after_end() {
            let line = self.lines[side].line(at);
            let (indent, rest) = line.split_at(indentation(line));
            if rest.trim_ascii().is_empty() {
                text.extend_from_slice(line);
                continue;
            }
            match shift {
                Shift::None => text.extend_from_slice(line),
                Shift::Deeper(by) => [by, line].into_iter().for_each(|part| text.extend_from_slice(part)),
                Shift::Out(by) => text.extend_from_slice(line.strip_prefix(by)?),
                Shift::Mapped => [*self.map(other)?.get(indent)?, rest].into_iter().for_each(|part| text.extend_from_slice(part)),
            }
        }
        Some(())
    }

    /// Whether no line that a side put somewhere is indented less than the lines of the base that it replaces, or that are around.
    fn stays_inside(&self, change: &Change, side: usize) -> bool {
        let base = |at: usize| indentation(self.lines[BASE].line(at));
        let inside = (change.before..change.before_end()).filter(|at| says(self.lines[BASE].line(*at))).map(base).min();
        let least = inside.or_else(|| self.around(change.before..change.before_end()).map(base).min());
        let added = (change.after..change.after_end()).map(|at| self.lines[side].line(at)).filter(|line| says(line));
        added.map(indentation).min() >= least
    }

    /// Whether what a side changed is indented already as the other side has it, for that side indented the same lines anew; `None` if
    /// that is not to be told.
    fn is_there_already(&self, change: &Change, side: usize) -> Option<bool> {
        let other = OURS + THEIRS - side;
        let base = &self.lines[BASE];
        if let Some(before) = (change.before..change.before_end()).find(|at| says(base.line(*at)))
            && let Some(after) = (change.after..change.after_end()).find(|at| says(self.lines[side].line(*at)))
        {
            let own = indent(self.lines[side].line(after));
            return match own == indent(base.line(before)) {
                true => Some(false),
                false => (own == indent(self.line(other, before)?)).then_some(true),
            };
        }
        let mut around = self.around(change.before..change.before_end()).map(|at| Some(self.line(side, at)? != base.line(at)));
        let first = around.next().unwrap_or(Some(false))?;
        around.all(|next| next == Some(first)).then_some(first)
    }

    /// The lines of the base next to a run that say something.
    fn around(&self, run: Range<usize>) -> impl Iterator<Item = usize> {
        let line = |at: &usize| says(self.lines[BASE].line(*at));
        (0..run.start).rev().find(line).into_iter().chain((run.end..self.lines[BASE].len()).find(line))
    }

    /// How a side indented a run of lines of the base anew; for an empty one, the lines around it. `None` if they do not agree.
    fn shift(&self, side: usize, run: Range<usize>) -> Option<Shift<'a>> {
        let inside: Vec<usize> = run.clone().filter(|at| says(self.lines[BASE].line(*at))).collect();
        let is_empty = inside.is_empty();
        let places = if is_empty { self.around(run).collect() } else { inside };
        // Of several copies it is not known which is meant.
        let [before, after] = [BASE, side].map(|version| &self.times()[version]);
        let mut tokens = places.iter().filter_map(|at| self.lines[BASE].tokens.get(*at));
        if tokens.any(|token| after.get(token) > before.get(token)) {
            return None;
        }
        let mut shifts = places.iter().map(|at| Some(Shift::of(indent(self.lines[BASE].line(*at)), indent(self.line(side, *at)?))));
        let Some(first) = shifts.next() else { return Some(Shift::None) };
        let first = first?;
        let agreed = shifts.all(|shift| shift == Some(first));
        // At the end of all that is known, what comes behind may be outside.
        if is_empty && places.len() < 2 && first != Shift::None {
            return None;
        }
        if agreed { Some(first) } else { self.map(side).map(|_| Shift::Mapped) }
    }

    fn times(&self) -> &[HashMap<u32, usize>; 3] {
        let count = |lines: &LinesOf<'_>| {
            let mut times = HashMap::default();
            lines.tokens.iter().for_each(|token| *times.entry(*token).or_default() += 1);
            times
        };
        self.times.get_or_init(|| self.lines.each_ref().map(count))
    }

    /// A side's indentation for each of the base's, in the lines that it left alone otherwise; `None` if it has several for one, or one for
    /// several.
    fn map(&self, side: usize) -> Option<&Map<'a>> {
        let made = || {
            let mut map = Map::default();
            for at in 0..self.lines[BASE].len() {
                let (before, Some(after)) = (self.lines[BASE].line(at), self.line(side, at)) else { continue };
                if says(before) && *map.entry(indent(before)).or_insert(indent(after)) != indent(after) {
                    return None;
                }
            }
            let different: HashSet<&[u8]> = map.values().copied().collect();
            (different.len() == map.len()).then_some(map)
        };
        self.maps[side - 1].get_or_init(made).as_ref()
    }
}

/// What became of an indentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shift<'a> {
    None,
    /// This was put before it.
    Deeper(&'a [u8]),
    /// This was taken from its start.
    Out(&'a [u8]),
    /// Other white space; the same for the same everywhere.
    Mapped,
}

impl<'a> Shift<'a> {
    fn of(before: &'a [u8], after: &'a [u8]) -> Self {
        if before == after {
            Self::None
        } else if let Some(by) = after.strip_suffix(before) {
            Self::Deeper(by)
        } else if let Some(by) = before.strip_suffix(after) {
            Self::Out(by)
        } else {
            Self::Mapped
        }
    }
}

/// The blanks before a line's first letter.
fn indent(line: &[u8]) -> &[u8] {
    line.get(..indentation(line)).unwrap_or_default()
}

/// Whether a line is not blank.
fn says(line: &[u8]) -> bool {
    !line.trim_ascii().is_empty()
}
