//! `acetate conflicts` and `acetate resolve`.

use super::Context;
use super::files::content;
use super::session_view::show_standing;
use super::turn::exit;
use super::turn_view::{show_conflicts, show_submission};
use crate::args;
use crate::client::{Exit, Failure, Request, encode_path};
use acetate_engine::api::{Answer, Resolve, Resolved, SessionStatus, Take};
use acetate_types::Text;
use serde_json::json;

/// The conflicts that wait, or one file of them with conflict markers.
pub fn conflicts(context: &mut Context, args: &args::Conflicts) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let Some(path) = &args.path else {
        let reply = context.ask(Request::get(format!("{address}/status")))?;
        let status: Answer<SessionStatus> = reply.parse()?;
        if context.out.json() {
            context.out.document(&json!({ "conflicts": status.body.conflicts, "open": status.body.open }))?;
            return Ok(Exit::Ok);
        }
        if status.body.conflicts.is_empty() {
            context.out.line("no conflicts wait")?;
        }
        show_conflicts(&mut context.out, &status.body.conflicts)?;
        show_standing(&mut context.out, &status.standing);
        return Ok(Exit::Ok);
    };
    let style = match args.style {
        args::MarkerStyleArg::Merge => "merge",
        args::MarkerStyleArg::Diff3 => "diff3",
    };
    let reply = context.ask(Request::get(format!("{address}/conflicts/{}", encode_path(path))).query("style", style))?;
    if context.out.json() {
        context.out.document(&json!({ "path": path, "text": Text(reply.body) }))?;
    } else {
        context.out.bytes(&reply.body)?;
    }
    Ok(Exit::Ok)
}

/// Settles one conflict.
pub fn resolve(context: &mut Context, args: args::Resolve) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let take = match args.take {
        args::TakeArg::Head => Take::Head,
        args::TakeArg::Session => Take::Session,
        args::TakeArg::Proposal => Take::Proposal,
        args::TakeArg::Text => Take::Text,
        args::TakeArg::Delete => Take::Delete,
    };
    if args.from.is_some() && take != Take::Text {
        return Err(Failure::usage("--from goes with --take text only"));
    }
    let text = if take == Take::Text { Some(Text(content(args.from.as_deref())?)) } else { None };
    let resolve = Resolve { path: args.path, symbol: args.symbol, kind: args.kind, take, text, submit: args.submit };
    let reply = context.ask_long("settling", Request::post(format!("{address}/resolve"), &resolve)?)?;
    let resolved: Answer<Resolved> = reply.parse()?;
    context.answer(&reply, |out, answer: Answer<Resolved>| {
        if let Some(submission) = &answer.body.submission {
            show_submission(out, submission, false)?;
        } else if answer.body.moved {
            out.line("settled, the last one; the session stands on the head now: `acetate submit`")?;
        } else {
            out.line(format_args!("settled; {} left", answer.body.open))?;
            show_conflicts(out, &answer.body.remaining)?;
        }
        show_standing(out, &answer.standing);
        Ok(())
    })?;
    Ok(resolved.body.submission.map_or(Exit::Ok, |submission| exit(&submission.outcome)))
}
