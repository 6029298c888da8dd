//! Going back, merging branches, and where the lines of a file come from.

use super::Timestamp;
use acetate_merge::SameSymbol;
use acetate_types::{ObjectId, RepoPath, SessionId};
use serde::{Deserialize, Serialize};

/// Makes the files of an earlier point the newest version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// The point: version, full ref or commit.
    pub at: String,
    /// The branch, short or full; without it the default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Merges one branch into another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The branch whose work is wanted, short or full.
    pub from: String,
    /// The branch that gets it; without it the default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// The landed commit's message; without it one that names the branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What becomes of a symbol that both sides changed, in different lines; without it as the workspace says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub same_symbol: Option<SameSymbol>,
}

/// Brings a deleted workspace back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Undelete {
    /// A new name; without it the one it had.
    pub name: Option<String>,
}

/// Which commits are asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HistoryOf {
    /// From this point back; without it from the default branch's head.
    pub at: Option<String>,
    /// After so many of them.
    pub skip: Option<usize>,
    /// At most so many, 100 unless said otherwise, 1,000 at most.
    pub limit: Option<usize>,
}

/// A commit that changed a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PathCommit {
    /// The commit.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The version that it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
    /// The agent that made it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
    /// The session it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub session: Option<SessionId>,
    /// That session's turn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub turn: Option<u32>,
    /// Who wrote it, as Git has it.
    pub author: String,
    /// The first line of its message.
    pub message: String,
    /// When it was recorded.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}

/// The commits that changed a path, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PathHistory {
    /// The path.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The commits.
    pub commits: Vec<PathCommit>,
    /// What to pass as `skip` for the next page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<usize>,
}

/// Lines that came from one commit, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BlameLines {
    /// The first line, counted from 1.
    pub start: u64,
    /// How many lines.
    pub lines: u64,
    /// Where they come from.
    #[serde(flatten)]
    pub from: PathCommit,
}

/// Where each line of a file comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BlameInfo {
    /// The file.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The commit it was looked at in.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The lines, in order.
    pub lines: Vec<BlameLines>,
}
