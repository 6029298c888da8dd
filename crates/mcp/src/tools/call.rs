//! One call of a tool: who calls, in which session, and which tool does it.

use super::{changes, edit, find, open, read, status, submit, watch};
use crate::arguments::{parse, session_id};
use crate::awareness::with_standing;
use crate::caller::Caller;
use crate::outcome::Outcome;
use crate::shared::{Shared, gone, one_answer};
use acetate_engine::{EngineError, Scope, Session};
use acetate_types::{ErrorKind, SessionId};
use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What every tool needs.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) shared: Arc<Shared>,
    pub(crate) caller: Caller,
    /// The client's name, for sessions whose agent names itself no further.
    pub(crate) client: String,
    /// Set when the client calls the call off, or is gone.
    pub(crate) cancelled: CancellationToken,
}

/// Calls the tool of this name; `None` when there is none.
pub(crate) async fn run(call: Call, name: &str, mut arguments: JsonObject) -> Option<Result<Outcome, EngineError>> {
    let session = match arguments.remove("session_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id),
        // What is no text names no session.
        Some(_) => return Some(Err(gone())),
    };
    let done = match name {
        "session_open" => call.alone(move |call| open::open(call, session.as_deref(), parse(arguments)?)).await,
        "session_close" => call.alone(move |call| open::close(call, session.as_deref(), &parse(arguments)?)).await,
        "status" => call.tool(session, arguments, |_, session, arguments| status::status(session, &arguments)).await,
        "read" => call.tool(session, arguments, read::read).await,
        "edit" => call.tool(session, arguments, |_, session, arguments| edit::edit(session, arguments)).await,
        "multi_edit" => call.tool(session, arguments, |_, session, arguments| edit::multi_edit(session, arguments)).await,
        "write" => call.tool(session, arguments, |_, session, arguments| edit::write(session, arguments)).await,
        "delete" => call.tool(session, arguments, |_, session, arguments| edit::delete(session, &arguments)).await,
        "move" => call.tool(session, arguments, |_, session, arguments| edit::rename(session, arguments)).await,
        "ls" => call.tool(session, arguments, |_, session, arguments| find::ls(session, arguments)).await,
        "glob" => call.tool(session, arguments, |_, session, arguments| find::glob(session, &arguments)).await,
        "grep" => call.tool(session, arguments, find::grep).await,
        "symbols" => call.tool(session, arguments, |_, session, arguments| status::symbols(session, arguments)).await,
        "diff" => call.tool(session, arguments, changes::diff).await,
        "commit" => call.tool(session, arguments, |_, session, arguments| changes::commit(session, arguments)).await,
        "sync" => call.tool(session, arguments, changes::sync).await,
        "checkpoint" => call.tool(session, arguments, |_, session, arguments| changes::checkpoint(session, arguments)).await,
        "submit" => submit::submit(call, session, arguments).await,
        "resolve" => submit::resolve(call, session, arguments).await,
        "watch" => watch::watch(call, session, arguments).await,
        _ => return None,
    };
    Some(done.map_err(one_answer))
}

impl Call {
    /// A tool that works in a session; its answer says where the session stands.
    async fn tool<A, F>(self, session: Option<String>, arguments: JsonObject, work: F) -> Result<Outcome, EngineError>
    where
        A: DeserializeOwned,
        F: FnOnce(&Self, &Session, A) -> Result<Outcome, EngineError> + Send + 'static,
    {
        self.alone(move |call| {
            let session = call.session(session.as_deref())?;
            let outcome = work(call, &session, parse(arguments)?)?;
            Ok(with_standing(&call.shared, &session, outcome))
        })
        .await
    }

    /// Blocking work on a thread of its own, within the bound of calls.
    pub(crate) async fn alone<T, F>(self, work: F) -> Result<T, EngineError>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T, EngineError> + Send + 'static,
    {
        let permit = self.shared.enter().await?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work(&self);
            drop(permit);
            done
        });
        task.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a tool's call did not end");
            Err(EngineError::new(ErrorKind::Internal, "internal", "the call ended in a fault of the server"))
        })
    }

    /// The session that is meant: the one named, else the connection's own, else the one that the token is for.
    pub(crate) fn session(&self, given: Option<&str>) -> Result<Session, EngineError> {
        let access = self.caller.access()?;
        let id = match given {
            Some(text) => session_id(text)?,
            None => self.own(&access)?,
        };
        self.shared.engine.session(&access, &id)
    }

    /// The session of a call that names none.
    fn own(&self, access: &acetate_engine::Access) -> Result<SessionId, EngineError> {
        if let Some(link) = self.caller.link() {
            // Held while it is opened, so that two first calls at once open one session; nothing else waits for it.
            let mut own = link.session.lock();
            if let Some(id) = &*own {
                return Ok(id.clone());
            }
            if let Scope::Session { session, .. } = &access.scope {
                return Ok(session.clone());
            }
            let opened = open::fresh(self, access, &open::Open::default())?;
            *link.made.lock() = Some(opened.id.clone());
            return Ok(own.insert(opened.id).clone());
        }
        match &access.scope {
            Scope::Session { session, .. } => Ok(session.clone()),
            _ => Err(EngineError::invalid("session_missing", "this call names no session")
                .hint("call session_open once and pass the session_id it answers")),
        }
    }
}
