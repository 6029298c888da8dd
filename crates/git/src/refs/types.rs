//! What refs name, how they are to move, and why they do not.

use acetate_types::{Classify, ErrorKind, ObjectId, Problem};

/// What a ref names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefTarget {
    /// An object.
    Id(ObjectId),
    /// Another ref, by full name.
    Symbolic(String),
}

/// What a ref must name before an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever.
    Any,
    /// The ref must not exist; one that already has the new value does exist.
    Absent,
    /// It must name this object.
    At(ObjectId),
}

/// One ref update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name, `refs/…`.
    pub name: String,
    /// What it must name now.
    pub expected: Expected,
    /// What it names afterwards; `None` deletes it. Whether the object exists is not checked.
    pub new: Option<ObjectId>,
    /// For the reflog, where one is kept: line ends become blanks.
    pub message: String,
}

/// Why refs could not be read or moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefError {
    /// Not a ref's full name.
    #[error("{0:?} is no valid ref name")]
    Name(String),
    /// An id of the other hash function, or the null id.
    #[error("{name} can't name {id}")]
    Id {
        /// The ref.
        name: String,
        /// The id.
        id: ObjectId,
    },
    /// The ref does not name what was expected.
    #[error("{name} has moved")]
    Moved {
        /// The ref.
        name: String,
        /// What it names; `None` if it does not exist.
        found: Option<RefTarget>,
    },
    /// Another ref is in the way (`a/b` where `a` exists, or the other way round), or the update names a ref twice.
    #[error("{name} and {other} exclude each other")]
    Clash {
        /// The ref.
        name: String,
        /// The other one.
        other: String,
    },
    /// Another process held a lock for too long.
    #[error("{name} is locked by another process")]
    Locked {
        /// A ref of the update.
        name: String,
    },
    /// The disk said no, or a ref is damaged.
    #[error("{name}: {why}")]
    Io {
        /// The ref.
        name: String,
        /// The cause.
        why: String,
    },
}

impl Classify for RefError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::Name(_) => Problem::new(ErrorKind::Invalid, "ref_name", text),
            Self::Id { .. } => Problem::new(ErrorKind::Invalid, "ref_id", text),
            Self::Moved { .. } => Problem::new(ErrorKind::Stale, "ref_moved", text),
            Self::Clash { .. } => Problem::new(ErrorKind::Conflict, "ref_clash", text),
            Self::Locked { .. } => Problem::new(ErrorKind::Unavailable, "ref_locked", text).hint("if no git runs, remove the .lock file"),
            Self::Io { .. } => Problem::new(ErrorKind::Internal, "ref_io", text),
        }
    }
}
