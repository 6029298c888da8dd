//! Which files hold Claude Code's settings.

use crate::{PlaceError, Scope, Surroundings, Tool};
use std::path::PathBuf;

/// The file into which a tool's hooks for worktrees go; none for a tool that has no such hooks.
///
/// # Errors
/// [`PlaceError::NoProject`].
pub fn hooks_location(tool: Tool, scope: Scope, around: &Surroundings) -> Result<Option<PathBuf>, PlaceError> {
    if tool != Tool::Claude {
        return Ok(None);
    }
    Ok(Some(match scope {
        Scope::User => around.claude_config_dir.clone().unwrap_or_else(|| around.home.join(".claude")).join("settings.json"),
        Scope::Project => around.project.as_ref().ok_or(PlaceError::NoProject)?.join(".claude/settings.json"),
    }))
}

/// Every file from which a tool takes hooks in this project: their hooks all run, whichever file they are in.
pub fn hooks_files(tool: Tool, around: &Surroundings) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Scope::ALL.into_iter().filter_map(|scope| hooks_location(tool, scope, around).ok().flatten()).collect();
    // A person's own for one project; nothing of ours goes there.
    files.extend(files.get(1).map(|shared| shared.with_file_name("settings.local.json")));
    // In the home folder a project's settings are the person's.
    files.dedup();
    files
}
