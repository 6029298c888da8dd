//! `agent list`: which tools are here, and where the entry is.

use super::add::failure;
use super::{around, file};
use crate::client::{Exit, Failure};
use crate::output::{DIM, GREEN, Output, RED, Table, YELLOW, line, paint};
use acetate_agents::{Entry, Present, Scope, Surroundings, Tool, location, skill, skill_location};
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
    skill: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
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

/// The tools that have the entry in one scope or another, each with the program that it would start and that is not to be found.
///
/// # Errors
/// When there is no home. A file that can't be read has no entry.
pub fn connected() -> Result<Vec<(&'static str, Option<String>)>, Failure> {
    let around = around::of_process()?;
    let mut out = Vec::new();
    for tool in Tool::ALL {
        let entries: Vec<Entry> = Scope::ALL.into_iter().filter_map(|scope| look(tool, scope, &around)?.entry).collect();
        if !entries.is_empty() {
            let missing = entries.into_iter().map(|entry| entry.command).find(|command| around::on_path(command).is_none());
            out.push((tool.as_str(), missing));
        }
    }
    Ok(out)
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
    let ours = skill_location(tool, scope, around).ok().and_then(|path| std::fs::read(path).ok());
    let skill = ours.is_some_and(|text| text == skill().as_bytes());
    Some(ScopeSeen { scope: scope.as_str(), file, state, entry, skill, problem })
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
            let skill = if scope.skill { "with skill" } else { "" };
            let (tool, program) = (heads.next().unwrap_or_default(), heads.next().unwrap_or_default());
            let file = line(&scope.file.display().to_string());
            table.row([tool, program, scope.scope.to_owned(), state, skill.to_owned(), file]);
        }
    }
    out.table(&table)?;
    for problem in tools.tools.iter().flat_map(|seen| &seen.scopes).filter_map(|scope| scope.problem.as_deref()) {
        out.warn(problem);
    }
    Ok(())
}
