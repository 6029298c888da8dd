//! What a merge of trees takes and gives: options, edits, errors.

use super::conflict::{Conflict, Finding};
use crate::lines::LineLimits;
use acetate_types::{Classify, ErrorKind, FileMode, ObjectError, ObjectId, PathError, Problem, RepoPath};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A move that somebody recorded when it was made: a file or a whole directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Move {
    /// The path in the base.
    pub from: RepoPath,
    /// The path on the side that moved it.
    pub to: RepoPath,
}

/// Bounds of a tree merge. All count things, never time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeLimits {
    /// Bounds of the line merge of one file; larger texts are treated as binary files are.
    pub lines: LineLimits,
    /// Sources and destinations compared by similarity: their numbers' product may not exceed this number squared. Beyond it only equal
    /// and recorded renames are followed, as in Git (`merge.renameLimit`), and a finding says so.
    pub rename_limit: u32,
    /// Most bytes of a blob that is compared by similarity.
    pub rename_bytes: u64,
    /// Most paths that may differ between the three trees and have to be looked at; beyond it the merge is refused.
    pub max_paths: usize,
}

impl Default for MergeLimits {
    /// Git's rename limit of 7,000, blobs of 32 MiB, two million paths.
    fn default() -> Self {
        Self { lines: LineLimits::default(), rename_limit: 7000, rename_bytes: 32 << 20, max_paths: 2_000_000 }
    }
}

/// What a tree merge is told besides the trees.
#[derive(Debug, Clone, Default)]
pub struct TreeOptions {
    /// Moves recorded on our side (the head's changes). They win over similarity where the source is in the base and gone from ours.
    pub our_moves: Vec<Move>,
    /// Moves recorded on their side (the session).
    pub their_moves: Vec<Move>,
    /// Bounds.
    pub limits: MergeLimits,
}

/// Why trees could not be merged at all. A conflict is no error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MergeError {
    /// An object could not be read.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// A tree holds a name that can't be part of a path.
    #[error("a tree holds a path that can't be handled: {path}: {why}")]
    Path {
        /// The path, lossily as text.
        path: String,
        /// What is wrong with it.
        why: PathError,
    },
    /// More paths differ than [`MergeLimits::max_paths`].
    #[error("more than {limit} paths differ between the sides")]
    TooManyPaths {
        /// The limit.
        limit: usize,
    },
}

impl Classify for MergeError {
    fn problem(&self) -> Problem {
        match self {
            Self::Object(ObjectError::TooLarge { .. }) => Problem::new(ErrorKind::Limit, "object_too_large", self.to_string()),
            Self::Object(_) => Problem::new(ErrorKind::Internal, "object_unreadable", self.to_string()),
            Self::Path { .. } => Problem::new(ErrorKind::Invalid, "path_in_tree", self.to_string()),
            Self::TooManyPaths { .. } => Problem::new(ErrorKind::Limit, "merge_too_large", self.to_string())
                .hint("submit smaller changes, or bring the session up to date more often"),
        }
    }
}

/// What a merge of three trees gives.
#[derive(Debug, Clone, Default)]
pub struct TreeMerge {
    /// What turns *ours* (the head) into the result, to be applied in order: removals first, then the rest by path. Costs follow what
    /// *theirs* changed. Paths in conflict stay as ours has them.
    pub edits: Vec<Edit>,
    /// What could not be decided, by path.
    pub conflicts: Vec<Conflict>,
    /// What is worth knowing about the result: moves that were followed, named differences to Git.
    pub findings: Vec<Finding>,
    /// How many paths were looked at.
    pub counts: Counts,
}

impl TreeMerge {
    /// Whether everything was decided.
    pub fn is_clean(&self) -> bool {
        self.conflicts.is_empty()
    }
}

/// How many paths a merge found changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Only ours changed them.
    pub ours: usize,
    /// Only theirs changed them. A directory taken whole counts once.
    pub theirs: usize,
    /// Both changed them.
    pub both: usize,
    /// Files whose contents were merged.
    pub merged: usize,
}

/// One step from ours to the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The path: a file, or a directory for [`MergedEntry::Tree`] and for removals of one.
    pub path: RepoPath,
    /// What is there afterwards; `None` removes what is there, a file or a whole directory. Directories left empty vanish.
    pub entry: Option<MergedEntry>,
}

/// What a path holds after an [`Edit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergedEntry {
    /// A file, symbolic link or submodule.
    File {
        /// Its mode.
        mode: FileMode,
        /// Its content.
        content: MergedContent,
    },
    /// A whole directory, replacing whatever is there.
    Tree(ObjectId),
}

/// The content of a merged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergedContent {
    /// An object that one of the sides has already.
    Object(ObjectId),
    /// A new text that has no object yet.
    Bytes(Bytes),
}
