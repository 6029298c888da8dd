//! Where clients come in: Streamable HTTP, and a stream of lines that a process speaks over its standard streams.

use crate::handler::Handler;
use crate::shared::Shared;
use crate::transports::Transports;
use crate::{Link, McpLimits};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use rmcp::ServerHandler;
use rmcp::service::serve_server_with_ct;
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_server::tower::StreamableHttpService;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// Streamable HTTP, to be put at `/mcp` behind whatever checks `Host`, `Origin` and who calls. The caller's
/// [`Access`](acetate_engine::Access) is looked for among each request's extensions.
#[derive(Clone)]
pub struct HttpDoor(BoxCloneSyncService<Asked, Answered, Infallible>);

type Asked = Request<UnsyncBoxBody<Bytes, BodyError>>;
type Answered = Response<BoxBody<Bytes, Infallible>>;

/// Why a request's body could not be read, in words: all that is done with it is to say so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BodyError(String);

impl std::fmt::Display for BodyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BodyError {}

impl std::fmt::Debug for HttpDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpDoor").finish_non_exhaustive()
    }
}

impl HttpDoor {
    /// Answers one request.
    pub async fn answer<B>(&self, request: Request<B>) -> Answered
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::fmt::Display,
    {
        let request = request.map(|body| UnsyncBoxBody::new(http_body_util::BodyExt::map_err(body, |error| BodyError(error.to_string()))));
        let ends = request.method() == Method::DELETE;
        let mut response = match self.0.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        // A client session has ended by then, and there are clients that take "accepted" for a failure.
        if ends && response.status() == StatusCode::ACCEPTED {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        response
    }
}

/// The HTTP door of these handlers; ends when `stopping` does. `Host` and `Origin` are not looked at here: one guard in front of all
/// routes does that.
pub fn http<H, F>(make: F, limits: &McpLimits, stopping: CancellationToken) -> HttpDoor
where
    H: ServerHandler + Send + Sync + 'static,
    F: Fn() -> H + Send + Sync + 'static,
{
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_json_response(true)
        .with_max_request_body_bytes(limits.message_bytes)
        .with_cancellation_token(stopping);
    let service = StreamableHttpService::new(move || Ok(make()), Arc::new(Transports::new(limits.transports)), config);
    HttpDoor(BoxCloneSyncService::new(service))
}

/// Serves one process over a stream of lines, until it ends or `stopping` does.
pub async fn stream<S>(shared: Arc<Shared>, link: Arc<Link>, stream: S, stopping: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (from, to) = tokio::io::split(stream);
    let lines = AsyncRwTransport::new_server(from, to).with_max_line_length(shared.limits.message_bytes);
    let (own, ended) = (shared.clone(), link.clone());
    // A token of its own: it is cancelled when this connection ends, which concerns no other.
    match serve_server_with_ct(Handler::linked(shared, link), lines, stopping.child_token()).await {
        Ok(running) => {
            if let Err(error) = running.waiting().await {
                tracing::warn!(%error, "a client's connection ended in a fault");
            }
        }
        Err(error) => tracing::debug!(%error, "a client went away before it began"),
    }
    // A daemon that ends leaves the sessions to the next one: the process is still there.
    if !stopping.is_cancelled() {
        drop(tokio::task::spawn_blocking(move || leave(&own, &ended)).await);
    }
}

/// The process is gone: a session that was opened for it alone, and in which nothing waits to land, goes with it.
fn leave(shared: &Shared, link: &Link) {
    let Some(id) = link.made() else { return };
    let closed = link.access().and_then(|access| shared.engine.session(&access, &id)?.close(false));
    match closed {
        Ok(_) => shared.shown.forget(&id),
        // It has work in it, and stays until its time is over.
        Err(error) => tracing::debug!(%error, session = %id, "a session stays after its process"),
    }
}
