//! What happened: operations, events, changes. Append-only; numbers are given by the catalog.

use acetate_types::{ObjectId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An operation before it has its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationDraft {
    /// Whose operation log it joins.
    pub workspace: WorkspaceId,
    /// What was done: `land`, `undo`, `checkpoint`, …
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: i64,
    /// The state before, as far as undoing needs it.
    pub before: Value,
    /// The state after.
    pub after: Value,
    /// The operation of the same workspace that this one undoes; it must exist.
    pub undoes: Option<u64>,
    /// Anything further.
    pub detail: Value,
}

/// One entry of a workspace's operation log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Whose operation it is.
    pub workspace: WorkspaceId,
    /// From 1, without gaps, per workspace.
    pub number: u64,
    /// What was done.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: i64,
    /// The state before.
    pub before: Value,
    /// The state after.
    pub after: Value,
    /// The operation that this one undoes.
    pub undoes: Option<u64>,
    /// Anything further.
    pub detail: Value,
}

impl OperationDraft {
    /// The operation under its number.
    pub fn numbered(self, number: u64) -> OperationRecord {
        let Self { workspace, kind, actor, at, before, after, undoes, detail } = self;
        OperationRecord { workspace, number, kind, actor, at, before, after, undoes, detail }
    }
}

/// An event before it has its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventDraft {
    /// Whose stream it joins.
    pub workspace: WorkspaceId,
    /// What happened: `landed`, `branch_created`, …
    pub kind: String,
    /// When.
    pub at: i64,
    /// What a watcher is told.
    pub payload: Value,
}

/// A durable fact in a workspace's stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Whose stream it is in.
    pub workspace: WorkspaceId,
    /// From 1, without gaps, per workspace.
    pub number: u64,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: i64,
    /// What a watcher is told.
    pub payload: Value,
}

impl EventDraft {
    /// The event under its number.
    pub fn numbered(self, number: u64) -> EventRecord {
        let Self { workspace, kind, at, payload } = self;
        EventRecord { workspace, number, kind, at, payload }
    }
}

/// What a turn or a landing changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// The commit that names it.
    pub commit: ObjectId,
    /// Paths, hunks, symbols, moves, author, session, intent.
    pub body: Value,
}
