//! Sessions: opening, standing, status, turns, diffs.

use super::{Event, FileInfo, Notice, Timestamp};
use acetate_types::{FileMode, ObjectId, RepoPath, SessionId, Text, WorkspaceId};
use serde::{Deserialize, Serialize};

/// How a session's unsaved edits are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// In the journal: an answered write survives the death of the process.
    #[default]
    Journal,
    /// In memory only: the last commit is what survives.
    Memory,
}

/// How letter case counts in a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseRule {
    /// Upper and lower case differ.
    #[default]
    Sensitive,
    /// They do not.
    Insensitive,
    /// They differ only if the pattern has an upper-case letter.
    Smart,
}

/// Opens a session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenSession {
    /// Who works here, as it names itself: at most 200 bytes.
    pub agent: String,
    /// What it is going to do, shown to others: at most 2,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// The branch to work on, short or full; without it the workspace's default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// An earlier version, ref or commit to stand on; without it the branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How unsaved edits are kept.
    #[serde(default)]
    pub durability: Durability,
    /// Seconds without a call until it expires; at most the store's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

/// The commit that a session stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Base {
    /// Its version, if it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
    /// The commit; absent on a branch without commits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub commit: Option<ObjectId>,
}

/// A session just opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Opened {
    /// The session.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: SessionId,
    /// The token for this session; shown once.
    pub token: String,
    /// Its workspace.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub workspace: WorkspaceId,
    /// The full name of its branch.
    pub branch: String,
    /// What it stands on.
    pub base: Base,
    /// When it expires if nobody calls.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub expires: Timestamp,
}

/// Where a session stands; part of every answer about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Standing {
    /// What it stands on.
    pub base: Base,
    /// The head of its branch now.
    pub head: Base,
    /// How many versions the head is ahead of the base.
    pub behind: u64,
    /// Live edits of others that meet this session's, overlaps first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notices: Vec<Notice>,
    /// Durable events the session has not acknowledged, oldest first, at most twenty.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub events: Vec<Event>,
}

/// An answer about a session: where it stands, and what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Answer<T> {
    /// What was asked.
    #[serde(flatten)]
    pub body: T,
    /// Where the session stands.
    pub standing: Standing,
}

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Open for calls.
    Active,
    /// Out of memory, its branch and edits kept; `resume` brings it back.
    Paused,
    /// Its unsaved edits can't be read; calls answer `session_damaged`, and only ending it with discard is left.
    Damaged,
    /// Ended.
    Closed,
}

/// A session as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// The session.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: SessionId,
    /// Its workspace.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub workspace: WorkspaceId,
    /// The full name of its branch.
    pub branch: String,
    /// Its agent.
    pub agent: String,
    /// Its intent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intent: Option<String>,
    /// Its state.
    pub state: SessionState,
    /// How unsaved edits are kept.
    pub durability: Durability,
    /// Whether it is its workspace's working session, whose commits land at once.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub working: bool,
    /// What it stands on.
    pub base: Base,
    /// The newest turn commit, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub tip: Option<ObjectId>,
    /// How many turns were committed.
    pub turn: u32,
    /// Whether there are edits since the last turn commit.
    pub unsaved: bool,
    /// Whether there is work that has not landed.
    pub unsubmitted: bool,
    /// When it was opened.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created: Timestamp,
    /// When it expires if nobody calls.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub expires: Timestamp,
    /// Bytes of memory that its overlay takes, about.
    pub memory: u64,
}

/// A page of sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// The sessions, newest first.
    pub sessions: Vec<SessionInfo>,
}

/// How a path changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PathChange {
    /// It is new.
    Added,
    /// Its content changed.
    Modified,
    /// It is gone.
    Deleted,
    /// It came from another path.
    Renamed,
    /// Only its mode or type changed.
    Mode,
}

