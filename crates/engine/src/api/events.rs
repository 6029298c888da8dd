//! Durable, numbered events of a workspace, and unnumbered notices about live edits.

use super::Timestamp;
use acetate_types::{RepoPath, SessionId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A durable fact of a workspace. Numbers count up from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    /// The number within the workspace.
    pub number: u64,
    /// The workspace.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub workspace: WorkspaceId,
    /// What happened: `session_committed`, `landed`, `imported`, `branch_created`, `branch_deleted`, `checkpoint_created`, `undone`,
    /// `workspace_created`, `workspace_updated`, `workspace_deleted`, `session_expired`, `session_closed`, `diverged`.
    pub kind: String,
    /// When.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The details of this kind: version, commit, branch, session, agent, intent, paths; of a landing also the symbols it changed, as
    /// `[{path, symbol, kind, change}]`, at most 200, with `symbol_count` for all. They are made when an event is read, a bounded number in
    /// one answer: where they are absent, ask for the change by its commit.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub data: Value,
}

/// Which events a reader wants. What is left out is passed over: the next number to ask from lies behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only events that name this path, or one below it.
    pub path: Option<RepoPath>,
    /// Only landings that changed this symbol, or one in it; with `path`, in a file there.
    pub symbol: Option<String>,
}

/// A page of events in order of number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// The events, gap-free from the number asked for.
    pub events: Vec<Event>,
    /// The number to ask from next time.
    pub next: u64,
}

/// A hint about live edits; never numbered, never durable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// Another live session edits what this session edits too: a symbol, or a file whose symbols are not known. Said once.
    Overlap(OverlapNotice),
    /// The head moved and changed these paths, which this session also changed.
    HeadMoved {
        /// The newest version.
        version: u64,
        /// Paths that both changed, at most twenty.
        #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
        paths: Vec<RepoPath>,
    },
}

/// Who else edits what a session edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OverlapNotice {
    /// The path both edit.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The symbol both edit; absent where it is the file, or lines outside of symbols.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbol: Option<String>,
    /// The other session.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub session: SessionId,
    /// Its agent, as it named itself.
    pub agent: String,
    /// What it says it is doing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intent: Option<String>,
}
