//! The coding tools, and whose settings are meant.

use crate::PlaceError;
use std::fmt;
use std::str::FromStr;

/// A coding tool that takes MCP servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Tool {
    /// Claude Code.
    Claude,
    /// Codex: its command line, its app and its IDE extension share one file.
    Codex,
    /// Cursor, and its command line.
    Cursor,
    /// Visual Studio Code with Copilot.
    VsCode,
    /// Gemini CLI.
    Gemini,
    /// opencode.
    OpenCode,
    /// goose.
    Goose,
}

impl Tool {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [Self::Claude, Self::Codex, Self::Cursor, Self::VsCode, Self::Gemini, Self::OpenCode, Self::Goose];

    /// The name by which it is asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Gemini => "gemini",
            Self::OpenCode => "opencode",
            Self::Goose => "goose",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Gemini => "Gemini CLI",
            Self::OpenCode => "opencode",
            Self::Goose => "goose",
        }
    }

    /// The programs that say it is installed, the usual one first.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Claude => &["claude"],
            Self::Codex => &["codex"],
            Self::Cursor => &["cursor", "cursor-agent"],
            Self::VsCode => &["code"],
            Self::Gemini => &["gemini"],
            Self::OpenCode => &["opencode"],
            Self::Goose => &["goose"],
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tool {
    type Err = PlaceError;

    fn from_str(name: &str) -> Result<Self, PlaceError> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == name).ok_or_else(|| PlaceError::UnknownTool { name: name.to_owned() })
    }
}

/// Whose settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// One person's, in all projects.
    User,
    /// One project's, for everybody who works on it.
    Project,
}

impl Scope {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::User, Self::Project];

    /// The name by which it is asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = PlaceError;

    fn from_str(name: &str) -> Result<Self, PlaceError> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or_else(|| PlaceError::UnknownScope { name: name.to_owned() })
    }
}
