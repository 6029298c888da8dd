//! Who may do what, and what was already answered.

use acetate_types::{SessionId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A 32-byte hash made by the caller. Secrets themselves are never stored.
pub type Digest = [u8; 32];

/// What a token opens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum TokenScope {
    /// The whole store.
    Store,
    /// One workspace and its sessions.
    Workspace(WorkspaceId),
    /// One session.
    Session(SessionId),
}

/// A token, known by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// The hash of the secret.
    pub hash: Digest,
    /// What it opens.
    pub scope: TokenScope,
    /// Rights as bits; the catalog doesn't read them.
    pub rights: u32,
    /// For people; may be empty.
    pub label: String,
    /// When it was made.
    pub created: i64,
    /// When it stops to work, if ever.
    pub expires: Option<i64>,
}

/// The answer that was given to a request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// Who sent it.
    pub caller: String,
    /// The workspace it was sent to, if any.
    pub workspace: Option<WorkspaceId>,
    /// The key.
    pub key: String,
    /// The hash of the request's body.
    pub body_hash: Digest,
    /// The answer.
    pub answer: Value,
    /// The answer's status as the door gave it.
    pub status: u16,
    /// When.
    pub created: i64,
}

/// A submission and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubmissionRecord {
    /// Unique in the store.
    pub id: String,
    /// Where it was submitted.
    pub workspace: WorkspaceId,
    /// Who submitted it. Outlives the session.
    pub session: SessionId,
    /// `waiting`, `landed`, `conflict`, `rejected`, …
    pub state: String,
    /// The answer so far.
    pub answer: Value,
    /// When it was submitted.
    pub created: i64,
    /// When it was decided.
    pub finished: Option<i64>,
}
