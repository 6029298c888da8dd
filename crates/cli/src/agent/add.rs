//! `agent add`: the entry put in and taken out, and what goes with it.

use super::skill::{self, SkillDone};
use super::worktrees::{self, WorktreesDone};
use super::{around, change, file};
use crate::args::AgentAdd;
use crate::client::{Exit, Failure};
use crate::output::{Output, line};
use acetate_agents::{Clash, Entry, Hooks, Scope, Surroundings, Tool, hooks_snippet, location};
use acetate_types::Classify as _;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Done<'a> {
    tool: &'a str,
    scope: &'a str,
    file: &'a Path,
    /// `added`, `removed`, or `unchanged`.
    done: &'a str,
    /// Whether an entry of the name is in the file now.
    present: bool,
    /// Of a tool whose own worktrees can be sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    worktrees: Option<WorktreesDone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill: Option<SkillDone>,
}

#[derive(Serialize)]
struct Printed<'a> {
    tool: &'a str,
    scope: &'a str,
    file: &'a Path,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktrees: Option<PrintedFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill: Option<PrintedFile>,
}

#[derive(Serialize)]
struct PrintedFile {
    file: PathBuf,
    text: String,
}

/// Does what is asked for.
///
/// # Errors
/// When there is no such place, or the file can't be read, edited or written.
pub fn add(out: &mut Output, around: &Surroundings, store: Option<&Path>, args: &AgentAdd) -> Result<Exit, Failure> {
    let places = location(args.tool, args.scope, around).map_err(|error| Failure::from(error.problem()))?;
    let file = places.file(Path::exists);
    let entry = entry(store, args)?;
    if args.print {
        return print(out, around, args, file, &entry);
    }
    if !args.remove && around::on_path(&entry.command).is_none() {
        let message = format!("{} is not found as a program here; the tool has to find it when it starts", line(&entry.command));
        out.warn(&message);
    }
    let path = file::real(file)?;
    let (changed, worktrees, skill) = if args.remove { take(around, args, &path)? } else { put(out, around, args, &path, &entry)? };
    let present = file::read(&path)?.is_some_and(|text| acetate_agents::present(args.tool, &text).is_ok_and(|found| found.is_some()));
    let done = match (changed, args.remove) {
        (false, _) => "unchanged",
        (true, false) => "added",
        (true, true) => "removed",
    };
    let done = Done { tool: args.tool.as_str(), scope: args.scope.as_str(), file, done, present, worktrees, skill };
    warn(out, &done);
    if out.json() {
        out.document(&done)?
    } else {
        tell(out, args, &done)?
    }
    Ok(Exit::Ok)
}

/// Whether the entry's file changed, and what became of the hooks and the skill.
type Outcome = (bool, Option<WorktreesDone>, Option<SkillDone>);

/// Puts everything in; what would be refused is refused before anything is written.
fn put(out: &mut Output, around: &Surroundings, args: &AgentAdd, path: &Path, entry: &Entry) -> Result<Outcome, Failure> {
    if args.skill {
        skill::check(around, args)?;
    }
    let worktrees = worktrees::plan(around, args, entry)?;
    let before = file::read(path)?;
    let clash = if args.replace { Clash::Replace } else { Clash::Refuse };
    let edited = acetate_agents::add(args.tool, before.as_deref(), entry, clash).map_err(|error| change::failure(path, &error))?;
    let changed = change::put(out, around, path, before.as_deref(), edited)?;
    let worktrees = worktrees.map(|plan| worktrees::put(out, around, plan)).transpose()?;
    let skill = if args.skill { Some(skill::put(around, args)?) } else { None };
    Ok((changed, worktrees, skill))
}

/// Takes everything out. What was made first goes last, so that no folder is in the way of another.
fn take(around: &Surroundings, args: &AgentAdd, path: &Path) -> Result<Outcome, Failure> {
    let skill = if args.skill { Some(skill::take(around, args)?) } else { None };
    let worktrees = worktrees::take(around, args)?;
    let changed = change::take(around, path, |text| acetate_agents::remove(args.tool, text))?;
    Ok((changed, worktrees, skill))
}

/// What is as asked for and will not work as hoped.
fn warn(out: &mut Output, done: &Done<'_>) {
    let Some(worktrees) = &done.worktrees else { return };
    match (&worktrees.reason, worktrees.present) {
        (Some(reason), _) => out.warn(&format!("worktrees stay as they are: {reason}")),
        (None, true) => {
            if let Err((fault, hint)) = crate::mount::way() {
                out.warn(&format!("worktrees are to be mounted sessions, and this machine can't mount: {fault}; {hint}"));
            }
        }
        (None, false) => {}
    }
}

