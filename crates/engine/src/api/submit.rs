//! Submitting, conflicts, resolving, changes.

use super::{FileStatus, Timestamp};
use acetate_types::{ObjectId, RepoPath, SessionId, Text};
use serde::{Deserialize, Serialize};

/// Submits a session's work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Submit {
    /// The landed commit's message; without it the turn's, or one made from the changed paths.
    pub message: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// A submission and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Submission {
    /// Its id, for `GET /submissions/{id}`; absent for a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// The session.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub session: SessionId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: SubmissionOutcome,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum SubmissionOutcome {
    /// It is part of the branch now (or would be, for a dry run).
    Landed {
        /// The version; absent for a dry run.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        version: Option<u64>,
        /// The landed commit; absent for a dry run.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
        commit: Option<ObjectId>,
        /// The landed tree.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        tree: ObjectId,
        /// Whether there was nothing to land: the head already has every change.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        unchanged: bool,
        /// How many paths landed.
        paths: u64,
        /// Named findings of the merge: renames followed, directories renamed, the same change made twice.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        findings: Vec<String>,
    },
    /// It meets changes that exclude it; the session is as it was.
    Conflict {
        /// The conflicts.
        conflicts: Vec<ConflictInfo>,
        /// The head they were computed against.
        against: super::Base,
    },
    /// Checks refused it.
    Rejected {
        /// What each check said.
        checks: Vec<String>,
    },
}

/// A span of lines, from 1; an empty span names the line it stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LineSpan {
    /// First line.
    pub start: u64,
    /// Number of lines.
    pub lines: u64,
}

/// Who made one side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Person {
    /// The agent or author.
    pub name: String,
    /// What it says it was doing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intent: Option<String>,
    /// The session, where it was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub session: Option<SessionId>,
    /// The version that brought it, for the head's side.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
}

/// One of the three texts of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConflictSide {
    /// The path on this side.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The mode, in octal digits.
    pub mode: String,
    /// The blob.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: ObjectId,
    /// The lines of each conflicting place, in the order of the places; empty where the whole file is in conflict.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub places: Vec<LineSpan>,
    /// The texts of these places (the whole file, where it is in conflict), each at most 16 KiB, and 1 MiB in one answer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub texts: Vec<Text>,
    /// The size of the whole text in bytes, where texts are cut short or left out: to be read by its id or path.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
}

/// A conflict, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConflictInfo {
    /// The path it is resolved at.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The symbol, where one is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbol: Option<String>,
    /// The kind: `both_changed`, `added_differently`, `changed_deleted`, …
    pub kind: String,
    /// Why it can't be decided.
    pub why: String,
    /// The text both started from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<ConflictSide>,
    /// The head's text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub head: Option<ConflictSide>,
    /// The session's text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<ConflictSide>,
    /// Who changed it on the head, where known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub head_author: Option<Person>,
    /// Who changed it in the session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_author: Option<Person>,
    /// A merge that a rule holds back, to be taken by `resolve` with `take: proposal`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub proposal: Option<Text>,
    /// Whether a resolution was given already.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub resolved: bool,
}

/// Which text settles a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The head's.
    Head,
    /// The session's.
    Session,
    /// The proposal.
    Proposal,
    /// The text given.
    Text,
    /// The path is deleted.
    Delete,
}

/// Settles one conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// The conflict's path.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The conflict's symbol, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// The conflict's kind, where several are at one path; without it they are settled one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Which text to take.
    pub take: Take,
    /// The whole file's text, with `take: text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub text: Option<Text>,
}

/// A resolution as remembered until the last conflict is settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// What was asked.
    pub resolve: Resolve,
    /// The ids of the three texts it was given for; it counts only as long as they are the same.
    pub sides: [Option<ObjectId>; 3],
}

/// What a resolution came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Resolved {
    /// Conflicts still open, at most a hundred of them; `status` lists all.
    pub remaining: Vec<ConflictInfo>,
    /// How many are still open.
    #[serde(default)]
    pub open: u64,
    /// Whether the session now stands on the version the conflicts were computed against, with the merged texts.
    pub moved: bool,
}

/// What a sync came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum SyncOutcome {
    /// The session stands on the head now.
    Synced {
        /// How many versions it moved.
        moved: u64,
        /// Named findings of the merge.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        findings: Vec<String>,
    },
    /// It meets changes that exclude it; the session is as it was.
    Conflict {
        /// The conflicts.
        conflicts: Vec<ConflictInfo>,
        /// The head they were computed against.
        against: super::Base,
    },
}

/// What a turn or a landing changed, as a record of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChangeRecord {
    /// The commit that names it.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The commit before it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub parent: Option<ObjectId>,
    /// The version, if it landed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
    /// The session it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub session: Option<SessionId>,
    /// The author, `name <email>`.
    pub author: String,
    /// The intent of the session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intent: Option<String>,
    /// The message.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub message: Text,
    /// When.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The changed paths, moves included.
    pub paths: Vec<FileStatus>,
    /// The differences, with hunks.
    pub files: Vec<super::FileDiff>,
    /// Whether hunks or paths were left out because the answer would be too large.
    pub truncated: bool,
}
