//! The instructions for models, as a skill: a folder with a `SKILL.md` that tools load when a task asks for it.

use crate::{PlaceError, Scope, Surroundings, Tool};
use std::path::PathBuf;

/// The text of the skill.
pub fn skill() -> &'static str {
    include_str!("SKILL.md")
}

/// Where a tool looks for the skill. Codex and goose share a folder, so what is put there for one the other has too.
///
/// # Errors
/// [`PlaceError::NoProject`].
pub fn skill_location(tool: Tool, scope: Scope, around: &Surroundings) -> Result<PathBuf, PlaceError> {
    let home = &around.home;
    let skills = match scope {
        Scope::User => match tool {
            Tool::Claude => around.claude_config_dir.clone().unwrap_or_else(|| home.join(".claude")).join("skills"),
            Tool::Codex | Tool::Goose => home.join(".agents/skills"),
            Tool::Cursor => home.join(".cursor/skills"),
            Tool::VsCode => around.copilot_home.clone().unwrap_or_else(|| home.join(".copilot")).join("skills"),
            Tool::Gemini => around.gemini_cli_home.as_ref().unwrap_or(home).join(".gemini/skills"),
            Tool::OpenCode => around.opencode_config_dir.clone().unwrap_or_else(|| around.config().join("opencode")).join("skills"),
        },
        Scope::Project => around.project.as_ref().ok_or(PlaceError::NoProject)?.join(match tool {
            Tool::Claude => ".claude/skills",
            Tool::Codex | Tool::Goose => ".agents/skills",
            Tool::Cursor => ".cursor/skills",
            Tool::VsCode => ".github/skills",
            Tool::Gemini => ".gemini/skills",
            Tool::OpenCode => ".opencode/skills",
        }),
    };
    Ok(skills.join("acetate/SKILL.md"))
}
