//! Why a batch is rejected, and why the catalog itself fails.
//!
//! The two are kept apart: a [`Rejected`] batch is an answer (a precondition wasn't met, others of its group took effect), a
//! [`CatalogError`] means that nothing of the whole call took effect, or that nobody can tell ([`CatalogError::in_doubt`]).

use crate::record::IdempotencyRecord;
use acetate_types::{Classify, ErrorKind, ObjectId, Problem, Text, WorkspaceId};

/// Why a batch took no effect.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// Another workspace has the name.
    // Who has it is not said: the caller may not be allowed to know of that workspace.
    #[error("the name {name:?} is taken")]
    NameTaken {
        /// The name asked for.
        name: String,
        /// Who has it.
        by: WorkspaceId,
    },
    /// A workspace with this id exists.
    #[error("workspace {0} exists already")]
    Exists(WorkspaceId),
    /// What the write builds on doesn't exist.
    #[error("there is no {what} {id}")]
    Missing {
        /// What kind of thing: `workspace`, `operation`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A field that never changes would change.
    #[error("{field} of workspace {workspace} is fixed when it is created")]
    Fixed {
        /// Whose field.
        workspace: WorkspaceId,
        /// Which.
        field: &'static str,
    },
    /// Only a deleted workspace can be purged.
    #[error("workspace {0} is not deleted")]
    NotDeleted(WorkspaceId),
    /// Nothing lands in a deleted workspace.
    #[error("workspace {0} is deleted")]
    WorkspaceDeleted(WorkspaceId),
    /// A fork reads its history through this workspace.
    #[error("workspace {workspace} is the parent of {fork}")]
    HasForks {
        /// Which was to be purged.
        workspace: WorkspaceId,
        /// One of its forks.
        fork: WorkspaceId,
    },
    /// The ref isn't what the caller took it for.
    #[error("{name:?} of workspace {workspace} names {}", found.map_or_else(|| "nothing".to_owned(), |id| id.to_hex()))]
    RefMoved {
        /// Whose ref.
        workspace: WorkspaceId,
        /// Its full name.
        name: Text,
        /// What it names.
        found: Option<ObjectId>,
    },
    /// The new ref would be the folder of another, or lie within one.
    #[error("{name:?} can't exist beside {with:?}")]
    RefClash {
        /// The full name asked for.
        name: Text,
        /// The ref that exists.
        with: Text,
    },
    /// The version doesn't follow the last one.
    #[error("the last version of workspace {workspace} is v{last}")]
    VersionTaken {
        /// Whose version.
        workspace: WorkspaceId,
        /// The last number in use (the fork point's where it has none of its own).
        last: u64,
    },
    /// The idempotency key has an answer already.
    #[error("the idempotency key {:?} was used before", .0.key)]
    KeyUsed(Box<IdempotencyRecord>),
    /// A counter above `i64::MAX`, or JSON nested deeper than [`MAX_JSON_DEPTH`](crate::MAX_JSON_DEPTH).
    #[error("{field} is out of range")]
    OutOfRange {
        /// Which field.
        field: &'static str,
    },
}

impl Classify for Rejected {
    fn problem(&self) -> Problem {
        let (kind, code) = match self {
            Self::NameTaken { .. } => (ErrorKind::Conflict, "name_taken"),
            Self::Exists(_) => (ErrorKind::Conflict, "exists"),
            Self::Missing { .. } => (ErrorKind::NotFound, "not_found"),
            Self::Fixed { .. } => (ErrorKind::Invalid, "fixed_field"),
            Self::NotDeleted(_) => (ErrorKind::Conflict, "not_deleted"),
            Self::WorkspaceDeleted(_) => (ErrorKind::NotFound, "workspace_deleted"),
            Self::HasForks { .. } => (ErrorKind::Conflict, "has_forks"),
            Self::RefMoved { .. } => (ErrorKind::Stale, "ref_moved"),
            Self::RefClash { .. } => (ErrorKind::Conflict, "ref_clash"),
            Self::VersionTaken { .. } => (ErrorKind::Stale, "version_taken"),
            Self::KeyUsed(_) => (ErrorKind::Conflict, "idempotency_key_used"),
            Self::OutOfRange { .. } => (ErrorKind::Invalid, "out_of_range"),
        };
        Problem::new(kind, code, self.to_string())
    }
}

/// Why the catalog couldn't do what it was asked. Unless [`in_doubt`](Self::in_doubt), nothing took effect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The disk, or the bound set for the catalog, is full. Works again when there is room.
    #[error("no room for the catalog: {0}")]
    DiskFull(String),
    /// Reading, writing or syncing failed.
    #[error("the catalog can't be read or written: {0}")]
    Io(String),
    /// Somebody else holds the database longer than the time-out.
    #[error("the catalog is locked: {0}")]
    Busy(String),
    /// The database is damaged.
    #[error("the catalog is damaged: {0}")]
    Corrupt(String),
    /// There is no catalog at this place.
    #[error("there is no catalog at {0}")]
    NotFound(String),
    /// The file is a database of something else.
    #[error("{0} is not a catalog")]
    Foreign(String),
    /// A newer Acetate wrote it.
    #[error("the catalog has schema {found}, this version knows {known}")]
    SchemaNewer {
        /// The schema in the file.
        found: u32,
        /// The newest this code knows.
        known: u32,
    },
    /// A fault of this crate.
    #[error("the catalog failed: {0}")]
    Internal(String),
    /// Making the group durable failed half-way. It is not visible now; should the process die before an `apply` succeeds (an empty
    /// one will do), the group may be there afterwards. Keep what it refers to until then.
    #[error("{0}; whether the last writes survive a restart is open")]
    InDoubt(#[source] Box<CatalogError>),
}

impl CatalogError {
    /// Whether the group may turn up after a restart; see [`InDoubt`](Self::InDoubt).
    pub fn in_doubt(&self) -> bool {
        matches!(self, Self::InDoubt(_))
    }

    /// The failure itself, without the doubt about its outcome.
    pub fn cause(&self) -> &Self {
        match self {
            Self::InDoubt(cause) => cause.cause(),
            other => other,
        }
    }
}

impl Classify for CatalogError {
    fn problem(&self) -> Problem {
        let (kind, code, hint) = match self.cause() {
            Self::DiskFull(_) => (ErrorKind::Unavailable, "disk_full", "Make room on the store's disk; the store works again by itself."),
            Self::Io(_) => (ErrorKind::Unavailable, "io", "Check the store's disk."),
            Self::Busy(_) => (ErrorKind::Unavailable, "busy", "Close other programs that hold the catalog open, then retry."),
            Self::Corrupt(_) => (ErrorKind::Internal, "corrupt", "Restore a backup, or rebuild the catalog from the Git refs."),
            Self::NotFound(_) => (ErrorKind::NotFound, "no_catalog", "Check the store's path."),
            Self::Foreign(_) => (ErrorKind::Invalid, "not_a_catalog", "Check the store's path."),
            Self::SchemaNewer { .. } => {
                (ErrorKind::Unavailable, "schema_newer", "Use a version of Acetate at least as new as the store's.")
            }
            Self::Internal(_) | Self::InDoubt(_) => (ErrorKind::Internal, "internal", "Report this as a fault of Acetate."),
        };
        Problem::new(kind, code, self.to_string()).hint(hint)
    }
}
