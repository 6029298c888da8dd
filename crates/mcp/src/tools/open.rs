//! `session_open` and `session_close`.

use super::call::Call;
use crate::awareness::{point, with_standing};
use crate::outcome::Outcome;
use acetate_engine::api::{OpenSession, Opened};
use acetate_engine::{Access, EngineError};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Open {
    workspace: Option<String>,
    agent: Option<String>,
    intent: Option<String>,
    branch: Option<String>,
    at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Close {
    discard: bool,
}

/// Opens a session, or goes on in one.
pub(super) fn open(call: &Call, given: Option<&str>, asked: Open) -> Result<Outcome, EngineError> {
    let access = call.caller.access()?;
    let session = match given {
        Some(_) => {
            let new = [&asked.workspace, &asked.branch, &asked.at, &asked.agent, &asked.intent];
            if new.iter().any(|given| given.is_some()) {
                return Err(EngineError::invalid(
                    "arguments_invalid",
                    "session_id goes on in a session as it is; the other arguments open a new one",
                )
                .hint("leave out either"));
            }
            let session = call.session(given)?;
            session.resume()?;
            session
        }
        None => {
            let opened = fresh(call, &access, &asked)?;
            call.shared.engine.session(&access, &opened.id)?
        }
    };
    if let Some(link) = call.caller.link() {
        *link.session.lock() = Some(session.id().clone());
    }
    let info = session.show()?;
    let text = format!(
        "session {} on {} at {}; it is yours alone until you submit",
        info.id,
        info.branch.strip_prefix("refs/heads/").unwrap_or(&info.branch),
        point(&info.base)
    );
    let data = json!({
        "session_id": info.id, "workspace": info.workspace, "branch": info.branch, "base": point(&info.base),
        "agent": info.agent, "intent": info.intent, "expires": info.expires,
    });
    Ok(with_standing(&call.shared, &session, Outcome::new(data, text)))
}

/// Opens a new session.
pub(super) fn fresh(call: &Call, access: &Access, asked: &Open) -> Result<Opened, EngineError> {
    let engine = &call.shared.engine;
    let named = asked.workspace.as_deref().or_else(|| call.caller.link().and_then(|link| link.workspace.as_deref()));
    let workspace = match named {
        Some(name) => engine.workspace(access, name)?,
        None => engine.workspace(access, &only(call, access)?)?,
    };
    workspace.open_session(OpenSession {
        agent: asked.agent.clone().filter(|agent| !agent.is_empty()).unwrap_or_else(|| call.client.clone()),
        intent: asked.intent.clone(),
        branch: asked.branch.clone(),
        at: asked.at.clone(),
        ..OpenSession::default()
    })
}

/// The workspace that is meant where none is named: the repository's own, else the only one.
fn only(call: &Call, access: &Access) -> Result<String, EngineError> {
    const NAMED: usize = 20;
    let list = call.shared.engine.workspaces(access, None, Some(NAMED))?;
    if let Some(own) = list.workspaces.iter().find(|workspace| workspace.in_place) {
        return Ok(own.id.to_string());
    }
    match list.workspaces.as_slice() {
        [] => Err(EngineError::not_found("workspace_not_found", "there is no workspace yet")
            .hint("have a person make one: `acetate import PATH` or `acetate workspace create NAME`")),
        [only] if list.next.is_none() => Ok(only.id.to_string()),
        several => {
            let names: Vec<&str> = several.iter().map(|workspace| workspace.name.as_str()).collect();
            Err(EngineError::invalid("workspace_missing", "there are several workspaces, and none is named")
                .hint(format!("pass workspace, one of: {}", names.join(", "))))
        }
    }
}

/// Ends a session.
pub(super) fn close(call: &Call, given: Option<&str>, asked: &Close) -> Result<Outcome, EngineError> {
    let own = call.caller.link();
    let id = match (given, own) {
        (None, Some(link)) if link.session.lock().is_none() => {
            return Err(EngineError::invalid("session_missing", "this connection has opened no session").hint("there is nothing to close"));
        }
        _ => call.session(given)?.id().clone(),
    };
    let closed = call.session(Some(id.as_str()))?.close(asked.discard)?;
    if let Some(link) = own {
        let mut session = link.session.lock();
        if session.as_ref() == Some(&id) {
            *session = None;
        }
    }
    call.shared.shown.forget(&id);
    let kept = closed.kept_as.as_deref().map(|name| format!("; its commits are kept as {name}")).unwrap_or_default();
    Ok(Outcome::new(
        json!({ "session_id": closed.id, "tip": closed.tip, "kept_as": closed.kept_as }),
        format!("session {id} is closed{kept}"),
    ))
}
