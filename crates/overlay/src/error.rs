//! What can go wrong with an overlay.

use acetate_types::{Classify, ErrorKind, FileMode, ObjectError, PathError, Problem, RepoPath};

/// Why an overlay can't be read or edited as asked. A failed edit leaves the overlay as it was.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// Nothing is at this path.
    #[error("{0} does not exist")]
    NotFound(RepoPath),
    /// A component above the end of a path, or the thing itself, is no directory.
    #[error("{0} is not a directory")]
    NotADirectory(RepoPath),
    /// A file was asked for, and a directory is there.
    #[error("{0} is a directory")]
    IsADirectory(RepoPath),
    /// A regular file was asked for, and a link or a submodule is there.
    #[error("{path} is no regular file but has mode {mode}")]
    NotAFile {
        /// The path.
        path: RepoPath,
        /// What is there.
        mode: FileMode,
    },
    /// Something is there already.
    #[error("{0} exists already")]
    Exists(RepoPath),
    /// A directory that would be replaced is not empty.
    #[error("the directory {0} is not empty")]
    NotEmpty(RepoPath),
    /// A directory can't be moved below itself.
    #[error("{from} can't be moved into itself, to {to}")]
    IntoItself {
        /// The directory.
        from: RepoPath,
        /// Where it was to go.
        to: RepoPath,
    },
    /// A path would have more than [`MAX_DEPTH`](crate::MAX_DEPTH) components, or more bytes than a path may have.
    #[error("{0} is nested too deeply")]
    TooDeep(RepoPath),
    /// The path may not name this kind of entry.
    #[error("{path}: {why}")]
    Path {
        /// The path.
        path: RepoPath,
        /// The rule that it breaks.
        why: PathError,
    },
    /// A part of a file was named that it has not.
    #[error("{0} has no such part")]
    Range(RepoPath),
    /// A content that is held as a delta does not come out as it was written: its base blob is not what it was.
    #[error("the content of {0} can't be restored from its delta")]
    Damaged(acetate_types::ObjectId),
    /// An object of the base could not be read.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

impl Classify for OverlayError {
    fn problem(&self) -> Problem {
        let (kind, code, hint) = match self {
            Self::NotFound(_) => (ErrorKind::NotFound, "path_not_found", "list the directory above to see what is there"),
            Self::NotADirectory(_) => (ErrorKind::Conflict, "not_a_directory", "move or delete the file in the way first"),
            Self::IsADirectory(_) => (ErrorKind::Conflict, "is_a_directory", "name a file below it, or delete the directory first"),
            Self::NotAFile { .. } => (ErrorKind::Conflict, "not_a_file", "give a mode to replace it"),
            Self::Exists(_) => (ErrorKind::Conflict, "path_exists", "choose another name, or ask for it to be replaced"),
            Self::NotEmpty(_) => (ErrorKind::Conflict, "directory_not_empty", "delete the directory first"),
            Self::IntoItself { .. } => (ErrorKind::Invalid, "move_into_itself", "choose a place outside the directory"),
            Self::TooDeep(_) => (ErrorKind::Limit, "path_too_deep", "choose a place nearer to the root"),
            Self::Path { why, .. } => (ErrorKind::Invalid, why.code(), "choose another name"),
            Self::Range(_) => (ErrorKind::Invalid, "range_invalid", "look at the file's size again"),
            Self::Damaged(_) => (ErrorKind::Internal, "content_damaged", "check the store with `git fsck`"),
            Self::Object(ObjectError::TooLarge { .. }) => (ErrorKind::Limit, "object_too_large", "read it in ranges"),
            Self::Object(ObjectError::Io { .. }) => (ErrorKind::Unavailable, "object_unreadable", "try again, then check the disk"),
            Self::Object(ObjectError::Missing(_)) => (ErrorKind::Internal, "object_missing", "check the store with `git fsck`"),
            Self::Object(ObjectError::Damaged { .. }) => (ErrorKind::Internal, "object_damaged", "check the store with `git fsck`"),
        };
        Problem::new(kind, code, self.to_string()).hint(hint)
    }
}
