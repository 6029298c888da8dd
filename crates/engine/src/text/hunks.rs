//! What differs between two texts, by lines.
//!
//! Histogram diff with the sliders placed as Git places them (indent heuristic). Changes whose surroundings overlap share a hunk, as
//! in `git diff`. A line ends in LF; a carriage return belongs to the line, so CRLF against LF differs.
//!
//! Deliberately missing: words within lines, and moved blocks.

use super::changes::changes;
use acetate_types::{Classify, ErrorKind, Problem};
use bytes::Bytes;

/// The bounds of one comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLimits {
    /// Most bytes of both texts together.
    pub max_bytes: usize,
    /// Most lines of both texts together.
    pub max_lines: usize,
    /// Most pairs of lines compared, beyond which a diff gets coarser (see the module `changes`); never an error.
    pub max_pairs: u64,
    /// More unchanged lines around a change than this are never given.
    pub max_context: usize,
}

impl Default for DiffLimits {
    /// 64 MiB, 2,000,000 lines, 2²⁹ pairs (all of 23,000 changed lines), 10,000 lines of context.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_lines: 2_000_000, max_pairs: 1 << 29, max_context: 10_000 }
    }
}

/// Why two texts were not compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A limit was met.
    #[error("the texts have {size} {what} together, over the limit of {limit}")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How much there is.
        size: usize,
        /// How much there may be.
        limit: usize,
    },
}

impl Classify for DiffError {
    fn problem(&self) -> Problem {
        match self {
            Self::TooLarge { .. } => Problem::new(ErrorKind::Limit, "diff_too_large", self.to_string()).hint("read both files instead"),
        }
    }
}

/// What a line of a hunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// In both texts.
    Context,
    /// In the text before only.
    Remove,
    /// In the text after only.
    Add,
}

impl LineKind {
    /// The sign in a unified diff.
    pub const fn sign(self) -> u8 {
        match self {
            Self::Context => b' ',
            Self::Remove => b'-',
            Self::Add => b'+',
        }
    }
}

/// A line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HunkLine {
    /// Which text has it.
    pub kind: LineKind,
    /// Its bytes with the LF, if it has one; shared with the text it comes from.
    pub text: Bytes,
}

impl HunkLine {
    /// Whether the line is the last of its text and has no LF.
    pub fn lacks_newline(&self) -> bool {
        !self.text.ends_with(b"\n")
    }
}

/// A run of changes with the lines around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The first line in the text before, counted from 1; where `before_lines` is 0, the line it follows (0 at the top).
    pub before_start: usize,
    /// How many lines of the text before.
    pub before_lines: usize,
    /// The first line in the text after, likewise.
    pub after_start: usize,
    /// How many lines of the text after.
    pub after_lines: usize,
    /// The nearest line above the hunk that begins with a letter, `_` or `$`: at most 80 bytes, as Git shows it behind `@@`.
    pub heading: Bytes,
    /// The lines, removals before additions within each change.
    pub lines: Vec<HunkLine>,
}

/// How many lines a change adds and removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiffStats {
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

impl std::ops::AddAssign for DiffStats {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.removed += other.removed;
    }
}

/// Whether Git takes these bytes for binary: a NUL among the first 8,000.
pub fn is_binary(text: &[u8]) -> bool {
    memchr::memchr(0, text.get(..8000).unwrap_or(text)).is_some()
}

/// How many lines differ, without building hunks. Binary texts are compared like any other.
///
/// # Errors
/// [`DiffError::TooLarge`].
pub fn diff_stats(before: &[u8], after: &[u8], limits: &DiffLimits) -> Result<DiffStats, DiffError> {
    check(before, after, limits)?;
    let mut stats = DiffStats::default();
    for change in changes(before, after, limits.max_pairs) {
        stats += DiffStats { added: change.after.len(), removed: change.before.len() };
    }
    Ok(stats)
}

