//! Editing and searching the files of a session.

use super::shapes::{BatchWritten, EditFile, SetMode};
use crate::call::Call;
use crate::input::{Incoming, Query, SessionName};
use crate::problem::Failure;
use acetate_engine::api::{Answer, Batch, Edited, Grep, GrepPage, MoveFile, Written};
use axum::response::Response;

/// Replaces exact texts in a file, all or none.
#[utoipa::path(post, path = "/v1/sessions/{s}/edit", tag = "files",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = EditFile, responses((status = 200, body = Answer<Edited>)))]
pub(super) async fn edit(call: Call, SessionName(s): SessionName, mut query: Query, body: Incoming<EditFile>) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let EditFile { path, edits, expect } = body.unkeyed()?;
    call.answer(s, seen, move |session| session.edit(&path, &edits, expect.as_deref())).await
}

/// Moves a file or a whole directory.
#[utoipa::path(post, path = "/v1/sessions/{s}/move", tag = "files",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = MoveFile, responses((status = 200, body = Answer<Written>)))]
pub(super) async fn rename(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: Incoming<MoveFile>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let moved = body.unkeyed()?;
    call.answer(s, seen, move |session| session.rename(&moved)).await
}

/// Changes a file's mode.
#[utoipa::path(post, path = "/v1/sessions/{s}/mode", tag = "files",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = SetMode, responses((status = 200, body = Answer<Written>)))]
pub(super) async fn set_mode(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: Incoming<SetMode>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let SetMode { path, mode } = body.unkeyed()?;
    call.answer(s, seen, move |session| session.set_mode(&path, mode)).await
}

/// Several edits, all or none; an error names the step in `details.step`.
#[utoipa::path(post, path = "/v1/sessions/{s}/batch", tag = "files",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = Batch, responses((status = 200, body = Answer<BatchWritten>)))]
pub(super) async fn batch(call: Call, SessionName(s): SessionName, mut query: Query, body: Incoming<Batch>) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let batch = body.unkeyed()?;
    call.answer(s, seen, move |session| Ok(BatchWritten { written: session.batch(&batch)? })).await
}

/// Searches the session's files.
#[utoipa::path(post, path = "/v1/sessions/{s}/grep", tag = "files",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = Grep, responses((status = 200, body = Answer<GrepPage>)))]
pub(super) async fn grep(call: Call, SessionName(s): SessionName, mut query: Query, body: Incoming<Grep>) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, move |session| session.grep(&body.value)).await
}
