//! Which path leads where.

use super::{http, stream};
use crate::door::Door;
use axum::Router;
use axum::routing::{any, get};
use std::sync::Arc;

/// The routes of MCP.
pub(crate) fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/mcp", any(http::mcp))
        .route("/mcp/stream", get(stream::open))
        .route("/.well-known/oauth-protected-resource", get(http::metadata))
        .route("/.well-known/oauth-protected-resource/mcp", get(http::metadata))
}
