//! Three-way merge of trees and texts, with conflicts as data.
//!
//! Pure functions over [`acetate_types::Objects`]: nothing here knows sessions, storage, clocks or randomness, and every bound counts
//! bytes, lines, paths or comparisons, never time, so that a merge gives the same result everywhere.
//!
//! Layers, each usable alone:
//! - [`diff`]: which lines differ, decided as Git's histogram diff decides it;
//! - [`lines`]: the three-way merge of three texts;
//! - [`files`]: the seam between trees and texts: how the three contents of one file become one;
//! - [`symbols`]: the merge of one file by its symbols, behind that seam;
//! - [`renames`]: what was moved between two trees;
//! - [`trees`]: the three-way merge of three trees.
//!
//! The sides are called `ours` and `theirs` as in Git. When a session is submitted, *ours* is the head of the branch and *theirs* is the
//! session. Results do not depend on which side is which: swapping them gives the same verdict and the same clean bytes.

#![deny(missing_docs)]

pub mod diff;
pub mod files;
pub mod lines;
pub mod renames;
pub mod symbols;
pub mod trees;

pub use files::{FileConflict, FileInput, FileMerge, FileMerged, FilePiece, LineFiles, Open, Pick, Question};
pub use lines::{ConflictHunk, Labels, LineConflict, LineLimits, LineMerge, LineRange, MarkerStyle, merge_lines, render_markers};
pub use symbols::{FileLimits, FileOptions, SameSymbol, SymbolFiles};
pub use trees::{
    Conflict, ConflictKind, Counts, Edit, Finding, FindingKind, MergeError, MergeLimits, MergedContent, MergedEntry, Move, Proposal, Side,
    TreeMerge, TreeOptions, merge_trees, merge_trees_with,
};
