//! `agent list`: which tools are here, and where the entry is.

use super::change::failure;
use super::{around, file};
use crate::client::{Exit, Failure};
use crate::output::{DIM, GREEN, Output, RED, Table, YELLOW, line, paint};
use acetate_agents::{
    Entry, HooksPresent, Present, Scope, Surroundings, Tool, hooks_files, hooks_location, hooks_present, location, skill, skill_location,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Tools {
    tools: Vec<ToolSeen>,
}

#[derive(Serialize)]
struct ToolSeen {
    tool: &'static str,
    title: &'static str,
    program: Option<PathBuf>,
    scopes: Vec<ScopeSeen>,
}

#[derive(Serialize)]
struct ScopeSeen {
    scope: &'static str,
    file: PathBuf,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<Entry>,
    /// Of a tool whose own worktrees can be sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    worktrees: Option<WorktreesSeen>,
    skill: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize)]
struct WorktreesSeen {
    file: PathBuf,
    state: HookState,
    /// What else makes worktrees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Which hooks for worktrees there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookState {
    /// Both of ours, and they alone.
    Present,
    /// One of ours.
    Partial,
    /// Ours, and another that makes worktrees too.
    Contested,
    /// Another makes them.
    Other,
    Absent,
    Unreadable,
}

impl HookState {
    fn of(present: &HooksPresent) -> Self {
        match (present.create.ours.is_empty(), present.remove.ours.is_empty(), present.create.others.is_empty()) {
            (true, true, true) => Self::Absent,
            (true, true, false) => Self::Other,
            (false, _, false) => Self::Contested,
            (false, false, true) => Self::Present,
            _ => Self::Partial,
        }
    }

    fn shown(self) -> Option<&'static str> {
        match self {
            Self::Present => Some("worktrees"),
            Self::Partial => Some("half of the hooks for worktrees"),
            Self::Contested => Some("worktrees, and another hook for them"),
            Self::Other | Self::Absent => None,
            Self::Unreadable => Some("unreadable hooks"),
        }
    }
}

/// What a file holds under our name.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Present,
    /// Of another kind, a remote server for example.
    Other,
    Absent,
    Unreadable,
}

/// Looks at every tool's files; changes nothing.
///
/// # Errors
/// When it can't be printed. A file that can't be read is an answer.
pub fn list(out: &mut Output, around: &Surroundings) -> Result<Exit, Failure> {
    let seen = |tool: Tool| ToolSeen {
        tool: tool.as_str(),
        title: tool.title(),
        program: around::program(tool),
        scopes: Scope::ALL.into_iter().filter_map(|scope| look(tool, scope, around)).collect(),
    };
    let tools = Tools { tools: Tool::ALL.map(seen).into() };
    if out.json() {
        out.document(&tools)?;
    } else {
        show(out, &tools)?;
    }
    Ok(Exit::Ok)
}

/// A tool that has the entry, or hooks of ours, in one scope or another.
pub struct Connected {
    pub tool: &'static str,
    /// A program that it would start and that is not to be found.
    pub missing: Option<String>,
    /// What makes its worktrees here, over all files that it reads; none for a tool without such hooks.
    pub worktrees: Option<HookState>,
}

/// The tools that are connected.
///
/// # Errors
/// When there is no home. A file that can't be read has no entry.
pub fn connected() -> Result<Vec<Connected>, Failure> {
    let around = around::of_process()?;
    let mut out = Vec::new();
    for tool in Tool::ALL {
        let entries: Vec<Entry> = Scope::ALL.into_iter().filter_map(|scope| look(tool, scope, &around)?.entry).collect();
        let hooks = all_hooks(tool, &around);
        if !entries.is_empty() || hooks.as_ref().is_some_and(|hooks| !hooks.is_absent()) {
            let missing = entries.into_iter().map(|entry| entry.command).find(|command| around::on_path(command).is_none());
            out.push(Connected { tool: tool.as_str(), missing, worktrees: hooks.map(|hooks| HookState::of(&hooks)) });
        }
    }
    Ok(out)
}

