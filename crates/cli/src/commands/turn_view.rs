//! How status, conflicts and outcomes look.

use super::session_view::{show_session, show_standing};
use super::workspace_view::{point, short};
use crate::client::Failure;
use crate::output::{BOLD, DIM, GREEN, Output, RED, Table, YELLOW, bytes_clean, line, paint, path, symbols_line};
use acetate_engine::api::{
    Base, ConflictInfo, ConflictSide, FileStatus, PathChange, Person, SessionStatus, Standing, Submission, SubmissionOutcome, SyncOutcome,
};
use acetate_types::Text;

/// Lines of each text of a conflict that are shown.
const TEXT_LINES: usize = 6;

fn letter(change: PathChange) -> String {
    match change {
        PathChange::Added => paint(GREEN, "A"),
        PathChange::Modified => paint(YELLOW, "M"),
        PathChange::Deleted => paint(RED, "D"),
        PathChange::Renamed => paint(YELLOW, "R"),
        PathChange::Mode => paint(YELLOW, "T"),
    }
}

/// A session's status.
pub fn show_status(out: &mut Output, status: &SessionStatus, standing: &Standing) -> Result<(), Failure> {
    show_session(out, &status.session)?;
    let mut table = Table::new();
    for FileStatus { path: at, change, from, symbols, .. } in &status.changes {
        let name = from.as_ref().map_or_else(|| path(at), |from| format!("{} -> {}", path(from), path(at)));
        table.row([letter(*change), name, paint(DIM, symbols_line(symbols.as_deref().unwrap_or_default()))]);
    }
    out.line("")?;
    if status.changed == 0 {
        out.line("nothing changed")?;
    }
    out.table(&table)?;
    let shown = status.changes.len() as u64;
    if status.changed > shown {
        out.note(format_args!("and {} more: acetate ls --changed", status.changed - shown));
    }
    for overlap in &status.overlaps {
        let at =
            overlap.symbol.as_deref().map_or_else(|| path(&overlap.path), |symbol| format!("{} of {}", line(symbol), path(&overlap.path)));
        let intent = overlap.intent.as_deref().map(|text| format!(": {}", line(text))).unwrap_or_default();
        out.line(format_args!("{} {} edits {at} too{intent}", paint(YELLOW, "overlap"), line(&overlap.agent)))?;
    }
    if !status.conflicts.is_empty() {
        out.line("")?;
        show_conflicts(out, &status.conflicts)?;
    }
    show_standing(out, standing);
    Ok(())
}

/// Conflicts, with what each side has and how to settle them.
pub fn show_conflicts(out: &mut Output, conflicts: &[ConflictInfo]) -> Result<(), Failure> {
    for conflict in conflicts {
        let symbol = conflict.symbol.as_deref().map(|symbol| format!(" · {}", line(symbol))).unwrap_or_default();
        let state = if conflict.resolved { paint(GREEN, " (settled)") } else { String::new() };
        let kind = paint(RED, line(&conflict.kind));
        out.line(format_args!("{kind}  {}{symbol}{state}", paint(BOLD, path(&conflict.path))))?;
        out.line(format_args!("  {}", line(&conflict.why)))?;
        if conflict.resolved {
            continue;
        }
        side(out, "base", None, conflict.base.as_ref())?;
        side(out, "head", conflict.head_author.as_ref(), conflict.head.as_ref())?;
        side(out, "session", conflict.session_author.as_ref(), conflict.session.as_ref())?;
        if let Some(proposal) = &conflict.proposal {
            out.line(format_args!("  {} ({}), with --take proposal:", paint(GREEN, "proposal"), line(&proposal.why)))?;
            texts(out, std::slice::from_ref(&proposal.text))?;
        }
    }
    Ok(())
}

fn side(out: &mut Output, name: &str, who: Option<&Person>, side: Option<&ConflictSide>) -> Result<(), Failure> {
    let who = who.map(person).unwrap_or_default();
    let Some(side) = side else {
        return out.line(format_args!("  {}{who}: {}", paint(DIM, name), paint(DIM, "not there")));
    };
    let at = side.places.first().map(|place| format!(" line {}", place.start)).unwrap_or_default();
    out.line(format_args!("  {}{who}{at}:", paint(DIM, name)))?;
    texts(out, &side.texts)
}

fn texts(out: &mut Output, texts: &[Text]) -> Result<(), Failure> {
    let mut lines: Vec<String> =
        texts.iter().flat_map(|text| bytes_clean(&text.0).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let more = lines.len().saturating_sub(TEXT_LINES);
    lines.truncate(TEXT_LINES);
    for line in lines {
        out.line(format_args!("    {line}"))?;
    }
    if more > 0 {
        out.line(format_args!("    {}", paint(DIM, format_args!("… {more} more lines"))))?;
    }
    Ok(())
}

fn person(person: &Person) -> String {
    let version = person.version.map(|version| format!(", v{version}")).unwrap_or_default();
    let intent = person.intent.as_deref().map(|intent| format!(": {}", line(intent))).unwrap_or_default();
    format!(" ({}{version}{intent})", line(&person.name))
}

fn conflict(out: &mut Output, conflicts: &[ConflictInfo], open: u64, against: &Base) -> Result<(), Failure> {
    let count = if open == 1 { "1 conflict".to_owned() } else { format!("{open} conflicts") };
    out.line(format_args!("{} with {}; the session is as it was", paint(RED, count), point(against)))?;
    show_conflicts(out, conflicts)?;
    out.note("settle each with: acetate resolve PATH [--symbol NAME] --take head|session|proposal|text|delete, the last one with --submit");
    Ok(())
}

fn findings(out: &mut Output, findings: &[String]) -> Result<(), Failure> {
    findings.iter().try_for_each(|finding| out.line(format_args!("  {}", line(finding))))
}

/// What a submission came to.
pub fn show_submission(out: &mut Output, submission: &Submission, dry_run: bool) -> Result<(), Failure> {
    match &submission.outcome {
        SubmissionOutcome::Landed { unchanged: true, .. } => out.line("nothing to land: the head has every change already"),
        SubmissionOutcome::Landed { version, commit, paths, findings: found, .. } => {
            let count = if *paths == 1 { "1 path".to_owned() } else { format!("{paths} paths") };
            if dry_run {
                out.line(format_args!("{}: {count}", paint(GREEN, "would land")))?;
            } else {
                let version = version.map(|version| format!("v{version}")).unwrap_or_default();
                let commit = commit.as_ref().map(short).unwrap_or_default();
                out.line(format_args!("{} as {}  {}  {count}", paint(GREEN, "landed"), paint(BOLD, version), paint(DIM, commit)))?;
            }
            findings(out, found)
        }
        SubmissionOutcome::Conflict { conflicts, open, against } => conflict(out, conflicts, *open, against),
        SubmissionOutcome::Rejected { checks } => {
            out.line(paint(RED, "rejected by checks"))?;
            findings(out, checks)
        }
    }
}

/// What a sync came to.
pub fn show_sync(out: &mut Output, outcome: &SyncOutcome, standing: &Standing) -> Result<(), Failure> {
    match outcome {
        SyncOutcome::Synced { moved: 0, .. } => out.line("on the head already"),
        SyncOutcome::Synced { moved, findings: found } => {
            let versions = if *moved == 1 { "1 version".to_owned() } else { format!("{moved} versions") };
            out.line(format_args!("moved {versions} forward, onto {}", point(&standing.base)))?;
            findings(out, found)
        }
        SyncOutcome::Conflict { conflicts, open, against } => conflict(out, conflicts, *open, against),
    }
}
