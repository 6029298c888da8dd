//! Symbols: what files have, and what became of them.

use acetate_types::RepoPath;
use serde::{Deserialize, Serialize};

/// Which symbols to list: of a file, or by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ListSymbols {
    /// All symbols of this file, or with `query` those with a name.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub path: Option<RepoPath>,
    /// Those whose path in the file has this text; letter case counts if it has a capital. Without `path` the session's changed files are
    /// searched first, then the others, as many as one search looks into.
    pub query: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A symbol of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SymbolInfo {
    /// The file.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// Its path in the file: `Parser::next`.
    pub symbol: String,
    /// What it is: `function`, `method`, `struct`, `class`, `import`, `key`, `section`, …
    pub kind: String,
    /// Its first line, comments and attributes above it included; the first line of a file is 1.
    pub start: u64,
    /// How many lines it has.
    pub lines: u64,
    /// Whether something in it did not parse.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub has_error: bool,
}

/// Symbols: of a file in the order of its text; of a search the best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SymbolList {
    /// The language of the file that was asked for; absent for one that is not known, which then has no symbols.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    /// The symbols.
    pub symbols: Vec<SymbolInfo>,
    /// Whether there may be more than are listed, or files that were not looked into.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
}

/// What became of a symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChangedSymbol {
    /// Its path in the file, after the change; before it where it is gone.
    pub symbol: String,
    /// What it is: `function`, `method`, `struct`, …
    pub kind: String,
    /// `added`, `deleted`, `changed_signature`, `changed_body`, `changed_above` (only comments or attributes), `renamed`, `moved`.
    pub change: String,
    /// Its path before, where that was another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// Whether its body changed as well.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub body_changed: bool,
}
