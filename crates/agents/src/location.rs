//! Which file a tool reads.

use crate::{PlaceError, Scope, Surroundings, Tool};
use std::path::{Path, PathBuf};

/// The file of a tool, or the files of which one is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The files, the one that wins in the tool first. Never empty.
    candidates: Vec<PathBuf>,
    /// The one that is made where none exists.
    fresh: PathBuf,
}

impl Location {
    fn one(path: PathBuf) -> Self {
        Self { candidates: vec![path.clone()], fresh: path }
    }

    /// `name.jsonc` and `name.json` in a folder; a new one has no comments to keep.
    fn json_or_jsonc(folder: &Path, name: &str) -> Self {
        let fresh = folder.join(format!("{name}.json"));
        Self { candidates: vec![folder.join(format!("{name}.jsonc")), fresh.clone()], fresh }
    }

    /// Every file that the tool may read, the one that wins first.
    pub fn candidates(&self) -> &[PathBuf] {
        &self.candidates
    }

    /// The first that exists, else the one to be made.
    pub fn file(&self, exists: impl Fn(&Path) -> bool) -> &Path {
        self.candidates.iter().find(|path| exists(path)).unwrap_or(&self.fresh)
    }
}

/// The file in which a tool looks for MCP servers.
///
/// # Errors
/// [`PlaceError::NoProjectScope`] and [`PlaceError::NoProject`].
pub fn location(tool: Tool, scope: Scope, around: &Surroundings) -> Result<Location, PlaceError> {
    match scope {
        Scope::User => Ok(user(tool, around)),
        Scope::Project => project(tool, around),
    }
}

fn user(tool: Tool, around: &Surroundings) -> Location {
    let home = &around.home;
    match tool {
        Tool::Claude => Location::one(around.claude_config_dir.as_ref().unwrap_or(home).join(".claude.json")),
        Tool::Codex => Location::one(around.codex_home.clone().unwrap_or_else(|| home.join(".codex")).join("config.toml")),
        Tool::Cursor => Location::one(home.join(".cursor/mcp.json")),
        Tool::VsCode => Location::one(around.vscode_user().join("mcp.json")),
        Tool::Gemini => Location::one(around.gemini_cli_home.as_ref().unwrap_or(home).join(".gemini/settings.json")),
        Tool::OpenCode => match (&around.opencode_config, &around.opencode_config_dir) {
            (_, Some(folder)) => Location::json_or_jsonc(folder, "opencode"),
            (Some(file), None) => Location::one(file.clone()),
            (None, None) => Location::json_or_jsonc(&around.config().join("opencode"), "opencode"),
        },
        Tool::Goose => Location::one(match &around.goose_path_root {
            Some(root) => root.join("config/config.yaml"),
            None => around.config().join("goose/config.yaml"),
        }),
    }
}

fn project(tool: Tool, around: &Surroundings) -> Result<Location, PlaceError> {
    let within = |name: &str| Ok(Location::one(around.project.as_ref().ok_or(PlaceError::NoProject)?.join(name)));
    match tool {
        Tool::Claude => within(".mcp.json"),
        Tool::Codex => within(".codex/config.toml"),
        Tool::Cursor => within(".cursor/mcp.json"),
        Tool::VsCode => within(".vscode/mcp.json"),
        Tool::Gemini => within(".gemini/settings.json"),
        Tool::OpenCode => Ok(Location::json_or_jsonc(around.project.as_ref().ok_or(PlaceError::NoProject)?, "opencode")),
        Tool::Goose => Err(PlaceError::NoProjectScope { tool }),
    }
}
