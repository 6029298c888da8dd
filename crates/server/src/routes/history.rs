//! The history of a workspace: versions, differences, checkpoints, operations, undo.

use super::shapes::CheckpointList;
use crate::call::Call;
use crate::input::{FilePath, Incoming, IncomingOrDefault, NoQuery, Query, WorkspaceName};
use crate::problem::Failure;
use acetate_engine::DiffOptions;
use acetate_engine::api::{
    BlameInfo, CheckpointInfo, CreateCheckpoint, HistoryOf, OperationInfo, OperationPage, PathHistory, Restore, TreeDiff, Undo,
    VersionInfo, VersionPage,
};
use axum::http::StatusCode;
use axum::response::Response;

/// Landed versions, newest first.
#[utoipa::path(get, path = "/v1/workspaces/{w}/versions", tag = "history",
    params(("w" = String, Path, description = "Id or name"), ("before" = Option<u64>, Query, description = "Only versions before this number"),
        ("limit" = Option<usize>, Query, description = "At most so many"), ("branch" = Option<String>, Query, description = "Only of this branch")),
    responses((status = 200, body = VersionPage)))]
pub(super) async fn versions(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query) -> Result<Response, Failure> {
    let (before, limit, branch) = (query.number("before")?, query.number("limit")?, query.text("branch")?);
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.versions(before, limit, branch.as_deref())).await
}

/// The commits that changed a path, newest first.
#[utoipa::path(get, path = "/v1/workspaces/{w}/history/{*path}", tag = "history",
    params(("w" = String, Path, description = "Id or name"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("at" = Option<String>, Query, description = "From this point back"), ("skip" = Option<usize>, Query, description = "After so many"),
        ("limit" = Option<usize>, Query, description = "At most so many")),
    responses((status = 200, body = PathHistory)))]
pub(super) async fn path_history(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    FilePath(path): FilePath,
    mut query: Query,
) -> Result<Response, Failure> {
    let asked = HistoryOf { at: query.text("at")?, skip: query.number("skip")?, limit: query.number("limit")? };
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.history(&path, &asked)).await
}

/// Where each line of a file comes from: commit, version, agent, session and turn.
#[utoipa::path(get, path = "/v1/workspaces/{w}/blame/{*path}", tag = "history",
    params(("w" = String, Path, description = "Id or name"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("at" = Option<String>, Query, description = "At this point; the head without it")),
    responses((status = 200, body = BlameInfo)))]
pub(super) async fn blame(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    FilePath(path): FilePath,
    mut query: Query,
) -> Result<Response, Failure> {
    let at = query.text("at")?;
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.blame(&path, at.as_deref())).await
}

/// Makes the files of an earlier point the newest version. Nothing is lost by it.
#[utoipa::path(post, path = "/v1/workspaces/{w}/restore", tag = "history", params(("w" = String, Path, description = "Id or name")),
    request_body = Restore, responses((status = 201, body = VersionInfo)))]
pub(super) async fn restore(call: Call, WorkspaceName(w): WorkspaceName, _: NoQuery, body: Incoming<Restore>) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.workspace(access, &w)?.restore(&body.value, body.once.as_ref())).await
}

/// The difference between two points: `v12`, full ref, or commit.
#[utoipa::path(get, path = "/v1/workspaces/{w}/diff", tag = "history",
    params(("w" = String, Path, description = "Id or name"), ("from" = String, Query, description = "Before"), ("to" = String, Query, description = "After"),
        ("hunks" = Option<bool>, Query, description = "Also the hunks; yes unless said otherwise"),
        ("symbols" = Option<bool>, Query, description = "Also what became of each file's symbols"),
        ("context" = Option<u32>, Query, description = "Lines of context, 3 unless said otherwise"),
        ("path" = Option<Vec<String>>, Query, description = "Only this path or what is below it; may be repeated")),
    responses((status = 200, body = TreeDiff)))]
pub(super) async fn diff(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query) -> Result<Response, Failure> {
    let (from, to, options) = (query.needed("from")?, query.needed("to")?, diff_options(&mut query)?);
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.diff(&from, &to, &options)).await
}

/// What a query says about a diff, without a patch.
pub(super) fn diff_options(query: &mut Query) -> Result<DiffOptions, Failure> {
    Ok(DiffOptions {
        symbols: query.flag("symbols")?.unwrap_or(false),
        hunks: query.flag("hunks")?.unwrap_or(true),
        patch: false,
        context: query.number("context")?.unwrap_or(3),
        paths: query.paths("path")?,
    })
}

/// The checkpoints by name.
#[utoipa::path(get, path = "/v1/workspaces/{w}/checkpoints", tag = "history", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = CheckpointList)))]
pub(super) async fn checkpoints(call: Call, WorkspaceName(w): WorkspaceName, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| Ok(CheckpointList { checkpoints: engine.workspace(access, &w)?.checkpoints()? })).await
}

/// Makes a checkpoint: an annotated tag.
#[utoipa::path(post, path = "/v1/workspaces/{w}/checkpoints", tag = "history", params(("w" = String, Path, description = "Id or name")),
    request_body = CreateCheckpoint, responses((status = 201, body = CheckpointInfo)))]
pub(super) async fn create_checkpoint(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: Incoming<CreateCheckpoint>,
) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.workspace(access, &w)?.create_checkpoint(body.value, body.once.as_ref()))
        .await
}

/// The operation log, newest first.
#[utoipa::path(get, path = "/v1/workspaces/{w}/operations", tag = "history",
    params(("w" = String, Path, description = "Id or name"), ("before" = Option<u64>, Query, description = "Only operations before this number"),
        ("limit" = Option<usize>, Query, description = "At most so many")),
    responses((status = 200, body = OperationPage)))]
pub(super) async fn operations(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query) -> Result<Response, Failure> {
    let (before, limit) = (query.number("before")?, query.number("limit")?);
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.operations(before, limit)).await
}

/// Undoes an operation by a further one.
#[utoipa::path(post, path = "/v1/workspaces/{w}/undo", tag = "history", params(("w" = String, Path, description = "Id or name")),
    request_body = Undo, responses((status = 200, body = OperationInfo)))]
pub(super) async fn undo(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: IncomingOrDefault<Undo>,
) -> Result<Response, Failure> {
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.undo(body.value, body.once.as_ref())).await
}
