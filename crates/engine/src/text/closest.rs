//! The place of a text that comes closest to one that is not in it, and what differs.
//!
//! Candidates are found in time linear in the text: lines that equal a line of the wanted text but for white space vote for where
//! it would begin, and lines that share many three-byte sequences with its longest line stand beside them. Only the best few are
//! compared in full. Works on any bytes; bounds count bytes and comparisons, never time.

use bytes::Bytes;
use imara_diff::{Algorithm, Diff, InternedInput};
use std::collections::HashMap;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// The bounds of the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosestLimits {
    /// A longer wanted text, in bytes, is not looked for.
    pub max_wanted: usize,
    /// Only this many bytes of the text are looked at.
    pub max_text: usize,
    /// Most places compared in full.
    pub max_candidates: usize,
    /// Most bytes of a place compared and shown.
    pub max_shown: usize,
    /// Places that are less alike, in per cent, are not reported.
    pub min_similarity: u8,
}

impl Default for ClosestLimits {
    /// 32 KiB wanted, 4 MiB looked at, 8 places of at most 64 KiB, half of it alike.
    fn default() -> Self {
        Self { max_wanted: 32 << 10, max_text: 4 << 20, max_candidates: 8, max_shown: 64 << 10, min_similarity: 50 }
    }
}

/// The place that comes closest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its first and last line, counted from 1.
    pub lines: (usize, usize),
    /// Its bytes, clipped to the limit; whole lines, the last with its end only if the wanted text has one.
    pub text: Bytes,
    /// How much is alike, in per cent of both.
    pub similarity: u8,
    /// What differs.
    pub differs: Difference,
}

/// What keeps a place from being the wanted text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// CRLF on one side, LF on the other.
    LineEndings,
    /// White space at the end of lines.
    TrailingWhitespace,
    /// White space at the beginning of lines.
    Indentation,
    /// White space anywhere.
    Whitespace,
    /// Upper and lower case of ASCII letters.
    Case,
    /// One run of words or signs within a line.
    Word {
        /// What was wanted.
        expected: Bytes,
        /// What stands there.
        found: Bytes,
    },
    /// More than that.
    Several,
}

impl Difference {
    /// The stable name, for example `line_endings`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::LineEndings => "line_endings",
            Self::TrailingWhitespace => "trailing_whitespace",
            Self::Indentation => "indentation",
            Self::Whitespace => "whitespace",
            Self::Case => "case",
            Self::Word { .. } => "word",
            Self::Several => "several",
        }
    }

    /// How little it takes to mend it; the lower, the better a candidate.
    fn rank(&self) -> u8 {
        match self {
            Self::LineEndings => 0,
            Self::TrailingWhitespace => 1,
            Self::Indentation => 2,
            Self::Whitespace => 3,
            Self::Case => 4,
            Self::Word { .. } | Self::Several => 5,
        }
    }
}

/// The place of `text` most like `wanted`, `None` if nothing is alike enough or the bounds forbid to look.
pub(super) fn closest(text: &[u8], wanted: &[u8], limits: &ClosestLimits) -> Option<Candidate> {
    if wanted.len() > limits.max_wanted || wanted.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    let text = text.get(..limits.max_text).unwrap_or(text);
    let lines = line_ranges(text);
    let wanted_lines = line_ranges(wanted);
    let mut best: Option<Candidate> = None;
    for first in starts(text, &lines, wanted, &wanted_lines, limits.max_candidates) {
        let last = (first + wanted_lines.len()).min(lines.len()).checked_sub(1)?;
        let (Some(from), Some(to)) = (lines.get(first), lines.get(last)) else { continue };
        // With its last line end if the wanted text has one, so that this is no difference.
        let end = to.end + usize::from(wanted.ends_with(b"\n") && to.end < text.len());
        let place = from.start..end.min(from.start.saturating_add(limits.max_shown));
        let shown = &text[place];
        let (similarity, differs) = compare(wanted, shown);
        if similarity < limits.min_similarity && differs.rank() == 5 {
            continue;
        }
        let better = best.as_ref().is_none_or(|best| (differs.rank(), 100 - similarity) < (best.differs.rank(), 100 - best.similarity));
        if better {
            best = Some(Candidate { lines: (first + 1, last + 1), text: Bytes::copy_from_slice(shown), similarity, differs });
        }
    }
    best
}

/// The lines of a text without their LF.
fn line_ranges(text: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        lines.push(from..end);
        from = end + 1;
    }
    if from < text.len() {
        lines.push(from..text.len());
    }
    lines
}

