//! Workspaces: making, showing, changing, deleting, branches, forks, bundles.

use super::shapes::BranchList;
use super::store::log;
use crate::call::Call;
use crate::input::{Incoming, IncomingOrDefault, NoQuery, Nothing, Once, Pending, Query, WorkspaceName};
use crate::output::bundle_response;
use crate::problem::Failure;
use acetate_engine::api::{
    BranchInfo, CreateBranch, CreateWorkspace, Fork, Merge, Submission, Undelete, WorkspaceInfo, WorkspaceList, WorkspaceSource,
    WorkspaceUpdate,
};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The workspaces that the caller may see, by name; or those that were deleted and can be brought back.
#[utoipa::path(get, path = "/v1/workspaces", tag = "workspaces",
    params(("after" = Option<String>, Query, description = "Go on after this name"), ("limit" = Option<usize>, Query, description = "At most so many"),
        ("deleted" = Option<bool>, Query, description = "Those that were deleted")),
    responses((status = 200, body = WorkspaceList)))]
pub(super) async fn list(call: Call, mut query: Query) -> Result<Response, Failure> {
    let (after, limit, deleted) = (query.text("after")?, query.number("limit")?, query.flag("deleted")?.unwrap_or(false));
    query.done()?;
    if deleted {
        return call.json(StatusCode::OK, move |engine, access| engine.deleted_workspaces(access, after.as_deref(), limit)).await;
    }
    call.json(StatusCode::OK, move |engine, access| engine.workspaces(access, after.as_deref(), limit)).await
}

/// Makes a workspace: empty, from Git, a bundle, another workspace or a template; with `session` also a session in it.
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

/// Deletes it: it is not found any more, and its sessions rest. Until `purged_after` it can be brought back.
#[utoipa::path(delete, path = "/v1/workspaces/{w}", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    responses((status = 200, body = WorkspaceInfo)))]
pub(super) async fn delete(call: Call, WorkspaceName(w): WorkspaceName, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.delete()).await
}

/// Brings a deleted workspace back, by id, with its sessions at rest.
#[utoipa::path(post, path = "/v1/workspaces/{w}/undelete", tag = "workspaces", params(("w" = String, Path, description = "The id")),
    request_body = Undelete, responses((status = 200, body = WorkspaceInfo)))]
pub(super) async fn undelete(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    _: NoQuery,
    body: IncomingOrDefault<Undelete>,
) -> Result<Response, Failure> {
    call.json(StatusCode::OK, move |engine, access| engine.undelete(access, &w, &body.value)).await
}

/// Merges one branch into another; what conflicts waits in the session that the answer names.
#[utoipa::path(post, path = "/v1/workspaces/{w}/merge", tag = "workspaces", params(("w" = String, Path, description = "Id or name")),
    request_body = Merge, responses((status = 200, body = Submission)))]
pub(super) async fn merge(call: Call, WorkspaceName(w): WorkspaceName, _: NoQuery, body: Incoming<Merge>) -> Result<Response, Failure> {
    call.json_long(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.merge(&body.value, body.once.as_ref())).await
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

/// A standard Git bundle of branches, checkpoints and settings, whole or since a point.
#[utoipa::path(get, path = "/v1/workspaces/{w}/bundle", tag = "workspaces",
    params(("w" = String, Path, description = "Id or name"), ("since" = Option<String>, Query, description = "Only what is newer than this version, ref or commit"),
        ("sessions" = Option<bool>, Query, description = "Also the work of live sessions, unsaved edits included, as branches `sessions/<id>`")),
    responses((status = 200, description = "A Git bundle", body = Vec<u8>, content_type = "application/x-git-bundle")))]
pub(super) async fn bundle(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query) -> Result<Response, Failure> {
    let (since, sessions) = (query.text("since")?, query.flag("sessions")?.unwrap_or(false));
    query.done()?;
    let bundle = call.run_long(move |engine, access| engine.workspace(access, &w)?.bundle(since.as_deref(), sessions, &log)).await?;
    Ok(bundle_response(bundle))
}

/// Makes a workspace from a Git bundle in the body.
#[utoipa::path(post, path = "/v1/import", tag = "workspaces",
    params(("name" = Option<String>, Query, description = "Its name; one is made without it"), ("description" = Option<String>, Query, description = "What it is for")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = WorkspaceInfo)))]
pub(super) async fn import(call: Call, mut query: Query, body: Pending) -> Result<Response, Failure> {
    let (name, description) = (query.text("name")?, query.text("description")?);
    query.done()?;
    call.run(|engine, access| engine.may_create_workspaces(access)).await?;
    let body = body.spool(&call.door, call.door.engine.import_limit()).await?;
    call.json_long(StatusCode::CREATED, move |engine, access| {
        let from = Some(WorkspaceSource::Bundle(body.path()?));
        let create = CreateWorkspace { name: name.or_else(|| Some(body.fresh_name())), description, from, ..CreateWorkspace::default() };
        engine.create_workspace(access, create, body.once.as_ref(), &log)
    })
    .await
}
