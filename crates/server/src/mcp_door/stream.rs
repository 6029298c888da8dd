//! What `acetate mcp` speaks: the connection is taken over (RFC 9110, section 7.8) and carries the lines of the process's standard
//! streams, so that one handler in the daemon serves them all and the process itself only copies.
//!
//! The headers `Acetate-Workspace` and `Acetate-Session` say what the process works on where its calls name nothing.

use crate::activity::Activity;
use crate::call::{Call, Schemes};
use crate::door::{Door, Peer};
use crate::problem::Failure;
use acetate_engine::EngineError;
use acetate_mcp::{Authorize, Link};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::TokioIo;
use std::sync::Arc;

/// The protocol's name in `Upgrade`.
const PROTOCOL: &str = "acetate-mcp";

/// Takes a connection over.
pub(super) async fn open(State(door): State<Arc<Door>>, mut request: Request) -> Result<Response, Failure> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let asked = parts.headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(PROTOCOL.as_bytes()));
    if !asked {
        return Err(Failure::invalid("upgrade_missing", format!("this route is for connections that ask for `Upgrade: {PROTOCOL}`"))
            .hint("clients of MCP over HTTP use /mcp")
            .status(StatusCode::UPGRADE_REQUIRED));
    }
    let call = Call::authorize(&parts, &door, Schemes::Bearer).await?;
    let place = door.mcp.place()?;
    let session = named(&parts, "acetate-session")?.map(|id| id.parse()).transpose().map_err(|_| {
        Failure::invalid("session_invalid", "Acetate-Session is no session's id")
            .hint("leave it out, or give an id such as s_0123456789abcdef")
    })?;
    let link = Link::new(
        authorize(&door, &call, parts.extensions.get::<Peer>().copied().unwrap_or(Peer::Tcp)),
        named(&parts, "acetate-workspace")?,
        session,
    );
    // While the process is there, the daemon is in use.
    let busy = parts.extensions.get::<Activity>().map(Activity::enter);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => {
                acetate_mcp::stream(door.mcp.shared.clone(), link, TokioIo::new(upgraded), door.stopping.clone()).await;
            }
            Err(error) => tracing::debug!(%error, "a connection was not taken over"),
        }
        drop((busy, place));
    });
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static(PROTOCOL));
    Ok(response)
}

/// A header's text.
fn named(parts: &Parts, name: &str) -> Result<Option<String>, Failure> {
    let Some(value) = parts.headers.get(name) else { return Ok(None) };
    match value.to_str() {
        Ok(text) if !text.is_empty() => Ok(Some(text.to_owned())),
        _ => Err(Failure::invalid("header_invalid", format!("the header {name} can't be read"))),
    }
}

/// Who is at the other end, asked for each call: a token that was revoked ends at once, and its calls are counted.
fn authorize(door: &Arc<Door>, call: &Call, peer: Peer) -> Authorize {
    let (door, access) = (door.clone(), call.access.clone());
    Arc::new(move || -> Result<_, EngineError> {
        if peer == Peer::Tcp {
            door.rate.take(&access.actor).map_err(|failure| EngineError::from(failure.problem().clone()))?;
        }
        door.engine.renew(&access)
    })
}
