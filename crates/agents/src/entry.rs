//! The entry: how a tool starts the server.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the entry in every file.
pub const NAME: &str = "acetate";

/// How a tool starts the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The program.
    pub command: String,
    /// What it is called with.
    pub args: Vec<String>,
    /// What is set in its environment beside what the tool passes on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

impl Default for Entry {
    /// `acetate mcp`.
    fn default() -> Self {
        Self { command: NAME.to_owned(), args: vec!["mcp".to_owned()], env: BTreeMap::new() }
    }
}

impl Entry {
    /// Whether whoever asks for `wanted` has it in this one: the same command line, and at least its environment.
    pub(crate) fn covers(&self, wanted: &Self) -> bool {
        self.command == wanted.command
            && self.args == wanted.args
            && wanted.env.iter().all(|(name, value)| self.env.get(name) == Some(value))
    }

    pub(crate) fn line(&self) -> String {
        let words: Vec<&str> = std::iter::once(self.command.as_str()).chain(self.args.iter().map(String::as_str)).collect();
        words.join(" ")
    }
}

/// What a file holds under our name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Present {
    /// A program to be started.
    Command(Entry),
    /// Something else, a remote server for example.
    Other,
}

/// What becomes of an entry of our name that is there and differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clash {
    /// It stays; the call is refused.
    #[default]
    Refuse,
    /// It is replaced whole.
    Replace,
}
