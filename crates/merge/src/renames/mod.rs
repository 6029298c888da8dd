//! What was moved between two trees: pairs of a path that is gone and a path that is new.
//!
//! The order of evidence is Git's (`diffcore-rename` as `merge-ort` drives it), since a merge that follows other renames than Git's gives
//! other results:
//! 1. moves that were recorded when they were made (Acetate's own; none given, none used);
//! 2. equal contents, a source with the same file name first;
//! 3. the same file name, where it is unique on both sides or where equal files of its directory tell where the directory went: at least
//!    75 % similar;
//! 4. whatever is most similar among the rest, at least 50 %, within a limit of comparisons.
//!
//! Similarity is counted in bytes of lines (or 64-byte chunks) that both contents have: see [`Fingerprint`].
//!
//! Invariants: every source and every target is used at most once; empty files are renamed only on record; blobs are read only when
//! neither identity nor size decides.
//!
//! Deliberately missing: copies, and renames onto paths that existed before (Git's "break" detection).

mod detect;
mod directories;
mod order;
mod similarity;

pub use detect::{Detected, Match, Relevance, RenameLimits, Source, Target, detect};
pub use directories::{Directories, DirectoryCounts, DirectoryRelevance};
pub use similarity::{BASENAME_SCORE, Fingerprint, MAX_SCORE, MIN_SCORE};

pub(crate) use order::git_order;

/// The path of the directory that holds `path`; empty at the root.
pub(crate) fn directory(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(&[], |at| &path[..at])
}

/// The last component of `path`.
pub(crate) fn file_name(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..])
}
