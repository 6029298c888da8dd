//! Claude Code's own worktrees made mounted sessions, by hooks in another of its files.

use super::change::{self, failure};
use super::file;
use crate::args::AgentAdd;
use crate::client::Failure;
use crate::output::Output;
use acetate_agents::{Clash, Edited, Entry, Hooks, Surroundings, add_hooks, hooks_files, hooks_location, hooks_present, remove_hooks};
use acetate_types::Classify as _;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What became of the hooks.
#[derive(Debug, Serialize)]
pub struct WorktreesDone {
    pub file: PathBuf,
    /// `added`, `removed`, `unchanged`; or `left`, where worktrees stay with whatever makes them.
    pub done: &'static str,
    /// Whether both hooks are in the file now.
    pub present: bool,
    /// Why they were left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is to be done about the hooks, settled before anything is changed.
pub struct Plan {
    shown: PathBuf,
    path: PathBuf,
    step: Step,
}

enum Step {
    Put(Option<String>, Edited),
    Leave(String),
}

/// The file that they are in; none where the tool has no such hooks, or they are to be left out.
///
/// # Errors
/// When there is no such place.
pub fn place(around: &Surroundings, args: &AgentAdd) -> Result<Option<PathBuf>, Failure> {
    if args.no_worktrees {
        return Ok(None);
    }
    hooks_location(args.tool, args.scope, around).map_err(|error| error.problem().into())
}

/// What putting the hooks in comes to.
///
/// # Errors
/// When the file can't be read or edited.
pub fn plan(around: &Surroundings, args: &AgentAdd, entry: &Entry) -> Result<Option<Plan>, Failure> {
    let Some(shown) = place(around, args)? else { return Ok(None) };
    let path = file::real(&shown)?;
    let leave = |reason: String| Ok(Some(Plan { shown: shown.clone(), path: path.clone(), step: Step::Leave(reason) }));
    if cfg!(not(target_os = "linux")) {
        return leave("sessions are mounted as folders on Linux only".to_owned());
    }
    let Some(hooks) = Hooks::of(entry) else {
        return leave("what is to be started is not `mcp` of Acetate itself, and says nothing of how to call it for hooks".to_owned());
    };
    if let Some(reason) = rival(around, args, &path, &hooks) {
        return leave(reason);
    }
    let before = file::read(&path)?;
    let clash = if args.replace { Clash::Replace } else { Clash::Refuse };
    let edited = add_hooks(before.as_deref(), &hooks, clash).map_err(|error| failure(&path, &error))?;
    Ok(Some(Plan { shown, path, step: Step::Put(before, edited) }))
}

/// Another hook that would make a worktree beside ours, in whichever file.
fn rival(around: &Surroundings, args: &AgentAdd, own: &Path, hooks: &Hooks) -> Option<String> {
    hooks_files(args.tool, around).into_iter().find_map(|shown| {
        let path = file::real(&shown).ok()?;
        // The tool skips a file that it can't read.
        let present = hooks_present(&file::read(&path).ok()??).ok()?;
        let ours = present.create.ours.iter().find(|line| path != own && **line != hooks.create);
        let other = present.create.others.first().or(ours)?;
        Some(format!("{} has a hook WorktreeCreate already, which runs `{other}`; with ours beside it two would be made", shown.display()))
    })
}

/// Does what was planned.
///
/// # Errors
/// When the file can't be written.
pub fn put(out: &mut Output, around: &Surroundings, plan: Plan) -> Result<WorktreesDone, Failure> {
    let Plan { shown, path, step } = plan;
    let (done, reason) = match step {
        Step::Put(before, edited) => {
            let changed = change::put(out, around, &path, before.as_deref(), edited)?;
            (if changed { "added" } else { "unchanged" }, None)
        }
        Step::Leave(reason) => ("left", Some(reason)),
    };
    Ok(WorktreesDone { present: present(&path), file: shown, done, reason })
}

/// Takes the hooks out.
///
/// # Errors
/// When the file can't be read, edited or written.
pub fn take(around: &Surroundings, args: &AgentAdd) -> Result<Option<WorktreesDone>, Failure> {
    let Some(shown) = place(around, args)? else { return Ok(None) };
    let path = file::real(&shown)?;
    let done = if change::take(around, &path, remove_hooks)? { "removed" } else { "unchanged" };
    Ok(Some(WorktreesDone { present: present(&path), file: shown, done, reason: None }))
}

fn present(path: &Path) -> bool {
    let found = file::read(path).ok().flatten().and_then(|text| hooks_present(&text).ok());
    found.is_some_and(|found| found.hooks().is_some())
}