fn entry(store: Option<&Path>, args: &AgentAdd) -> Result<Entry, Failure> {
    let mut words = args.args.clone();
    if words.is_empty() {
        words = Entry::default().args;
        // A place on this machine has no place in settings that everybody shares; given behind `--` it is meant.
        if let Some(store) = store.filter(|_| args.scope == Scope::User) {
            let store = std::path::absolute(store)?;
            let text = store.to_str().ok_or_else(|| Failure::usage("the store's path is not UTF-8, and settings can't hold it"))?;
            words.extend(["--store".to_owned(), text.to_owned()]);
        }
    }
    Ok(Entry { command: args.command.clone(), args: words, ..Entry::default() })
}

fn print(out: &mut Output, around: &Surroundings, args: &AgentAdd, file: &Path, entry: &Entry) -> Result<Exit, Failure> {
    let text = acetate_agents::snippet(args.tool, entry);
    let worktrees =
        worktrees::place(around, args)?.and_then(|file| Hooks::of(entry).map(|hooks| PrintedFile { file, text: hooks_snippet(&hooks) }));
    let skill =
        if args.skill { Some(PrintedFile { file: skill::place(around, args)?, text: acetate_agents::skill().to_owned() }) } else { None };
    if out.json() {
        let printed = Printed { tool: args.tool.as_str(), scope: args.scope.as_str(), file, text: &text, worktrees, skill };
        out.document(&printed)?;
        return Ok(Exit::Ok);
    }
    let mut show = |file: &Path, text: &str| {
        out.note(format_args!("{}:", line(&file.display().to_string())));
        out.bytes(format!("{}\n", text.trim_end_matches('\n')).as_bytes())
    };
    show(file, &text)?;
    for printed in worktrees.iter().chain(&skill) {
        show(&printed.file, &printed.text)?;
    }
    Ok(Exit::Ok)
}

fn tell(out: &mut Output, args: &AgentAdd, done: &Done<'_>) -> Result<(), Failure> {
    let (title, shown) = (args.tool.title(), line(&done.file.display().to_string()));
    out.line(match (done.done, args.remove, done.present) {
        ("added", ..) => format!("{title} has the MCP server acetate: {shown}"),
        ("removed", _, true) => format!("taken out of {title}'s settings, where an earlier entry is back: {shown}"),
        ("removed", ..) => format!("taken out of {title}'s settings: {shown}"),
        (_, false, _) => format!("nothing to do: {title} has it in {shown}"),
        (_, true, _) => format!("nothing to do: it is not in {shown}"),
    })?;
    if let Some(worktrees) = &done.worktrees {
        let file = line(&worktrees.file.display().to_string());
        match (worktrees.done, args.remove, worktrees.present) {
            ("added", ..) => out.line(format!("and its worktrees become mounted sessions: {file}"))?,
            ("removed", _, true) => out.line(format!("and its worktrees follow earlier hooks again: {file}"))?,
            ("removed", ..) => out.line(format!("and its worktrees are its own again: {file}"))?,
            ("unchanged", false, _) => out.line(format!("its worktrees become mounted sessions: {file}"))?,
            _ => {}
        }
    }
    if let Some(skill) = &done.skill {
        let file = line(&skill.file.display().to_string());
        out.line(match (skill.changed, args.remove) {
            (true, false) => format!("and the skill acetate: {file}"),
            (true, true) => format!("and the skill: {file}"),
            (false, false) => format!("the skill is there: {file}"),
            (false, true) => format!("no skill of ours is in {file}"),
        })?;
    }
    if done.done == "added" || done.worktrees.as_ref().is_some_and(|worktrees| worktrees.done == "added") {
        out.note(next(args.tool, args.scope));
    }
    Ok(())
}

/// What people do next in the tool.
fn next(tool: Tool, scope: Scope) -> &'static str {
    match (tool, scope) {
        (Tool::Claude, Scope::Project) => "start Claude Code anew here; it asks once whether to use it, and /mcp shows it",
        (Tool::Claude, Scope::User) => "start Claude Code anew; /mcp shows it",
        (Tool::Codex, Scope::Project) => "start Codex anew; it reads this file in trusted projects only, and /mcp shows it",
        (Tool::Codex, Scope::User) => "start Codex anew; /mcp shows it",
        (Tool::Cursor, _) => "switch it on in Cursor under Customize, MCPs",
        (Tool::VsCode, _) => "`MCP: List Servers` in VS Code shows and starts it; it asks once whether to trust it",
        (Tool::Gemini, _) => "start Gemini CLI anew; /mcp shows it",
        (Tool::OpenCode, _) => "start opencode anew; `opencode mcp list` shows it",
        (Tool::Goose, _) => "start a new session of goose; `goose info -v` shows it",
        _ => "start the tool anew",
    }
}
