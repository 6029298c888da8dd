//! `status` and `symbols`.

use super::conflicts::{conflict, conflict_lines};
use crate::arguments::Path;
use crate::awareness::{overlap, point, quoted};
use crate::outcome::{Outcome, counted};
use acetate_engine::api::{FileStatus, ListSymbols, Submission, SubmissionOutcome, Submit};
use acetate_engine::{EngineError, Session};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Changed paths, conflicts and symbols that are listed.
const LISTED: usize = 100;
/// Symbols that are listed.
const SYMBOLS: usize = 300;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Symbols {
    file_path: Option<Path>,
    query: Option<String>,
}

/// What a session changed, and what a submit would meet.
pub(super) fn status(session: &Session, _: &Nothing) -> Result<Outcome, EngineError> {
    let status = session.status()?;
    let info = &status.session;
    let branch = info.branch.strip_prefix("refs/heads/").unwrap_or(&info.branch);
    // How far the head is comes with the standing, which is asked for once: what it tells, it tells once.
    let mut text = format!("session {} of {:?} on {branch} at {}", info.id, quoted(&info.agent), point(&info.base));
    let _ = write!(text, "\n{}", counted(status.changed, "changed path"));
    for change in status.changes.iter().take(LISTED) {
        let _ = write!(text, "\n  {}", change_line(change));
    }
    for overlapping in &status.overlaps {
        let what = overlapping.symbol.as_deref().unwrap_or("the file");
        let _ = write!(text, "\n{what} in {} is being edited by {:?} too", overlapping.path.to_lossy(), quoted(&overlapping.agent));
    }
    if status.open > 0 {
        let _ = write!(text, "\n{}, to be settled with resolve", counted(status.open, "open conflict"));
        for found in status.conflicts.iter().filter(|found| !found.resolved).take(10) {
            let _ = write!(text, "\n{}", conflict_lines(found, 0));
        }
    }
    let ahead = if info.unsubmitted { preview(session, &mut text) } else { json!({ "result": "nothing" }) };
    let changes: Vec<&FileStatus> = status.changes.iter().take(LISTED).collect();
    let data = json!({
        "session_id": info.id, "workspace": info.workspace, "branch": info.branch, "agent": info.agent, "intent": info.intent,
        "turn": info.turn, "unsaved": info.unsaved, "unsubmitted": info.unsubmitted, "changes": changes, "changed": status.changed,
        "conflicts": status.conflicts.iter().take(LISTED).map(|found| conflict(found, 0)).collect::<Vec<_>>(), "open": status.open,
        "overlaps": status.overlaps.iter().map(overlap).collect::<Vec<_>>(), "submit": ahead,
    });
    Ok(Outcome::new(data, text))
}

/// What a submit would come to now. A session that may not submit learns that instead.
fn preview(session: &Session, text: &mut String) -> Value {
    match session.submit(Submit { dry_run: true, ..Submit::default() }, None) {
        Ok(Submission { outcome: SubmissionOutcome::Landed { paths, findings, .. }, .. }) => {
            let _ = write!(text, "\na submit now would land {}", counted(paths, "path"));
            json!({ "result": "landed", "paths": paths, "findings": findings })
        }
        Ok(Submission { outcome: SubmissionOutcome::Conflict { conflicts, open, .. }, .. }) => {
            let _ = write!(text, "\na submit now would meet {}:", counted(open, "conflict"));
            for found in conflicts.iter().take(10) {
                let _ = write!(text, "\n{}", conflict_lines(found, 0));
            }
            json!({ "result": "conflict", "open": open, "conflicts": conflicts.iter().take(LISTED).map(|found| conflict(found, 0)).collect::<Vec<_>>() })
        }
        Ok(Submission { outcome: SubmissionOutcome::Rejected { checks }, .. }) => {
            let _ = write!(text, "\na submit now would be rejected by checks");
            json!({ "result": "rejected", "checks": checks })
        }
        Err(error) => {
            let _ = write!(text, "\na submit now would answer {}: {error}", error.code());
            json!({ "result": "error", "code": error.code(), "message": error.to_string() })
        }
    }
}

/// A changed path in a line, with what became of its symbols.
pub(super) fn change_line(change: &FileStatus) -> String {
    const NAMED: usize = 8;
    let kind = serde_json::to_value(change.change).ok();
    let mut line = format!("{} {}", kind.as_ref().and_then(Value::as_str).unwrap_or("changed"), change.path.to_lossy());
    if let Some(from) = &change.from {
        let _ = write!(line, " (from {})", from.to_lossy());
    }
    if let Some(symbols) = change.symbols.as_deref().filter(|symbols| !symbols.is_empty()) {
        let mut names: Vec<&str> = symbols.iter().take(NAMED).map(|symbol| symbol.symbol.as_str()).collect();
        if symbols.len() > NAMED {
            names.push("…");
        }
        let _ = write!(line, ": {}", names.join(", "));
    }
    line
}

/// The symbols of a file, or by name.
pub(super) fn symbols(session: &Session, asked: Symbols) -> Result<Outcome, EngineError> {
    if asked.file_path.is_none() && asked.query.is_none() {
        return Err(EngineError::invalid("arguments_invalid", "neither file_path nor query is given")
            .hint("name a file, a part of a name, or both"));
    }
    let single = asked.file_path.is_some();
    let list = session.symbols(&ListSymbols { path: asked.file_path.map(|path| path.0), query: asked.query, limit: Some(SYMBOLS) })?;
    let mut text = String::new();
    for symbol in &list.symbols {
        let place = if single { String::new() } else { format!("{}:", symbol.path.to_lossy()) };
        let last = symbol.start + symbol.lines.saturating_sub(1);
        // An import's name says what it is.
        let kind = if symbol.symbol.starts_with(&symbol.kind) { String::new() } else { format!("{} ", symbol.kind) };
        let _ = writeln!(text, "{place}{}-{last}\t{kind}{}", symbol.start, symbol.symbol);
    }
    if list.symbols.is_empty() {
        text.push_str(if single && list.language.is_none() { "no symbols are known for this kind of file" } else { "no symbol" });
    }
    if list.truncated {
        let _ = writeln!(text, "(there may be more)");
    }
    let data = json!({ "language": list.language, "symbols": list.symbols, "truncated": list.truncated });
    Ok(Outcome::new(data, text.trim_end()))
}
