//! The skill put beside the entry, and taken away.

use super::file;
use super::receipt::Receipts;
use crate::args::AgentAdd;
use crate::client::Failure;
use acetate_agents::{Surroundings, skill, skill_location};
use acetate_types::{Classify as _, ErrorKind, Problem};
use serde::Serialize;
use std::path::PathBuf;

/// What became of the skill.
#[derive(Debug, Serialize)]
pub struct SkillDone {
    pub file: PathBuf,
    pub changed: bool,
}

/// Where the skill of the tool is.
///
/// # Errors
/// When there is no such place.
pub fn place(around: &Surroundings, args: &AgentAdd) -> Result<PathBuf, Failure> {
    skill_location(args.tool, args.scope, around).map_err(|error| error.problem().into())
}

/// Whether it may be written, asked before anything else is.
///
/// # Errors
/// When another one is there.
pub fn check(around: &Surroundings, args: &AgentAdd) -> Result<(), Failure> {
    let shown = place(around, args)?;
    match file::read(&file::real(&shown)?)? {
        Some(text) if text != skill() && !args.replace => {
            let message = format!("{}: is there already and is another one", shown.display());
            let problem = Problem::new(ErrorKind::Conflict, "skill_differs", message);
            Err(Failure::from(problem).hint("`--replace` puts ours in its place; nothing was changed"))
        }
        _ => Ok(()),
    }
}

/// Writes it.
///
/// # Errors
/// When it can't be written.
pub fn put(around: &Surroundings, args: &AgentAdd) -> Result<SkillDone, Failure> {
    let shown = place(around, args)?;
    let path = file::real(&shown)?;
    let before = file::read(&path)?;
    if before.as_deref() == Some(skill()) {
        return Ok(SkillDone { file: shown, changed: false });
    }
    let folders = file::write(&path, before.as_deref(), skill())?;
    // A skill that can't be remembered is known by its text.
    drop(Receipts::of(around).keep(&path, before.as_deref(), skill(), folders));
    Ok(SkillDone { file: shown, changed: true })
}

/// Takes it away, if it is ours; an earlier one comes back.
///
/// # Errors
/// When it can't be deleted.
pub fn take(around: &Surroundings, args: &AgentAdd) -> Result<SkillDone, Failure> {
    let shown = place(around, args)?;
    let path = file::real(&shown)?;
    let receipts = Receipts::of(around);
    let Some(text) = file::read(&path)? else { return Ok(SkillDone { file: shown, changed: false }) };
    let receipt = receipts.fitting(&path, &text);
    if receipt.is_none() && text != skill() {
        return Ok(SkillDone { file: shown, changed: false });
    }
    let folders = receipt.as_ref().map(|receipt| receipt.folders.clone()).unwrap_or_default();
    match receipt.and_then(|receipt| receipt.undo.apply(&text).ok().flatten()) {
        Some(earlier) => file::write(&path, Some(&text), &earlier).map(drop)?,
        None => file::delete(&path, &text, &folders)?,
    }
    receipts.forget(&path);
    Ok(SkillDone { file: shown, changed: true })
}
