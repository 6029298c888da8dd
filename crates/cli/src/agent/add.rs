//! `agent add`: the entry put in and taken out.

use super::receipt::Receipts;
use super::skill::{self, SkillDone};
use super::{around, file};
use crate::args::AgentAdd;
use crate::client::{Exit, Failure};
use crate::output::{Output, line};
use acetate_agents::{Clash, ConfigError, Edited, Entry, Scope, Surroundings, Tool, location};
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
    skill: Option<PrintedSkill>,
}

#[derive(Serialize)]
struct PrintedSkill {
    file: PathBuf,
    text: &'static str,
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
    // What was made first goes last, so that no folder is in the way of another.
    let taken = if args.skill && args.remove { Some(skill::take(around, args)?) } else { None };
    if args.skill && !args.remove {
        skill::check(around, args)?;
    }
    let path = file::real(file)?;
    let before = file::read(&path)?;
    let changed = if args.remove { take(around, args, &path, before)? } else { put(out, around, args, &path, before, &entry)? };
    let present = file::read(&path)?.is_some_and(|text| acetate_agents::present(args.tool, &text).is_ok_and(|found| found.is_some()));
    let skill = if args.skill && !args.remove { Some(skill::put(around, args)?) } else { taken };
    let done = match (changed, args.remove) {
        (false, _) => "unchanged",
        (true, false) => "added",
        (true, true) => "removed",
    };
    let done = Done { tool: args.tool.as_str(), scope: args.scope.as_str(), file, done, present, skill };
    if out.json() {
        out.document(&done)?
    } else {
        tell(out, args, &done)?
    }
    Ok(Exit::Ok)
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
    let skill = if args.skill { Some(PrintedSkill { file: skill::place(around, args)?, text: acetate_agents::skill() }) } else { None };
    if out.json() {
        let printed = Printed { tool: args.tool.as_str(), scope: args.scope.as_str(), file, text: &text, skill };
        out.document(&printed)?;
        return Ok(Exit::Ok);
    }
    out.note(format_args!("{}:", line(&file.display().to_string())));
    out.bytes(format!("{text}\n").as_bytes())?;
    if let Some(skill) = skill {
        out.note(format_args!("{}:", line(&skill.file.display().to_string())));
        out.bytes(skill.text.as_bytes())?;
    }
    Ok(Exit::Ok)
}

/// Puts the entry in; whether anything changed.
fn put(
    out: &mut Output,
    around: &Surroundings,
    args: &AgentAdd,
    path: &Path,
    before: Option<String>,
    entry: &Entry,
) -> Result<bool, Failure> {
    let clash = if args.replace { Clash::Replace } else { Clash::Refuse };
    let edited = acetate_agents::add(args.tool, before.as_deref(), entry, clash).map_err(|error| failure(path, &error))?;
    let Edited::Text(text) = edited else { return Ok(false) };
    let folders = file::write(path, before.as_deref(), &text)?;
    // The entry is in; only the exact way back is not remembered.
    if let Err(Failure::Problem(problem)) = Receipts::of(around).keep(path, before.as_deref(), &text, folders) {
        out.warn(&format!("how to undo it exactly is not remembered: {}", problem.message));
    }
    Ok(true)
}

/// Takes the entry out; whether anything changed.
fn take(around: &Surroundings, args: &AgentAdd, path: &Path, before: Option<String>) -> Result<bool, Failure> {
    let Some(before) = before else { return Ok(false) };
    let receipts = Receipts::of(around);
    let receipt = receipts.fitting(path, &before);
    let folders = receipt.as_ref().map(|receipt| receipt.folders.clone()).unwrap_or_default();
    let edited = match receipt.and_then(|receipt| receipt.undo.apply(&before).ok()) {
        Some(earlier) => earlier.map_or(Edited::Gone, Edited::Text),
        None => acetate_agents::remove(args.tool, &before).map_err(|error| failure(path, &error))?,
    };
    match edited {
        Edited::Same => return Ok(false),
        Edited::Text(text) => file::write(path, Some(&before), &text).map(drop)?,
        Edited::Gone => file::delete(path, &before, &folders)?,
    }
    receipts.forget(path);
    Ok(true)
}

/// The same with the file's name.
pub fn failure(path: &Path, error: &ConfigError) -> Failure {
    let mut problem = error.problem();
    problem.message = format!("{}: {}", path.display(), problem.message);
    problem.into()
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
    if let Some(skill) = &done.skill {
        let file = line(&skill.file.display().to_string());
        out.line(match (skill.changed, args.remove) {
            (true, false) => format!("and the skill acetate: {file}"),
            (true, true) => format!("and the skill: {file}"),
            (false, false) => format!("the skill is there: {file}"),
            (false, true) => format!("no skill of ours is in {file}"),
        })?;
    }
    if done.done == "added" {
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
