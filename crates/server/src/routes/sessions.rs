//! Sessions: opening, showing, pausing, resuming, forking, ending.

use super::store::log;
use crate::call::{Call, json_response, to_json};
use crate::input::{Incoming, IncomingOrDefault, NoQuery, Nothing, Query, SessionName, WorkspaceName};
use crate::output::bundle_response;
use crate::problem::Failure;
use acetate_engine::api::{Answer, Closed, OpenSession, Opened, SessionInfo, SessionList, SessionStatus, WorkingSession};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// Opens a session. The answer holds the session's token, which is shown once.
#[utoipa::path(post, path = "/v1/workspaces/{w}/sessions", tag = "sessions", params(("w" = String, Path, description = "Id or name")),
    request_body = OpenSession, responses((status = 201, body = Opened)))]
pub(super) async fn open(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: Incoming<OpenSession>,
) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.workspace(access, &w)?.open_session_once(body.value, body.once.as_ref()))
        .await
}

/// The workspace's working session, opened if there is none (201). It is used with the caller's own token, and its commits land at once.
#[utoipa::path(post, path = "/v1/workspaces/{w}/session", tag = "sessions", params(("w" = String, Path, description = "Id or name")),
    request_body = WorkingSession, responses((status = 200, body = SessionInfo), (status = 201, description = "It was opened", body = SessionInfo)))]
pub(super) async fn working(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: IncomingOrDefault<WorkingSession>,
) -> Result<Response, Failure> {
    let (opened, body) = call
        .run(move |engine, access| {
            let (info, opened) = engine.workspace(access, &w)?.working_session(&body.value)?;
            Ok((opened, to_json(&info)?))
        })
        .await?;
    Ok(json_response(if opened { StatusCode::CREATED } else { StatusCode::OK }, body))
}

/// The sessions that are not closed, newest first.
#[utoipa::path(get, path = "/v1/workspaces/{w}/sessions", tag = "sessions", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = SessionList)))]
pub(super) async fn list(call: Call, WorkspaceName(w): WorkspaceName, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.sessions()).await
}

/// A session.
#[utoipa::path(get, path = "/v1/sessions/{s}", tag = "sessions",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<SessionInfo>)))]
pub(super) async fn show(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, |session| session.show()).await
}

/// What it changed, and which conflicts wait.
#[utoipa::path(get, path = "/v1/sessions/{s}/status", tag = "sessions",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<SessionStatus>)))]
pub(super) async fn status(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, |session| session.status()).await
}

/// Takes it out of memory; its branch and its unsaved edits are kept.
#[utoipa::path(post, path = "/v1/sessions/{s}/pause", tag = "sessions", params(("s" = String, Path, description = "The session")),
    responses((status = 200, body = SessionInfo)))]
pub(super) async fn pause(
    call: Call,
    SessionName(s): SessionName,
    _: NoQuery,
    body: IncomingOrDefault<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = body.value;
    call.json(StatusCode::OK, move |engine, access| engine.session(access, &s)?.pause()).await
}

/// Brings it back.
#[utoipa::path(post, path = "/v1/sessions/{s}/resume", tag = "sessions", 
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<SessionInfo>)))]
pub(super) async fn resume(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: IncomingOrDefault<Nothing>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let Nothing {} = body.value;
    call.answer(s, seen, |session| session.resume()).await
}

/// A second session with the same base and the same unsaved edits.
#[utoipa::path(post, path = "/v1/sessions/{s}/fork", tag = "sessions", params(("s" = String, Path, description = "The session")),
    request_body = OpenSession, responses((status = 201, body = Opened)))]
pub(super) async fn fork(call: Call, SessionName(s): SessionName, _: NoQuery, body: Incoming<OpenSession>) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.session(access, &s)?.fork_once(body.value, body.once.as_ref())).await
}

/// Ends it. Refuses unsubmitted work unless `discard`; with `archive` the work is committed and the branch answered as a Git bundle,
/// the rest of the answer being in the headers `Acetate-Session`, `Acetate-Tip` and `Acetate-Kept-As`.
#[utoipa::path(delete, path = "/v1/sessions/{s}", tag = "sessions",
    params(("s" = String, Path, description = "The session"), ("discard" = Option<bool>, Query, description = "Also with unsubmitted work"),
        ("archive" = Option<bool>, Query, description = "Answer the branch as a bundle")),
    responses((status = 200, content((Closed = "application/json"), (Vec<u8> = "application/x-git-bundle")))))]
pub(super) async fn close(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let discard = query.flag("discard")?.unwrap_or(false);
    let archive = query.flag("archive")?.unwrap_or(false);
    query.done()?;
    if !archive {
        return call.json(StatusCode::OK, move |engine, access| engine.session(access, &s)?.close(discard)).await;
    }
    if discard {
        return Err(Failure::invalid("query_invalid", "discard and archive exclude each other"));
    }
    let (closed, bundle) = call
        .run_long(move |engine, access| {
            log("archiving a session");
            engine.session(access, &s)?.archive()
        })
        .await?;
    let mut response = bundle_response(bundle);
    let headers = response.headers_mut();
    let described = [
        ("acetate-session", Some(closed.id.to_string())),
        ("acetate-tip", closed.tip.map(|tip| tip.to_hex())),
        ("acetate-kept-as", closed.kept_as),
    ];
    for (name, value) in described {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}
