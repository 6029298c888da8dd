//! What a merge of three texts gives: clean bytes, or a conflict with its exact places.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bounds of a line merge. Texts beyond them are not merged by lines; the caller treats them like binary files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineLimits {
    /// Most bytes of any one of the three texts. At most `u32::MAX`.
    pub max_bytes: u32,
    /// Most lines of any one of the three texts.
    pub max_lines: u32,
    /// Most comparisons of lines in one merge. Ordinary texts need a few per line; texts of many equal lines can need many more.
    pub max_comparisons: u64,
}

impl Default for LineLimits {
    /// 32 MiB and a million lines per text, 200 million comparisons.
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_lines: 1_000_000, max_comparisons: 200_000_000 }
    }
}

/// A run of lines of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LineRange {
    /// The first line, counted from 0. For an empty run: the line before which it stands.
    pub start: u32,
    /// How many lines.
    pub len: u32,
}

impl LineRange {
    /// The line after the last.
    pub fn end(self) -> u32 {
        self.start.saturating_add(self.len)
    }
}

/// One place where the sides disagree: the same region in each of the three texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConflictHunk {
    /// The lines in the base.
    pub base: LineRange,
    /// The lines in our text.
    pub ours: LineRange,
    /// The lines in their text.
    pub theirs: LineRange,
}

/// The result of merging three texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineMerge {
    /// One text that holds the changes of both sides.
    Clean(Vec<u8>),
    /// Some changes exclude each other.
    Conflict(LineConflict),
    /// A text exceeds the limits; nothing was compared.
    TooLarge(TooLarge),
}

/// Which bound a text exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TooLarge {
    /// More bytes than [`LineLimits::max_bytes`].
    #[error("a text has more bytes than are merged by lines")]
    Bytes,
    /// More lines than [`LineLimits::max_lines`].
    #[error("a text has more lines than are merged by lines")]
    Lines,
    /// More comparisons than [`LineLimits::max_comparisons`].
    #[error("the texts are too repetitive to be merged by lines")]
    Comparisons,
}

/// A piece of a conflicting merge, in order. All pieces together tile the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes that are decided: untouched, or changed by one side, or by both alike.
    Merged(Vec<u8>),
    /// A region that is not decided; the ranges are bytes of the texts in [`LineConflict`].
    Conflict {
        /// The region's bytes in the base.
        base: Range<usize>,
        /// The region's bytes in our text.
        ours: Range<usize>,
        /// The region's bytes in their text.
        theirs: Range<usize>,
        /// Whether markers here end in CR LF, as the lines around them do.
        crlf: bool,
    },
}

/// A conflict between texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineConflict {
    /// The regions on which the sides disagree, each with the base's lines it came from. In order, not overlapping.
    pub hunks: Vec<ConflictHunk>,
    /// The whole result, with conflicts as wide as `hunks` (what Git shows in `diff3` style).
    pub wide: Vec<Piece>,
    /// The whole result, with what both sides have in common taken out of the conflicts (what Git shows in `merge` style). A conflict
    /// here has the base's range of the hunk it belongs to.
    pub narrow: Vec<Piece>,
    /// The base's text.
    pub base: Vec<u8>,
    /// Our text.
    pub ours: Vec<u8>,
    /// Their text.
    pub theirs: Vec<u8>,
}
