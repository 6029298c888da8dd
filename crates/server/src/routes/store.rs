//! The store as a whole: its state, tokens, backup, and what is named by its own id.

use super::shapes::{BackupTo, Health};
use crate::call::{Call, json_response};
use crate::input::{Incoming, NoQuery, Query, Third};
use crate::problem::Failure;
use acetate_engine::api::{ChangeRecord, CreateToken, NewToken, StoreStatus, Submission, TokenInfo, TokenList};
use acetate_engine::{BackupReport, EngineError};
use acetate_types::ObjectId;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// Whether the server is there. The only route that needs no token; it says nothing else.
#[utoipa::path(get, path = "/healthz", tag = "store", responses((status = 200, body = Health)), security(()))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The store's state.
#[utoipa::path(get, path = "/v1", tag = "store", responses((status = 200, body = StoreStatus)))]
pub(super) async fn status(call: Call, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, |engine, access| engine.status(access)).await
}

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "store", responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub(super) async fn description(_call: Call) -> Result<Response, Failure> {
    let text = serde_json::to_vec(&crate::openapi()).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(json_response(StatusCode::OK, text))
}

/// Makes a token. It is shown once.
#[utoipa::path(post, path = "/v1/tokens", tag = "store", request_body = CreateToken, responses((status = 201, body = NewToken)))]
pub(super) async fn create_token(call: Call, _: NoQuery, body: Incoming<CreateToken>) -> Result<Response, Failure> {
    call.json(StatusCode::CREATED, move |engine, access| engine.create_token_once(access, &body.value, body.once.as_ref())).await
}

/// The tokens that have not ended, oldest first; those of the caller's workspace, if it has only that.
#[utoipa::path(get, path = "/v1/tokens", tag = "store", responses((status = 200, body = TokenList)))]
pub(super) async fn tokens(call: Call, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, |engine, access| engine.tokens(access)).await
}

/// Ends a token at once, and with it the tokens of the sessions that it opened; the sessions stay.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "store", params(("id" = String, Path, description = "Its id, as listed")),
    responses((status = 200, body = TokenInfo)))]
pub(super) async fn revoke_token(call: Call, Third(id): Third, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.revoke_token(access, &id)).await
}

/// Copies the running store consistently into a new folder of the server's machine.
#[utoipa::path(post, path = "/v1/backup", tag = "store", request_body = BackupTo, responses((status = 201, body = BackupReport)))]
pub(super) async fn backup(call: Call, _: NoQuery, body: Incoming<BackupTo>) -> Result<Response, Failure> {
    let to = PathBuf::from(OsStr::from_bytes(&body.value.path.0));
    if !to.is_absolute() {
        return Err(Failure::invalid("path_relative", "the path must be absolute: it is one of the server's machine"));
    }
    call.json_long(StatusCode::CREATED, move |engine, access| engine.backup(access, &to, &log)).await
}

/// A submission and what became of it.
#[utoipa::path(get, path = "/v1/submissions/{id}", tag = "turns", params(("id" = String, Path, description = "The submission")),
    responses((status = 200, body = Submission)))]
pub(super) async fn submission(call: Call, Third(id): Third, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| engine.submission(access, &id)).await
}

/// What a turn or a landing changed.
#[utoipa::path(get, path = "/v1/changes/{id}", tag = "turns", params(("id" = String, Path, description = "The commit that names the change")),
    responses((status = 200, body = ChangeRecord)))]
pub(super) async fn change(call: Call, Third(id): Third, query: Query) -> Result<Response, Failure> {
    query.done()?;
    call.json(StatusCode::OK, move |engine, access| {
        let commit: ObjectId = id.parse().map_err(|_| EngineError::not_found("change_not_found", "there is no such change"))?;
        engine.change(access, &commit)
    })
    .await
}

/// Where long work reports its progress when nobody can be shown it: the log.
pub(super) fn log(step: &str) {
    tracing::debug!(step, "long work");
}
