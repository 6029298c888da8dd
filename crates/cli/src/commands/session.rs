//! `acetate session`.

use super::Context;
use super::session_view::{show_opened, show_session, show_sessions};
use super::workspace::{save, saved};
use super::workspace_view::{short, show_checkpoints, show_turns};
use crate::args::SessionCommand;
use crate::client::{Exit, Failure, Request};
use crate::output::line;
use acetate_engine::api::{
    CheckpointInfo, CheckpointSession, Closed, Durability, OpenSession, Opened, SessionInfo, SessionList, TurnList, WorkingSession,
};
use serde_json::json;

/// Everything about sessions.
pub fn session(context: &mut Context, command: SessionCommand) -> Result<Exit, Failure> {
    match command {
        SessionCommand::Open(args) => {
            let address = context.workspace(None)?;
            let durability = if args.memory { Durability::Memory } else { Durability::Journal };
            let open = OpenSession { agent: args.agent, intent: args.intent, branch: args.branch, at: args.at, durability, ttl: args.ttl };
            let reply = context.ask(Request::post(format!("{address}/sessions"), &open)?)?;
            context.answer(&reply, |out, opened: Opened| show_opened(out, &opened, args.id_only))
        }
        SessionCommand::List => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::get(format!("{address}/sessions")))?;
            context.answer(&reply, |out, list: SessionList| show_sessions(out, &list.sessions))
        }
        SessionCommand::Show(args) => {
            let request = Request::get(context.session(args.id.as_deref())?);
            info(context, request)
        }
        SessionCommand::Pause(args) => {
            let request = Request::post(format!("{}/pause", context.session(args.id.as_deref())?), &json!({}))?;
            info(context, request)
        }
        SessionCommand::Resume(args) => {
            let request = Request::post(format!("{}/resume", context.session(args.id.as_deref())?), &json!({}))?;
            info(context, request)
        }
        SessionCommand::Working { id_only } => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::post(format!("{address}/session"), &WorkingSession::default())?)?;
            context.answer(&reply, |out, session: SessionInfo| match id_only {
                true => out.line(&session.id),
                false => show_session(out, &session),
            })
        }
        SessionCommand::Turns(args) => {
            let request = Request::get(format!("{}/turns", context.session(args.id.as_deref())?));
            let reply = context.ask(request)?;
            context.answer(&reply, |out, list: TurnList| show_turns(out, &list))
        }
        SessionCommand::Checkpoint { name, message } => {
            let address = context.session(None)?;
            let reply = context.ask(Request::post(format!("{address}/checkpoint"), &CheckpointSession { name, message })?)?;
            context.answer(&reply, |out, made: CheckpointInfo| show_checkpoints(out, &[made]))
        }
        SessionCommand::Close(args) => {
            let request = Request::delete(context.session(args.id.as_deref())?).flag("discard", args.discard);
            let reply = context.ask(request)?;
            context.answer(&reply, |out, closed: Closed| {
                let kept = match (&closed.tip, &closed.kept_as) {
                    (Some(tip), Some(name)) => format!("; {} is kept for 30 days as {}", short(tip), line(name)),
                    _ => String::new(),
                };
                out.line(format_args!("closed {}{kept}", closed.id))
            })
        }
        SessionCommand::Fork(args) => {
            let address = context.session(args.id.as_deref())?;
            let open = OpenSession { agent: args.agent, intent: args.intent, ..OpenSession::default() };
            let reply = context.ask(Request::post(format!("{address}/fork"), &open)?)?;
            context.answer(&reply, |out, opened: Opened| show_opened(out, &opened, args.id_only))
        }
        SessionCommand::Archive(args) => {
            let request = Request::delete(context.session(args.id.as_deref())?).query("archive", "true");
            let bytes = save(context, request, &args.output)?;
            saved(context, &args.output, bytes)
        }
    }
}

fn info(context: &mut Context, request: Request) -> Result<Exit, Failure> {
    let reply = context.ask(request)?;
    context.answer(&reply, |out, session: SessionInfo| show_session(out, &session))
}
