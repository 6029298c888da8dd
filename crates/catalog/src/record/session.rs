//! Sessions as they are at rest. The live overlay is not here: the journal has it.

use super::Digest;
use acetate_types::{ObjectId, SessionId, Text, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Takes edits.
    Active,
    /// Set aside with its work; can be resumed.
    Paused,
    /// Ended by its owner.
    Closed,
    /// Ended by time; its branch is kept for a while.
    Expired,
}

impl SessionState {
    /// Whether the session can still take or resume work: active or paused.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }

    /// The state as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Expired => "expired",
        }
    }
}

/// What a session promises about edits that are not committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionDurability {
    /// They are in the journal when a write answers.
    Journal,
    /// They live in memory only.
    Memory,
}

impl SessionDurability {
    /// The promise as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Memory => "memory",
        }
    }
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Never changes and is never reused.
    pub id: SessionId,
    /// The workspace it edits.
    pub workspace: WorkspaceId,
    /// The full ref of the branch it submits to.
    pub branch: Text,
    /// The agent that works in it.
    pub agent: String,
    /// What it is for; may be empty.
    pub intent: String,
    /// Who opened it.
    pub owner: String,
    /// Where it is in its life.
    pub state: SessionState,
    /// What it promises about uncommitted edits.
    pub durability: SessionDurability,
    /// The commit its overlay stands on.
    pub base_commit: ObjectId,
    /// That commit's tree.
    pub base_tree: ObjectId,
    /// That commit's version, where it is one.
    pub base_version: Option<u64>,
    /// The newest turn commit.
    pub tip_commit: Option<ObjectId>,
    /// That commit's tree.
    pub tip_tree: Option<ObjectId>,
    /// The number of turns ended.
    pub turn: u32,
    /// The journal sequence number up to which the tip contains every edit.
    pub applied_seq: u64,
    /// What carrying over writes made during a landing needs to know.
    pub landed: Option<Value>,
    /// The hash of the token that opening it returned.
    pub token_hash: Option<Digest>,
    /// When it was opened.
    pub created: i64,
    /// When it was last used.
    pub touched: i64,
    /// When it expires unless used.
    pub expires: i64,
    /// How far a use moves the expiry, in milliseconds.
    pub ttl_ms: i64,
    /// How many bytes its overlay may take.
    pub quota: u64,
    /// The recorded moves.
    pub moves: Value,
    /// The pending conflicts.
    pub conflicts: Value,
    /// Anything further.
    pub extra: Value,
}