/// The hooks of all files that a tool reads here; none for a tool without such hooks. Those of ours that differ are others to each other.
fn all_hooks(tool: Tool, around: &Surroundings) -> Option<HooksPresent> {
    let files = hooks_files(tool, around);
    if files.is_empty() {
        return None;
    }
    let mut all = HooksPresent::default();
    for text in files.iter().filter_map(|path| file::read(&file::real(path).ok()?).ok()?) {
        let Ok(present) = hooks_present(&text) else { continue };
        for (all, seen) in [(&mut all.create, present.create), (&mut all.remove, present.remove)] {
            all.others.extend(seen.others);
            all.ours.extend(seen.ours);
        }
    }
    // What is there twice runs once.
    all.create.ours.dedup();
    let twice = all.create.ours.split_off(all.create.ours.len().min(1));
    all.create.others.extend(twice);
    Some(all)
}

/// One scope; none where the tool has no such.
fn look(tool: Tool, scope: Scope, around: &Surroundings) -> Option<ScopeSeen> {
    let file = location(tool, scope, around).ok()?.file(Path::exists).to_owned();
    let text = file::real(&file).and_then(|path| file::read(&path));
    let found = text.and_then(|text| match text {
        None => Ok(None),
        Some(text) => acetate_agents::present(tool, &text).map_err(|error| failure(&file, &error)),
    });
    let (state, entry, problem) = match found {
        Ok(None) => (State::Absent, None, None),
        Ok(Some(Present::Command(entry))) => (State::Present, Some(entry), None),
        Ok(Some(Present::Other)) => (State::Other, None, None),
        Err(Failure::Problem(problem)) => (State::Unreadable, None, Some(problem.message)),
        Err(Failure::Silent) => (State::Unreadable, None, None),
    };
    let worktrees = hooks_location(tool, scope, around).ok().flatten().map(look_at_hooks);
    let ours = skill_location(tool, scope, around).ok().and_then(|path| std::fs::read(path).ok());
    let skill = ours.is_some_and(|text| text == skill().as_bytes());
    Some(ScopeSeen { scope: scope.as_str(), file, state, entry, worktrees, skill, problem })
}

fn look_at_hooks(file: PathBuf) -> WorktreesSeen {
    let text = file::real(&file).and_then(|path| file::read(&path));
    let found = text.and_then(|text| match text {
        None => Ok(HooksPresent::default()),
        Some(text) => hooks_present(&text).map_err(|error| failure(&file, &error)),
    });
    let (state, others, problem) = match found {
        Ok(present) => (HookState::of(&present), present.create.others, None),
        Err(Failure::Problem(problem)) => (HookState::Unreadable, Vec::new(), Some(problem.message)),
        Err(Failure::Silent) => (HookState::Unreadable, Vec::new(), None),
    };
    WorktreesSeen { file, state, others, problem }
}

fn show(out: &mut Output, tools: &Tools) -> Result<(), Failure> {
    let mut table = Table::new();
    for seen in &tools.tools {
        let program = match &seen.program {
            Some(path) => line(&path.display().to_string()),
            None => paint(DIM, "not on PATH"),
        };
        let mut heads = [seen.tool.to_owned(), program].into_iter();
        for scope in &seen.scopes {
            let state = match scope.state {
                State::Present => paint(GREEN, "yes"),
                State::Other => paint(YELLOW, "another kind"),
                State::Absent => paint(DIM, "no"),
                State::Unreadable => paint(RED, "unreadable"),
            };
            let worktrees = scope.worktrees.as_ref().and_then(|worktrees| worktrees.state.shown());
            let also: Vec<_> = worktrees.into_iter().chain(scope.skill.then_some("skill")).collect();
            let also = if also.is_empty() { String::new() } else { format!("with {}", also.join(", ")) };
            let (tool, program) = (heads.next().unwrap_or_default(), heads.next().unwrap_or_default());
            let file = line(&scope.file.display().to_string());
            table.row([tool, program, scope.scope.to_owned(), state, also, file]);
        }
    }
    out.table(&table)?;
    for scope in tools.tools.iter().flat_map(|seen| &seen.scopes) {
        let hooks = scope.worktrees.as_ref().and_then(|worktrees| worktrees.problem.as_deref());
        for problem in scope.problem.as_deref().into_iter().chain(hooks) {
            out.warn(problem);
        }
    }
    Ok(())
}
