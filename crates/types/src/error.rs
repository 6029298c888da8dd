//! The public kinds of error, the same over HTTP, MCP, CLI and SDKs.
//!
//! Each crate models its own errors with `thiserror`; a door shows a [`Problem`]: the kind, a stable code within it, a sentence and a
//! hint. This module deliberately lacks transport details (status codes, exit codes): each door maps the kind itself.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What went wrong, as far as a caller has to tell cases apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The named thing does not exist, or the caller may not know that it does.
    NotFound,
    /// Two changes, or a change and the state it meets, exclude each other.
    Conflict,
    /// The request itself is wrong; sending it again unchanged can't help.
    Invalid,
    /// The request was right for an earlier state; read again, then retry.
    Stale,
    /// A size, a quota, a rate or a bound was exceeded.
    Limit,
    /// The caller is known, and lacks a right to something it may see.
    Denied,
    /// Can't be answered now (read-only store, full queue, time-out); may work later.
    Unavailable,
    /// A fault of Acetate or of the store.
    Internal,
}

impl ErrorKind {
    /// The kind as it appears in every door, for example `not_found`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Stale => "stale",
            Self::Limit => "limit",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error as a person or a program outside meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The public kind.
    pub kind: ErrorKind,
    /// A stable, specific code such as `session_lost` or `path_dot_git`; equals the kind where nothing finer exists.
    pub code: Cow<'static, str>,
    /// One sentence: what happened.
    pub message: String,
    /// One sentence: what to do next.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
    /// Structured details, as the code documents them (candidates, conflicts, limits).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub details: Option<Box<serde_json::Value>>,
}

impl Problem {
    /// A problem of `kind` with a stable `code` and a `message`, without a hint.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code: Cow::Borrowed(code), message: message.into(), hint: None, details: None }
    }

    /// The same problem with the next step for whoever meets it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem with structured details.
    #[must_use]
    pub fn details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(Box::new(details));
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// An error that knows its public kind and code; every error that leaves a crate implements it.
pub trait Classify: std::error::Error {
    /// The problem as a door shows it.
    fn problem(&self) -> Problem;
}

impl Classify for Problem {
    fn problem(&self) -> Problem {
        self.clone()
    }
}
