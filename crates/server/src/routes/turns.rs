//! Turns of a session: its difference, committing, syncing, submitting, resolving.
//!
//! A conflict is an outcome, not an error: it answers 200 with `result: conflict` and the conflicts.

use super::history::diff_options;
use crate::call::Call;
use crate::input::{FilePath, Incoming, IncomingOrDefault, Query, SessionName};
use crate::output::stand;
use crate::problem::Failure;
use acetate_engine::MarkerStyle;
use acetate_engine::api::{
    Answer, CheckpointInfo, CheckpointSession, CommitTurn, Resolve, Resolved, SessionDiff, Submission, Submit, Sync, SyncOutcome,
    TurnCommit, TurnList,
};
use axum::response::{IntoResponse as _, Response};

/// The difference to the base.
#[utoipa::path(get, path = "/v1/sessions/{s}/diff", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("hunks" = Option<bool>, Query, description = "Also the hunks; yes unless said otherwise"),
        ("patch" = Option<bool>, Query, description = "Also a patch that `git apply` takes"),
        ("symbols" = Option<bool>, Query, description = "Also what became of each file's symbols"),
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

/// Ends a turn: records a turn commit on the session's own branch; a working session's lands at once. Durable when it answers.
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

/// The commits of its own branch since it stands on its base, newest first.
#[utoipa::path(get, path = "/v1/sessions/{s}/turns", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<TurnList>)))]
pub(super) async fn turns(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, |session| session.turns()).await
}

/// Ends the turn and names its commit: a checkpoint of work that need not have landed.
#[utoipa::path(post, path = "/v1/sessions/{s}/checkpoint", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = CheckpointSession, responses((status = 200, body = Answer<CheckpointInfo>)))]
pub(super) async fn checkpoint(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: Incoming<CheckpointSession>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    call.answer(s, seen, move |session| session.checkpoint(&body.value, body.once.as_ref())).await
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

/// A file in conflict with conflict markers, as small as they can be, each with its symbol's name: for people, and never read back. Where the
/// session stands is in the headers.
#[utoipa::path(get, path = "/v1/sessions/{s}/conflicts/{*path}", tag = "turns",
    params(("s" = String, Path, description = "The session"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("style" = Option<String>, Query, description = "`merge` (as Git's default), or `diff3` with the base's text between; `diff3` unless said otherwise"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub(super) async fn marked(
    call: Call,
    SessionName(s): SessionName,
    FilePath(path): FilePath,
    mut query: Query,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    let style = match query.text("style")?.as_deref() {
        None | Some("diff3") => MarkerStyle::Diff3,
        Some("merge") => MarkerStyle::Merge,
        Some(_) => return Err(Failure::invalid("style_unknown", "the style of conflict markers is merge or diff3")),
    };
    query.done()?;
    let (text, standing) = call
        .run(move |engine, access| {
            let session = engine.session(access, &s)?;
            Ok((session.marked(&path, style)?, session.standing(seen)))
        })
        .await?;
    let mut response = text.into_response();
    stand(response.headers_mut(), &standing);
    Ok(response)
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
