//! Submitting and syncing.

use super::ConflictInfo;
use acetate_merge::SameSymbol;
use acetate_types::{ObjectId, SessionId};
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
    /// What becomes of a symbol that both sides changed, in different lines: `review`, `merge` or `verified`; without it as the workspace
    /// says.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub same_symbol: Option<SameSymbol>,
}

/// Rebases a session onto the head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// What becomes of a symbol that both sides changed, in different lines: `review`, `merge` or `verified`; without it as the workspace
    /// says.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub same_symbol: Option<SameSymbol>,
}

/// A submission and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Submission {
    /// Its id, for `GET /submissions/{id}`; absent for a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none.
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
        /// The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are more.
        conflicts: Vec<ConflictInfo>,
        /// How many are open, those that are not listed included.
        #[serde(default)]
        open: u64,
        /// The head they were computed against.
        against: super::Base,
    },
    /// Checks refused it.
    Rejected {
        /// What each check said.
        checks: Vec<String>,
    },
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
        /// The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are more.
        conflicts: Vec<ConflictInfo>,
        /// How many are open, those that are not listed included.
        #[serde(default)]
        open: u64,
        /// The head they were computed against.
        against: super::Base,
    },
}
