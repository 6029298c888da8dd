//! What can be written, in batches that take effect as a whole or not at all.
//!
//! Writes of a batch take effect in order, each seeing those before it. Putting replaces; removing what isn't there does nothing.

use crate::record::{
    ChangeRecord, Digest, EventDraft, IdempotencyRecord, OperationDraft, SessionRecord, SubmissionRecord, TokenRecord, VersionRecord,
    WorkspaceRecord,
};
use acetate_types::{ObjectId, SessionId, Text, WorkspaceId};
use serde_json::Value;

/// A group of writes that takes effect as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// In the order in which they take effect.
    pub writes: Vec<Write>,
}

impl Batch {
    /// A batch of these writes.
    pub fn new(writes: impl IntoIterator<Item = Write>) -> Self {
        Self { writes: writes.into_iter().collect() }
    }

    /// Adds a write at the end.
    pub fn push(&mut self, write: Write) {
        self.writes.push(write);
    }
}

impl FromIterator<Write> for Batch {
    fn from_iter<I: IntoIterator<Item = Write>>(writes: I) -> Self {
        Self::new(writes)
    }
}

/// What a ref must be for a move to take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Anything.
    Any,
    /// It must not exist.
    Absent,
    /// It must name this.
    At(ObjectId),
}

impl Expected {
    /// Whether a ref that names `found` (or doesn't exist) meets this.
    pub fn holds(&self, found: Option<&ObjectId>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::At(id) => found == Some(id),
        }
    }
}

/// One write. Each names the [`Rejected`](crate::Rejected) that its unmet preconditions give; every write that names a workspace
/// gives `Missing` where that doesn't exist, except tokens and idempotency keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A new workspace. `Exists` for a used id, `NameTaken` for a name that a workspace which is not deleted has (a record that is
    /// itself deleted takes any name), `Missing` for an unknown parent.
    CreateWorkspace(WorkspaceRecord),
    /// Replaces a workspace by id; may delete or bring back. `NameTaken` as above, `Fixed` where `created`, `parent` or
    /// `version_base` differ.
    UpdateWorkspace(WorkspaceRecord),
    /// Marks a workspace deleted and frees its name; everything of it stays until it is purged. Keeps the time of an earlier deletion.
    DeleteWorkspace {
        /// Which.
        id: WorkspaceId,
        /// When.
        at: i64,
    },
    /// Removes a deleted workspace with its refs, versions, sessions, operations, events, submissions, and the tokens of it and its
    /// sessions. `NotDeleted`, or `HasForks` as long as a workspace names it as parent. Changes and idempotency keys stay.
    PurgeWorkspace(WorkspaceId),
    /// Creates, moves or removes a ref. `RefMoved` unless it is as expected; `RefClash` for a new ref that would be the folder of
    /// another or lie within one (`refs/heads/a` and `refs/heads/a/b`).
    MoveRef {
        /// Whose ref.
        workspace: WorkspaceId,
        /// The full name.
        name: Text,
        /// What it must be.
        expected: Expected,
        /// What it shall name; `None` removes it.
        target: Option<ObjectId>,
    },
    /// Records what was last written to the Git ref on disk, also where the ref was removed meanwhile (then it is pending).
    Projected {
        /// Whose ref.
        workspace: WorkspaceId,
        /// The full name.
        name: Text,
        /// What is on disk now; `None` after its removal.
        target: Option<ObjectId>,
    },
    /// A new version. `VersionTaken` unless its number follows the last one; `WorkspaceDeleted` where nothing may land any more.
    AddVersion(VersionRecord),
    /// Opens or replaces a session by id.
    PutSession(Box<SessionRecord>),
    /// Removes a session and the tokens scoped to it; its submissions stay.
    RemoveSession(SessionId),
    /// Appends an operation; its number is in [`Applied::operations`]. `Missing` where it undoes one that doesn't exist.
    AddOperation(OperationDraft),
    /// Appends an event; its number is in [`Applied::events`].
    AddEvent(EventDraft),
    /// Adds or replaces a token by hash. What its scope names need not exist.
    PutToken(TokenRecord),
    /// Removes a token.
    RemoveToken(Digest),
    /// Stores the answer to a request. `KeyUsed` where that caller, workspace and key already have one, so that nothing is done twice.
    PutIdempotency(IdempotencyRecord),
    /// Removes the answers created before a time.
    PruneIdempotency {
        /// The oldest time that stays.
        before: i64,
    },
    /// Adds or replaces a submission by id.
    PutSubmission(SubmissionRecord),
    /// Adds or replaces a change by commit.
    PutChange(ChangeRecord),
    /// Removes a change.
    RemoveChange(ObjectId),
    /// Sets a setting of the store, or removes it with `None`.
    PutSetting {
        /// The setting's name.
        key: String,
        /// Its value.
        value: Option<Value>,
    },
}

/// The numbers that a batch's appends were given, in the order of its writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// One for each `AddOperation`.
    pub operations: Vec<u64>,
    /// One for each `AddEvent`.
    pub events: Vec<u64>,
}
