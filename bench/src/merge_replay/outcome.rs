//! What a tool made of a case.

use super::case::Verdict;
use super::clock::Took;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How a tool ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// One text.
    Clean,
    /// Questions are left.
    Conflict,
    /// No answer: an error, a crash, a refusal.
    Failed,
    /// No answer in time.
    TimedOut,
}

impl From<Verdict> for Status {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Clean,
            Verdict::Conflict => Self::Conflict,
        }
    }
}

/// A tool's answer.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The text, of a conflict with markers and both sides between them; empty where there is none.
    pub text: Bytes,
    /// How long it took.
    pub took: Took,
}
