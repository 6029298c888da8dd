//! Searching a session's files.

use super::CaseRule;
use acetate_types::{RepoPath, Text};
use serde::{Deserialize, Serialize};

/// What a search answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrepMode {
    /// The matching lines.
    #[default]
    Content,
    /// The paths with a match.
    Files,
    /// The number of matching lines per path.
    Count,
}

/// A search over a session's files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Grep {
    /// The regular expression (ripgrep's syntax, linear time).
    pub pattern: String,
    /// Take the pattern as plain text.
    pub fixed: bool,
    /// How case counts.
    pub case: CaseRule,
    /// Only whole words.
    pub word: bool,
    /// Let a match span lines.
    pub multiline: bool,
    /// Only paths that match this glob.
    pub glob: Option<String>,
    /// Only files of this type, by ripgrep's names: `rust`, `py`, `ts`, …
    #[serde(rename = "type")]
    pub file_type: Option<String>,
    /// Only below this directory, or in this file.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub path: Option<RepoPath>,
    /// What to answer with.
    pub mode: GrepMode,
    /// Lines of context before each match.
    pub before: u32,
    /// Lines of context after each match.
    pub after: u32,
    /// At most so many matching lines (or paths); the engine's own limit applies too.
    pub limit: Option<usize>,
    /// The cursor of the page before.
    pub cursor: Option<String>,
}

/// The matches of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GrepFile {
    /// The path.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// How many lines match; in mode `content`, how many of them are in this page.
    pub count: u64,
    /// Whether more of this file follows in the next page.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub more: bool,
    /// The lines, in mode `content`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lines: Vec<GrepLine>,
}

/// One line of a search's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GrepLine {
    /// The line's number, from 1.
    pub number: u64,
    /// The line without its end, clipped when very long.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub text: Text,
    /// Whether it is context, not a match.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub context: bool,
}

/// A page of matches in path order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GrepPage {
    /// The files with matches.
    pub files: Vec<GrepFile>,
    /// Matching lines in this page (paths, in mode `files`).
    pub matches: u64,
    /// The cursor for the next page; absent when this is all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// How many files were passed over as binary or too large.
    pub skipped: u64,
}
