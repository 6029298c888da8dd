//! Turns of a session: its difference, committing, syncing, submitting, resolving.
//!
//! A conflict is an outcome, not an error: it answers 200 with `result: conflict` and the conflicts.

use super::history::diff_options;
use crate::call::Call;
use crate::input::{Incoming, IncomingOrDefault, Query, SessionName};
use crate::problem::Failure;
use acetate_engine::api::{Answer, CommitTurn, Resolve, Resolved, SessionDiff, Submission, Submit, Sync, SyncOutcome, TurnCommit};
use axum::response::Response;

/// The difference to the base.
#[utoipa::path(get, path = "/v1/sessions/{s}/diff", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("hunks" = Option<bool>, Query, description = "Also the hunks; yes unless said otherwise"),
        ("patch" = Option<bool>, Query, description = "Also a patch that `git apply` takes"),
        ("context" = Option<u32>, Query, description = "Lines of context, 3 unless said otherwise"),
        ("path" = Option<Vec<String>>, Query, description = "Only this path or what is below it; may be repeated"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<SessionDiff>)))]
pub(super) async fn diff(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let seen = query.seen()?;
    let mut options = diff_options(&mut query)?;
    options.patch = query.flag("patch")?.unwrap_or(false);
    query.done()?;
    call.answer(s, seen, move |session| session.diff(&options)).await
}

/// Ends a turn: records a turn commit on the session's own branch. Durable when it answers.
#[utoipa::path(post, path = "/v1/sessions/{s}/commit", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = CommitTurn, responses((status = 200, body = Answer<TurnCommit>)))]
pub(super) async fn commit(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: IncomingOrDefault<CommitTurn>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, move |session| session.commit(body.value, body.once.as_ref())).await
}

/// Rebases onto the head now.
#[utoipa::path(post, path = "/v1/sessions/{s}/sync", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = Sync, responses((status = 200, body = Answer<SyncOutcome>)))]
pub(super) async fn sync(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: IncomingOrDefault<Sync>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, move |session| session.sync(body.value, body.once.as_ref())).await
}

/// Ends the turn and lands the session's work on its branch. Durable when it answers. `result` says whether it landed, met a conflict, or
/// was rejected; all three answer 200.
#[utoipa::path(post, path = "/v1/sessions/{s}/submit", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = Submit, responses((status = 200, body = Answer<Submission>)))]
pub(super) async fn submit(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: IncomingOrDefault<Submit>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, move |session| session.submit(body.value, body.once.as_ref())).await
}

/// Settles one conflict: with `symbol` its part of a file, else all of a path. The last one moves the session to the version it was computed
/// against, with the merged texts, and lands them in the same call with `submit`.
#[utoipa::path(post, path = "/v1/sessions/{s}/resolve", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = Resolve, responses((status = 200, body = Answer<Resolved>)))]
pub(super) async fn resolve(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: Incoming<Resolve>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, move |session| session.resolve(body.value, body.once.as_ref())).await
}
