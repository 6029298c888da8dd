//! Why a repository can't be opened, and why a pack can't be written.

use crate::process::GitError;
use acetate_types::{Classify, ErrorKind, ObjectId, Problem};
use std::path::PathBuf;

/// Why a repository is not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no repository at this path.
    #[error("{0} is not a Git repository")]
    NotARepository(PathBuf),
    /// Its history is cut off.
    #[error("{0} is a shallow clone")]
    Shallow(PathBuf),
    /// Objects are missing until a remote is asked for them.
    #[error("{0} is a partial clone")]
    Partial(PathBuf),
    /// Refs are not in Git's files format.
    #[error("{path} keeps its refs as {format}, and only `files` is understood")]
    RefFormat {
        /// The repository.
        path: PathBuf,
        /// The format's name.
        format: String,
    },
    /// Its configuration names an extension that is not understood.
    #[error("{path} uses the repository extension {extension}, which is not understood")]
    Extension {
        /// The repository.
        path: PathBuf,
        /// The extension's name.
        extension: String,
    },
    /// Git's own rules (`safe.directory`) refuse it, for it belongs to somebody else.
    #[error("{path} belongs to somebody else, and Git's `safe.directory` does not list it")]
    Unsafe {
        /// The repository.
        path: PathBuf,
    },
    /// A repository is to be made where something is already.
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    /// The name can't be a branch's.
    #[error("{0:?} is no valid branch name")]
    Branch(String),
    /// A file or folder could not be read.
    #[error("reading {path}: {source}")]
    Io {
        /// What was read.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The `git` binary is missing, too old, or failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Classify for OpenError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::NotARepository(_) => {
                Problem::new(ErrorKind::NotFound, "not_a_repository", text).hint("name the folder that holds .git, or a bare repository")
            }
            Self::Shallow(_) => Problem::new(ErrorKind::Invalid, "repository_shallow", text).hint("run `git fetch --unshallow` first"),
            Self::Partial(_) => {
                Problem::new(ErrorKind::Invalid, "repository_partial", text).hint("clone it without --filter; every object has to be there")
            }
            Self::RefFormat { .. } => {
                Problem::new(ErrorKind::Invalid, "repository_ref_format", text).hint("run `git refs migrate --ref-format=files` first")
            }
            Self::Extension { .. } => Problem::new(ErrorKind::Invalid, "repository_extension", text),
            Self::Unsafe { .. } => Problem::new(ErrorKind::Denied, "repository_unsafe", text)
                .hint("if you trust it, run `git config --global --add safe.directory <path>`"),
            Self::NotEmpty(_) => Problem::new(ErrorKind::Conflict, "folder_not_empty", text),
            Self::Branch(_) => Problem::new(ErrorKind::Invalid, "branch_name", text),
            Self::Io { .. } => Problem::new(ErrorKind::Internal, "repository_io", text),
            Self::Git(error) => error.problem(),
        }
    }
}

/// Why objects could not be made durable. Nothing of them is visible afterwards.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The disk is full.
    #[error("the disk is full: {step}: {source}")]
    DiskFull {
        /// What was done.
        step: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// A write, a sync or a rename failed.
    #[error("{step}: {source}")]
    Io {
        /// What was done.
        step: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// An object is of the other hash function than the repository.
    #[error("the batch's ids are of another hash function than the repository's")]
    Format,
    /// An object's content is a known attack on SHA-1.
    #[error("object {0} is an attempt at a hash collision")]
    Collision(ObjectId),
    /// More objects or bytes than one pack takes.
    #[error("a pack holds at most {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}

impl WriteError {
    /// An error of the operating system while doing `step`.
    pub(crate) fn io(step: &'static str, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull { step, source },
            _ => Self::Io { step, source },
        }
    }
}

impl Classify for WriteError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::DiskFull { .. } => Problem::new(ErrorKind::Unavailable, "disk_full", text).hint("free some space; nothing was lost"),
            Self::Io { .. } => Problem::new(ErrorKind::Unavailable, "write_failed", text),
            Self::Format => Problem::new(ErrorKind::Internal, "object_format", text),
            Self::Collision(_) => Problem::new(ErrorKind::Invalid, "hash_collision", text),
            Self::TooLarge { .. } => Problem::new(ErrorKind::Limit, "pack_too_large", text),
        }
    }
}
