//! Commands around a turn: status, diff, commit, sync, submit.

use super::Context;
use super::session_view::{bytes, show_standing};
use super::turn_view::{show_status, show_submission, show_sync};
use super::workspace_view::{short, show_workspace};
use crate::args;
use crate::client::{Exit, Failure, Request};
use crate::output::{hunks, line, stat, symbols};
use acetate_engine::api::{
    Answer, CommitTurn, SameSymbol, SessionDiff, SessionStatus, StoreStatus, Submission, SubmissionOutcome, Submit, Sync, SyncOutcome,
    TurnCommit, WorkspaceInfo,
};
use serde_json::json;

/// The session's status; without a session, the workspace's and the store's.
pub fn status(context: &mut Context) -> Result<Exit, Failure> {
    if context.has_session() {
        let reply = context.ask(Request::get(format!("{}/status", context.session(None)?)))?;
        return context.answer(&reply, |out, answer: Answer<SessionStatus>| show_status(out, &answer.body, &answer.standing));
    }
    let store = context.ask(Request::get("/v1"))?;
    let address = context.workspace(None)?;
    let workspace = context.ask(Request::get(address))?;
    if context.out.json() {
        context.out.document(&json!({ "store": store.value()?, "workspace": workspace.value()? }))?;
        return Ok(Exit::Ok);
    }
    let store: StoreStatus = store.parse()?;
    show_workspace(&mut context.out, &workspace.parse::<WorkspaceInfo>()?)?;
    let reason = store.reason.as_deref().map(|reason| format!(": {}", line(reason))).unwrap_or_default();
    context.out.note(format_args!(
        "store {}{reason} · workspaces {} · sessions {} · packs {} · journal {} · caches {}",
        line(&store.state),
        store.workspaces,
        store.sessions,
        store.packs,
        bytes(store.journal_bytes),
        bytes(store.cache_bytes)
    ));
    Ok(Exit::Ok)
}

/// The session's changes. What isn't a terminal gets the patch as it is, so that `git apply` takes it.
pub fn diff(context: &mut Context, args: &args::Diff) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let raw = !args.stat && !args.symbols && !context.out.json() && !context.out.is_terminal();
    let mut request = Request::get(format!("{address}/diff")).flag("patch", raw).flag("symbols", args.symbols);
    request = request.query("hunks", if args.stat || args.symbols || raw { "false" } else { "true" });
    request = request.query("context", args.context.to_string());
    for path in &args.paths {
        request = request.query("path", path.as_bytes());
    }
    let reply = context.ask(request)?;
    context.answer(&reply, |out, answer: Answer<SessionDiff>| {
        let diff = answer.body;
        if raw {
            let patch = diff.patch.map(|patch| patch.0).unwrap_or_default();
            if diff.truncated {
                return Err(Failure::unexpected("the changes are too large for one patch").hint("name some of the paths"));
            }
            return out.bytes(&patch);
        }
        let lines = match (args.stat, args.symbols) {
            (true, _) => stat(&diff.files),
            (false, true) => symbols(&diff.files),
            (false, false) => hunks(&diff.files),
        };
        if !lines.is_empty() {
            out.line(lines.join("\n"))?;
        }
        if diff.truncated {
            out.note("not everything is shown: name some of the paths");
        }
        show_standing(out, &answer.standing);
        Ok(())
    })
}

/// Ends a turn.
pub fn commit(context: &mut Context, args: args::Commit) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let reply = context.ask(Request::post(format!("{address}/commit"), &CommitTurn { message: args.message })?)?;
    context.answer(&reply, |out, answer: Answer<TurnCommit>| {
        let turn = &answer.body;
        match &turn.commit {
            Some(commit) if turn.changed => {
                let paths = if turn.paths == 1 { "1 path".to_owned() } else { format!("{} paths", turn.paths) };
                out.line(format_args!("turn {}  {}  {paths}", turn.turn, short(commit)))?;
            }
            _ => out.line("nothing changed since the last turn")?,
        }
        show_standing(out, &answer.standing);
        Ok(())
    })
}

/// Moves the session onto the head.
pub fn sync(context: &mut Context, args: &args::Sync) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let reply = context.ask(Request::post(format!("{address}/sync"), &Sync { same_symbol: args.same_symbol.map(policy) })?)?;
    let outcome: Answer<SyncOutcome> = reply.parse()?;
    context.answer(&reply, |out, answer: Answer<SyncOutcome>| show_sync(out, &answer.body, &answer.standing))?;
    Ok(match outcome.body {
        SyncOutcome::Synced { .. } => Exit::Ok,
        SyncOutcome::Conflict { .. } => Exit::Conflict,
    })
}

/// Lands the session's work.
pub fn submit(context: &mut Context, args: args::Submit) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let dry_run = args.dry_run;
    let submit = Submit { message: args.message, dry_run, same_symbol: args.same_symbol.map(policy) };
    let reply = context.ask_long("landing", Request::post(format!("{address}/submit"), &submit)?)?;
    let outcome: Answer<Submission> = reply.parse()?;
    context.answer(&reply, |out, answer: Answer<Submission>| show_submission(out, &answer.body, dry_run))?;
    Ok(exit(&outcome.body.outcome))
}

/// How a submission ends the command.
pub fn exit(outcome: &SubmissionOutcome) -> Exit {
    match outcome {
        SubmissionOutcome::Landed { .. } => Exit::Ok,
        SubmissionOutcome::Conflict { .. } => Exit::Conflict,
        SubmissionOutcome::Rejected { .. } => Exit::Rejected,
    }
}

/// What becomes of a symbol that both sides changed, as the API has it.
pub fn policy(policy: args::SameSymbolArg) -> SameSymbol {
    match policy {
        args::SameSymbolArg::Review => SameSymbol::Review,
        args::SameSymbolArg::Merge => SameSymbol::Merge,
        args::SameSymbolArg::Verified => SameSymbol::Verified,
    }
}
