//! Three-way merge of texts by lines: Git's verdict and Git's bytes.
//!
//! The result is what `git merge-tree` and `git merge -s ort` give for one file: both sides are compared with the base by
//! [histogram diff](crate::diff), changes that overlap or touch are a conflict unless they are equal, and what is common to both sides of
//! a conflict is taken out of it (Git's "zealous" level). Where this module and Git could differ, a property test says that they don't.
//!
//! [`merge_as_git`] gives what `git merge-file` prints, in all its styles; it stands in for that command and decides nothing else.
//!
//! Invariants: bytes that neither side touched are copied, never reprinted; line ends are bytes like others, never converted; swapping the
//! sides changes neither the verdict nor the bytes of a clean result; work is bounded by [`LineLimits`].
//!
//! Deliberately missing: `.gitattributes` (merge drivers, end-of-line conversion, marker sizes), options that ignore white space, and
//! reading conflict markers back. Markers are one rendering of a conflict, never its representation.

mod as_git;
mod outcome;
mod regions;
mod render;
mod three_way;

pub use as_git::{Favor, GitFile, GitMerged, merge_as_git};
pub use outcome::{ConflictHunk, LineConflict, LineLimits, LineMerge, LineRange, Piece, TooLarge};
pub(crate) use render::marker;
pub use render::{Labels, MarkerStyle, render_markers};
pub use three_way::merge_lines;
pub(crate) use three_way::{Replaced, compare_sides};
