//! Pushing: the server side of the protocol, with the engine in place of `receive-pack`.

use super::advertise::advertisement;
use super::inflate::Encoding;
use super::push_body::push_body;
use super::push_request::{PushError, PushRequest};
use super::refusal::Refusal;
use super::report::report;
use super::request::{GitCall, GitWorkspace, Service};
use crate::problem::Failure;
use acetate_engine::{EngineError, PushCommand, PushReport};
use acetate_types::{ErrorKind, ObjectFormat};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use flate2::read::MultiGzDecoder;
use std::io::Read;
use tokio::time::timeout;

/// The refs that a push may move.
pub(super) async fn advertise(GitCall(call): GitCall, GitWorkspace(name): GitWorkspace) -> Result<Response, Refusal> {
    let refs = call.run(move |engine, access| engine.workspace(access, &name)?.advertised_refs()).await?;
    Ok(answer(advertisement(&refs, call.door.format), "application/x-git-receive-pack-advertisement"))
}

/// Takes a push and answers what became of each ref. Refusals of single refs are part of the answer, as Git has it.
pub(super) async fn receive_pack(GitCall(call): GitCall, GitWorkspace(name): GitWorkspace, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    Service::ReceivePack.check_content_type(&parts.headers)?;
    let encoding = Encoding::of(&parts.headers)?;
    let place = call.door.enter_git().await?;
    let workspace = call.run(move |engine, access| engine.workspace(access, &name)).await?;
    let limits = &call.door.limits;
    let (pump, reader) = push_body(limits.pack_bytes, limits.stall_timeout);
    let (format, most) = (call.door.format, limits.pack_bytes);
    let pushing = tokio::task::spawn_blocking(move || {
        let push = |commands: &[PushCommand], pack: Option<&mut (dyn Read + Send)>| workspace.push(commands, pack);
        let answer = match encoding {
            Encoding::Plain => take(push, reader, format),
            Encoding::Gzip => take(push, MultiGzDecoder::new(reader).take(most), format),
        };
        drop(place);
        answer
    });
    let both = async { tokio::join!(pump.feed(body), pushing) };
    let ((), pushed) = timeout(limits.git_timeout, both).await.map_err(|_| {
        Failure::new(ErrorKind::Unavailable, "request_timeout", "the push takes too long").hint("fetch to see whether it landed")
    })?;
    let body = pushed.map_err(|error| {
        tracing::error!(%error, "a push did not end");
        Failure::internal("the push ended in a fault of the server")
    })??;
    Ok(answer(body, "application/x-git-receive-pack-result"))
}

/// Reads the commands, gives them and the pack to `push`, and makes the answer.
pub(super) fn take<P>(push: P, mut source: impl Read + Send, format: ObjectFormat) -> Result<Vec<u8>, Failure>
where
    P: FnOnce(&[PushCommand], Option<&mut (dyn Read + Send)>) -> Result<Vec<PushReport>, EngineError>,
{
    let request = PushRequest::read(&mut source, format).map_err(|error| {
        let kind = if matches!(error, PushError::TooLong) { ErrorKind::Limit } else { ErrorKind::Invalid };
        Failure::new(kind, "push_invalid", error.to_string())
    })?;
    // A client with a long push first asks with nothing in it whether it may.
    let Some(request) = request else { return Ok(Vec::new()) };
    let pack: Option<&mut (dyn Read + Send)> = if request.has_pack() { Some(&mut source) } else { None };
    match push(&request.commands, pack) {
        // Who may not push at all is told so by HTTP.
        Err(error) if error.kind() == ErrorKind::Denied => Err(error.into()),
        outcome => Ok(report(&request, &outcome)),
    }
}

fn answer(body: Vec<u8>, media: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, max-age=0, must-revalidate"));
    response
}
