//! The files of a session: listing, reading, writing, deleting whole files.

use super::workspace_files::list_files;
use crate::call::{Call, json_response, to_json};
use crate::input::{FilePath, Incoming, Pending, Query, SessionName, mode, precondition, quoted};
use crate::output::{STREAMED, file_response, head_response, lines_response, stand, stream_response};
use crate::problem::Failure;
use acetate_engine::api::{Answer, FileList, ListSymbols, ReadFile, ReadMany, SymbolList, WriteFile, WriteStream, Written};
use acetate_engine::{EngineError, Session};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// Its files, or the changed ones.
#[utoipa::path(get, path = "/v1/sessions/{s}/files", tag = "files",
    params(("s" = String, Path, description = "The session"), ("prefix" = Option<String>, Query, description = "Only below this directory"),
        ("glob" = Option<String>, Query, description = "Only paths that match"), ("changed" = Option<bool>, Query, description = "Only paths the session changed"),
        ("shallow" = Option<bool>, Query, description = "Only direct entries, directories included"), ("sizes" = Option<bool>, Query, description = "Also the sizes"),
        ("after" = Option<String>, Query, description = "Go on after this path"), ("limit" = Option<usize>, Query, description = "At most so many"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<FileList>)))]
pub(super) async fn list(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let seen = query.seen()?;
    let mut list = list_files(&mut query)?;
    list.changed = query.flag("changed")?.unwrap_or(false);
    query.done()?;
    call.answer(s, seen, move |session| session.files(&list)).await
}

/// The symbols of a file, or those with a name.
#[utoipa::path(get, path = "/v1/sessions/{s}/symbols", tag = "files",
    params(("s" = String, Path, description = "The session"), ("path" = Option<String>, Query, description = "All symbols of this file"),
        ("query" = Option<String>, Query, description = "Those whose path in the file has this text, of `path` or of the session's changed files and then the others"),
        ("limit" = Option<usize>, Query, description = "At most so many"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<SymbolList>)))]
pub(super) async fn symbols(call: Call, SessionName(s): SessionName, mut query: Query) -> Result<Response, Failure> {
    let seen = query.seen()?;
    let list = ListSymbols { path: query.path("path")?, query: query.text("query")?, limit: query.number("limit")? };
    query.done()?;
    call.answer(s, seen, move |session| session.symbols(&list)).await
}

/// One file: raw bytes with `ETag`, `Acetate-Mode` and ranges; where the session stands is in `Acetate-Base`, `Acetate-Head`,
/// `Acetate-Behind`, `Acetate-Events`, `Acetate-Notices`.
#[utoipa::path(get, path = "/v1/sessions/{s}/files/{*path}", tag = "files",
    params(("s" = String, Path, description = "The session"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("Range" = Option<String>, Header, description = "One range of bytes"), ("If-None-Match" = Option<String>, Header, description = "Revisions that the caller has"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, description = "The range"),
        (status = 304, description = "The caller has it"), (status = 416, description = "No such range")))]
pub(super) async fn read(
    call: Call,
    SessionName(s): SessionName,
    FilePath(path): FilePath,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let (file, standing) = call
        .run(move |engine, access| {
            let session = engine.session(access, &s)?;
            let file = session.open_file(&path)?;
            let whole = if file.size() < STREAMED { Some(session.read(&path)?) } else { None };
            Ok((whole.ok_or(file), session.standing(seen)))
        })
        .await?;
    let mut response = match file {
        Ok(whole) => file_response(&headers, whole),
        Err(large) => stream_response(&call, &headers, large).await?,
    };
    stand(response.headers_mut(), &standing);
    Ok(response)
}

/// One file without its content.
#[utoipa::path(head, path = "/v1/sessions/{s}/files/{*path}", tag = "files",
    params(("s" = String, Path, description = "The session"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, description = "The headers of the file"), (status = 304, description = "The caller has it")))]
pub(super) async fn stat(
    call: Call,
    SessionName(s): SessionName,
    FilePath(path): FilePath,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let (stat, standing) = call
        .run(move |engine, access| {
            let session = engine.session(access, &s)?;
            Ok((session.stat(&path)?, session.standing(seen)))
        })
        .await?;
    let mut response = head_response(&headers, &stat);
    stand(response.headers_mut(), &standing);
    Ok(response)
}