/// Where the wanted lines could begin, at most `most` numbers of lines, ascending.
fn starts(text: &[u8], lines: &[Range<usize>], wanted: &[u8], wanted_lines: &[Range<usize>], most: usize) -> Vec<usize> {
    /// A wanted line that occurs this often says little about the place.
    const MOST_SAME: usize = 8;
    /// And so does one that occurs this often in the text; of all lines together, this many votes.
    const MOST_VOTES: usize = 1000;
    const MOST_VOTES_OF_ALL: usize = 1 << 20;
    let mut squeezed = Vec::new();
    // The numbers of the lines, and how often they have voted.
    let mut by_hash: HashMap<u64, (Vec<usize>, usize)> = HashMap::new();
    for (number, line) in wanted_lines.iter().enumerate() {
        squeeze(&wanted[line.clone()], &mut squeezed);
        let same = by_hash.entry(xxh3_64(&squeezed)).or_default();
        if !squeezed.is_empty() && same.0.len() < MOST_SAME {
            same.0.push(number);
        }
    }
    let Some((pivot_number, pivot)) = wanted_lines.iter().enumerate().max_by_key(|(_, line)| line.len()) else { return Vec::new() };
    let mut sequences = vec![false; 1 << 16];
    squeeze(&wanted[pivot.clone()], &mut squeezed);
    let sequences_wanted = squeezed.windows(3).map(|three| std::mem::replace(&mut sequences[slot(three)], true)).count().max(1);

    let mut votes: HashMap<usize, usize> = HashMap::new();
    let mut all_votes = 0;
    // (hits in thousandths, shortness, line), the best first.
    let mut alike: Vec<(usize, std::cmp::Reverse<usize>, usize)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        squeeze(&text[line.clone()], &mut squeezed);
        if squeezed.is_empty() {
            continue;
        }
        if let Some((numbers, voted)) = by_hash.get_mut(&xxh3_64(&squeezed))
            && *voted < MOST_VOTES
            && all_votes < MOST_VOTES_OF_ALL
        {
            *voted += 1;
            all_votes += numbers.len();
            for wanted_number in numbers.iter() {
                *votes.entry(number.saturating_sub(*wanted_number)).or_default() += 1 + squeezed.len().min(80);
            }
        }
        let hits = squeezed.windows(3).filter(|three| sequences[slot(three)]).count().min(sequences_wanted);
        if hits > 0 {
            let score = (hits * 1000 / sequences_wanted, std::cmp::Reverse(squeezed.len()), number.saturating_sub(pivot_number));
            let at = alike.partition_point(|other| (other.0, other.1) >= (score.0, score.1));
            if at < most {
                alike.insert(at, score);
                alike.truncate(most);
            }
        }
    }
    let mut voted: Vec<(usize, usize)> = votes.into_iter().collect();
    voted.sort_unstable_by_key(|(start, weight)| (std::cmp::Reverse(*weight), *start));
    let mut starts: Vec<usize> = voted.into_iter().take(most.div_ceil(2)).map(|(start, _)| start).collect();
    for (_, _, start) in alike {
        if starts.len() < most && !starts.contains(&start) {
            starts.push(start);
        }
    }
    starts.sort_unstable();
    starts
}

fn squeeze(line: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
}

fn slot(three: &[u8]) -> usize {
    three.iter().fold(0_usize, |hash, byte| hash.wrapping_mul(41).wrapping_add(usize::from(*byte))) & 0xffff
}

/// How alike the wanted text and a place are, and what differs.
fn compare(wanted: &[u8], place: &[u8]) -> (u8, Difference) {
    /// Up to here single bytes are compared, so that a misspelt word still counts.
    const BYTEWISE: usize = 512;
    /// Up to here words are, beyond it lines: the comparison is quadratic at worst.
    const WORDWISE: usize = 4096;
    let layout = layout(wanted, place);
    if wanted.len().max(place.len()) <= WORDWISE {
        let (one, two) = (tokens(wanted), tokens(place));
        let bytewise = wanted.len() <= BYTEWISE && place.len() <= 4 * BYTEWISE;
        let similarity = if bytewise { alike(&bytes(wanted), &bytes(place)) } else { alike(&one, &two) };
        return (similarity, layout.unwrap_or_else(|| word(&one, &two)));
    }
    let (one, two): (Vec<&[u8]>, Vec<&[u8]>) =
        (wanted.split_inclusive(|byte| *byte == b'\n').collect(), place.split_inclusive(|byte| *byte == b'\n').collect());
    let differs = layout.unwrap_or_else(|| {
        let diff = diff(&one, &two);
        let mut hunks = diff.hunks();
        if let (Some(hunk), None) = (hunks.next(), hunks.next()) {
            let (before, after) = (in_range(&one, &hunk.before).concat(), in_range(&two, &hunk.after).concat());
            if before.len().max(after.len()) <= WORDWISE {
                return word(&tokens(&before), &tokens(&after));
            }
        }
        Difference::Several
    });
    (alike(&one, &two), differs)
}