/// The changes from `before` to `after` with up to `context` unchanged lines around each. Nothing for equal texts.
///
/// # Errors
/// [`DiffError::TooLarge`].
pub fn hunks(before: &Bytes, after: &Bytes, context: usize, limits: &DiffLimits) -> Result<Vec<Hunk>, DiffError> {
    check(before, after, limits)?;
    let context = context.min(limits.max_context);
    let lines = (lines(before), lines(after));
    let mut out = Vec::new();
    let mut group: Vec<imara_diff::Hunk> = Vec::new();
    let mut headings = Headings { upto: 0, last: Bytes::new() };
    for change in changes(before, after, limits.max_pairs) {
        let far = group.last().is_some_and(|last| (change.before.start - last.before.end) as usize > context.saturating_mul(2));
        if far {
            out.push(hunk(&group, &lines, context, &mut headings));
            group.clear();
        }
        group.push(change);
    }
    if !group.is_empty() {
        out.push(hunk(&group, &lines, context, &mut headings));
    }
    Ok(out)
}

fn check(before: &[u8], after: &[u8], limits: &DiffLimits) -> Result<(), DiffError> {
    let too_large = |what, size, limit| if size > limit { Err(DiffError::TooLarge { what, size, limit }) } else { Ok(()) };
    too_large("bytes", before.len().saturating_add(after.len()), limits.max_bytes)?;
    let count = |text: &[u8]| memchr::memchr_iter(b'\n', text).count() + usize::from(!text.ends_with(b"\n"));
    too_large("lines", count(before) + count(after), limits.max_lines)
}

fn lines(text: &Bytes) -> Vec<Bytes> {
    let mut lines = Vec::new();
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        lines.push(text.slice(from..=end));
        from = end + 1;
    }
    if from < text.len() {
        lines.push(text.slice(from..));
    }
    lines
}

/// One hunk from neighbouring changes; `group` is not empty.
fn hunk(group: &[imara_diff::Hunk], lines: &(Vec<Bytes>, Vec<Bytes>), context: usize, headings: &mut Headings) -> Hunk {
    let (before, after) = lines;
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return Hunk { before_start: 0, before_lines: 0, after_start: 0, after_lines: 0, heading: Bytes::new(), lines: Vec::new() };
    };
    // Unchanged lines are the same on both sides, so one count serves both.
    let lead = context.min(first.before.start as usize);
    let tail = context.min(before.len() - last.before.end as usize);
    let (from, after_from) = (first.before.start as usize - lead, first.after.start as usize - lead);
    let mut out = Vec::new();
    let mut push = |kind, range: &[Bytes]| out.extend(range.iter().map(|text| HunkLine { kind, text: text.clone() }));
    let mut at = from;
    for change in group {
        let (removed, added) =
            (change.before.start as usize..change.before.end as usize, change.after.start as usize..change.after.end as usize);
        push(LineKind::Context, &before[at..removed.start]);
        at = removed.end;
        push(LineKind::Remove, &before[removed]);
        push(LineKind::Add, &after[added]);
    }
    push(LineKind::Context, &before[at..at + tail]);
    let (before_lines, after_lines) = (at + tail - from, last.after.end as usize + tail - after_from);
    Hunk {
        before_start: from + usize::from(before_lines > 0),
        before_lines,
        after_start: after_from + usize::from(after_lines > 0),
        after_lines,
        heading: headings.above(before, from),
        lines: out,
    }
}

/// The headings of successive hunks; each line is looked at once.
struct Headings {
    upto: usize,
    last: Bytes,
}

impl Headings {
    fn above(&mut self, lines: &[Bytes], at: usize) -> Bytes {
        const LONGEST: usize = 80;
        let begins = |line: &&Bytes| line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'));
        if let Some(line) = lines[self.upto.min(at)..at].iter().rfind(begins) {
            let text = line.get(..LONGEST).unwrap_or(line);
            let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).map_or(0, |last| last + 1);
            self.last = line.slice(..end);
        }
        self.upto = at;
        self.last.clone()
    }
}

#[cfg(test)]
#[path = "hunks_tests.rs"]
mod tests;
