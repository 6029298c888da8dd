//! Workspaces: making, showing, changing, deleting, branches, forks, bundles.

use super::shapes::BranchList;
use super::store::log;
use crate::call::Call;
use crate::input::{Incoming, IncomingOrDefault, NoQuery, Nothing, Once, Query, WorkspaceName};
use crate::output::bundle_response;
use crate::problem::Failure;
use acetate_engine::api::{BranchInfo, CreateBranch, CreateWorkspace, Fork, WorkspaceInfo, WorkspaceList, WorkspaceUpdate};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The workspaces that the caller may see, by name.
#[utoipa::path(get, path = "/v1/workspaces", tag = "workspaces",
    params(("after" = Option<String>, Query, description = "Go on after this name"), ("limit" = Option<usize>, Query, description = "At most so many")),
    responses((status = 200, body = WorkspaceList)))]
pub(super) async fn list(call: Call, mut query: Query) -> Result<Response, Failure> {
    let (after, limit) = (query.text("after")?, query.number("limit")?);
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspaces(access, after.as_deref(), limit)).await
}

/// Makes a workspace: empty, from Git, a bundle or another workspace.
#[utoipa::path(post, path = "/v1/workspaces", tag = "workspaces", request_body = CreateWorkspace, responses((status = 201, body = WorkspaceInfo)))]
pub(super) async fn create(call: Call, _: NoQuery, body: IncomingOrDefault<CreateWorkspace>) -> Result<Response, Failure> {
    call.json_long(StatusCode::CREATED, move |engine, access| engine.create_workspace(access, body.value, body.once.as_ref(), &log)).await
}

/// A workspace by id or name.
#[utoipa::path(get, path = "/v1/workspaces/{w}", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = WorkspaceInfo)))]
pub(super) async fn show(call: Call, WorkspaceName(w): WorkspaceName, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.info()).await
}

/// Changes name, description, default branch, settings.
#[utoipa::path(patch, path = "/v1/workspaces/{w}", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    request_body = WorkspaceUpdate, responses((status = 200, body = WorkspaceInfo)))]
pub(super) async fn update(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: Incoming<WorkspaceUpdate>,
) -> Result<Response, Failure> {
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.update(body.value)).await
}

/// Deletes it: it is not listed or found any more. What it holds is kept; nothing restores it yet.
#[utoipa::path(delete, path = "/v1/workspaces/{w}", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = WorkspaceInfo)))]
pub(super) async fn delete(call: Call, WorkspaceName(w): WorkspaceName, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.delete()).await
}

/// The branches by name.
#[utoipa::path(get, path = "/v1/workspaces/{w}/branches", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = BranchList)))]
pub(super) async fn branches(call: Call, WorkspaceName(w): WorkspaceName, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| Ok(BranchList { branches: engine.workspace(access, &w)?.branches()? })).await
}

/// Makes a branch.
#[utoipa::path(post, path = "/v1/workspaces/{w}/branches", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    request_body = CreateBranch, responses((status = 201, body = BranchInfo)))]
pub(super) async fn create_branch(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: Incoming<CreateBranch>,
) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.workspace(access, &w)?.create_branch(body.value, body.once.as_ref())).await
}

/// Deletes a branch; its tip is kept.
#[utoipa::path(delete, path = "/v1/workspaces/{w}/branches", tag = "workspaces",
    params(("w" = String, Path, description = "Id or name"), ("name" = String, Query, description = "The branch, short or full")),
    responses((status = 204)))]
pub(super) async fn delete_branch(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    mut query: Query,
    Once(once): Once,
) -> Result<Response, Failure> {
    let name = query.needed("name")?;
    query.done()?;
    call.run(move |engine, access| engine.workspace(access, &w)?.delete_branch(&name, once.as_ref())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Forks it: objects are shared, refs are the fork's own.
#[utoipa::path(post, path = "/v1/workspaces/{w}/forks", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    request_body = Fork, responses((status = 201, body = WorkspaceInfo)))]
pub(super) async fn fork(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: IncomingOrDefault<Fork>,
) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.workspace(access, &w)?.fork(body.value, body.once.as_ref())).await
}

/// Brings the branch on disk and its checkout up to the head, where nothing stands in the way.
#[utoipa::path(post, path = "/v1/workspaces/{w}/catch-up", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = WorkspaceInfo)))]
pub(super) async fn catch_up(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: IncomingOrDefault<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = body.value;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.catch_up()).await
}

/// A standard Git bundle of branches and checkpoints, whole or since a point.
#[utoipa::path(get, path = "/v1/workspaces/{w}/bundle", tag = "workspaces",
    params(("w" = String, Path, description = "Id or name"), ("since" = Option<String>, Query, description = "Only what is newer than this version, ref or commit")),
    responses((status = 200, description = "A Git bundle", body = Vec<u8>, content_type = "application/x-git-bundle")))]
pub(super) async fn bundle(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query) -> Result<Response, Failure> {
    let since = query.text("since")?;
    query.done()?;
    let bundle = call.run_long(move |engine, access| engine.workspace(access, &w)?.bundle(since.as_deref(), &log)).await?;
    Ok(bundle_response(bundle))
}