/// One changed path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileStatus {
    /// The path (for a deleted one, where it was).
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// How it changed.
    pub change: PathChange,
    /// Where it came from, for a renamed one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub from: Option<RepoPath>,
    /// The file as it is now; absent when deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<FileInfo>,
    /// What became of its symbols, at most a thousand; absent where they are not known: for a language without a profile, a file that does
    /// not parse, or past as many files as one answer looks into.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbols: Option<Vec<super::ChangedSymbol>>,
}

/// What a session has changed and what a submit would meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionStatus {
    /// The session.
    pub session: SessionInfo,
    /// The changed paths, in path order, at most a thousand.
    pub changes: Vec<FileStatus>,
    /// How many paths are changed in all.
    pub changed: u64,
    /// Conflicts that wait for `resolve`, at most a thousand.
    pub conflicts: Vec<super::ConflictInfo>,
    /// How many of them are open, those that are not listed included.
    #[serde(default)]
    pub open: u64,
    /// What other live sessions of the branch edit too: symbols, or files whose symbols are not known; at most a hundred.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub overlaps: Vec<super::OverlapNotice>,
}

/// Ends a turn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CommitTurn {
    /// The message; without it one is made from the changed paths.
    pub message: Option<String>,
}

/// What ending a turn came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TurnCommit {
    /// The turn commit; the one before when nothing changed, absent when there never was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub commit: Option<ObjectId>,
    /// The turn's number.
    pub turn: u32,
    /// Whether anything had changed; if not, no commit was made.
    pub changed: bool,
    /// How many paths this turn changed.
    pub paths: u64,
    /// For a working session, which submits at once: what became of that. `commit` is the landed one then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub submission: Option<super::Submission>,
}

/// A workspace's working session is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkingSession {
    /// Who works in it if it has to be opened: at most 200 bytes; the caller without.
    pub agent: Option<String>,
}

/// A commit of a session's own branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TurnInfo {
    /// The commit.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The turn's number.
    pub turn: u32,
    /// The first line of its message.
    pub message: String,
    /// When it was made.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}

/// The turns of a session since it stands on its base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TurnList {
    /// The turns, newest first, at most a thousand.
    pub turns: Vec<TurnInfo>,
}

/// Names the end of a session's turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckpointSession {
    /// The checkpoint's name, as a tag's.
    pub name: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What ending a session came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Closed {
    /// The session.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: SessionId,
    /// The tip of its branch, kept for 30 days, if it had any commits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub tip: Option<ObjectId>,
    /// The ref that keeps it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kept_as: Option<String>,
}

/// The kind of a diff line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// In both.
    Context,
    /// Only before.
    Removed,
    /// Only after.
    Added,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HunkLine {
    /// The kind.
    pub kind: LineKind,
    /// The line without its end.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub text: Text,
    /// Whether it is the last line and has no end.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub no_newline: bool,
}

/// A run of changed lines with context. Line numbers count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Hunk {
    /// First line before.
    pub before_start: u64,
    /// Lines before.
    pub before_lines: u64,
    /// First line after.
    pub after_start: u64,
    /// Lines after.
    pub after_lines: u64,
    /// The lines.
    pub lines: Vec<HunkLine>,
}

/// The difference of one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileDiff {
    /// The path after (before, if deleted).
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// How it changed.
    pub change: PathChange,
    /// Where it came from, for a renamed one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub from: Option<RepoPath>,
    /// The mode before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub before_mode: Option<FileMode>,
    /// The mode after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub after_mode: Option<FileMode>,
    /// Whether either side is binary; then there are no hunks.
    pub binary: bool,
    /// Added lines.
    pub added: u64,
    /// Removed lines.
    pub removed: u64,
    /// What became of its symbols, where asked for and known; at most a thousand.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbols: Option<Vec<super::ChangedSymbol>>,
    /// The hunks, where asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hunks: Vec<Hunk>,
}

/// The difference between a session and its base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionDiff {
    /// The changed files, in path order.
    pub files: Vec<FileDiff>,
    /// Whether files were left out because the answer would be too large.
    pub truncated: bool,
    /// The same as a patch that `git apply` takes, where asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub patch: Option<Text>,
}
