//! Which path leads to which handler.

use super::refusal::Refusal;
use super::request::{GitCall, GitWorkspace, Service};
use super::{fetch, push};
use crate::door::Door;
use axum::Router;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

/// The routes of the Git door.
pub(crate) fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/git/{workspace}/info/refs", get(info_refs))
        .route("/git/{workspace}/git-upload-pack", post(fetch::upload_pack))
        .route("/git/{workspace}/git-receive-pack", post(push::receive_pack))
}

async fn info_refs(call: GitCall, workspace: GitWorkspace, RawQuery(query): RawQuery, headers: HeaderMap) -> Result<Response, Refusal> {
    match Service::of_query(query.as_deref())? {
        Service::UploadPack => fetch::advertise(call, workspace, &headers).await,
        Service::ReceivePack => push::advertise(call, workspace).await,
    }
}
