//! Workspaces: creating, branches, versions, checkpoints, operations, tokens.

use super::{FileDiff, Timestamp};
use acetate_merge::SameSymbol;
use acetate_types::{ObjectFormat, ObjectId, Text, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a new workspace is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum WorkspaceSource {
    /// A Git repository: a path on the daemon's machine or an `https`, `ssh` or `git` address.
    Git(String),
    /// A bundle file on the daemon's machine.
    Bundle(String),
    /// Another workspace of the store.
    Workspace(String),
    /// A template, by name or id.
    Template(String),
}

/// Makes a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CreateWorkspace {
    /// Its name: 1–100 of `a-z A-Z 0-9 . _ -`, not beginning with a dot or dash; without it one is made from the source.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it is made from; empty without.
    pub from: Option<WorkspaceSource>,
    /// For `workspace`: at this version, ref or commit instead of its head.
    pub at: Option<String>,
    /// For `template`: the history it begins with; without it as the template says.
    pub history: Option<super::TemplateHistory>,
    /// Opens a session in it in the same call.
    pub session: Option<super::OpenSession>,
}

/// Changes a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkspaceUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new default branch; must exist.
    pub default_branch: Option<String>,
    /// Refuse paths that Windows or a case-folding file system can't hold.
    pub portable_paths: Option<bool>,
    /// What becomes of a symbol that both sides of a submission changed, in different lines: `review` is a conflict with the merged text
    /// as its proposal, `merge` merges as Git does, `verified` merges if the checks pass (without checks it acts as `review`).
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub same_symbol: Option<SameSymbol>,
    /// Marks it as a template that others are made from, or (`false`) unmarks it.
    pub template: Option<super::TemplateMark>,
    /// How long turns and the branches of ended sessions are kept; `false` lifts a policy.
    pub retention: Option<super::RetentionChange>,
    /// The largest file in bytes that may be written, at most what the store takes; 0 lifts the limit.
    pub max_file_bytes: Option<u64>,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkspaceInfo {
    /// Its id.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// The full name of its default branch.
    pub default_branch: String,
    /// The head of the default branch.
    pub head: super::Base,
    /// Live sessions.
    pub sessions: u64,
    /// Whether it is the repository that is served in place.
    pub in_place: bool,
    /// How the checkout or the branch on disk stands apart from the head, in a sentence that says what to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub diverged: Option<String>,
    /// Whether `diverged` says only that it lags behind, which catching up mends once nothing is in the way; else somebody has to decide.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub lags: bool,
    /// Whether paths must be portable.
    pub portable_paths: bool,
    /// What becomes of a symbol that both sides of a submission changed, in different lines: `review`, `merge` or `verified`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub same_symbol: SameSymbol,
    /// What it is a template of, if it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<super::TemplateInfo>,
    /// How long it keeps turns and the branches of ended sessions, if that is set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retention: Option<super::Retention>,
    /// The largest file in bytes that may be written, if that is set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_file_bytes: Option<u64>,
    /// When it was made.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created: Timestamp,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub deleted: Option<Timestamp>,
    /// Until when a deleted one can be brought back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub purged_after: Option<Timestamp>,
    /// The session that was opened in the same call.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opened: Option<super::Opened>,
}

/// A page of workspaces by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkspaceList {
    /// The workspaces.
    pub workspaces: Vec<WorkspaceInfo>,
    /// The name to pass as `after` for the next page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BranchInfo {
    /// The full name, `refs/heads/…`.
    pub name: String,
    /// Its head.
    pub head: super::Base,
    /// Whether it is the default branch.
    pub default: bool,
}

