//! Why there is no place for a tool's file.

use crate::Tool;
use acetate_types::{Classify, ErrorKind, Problem};

/// Why a tool, a scope or a file's place is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// No tool has this name.
    #[error("no tool is called {name:?}")]
    UnknownTool {
        /// The name.
        name: String,
    },
    /// No scope has this name.
    #[error("no scope is called {name:?}")]
    UnknownScope {
        /// The name.
        name: String,
    },
    /// The tool reads no settings from a project.
    #[error("{} reads no MCP servers from a project", tool.title())]
    NoProjectScope {
        /// The tool.
        tool: Tool,
    },
    /// A project's settings are meant, and no project is known.
    #[error("there is no project whose settings could be meant")]
    NoProject,
}

impl Classify for PlaceError {
    fn problem(&self) -> Problem {
        let message = self.to_string();
        match self {
            Self::UnknownTool { .. } => {
                let known = Tool::ALL.map(Tool::as_str).join(", ");
                Problem::new(ErrorKind::Invalid, "tool_unknown", message).hint(format!("the tools are {known}"))
            }
            Self::UnknownScope { .. } => Problem::new(ErrorKind::Invalid, "scope_unknown", message).hint("the scopes are user and project"),
            Self::NoProjectScope { .. } => {
                Problem::new(ErrorKind::Invalid, "scope_missing", message).hint("take the scope user; it holds in all projects")
            }
            Self::NoProject => Problem::new(ErrorKind::NotFound, "project_not_found", message).hint("go into one, or take the scope user"),
        }
    }
}
