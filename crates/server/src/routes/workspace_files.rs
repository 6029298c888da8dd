//! The files of a workspace at a point: listing, reading one, reading many.

use crate::call::Call;
use crate::input::{FilePath, Incoming, Query, WorkspaceName};
use crate::output::{STREAMED, file_response, lines_response, stream_response};
use crate::problem::Failure;
use acetate_engine::api::{FileList, ListFiles, ReadFile, ReadMany};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// The files of a point, of the head without one: names, modes, ids; sizes where asked for.
#[utoipa::path(get, path = "/v1/workspaces/{w}/files", tag = "files",
    params(("w" = String, Path, description = "Id or name"), ("at" = Option<String>, Query, description = "Version, full ref or commit"),
        ("prefix" = Option<String>, Query, description = "Only below this directory"), ("glob" = Option<String>, Query, description = "Only paths that match"),
        ("shallow" = Option<bool>, Query, description = "Only direct entries, directories included"),
        ("sizes" = Option<bool>, Query, description = "Also the sizes"), ("after" = Option<String>, Query, description = "Go on after this path"),
        ("limit" = Option<usize>, Query, description = "At most so many")),
    responses((status = 200, body = FileList)))]
pub(super) async fn list(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query) -> Result<Response, Failure> {
    let at = query.text("at")?;
    let list = list_files(&mut query)?;
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.workspace(access, &w)?.files(at.as_deref(), &list)).await
}

/// What a query says about a listing; `changed` is for sessions only.
pub(super) fn list_files(query: &mut Query) -> Result<ListFiles, Failure> {
    Ok(ListFiles {
        prefix: query.path("prefix")?,
        glob: query.text("glob")?,
        changed: false,
        shallow: query.flag("shallow")?.unwrap_or(false),
        sizes: query.flag("sizes")?.unwrap_or(false),
        after: query.path("after")?,
        limit: query.number("limit")?,
    })
}

/// One file of a point: raw bytes with `ETag`, `Acetate-Mode` and ranges.
#[utoipa::path(get, path = "/v1/workspaces/{w}/files/{*path}", tag = "files",
    params(("w" = String, Path, description = "Id or name"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("at" = Option<String>, Query, description = "Version, full ref or commit"), ("Range" = Option<String>, Header, description = "One range of bytes"),
        ("If-None-Match" = Option<String>, Header, description = "Revisions that the caller has")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, description = "The range"),
        (status = 304, description = "The caller has it"), (status = 416, description = "No such range")))]
pub(super) async fn read(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    FilePath(path): FilePath,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let at = query.text("at")?;
    query.done()?;
    let file = call
        .run(move |engine, access| {
            let workspace = engine.workspace(access, &w)?;
            let file = workspace.open_file(at.as_deref(), &path)?;
            let whole = if file.size() < STREAMED { Some(workspace.read(at.as_deref(), &path)?) } else { None };
            Ok(whole.ok_or(file))
        })
        .await?;
    match file {
        Ok(whole) => Ok(file_response(&headers, whole)),
        Err(large) => stream_response(&call, &headers, large).await,
    }
}

/// Many files in one streamed answer, one JSON line each.
#[utoipa::path(post, path = "/v1/workspaces/{w}/read", tag = "files", params(("w" = String, Path, description = "Id or name")),
    request_body = ReadMany, responses((status = 200, description = "One `ReadFile` a line", body = ReadFile, content_type = "application/x-ndjson")))]
pub(super) async fn read_many(
    call: Call,
    WorkspaceName(w): WorkspaceName,
    query: Query,
    body: Incoming<ReadMany>,
) -> Result<Response, Failure> {
    query.done()?;
    lines_response(&call, move |engine, access, sink| engine.workspace(access, &w)?.read_many(&body.value, &mut |file| sink.file(&file)))
        .await
}