/// Whether only layout or case differs. The wanted text may be a part of its lines, so the place need only contain it.
fn layout(wanted: &[u8], place: &[u8]) -> Option<Difference> {
    type Fold = fn(&[u8]) -> Vec<u8>;
    let by_line = |text: &[u8], trim: fn(&[u8]) -> &[u8]| text.split(|byte| *byte == b'\n').map(trim).collect::<Vec<_>>().join(&b'\n');
    let contains = |wanted: &[u8], place: &[u8]| memchr::memmem::find(place, wanted).is_some();
    let without_cr: Fold = |text| text.iter().copied().filter(|byte| *byte != b'\r').collect();
    let trimmed = |text: &[u8], trim| by_line(text, trim).trim_ascii().to_vec();
    if contains(without_cr(wanted).trim_ascii_end(), &without_cr(place)) && wanted.contains(&b'\r') != place.contains(&b'\r') {
        return Some(Difference::LineEndings);
    }
    if contains(by_line(wanted, <[u8]>::trim_ascii_end).trim_ascii_end(), &by_line(place, <[u8]>::trim_ascii_end)) {
        return Some(Difference::TrailingWhitespace);
    }
    if contains(&trimmed(wanted, <[u8]>::trim_ascii), &by_line(place, <[u8]>::trim_ascii)) {
        return Some(Difference::Indentation);
    }
    let (mut a, mut b) = (Vec::new(), Vec::new());
    squeeze(wanted, &mut a);
    squeeze(place, &mut b);
    if contains(&a, &b) {
        return Some(Difference::Whitespace);
    }
    contains(&wanted.trim_ascii_end().to_ascii_lowercase(), &place.to_ascii_lowercase()).then_some(Difference::Case)
}

/// Words, runs of white space, and single other bytes.
fn tokens(text: &[u8]) -> Vec<&[u8]> {
    let class = |byte: &u8| match byte {
        b'_' | 0x80.. => 1,
        byte if byte.is_ascii_alphanumeric() => 1,
        byte if byte.is_ascii_whitespace() => 2,
        _ => 3,
    };
    text.chunk_by(|a, b| class(a) == class(b) && class(a) != 3).collect()
}

fn bytes(text: &[u8]) -> Vec<&[u8]> {
    text.chunks(1).collect()
}

fn in_range<'a, 'b>(units: &'a [&'b [u8]], range: &Range<u32>) -> &'a [&'b [u8]] {
    units.get(range.start as usize..range.end as usize).unwrap_or_default()
}

fn diff(before: &[&[u8]], after: &[&[u8]]) -> Diff {
    let mut input: InternedInput<&[u8]> = InternedInput::default();
    input.update_before(before.iter().copied());
    input.update_after(after.iter().copied());
    Diff::compute(Algorithm::Myers, &input)
}

/// Alike bytes of both in per cent; what the place has before the first and after the last of them does not count.
fn alike(wanted: &[&[u8]], place: &[&[u8]]) -> u8 {
    let diff = diff(wanted, place);
    let kept = |number: usize| u32::try_from(number).is_ok_and(|number| !diff.is_added(number));
    let first = (0..place.len()).find(|number| kept(*number)).unwrap_or(place.len());
    let last = (0..place.len()).rfind(|number| kept(*number)).map_or(first, |last| last + 1);
    let core = &place[first..last];
    let common: usize = core.iter().enumerate().filter(|(number, _)| kept(first + number)).map(|(_, token)| token.len()).sum();
    let all = wanted.iter().chain(core).map(|token| token.len()).sum::<usize>().max(1);
    u8::try_from(common * 200 / all).unwrap_or(100)
}

/// The one run that differs within a line, if it is only one.
fn word(wanted: &[&[u8]], place: &[&[u8]]) -> Difference {
    const LONGEST: usize = 80;
    let diff = diff(wanted, place);
    let mut inner = diff.hunks().filter(|hunk| {
        // What the place has around the wanted text is no difference.
        let outside = hunk.before.start == 0 || hunk.before.end as usize == wanted.len();
        !(hunk.before.is_empty() && outside)
    });
    if let (Some(hunk), None) = (inner.next(), inner.next()) {
        let expected = in_range(wanted, &hunk.before).concat();
        let found = in_range(place, &hunk.after).concat();
        if [&expected, &found].iter().all(|text| text.len() <= LONGEST && !text.contains(&b'\n')) {
            return Difference::Word { expected: expected.into(), found: found.into() };
        }
    }
    Difference::Several
}
