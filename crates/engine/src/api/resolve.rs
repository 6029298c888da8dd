//! Resolving conflicts.

use super::ConflictInfo;
use acetate_types::{RepoPath, Text};
use serde::{Deserialize, Serialize};

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
    /// Nothing: the path, or the symbol, is deleted.
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
    /// The conflict's symbol: only its part of the file is settled. An empty name means the lines outside of symbols. Without it the whole
    /// path is settled, with every conflict in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// The conflict's kind, where several are at one path; without it they are settled one after the other. Where several are in one
    /// file's text, naming a kind settles one part, as naming a symbol does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Which text to take.
    pub take: Take,
    /// The text, with `take: text`: the part's where a part is settled, else the whole file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub text: Option<Text>,
    /// Also submit once the last conflict is settled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub submit: bool,
}

/// A resolution as remembered until the last conflict is settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// What was asked.
    pub resolve: Resolve,
    /// What it was given for; it counts only as long as that is the same.
    pub key: String,
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
    /// What became of the submission, where one was asked for and the last conflict is settled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub submission: Option<super::Submission>,
}