/// Makes a branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBranch {
    /// Its name, short or full.
    pub name: String,
    /// Where it starts: version, full ref or commit; without it the default branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A landed state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VersionInfo {
    /// The number: `v12` is version 12.
    pub version: u64,
    /// The commit.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The full name of the branch it landed on.
    pub branch: String,
    /// How it came: `import`, `landing`, `push`, `merge`, `undo`, `restore`, `template`.
    pub kind: String,
    /// The session that submitted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The agent of that session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
    /// The intent of that session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intent: Option<String>,
    /// The first line of the message.
    pub message: String,
    /// When it landed.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}

/// A page of history, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VersionPage {
    /// The versions.
    pub versions: Vec<VersionInfo>,
    /// The number to pass as `before` for the next page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<u64>,
}

/// The difference between two points of a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TreeDiff {
    /// The first point's commit.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub from: ObjectId,
    /// The second point's commit.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub to: ObjectId,
    /// The changed files, in path order.
    pub files: Vec<FileDiff>,
    /// Whether files or hunks were left out because the answer would be too large.
    pub truncated: bool,
}

/// Makes a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCheckpoint {
    /// Its name, as a tag's.
    pub name: String,
    /// The point: version, full ref or commit; without it the default branch's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CheckpointInfo {
    /// Its short name.
    pub name: String,
    /// The commit it names.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The version, if the commit is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
    /// The annotated tag's id (the commit itself for a plain tag of an imported repository).
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub tag: ObjectId,
    /// Why it was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub message: Option<Text>,
}

/// Forks a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Fork {
    /// The fork's name; without it one is made.
    pub name: Option<String>,
    /// The point: version, full ref or commit; without it all branches at their heads.
    pub at: Option<String>,
}

/// Undoes an operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Undo {
    /// The operation's number; without it the newest that is not undone.
    pub operation: Option<u64>,
}

/// One entry of a workspace's operation log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OperationInfo {
    /// The number within the workspace.
    pub number: u64,
    /// What was done.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// When.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The state before, as far as it changed.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub before: Value,
    /// The state after, as far as it changed.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub after: Value,
    /// The operation that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undoes: Option<u64>,
}

/// A page of operations, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OperationPage {
    /// The operations.
    pub operations: Vec<OperationInfo>,
    /// The number to pass as `before` for the next page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<u64>,
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Look at everything in scope.
    Read,
    /// Open sessions and edit in them.
    Write,
    /// Submit, branch, checkpoint.
    Land,
    /// Create and delete workspaces, make tokens, undo.
    Admin,
}

impl Right {
    /// The right as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Land => "land",
            Self::Admin => "admin",
        }
    }
}

/// Makes a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// For this workspace only; without it for the whole store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What it allows.
    pub rights: Vec<Right>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Seconds until it ends; without it it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

/// A token just made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// The token; shown once.
    pub token: String,
    /// Its id, by which it is listed and revoked.
    pub id: String,
}

/// A token as listed; the token itself is never shown again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenInfo {
    /// Its id.
    pub id: String,
    /// The only workspace it reaches; absent for the whole store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub workspace: Option<WorkspaceId>,
    /// What it allows.
    pub rights: Vec<Right>,
    /// What it is for; may be empty.
    pub label: String,
    /// When it was made.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created: Timestamp,
    /// When it ends, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub expires: Option<Timestamp>,
}

/// The tokens that have not ended, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenList {
    /// The tokens.
    pub tokens: Vec<TokenInfo>,
}

/// The store as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StoreStatus {
    /// The schema version of all answers.
    pub schema: u32,
    /// Acetate's version.
    pub version: String,
    /// The hash function of the store's objects.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub format: ObjectFormat,
    /// `healthy` or `read_only`.
    pub state: String,
    /// Why it is read-only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Workspaces.
    pub workspaces: u64,
    /// Live sessions.
    pub sessions: u64,
    /// Bytes that live overlays take, about.
    pub overlay_bytes: u64,
    /// Bytes in the object caches.
    pub cache_bytes: u64,
    /// Bytes of the journal on disk.
    pub journal_bytes: u64,
    /// Packs in the object database.
    pub packs: u64,
}
