//! Conflicts as data.

use acetate_types::{ObjectId, RepoPath, SessionId, Text};
use serde::{Deserialize, Serialize};

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
    /// The whole file's blob: what Git's index would have at stage 1 (base), 2 (head) or 3 (session).
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: ObjectId,
    /// The lines of each conflicting place, in the order of the places; empty where the whole file is in conflict.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub places: Vec<LineSpan>,
    /// The texts of these places (the whole file, where it is in conflict; an empty one where this side has nothing), each at most 16 KiB, and 1 MiB in one answer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub texts: Vec<Text>,
    /// The size of the whole text in bytes, where texts are cut short or left out: to be read by its id or path.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
}

/// A merge that a rule holds back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ProposalInfo {
    /// Why it may be right, and why it is held back.
    pub why: String,
    /// What it would put in the conflict's place, its places one after the other; at most 16 KiB, and 1 MiB in one answer.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub text: Text,
    /// The size of the whole text in bytes, where it is cut short.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
}

/// A conflict, as data: one question. A file that both sides changed has one for each symbol that can't be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConflictInfo {
    /// Names the conflict: made from its path, symbol, kind and texts, and the same as long as they are.
    pub id: String,
    /// The path it is resolved at.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The symbol, by its path in the file (`Parser::next`); absent for lines outside of symbols and for whole files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbol: Option<String>,
    /// The kind: `both_changed`, `same_symbol`, `changed_deleted`, `added_differently`, `duplicate`, `dangling_reference`, …
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
    pub proposal: Option<ProposalInfo>,
    /// Whether a resolution was given already.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub resolved: bool,
}
