//! Text tools without state: exact string edits, line diffs as hunks and as `git diff` prints them, globs, search, and a commit
//! subject from changed paths.
//!
//! Everything here is a pure function of bytes and of a limits struct that the caller passes in; nothing reads a clock, a disk or a
//! session. Limits count bytes, lines and comparisons, never time, so that the same input gives the same answer everywhere.
//!
//! Deliberately missing: walking trees, choosing which blobs to read, and spreading work over threads. The sessions do that and hand
//! in paths and bytes.

mod changes;
mod closest;
mod describe;
mod edit;
mod edit_error;
mod file_type;
mod glob;
mod grep;
mod grep_file;
mod hunks;
mod splice;
mod unified;

pub use closest::{Candidate, ClosestLimits, Difference};
pub use describe::{MessageLimits, PathChange, default_message};
pub use edit::{EditLimits, Edited, StringEdit, apply_edits};
pub use edit_error::{EditError, MatchedLine};
pub use file_type::{FileTypeError, file_type_globs};
pub use glob::{GlobError, GlobLimits, PathGlob};
pub use grep::{GrepCase, GrepError, GrepLimits, GrepMode, GrepOptions, GrepPattern};
pub use grep_file::{FileMatches, FileSearcher, MatchLine, Skipped};
pub use hunks::{DiffError, DiffLimits, DiffStats, Hunk, HunkLine, LineKind, diff_stats, hunks, is_binary};
pub use splice::Splice;
pub use unified::{Side, UnifiedOptions, quote_path, unified};
