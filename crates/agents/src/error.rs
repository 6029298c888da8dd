//! Why a configuration file is not edited.

use crate::NAME;
use acetate_types::{Classify, ErrorKind, Problem};

/// Most bytes of a file that are looked at.
pub const MAX_BYTES: usize = 1 << 20;

/// Why a text is not edited. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Over [`MAX_BYTES`].
    #[error("the file has {size} bytes; up to {MAX_BYTES} are edited")]
    TooLarge {
        /// How many there are.
        size: usize,
    },
    /// It is not of its format.
    #[error("line {line}, column {column}: {reason}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It is of its format, and the place for the entry holds something else.
    #[error("{what}")]
    Shape {
        /// What is there, or is not.
        what: String,
    },
    /// A key is there twice, so nobody can say which one the tool reads.
    #[error("the key {key:?} is there more than once")]
    Ambiguous {
        /// The key.
        key: String,
    },
    /// An entry of that name is there and runs something else.
    #[error("an entry {NAME:?} is there already and {what}")]
    EntryDiffers {
        /// What it does instead.
        what: String,
    },
    /// Another hook makes the worktrees already.
    #[error("another hook makes its worktrees: `{what}`")]
    HookTaken {
        /// What it runs.
        what: String,
    },
    /// A hook of ours is there and runs something else.
    #[error("a hook {event} is there already and runs `{what}`")]
    HookDiffers {
        /// The event.
        event: &'static str,
        /// What it runs.
        what: String,
    },
    /// The text to be undone is not the one that was written.
    #[error("the file has changed since it was edited")]
    Changed,
    /// What came out would not have been read as what was meant.
    #[error("the edit would not be read back as meant: {what}")]
    Unfaithful {
        /// What was found.
        what: String,
    },
}

impl ConfigError {
    pub(crate) fn shape(what: impl Into<String>) -> Self {
        Self::Shape { what: what.into() }
    }
}

impl Classify for ConfigError {
    fn problem(&self) -> Problem {
        let message = self.to_string();
        match self {
            Self::TooLarge { .. } => {
                Problem::new(ErrorKind::Limit, "config_too_large", message).hint("put in by hand what `--print` shows")
            }
            Self::Malformed { line, column, .. } => Problem::new(ErrorKind::Invalid, "config_malformed", message)
                .hint("mend the file there; nothing was changed")
                .details(serde_json::json!({ "line": line, "column": column })),
            Self::Shape { .. } => {
                Problem::new(ErrorKind::Invalid, "config_shape", message).hint("put in by hand what `--print` shows; nothing was changed")
            }
            Self::Ambiguous { .. } => {
                Problem::new(ErrorKind::Invalid, "config_ambiguous", message).hint("leave one of them; nothing was changed")
            }
            Self::EntryDiffers { .. } => {
                Problem::new(ErrorKind::Conflict, "entry_differs", message).hint("`--replace` puts ours in its place; nothing was changed")
            }
            Self::HookTaken { .. } => Problem::new(ErrorKind::Conflict, "hook_taken", message)
                .hint("worktrees stay with it; take it out first to have sessions instead. Nothing was changed"),
            Self::HookDiffers { .. } => {
                Problem::new(ErrorKind::Conflict, "hook_differs", message).hint("`--replace` puts ours in its place; nothing was changed")
            }
            Self::Changed => Problem::new(ErrorKind::Stale, "config_changed", message).hint("take out the entry alone"),
            Self::Unfaithful { .. } => Problem::new(ErrorKind::Internal, "config_edit_unfaithful", message)
                .hint("nothing was changed; put in by hand what `--print` shows, and report the file's layout"),
        }
    }
}