/// Writes a file whole. `If-Match` names the revision it replaces, `If-None-Match: *` says that it must be new.
#[utoipa::path(put, path = "/v1/sessions/{s}/files/{*path}", tag = "files",
    params(("s" = String, Path, description = "The session"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("If-Match" = Option<String>, Header, description = "Only if this is the file's revision, or `*` if it exists"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: only if there is no such file"),
        ("Acetate-Mode" = Option<String>, Header, description = "`100644`, `100755` or `120000`; as it is without"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Answer<Written>), (status = 201, description = "It is new", body = Answer<Written>)))]
pub(super) async fn write(
    call: Call,
    SessionName(s): SessionName,
    path: FilePath,
    mut query: Query,
    headers: HeaderMap,
    body: Pending,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let (path, mode, expect) = (path.fresh()?, mode(&headers)?, precondition(&headers)?);
    let answered = move |session: &Session, written: Result<Written, EngineError>| {
        let answer = Answer { body: written?, standing: session.standing(seen) };
        let body = to_json(&answer)?;
        Ok((answer, body))
    };
    let (answer, body) = match body.held(&call.door).await? {
        Ok(held) => {
            let write = WriteFile { path, content: held.bytes.clone().into(), mode, expect };
            call.run(move |engine, access| {
                let session = engine.session(access, &s)?;
                let written = session.write(write);
                drop(held);
                answered(&session, written)
            })
            .await?
        }
        Err(large) => {
            let asked = s.clone();
            call.run(move |engine, access| engine.session(access, &asked)?.may_write()).await?;
            let mut body = large.spool(&call.door, call.door.limits.file_bytes as u64).await?;
            let write = WriteStream { path, mode, expect };
            call.run_long(move |engine, access| {
                let session = engine.session(access, &s)?;
                let (file, size) = body.content()?;
                let written = session.write_stream(&write, size, file);
                answered(&session, written)
            })
            .await?
        }
    };
    Ok(written_response(&answer, body))
}

/// Deletes a file or a whole directory.
#[utoipa::path(delete, path = "/v1/sessions/{s}/files/{*path}", tag = "files",
    params(("s" = String, Path, description = "The session"), ("path" = String, Path, description = "The path as percent-encoded bytes; slashes stay"),
        ("If-Match" = Option<String>, Header, description = "Only if this is the file's revision, or `*` if it exists"),
        ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    responses((status = 200, body = Answer<Written>)))]
pub(super) async fn delete(
    call: Call,
    SessionName(s): SessionName,
    FilePath(path): FilePath,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    let expect = precondition(&headers)?;
    if expect.as_deref() == Some("") {
        return Err(Failure::invalid("precondition_invalid", "If-None-Match makes no sense for a deletion"));
    }
    call.answer(s, seen, move |session| session.delete(&path, expect.as_deref())).await
}

fn written_response(answer: &Answer<Written>, body: Vec<u8>) -> Response {
    let status = if answer.body.created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = json_response(status, body);
    if let Some(etag) = answer.body.etag.as_deref().and_then(quoted) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

/// Many files in one streamed answer, one JSON line each; where the session stands is in the headers.
#[utoipa::path(post, path = "/v1/sessions/{s}/read", tag = "files",
    params(("s" = String, Path, description = "The session"), ("seen" = Option<u64>, Query, description = "The newest event the caller knows; also `Acetate-Seen`")),
    request_body = ReadMany, responses((status = 200, description = "One `ReadFile` a line", body = ReadFile, content_type = "application/x-ndjson")))]
pub(super) async fn read_many(
    call: Call,
    SessionName(s): SessionName,
    mut query: Query,
    body: Incoming<ReadMany>,
) -> Result<Response, Failure> {
    let seen = query.seen()?;
    query.done()?;
    lines_response(&call, move |engine, access, sink| {
        let session = engine.session(access, &s)?;
        if !sink.stand(session.standing(seen)) {
            return Ok(());
        }
        session.read_many(&body.value, &mut |file| sink.file(&file))
    })
    .await
}
