//! The server: binding, accepting, serving connections, ending.
//!
//! HTTP/1.1 only. Connections are bounded in number, request heads in size and time; ending lets requests in flight finish within a grace.

use crate::activity::{Activity, Counted};
use crate::door::{Door, Peer};
use crate::guard::{Names, shield};
use crate::listen::{UnixSocket, bind_tcp};
use crate::options::ServeOptions;
use crate::stall::Stalling;
use crate::{git_door, mcp_door, routes};
use acetate_engine::{Engine, EngineError};
use acetate_types::{Classify, ErrorKind, Problem};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

/// Why the server could not begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Neither a Unix socket nor a TCP address was asked for.
    #[error("there is nothing to listen at")]
    Nowhere,
    /// A TCP address that others can reach, without a word that this is meant.
    #[error("{0} can be reached from other machines, and the traffic is not encrypted")]
    Remote(SocketAddr),
    /// Another server answers at the Unix socket.
    #[error("another server answers at {0}")]
    InUse(PathBuf),
    /// Something that is no socket is where the socket should be.
    #[error("{0} is there and no socket")]
    NotASocket(PathBuf),
    /// The Unix socket could not be made.
    #[error("listening at {path}: {source}")]
    Unix {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The TCP address could not be had.
    #[error("listening at {address}: {source}")]
    Tcp {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The engine did not answer.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// A task of the server ended in a panic.
    #[error("a task of the server ended in a fault")]
    Task,
}

impl Classify for ServeError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::Nowhere => Problem::new(ErrorKind::Invalid, "serve_nowhere", text),
            Self::Remote(_) => {
                Problem::new(ErrorKind::Invalid, "serve_remote", text).hint("listen on 127.0.0.1, or allow remote clients explicitly")
            }
            Self::InUse(_) => Problem::new(ErrorKind::Conflict, "serve_in_use", text).hint("stop that server first, or use it"),
            Self::NotASocket(_) => Problem::new(ErrorKind::Conflict, "serve_not_a_socket", text).hint("remove it, or name another path"),
            Self::Unix { .. } | Self::Tcp { .. } => Problem::new(ErrorKind::Unavailable, "serve_listen", text),
            Self::Engine(error) => error.problem(),
            Self::Task => Problem::new(ErrorKind::Internal, "internal", text),
        }
    }
}

/// Where a server listens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// The Unix socket.
    pub unix: Option<PathBuf>,
    /// The TCP address, with the port that was taken.
    pub tcp: Option<SocketAddr>,
}

/// A server that listens and does not serve yet.
pub struct Server {
    router: Router,
    door: Arc<Door>,
    unix: Option<UnixSocket>,
    tcp: Option<TcpListener>,
    addresses: Bound,
    activity: Activity,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Server {
    /// Listens where the options say. Clients may connect from now on and are served once [`Server::run`] is called.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn bind(engine: Engine, options: ServeOptions) -> Result<Self, ServeError> {
        if options.unix_socket.is_none() && options.tcp.is_none() {
            return Err(ServeError::Nowhere);
        }
        let tcp = match options.tcp {
            Some(address) => Some(bind_tcp(address, options.allow_remote).await?),
            None => None,
        };
        let unix = match &options.unix_socket {
            Some(path) => Some(UnixSocket::bind(path).await?),
            None => None,
        };
        let bound = tcp.as_ref().and_then(|listener| listener.local_addr().ok());
        let addresses = Bound { unix: unix.as_ref().map(|socket| socket.path.clone()), tcp: bound };
        let names = Names::new(bound, &options.extra_hosts, &options.extra_origins);
        let door = tokio::task::spawn_blocking(move || Door::new(engine, &options, names)).await.map_err(|_| ServeError::Task)??;
        let routes = routes::routes().split_for_parts().0.merge(git_door::routes()).merge(mcp_door::routes());
        let router = shield(routes, door.clone());
        Ok(Self { router, door, unix, tcp, addresses, activity: Activity::new() })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &Bound {
        &self.addresses
    }

    /// How busy it is; stays valid while the server runs.
    pub fn activity(&self) -> Activity {
        self.activity.clone()
    }

    /// Serves until `shutdown` is over; then takes no more connections, ends streams of events, and lets other requests finish within
    /// [`crate::HttpLimits::shutdown_grace`]. The engine is left open: it is the caller's.
    ///
    /// # Errors
    /// When accepting fails for good.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let Self { router, door, unix, tcp, activity, .. } = self;
        let places = Arc::new(Semaphore::new(door.limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let shared = Shared { router, door: door.clone(), activity, places: places.clone() };
        let own_user = rustix::process::geteuid().as_raw();
        let accept_unix = async {
            let Some(socket) = &unix else { return std::future::pending().await };
            loop {
                let Some(place) = shared.place().await else { return };
                match socket.listener.accept().await {
                    Ok((stream, _)) => {
                        // The socket's mode keeps others out; the kernel's word about the peer holds even if somebody loosened it.
                        let owner = stream.peer_cred().is_ok_and(|peer| peer.uid() == own_user || peer.uid() == 0);
                        shared.serve(stream, if owner { Peer::Owner } else { Peer::OtherUser }, place);
                    }
                    Err(error) => pause_after(&error).await,
                }
            }
        };
        let accept_tcp = async {
            let Some(listener) = &tcp else { return std::future::pending().await };
            loop {
                let Some(place) = shared.place().await else { return };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        // Answers are written whole; waiting to fill packets would only delay them.
                        drop(stream.set_nodelay(true));
                        shared.serve(stream, Peer::Tcp, place);
                    }
                    Err(error) => pause_after(&error).await,
                }
            }
        };
        tokio::select! {
            () = accept_unix => {}
            () = accept_tcp => {}
            () = shutdown => {}
        }
        drop((tcp, unix));
        door.stopping.cancel();
        // All places free means that every connection has ended.
        let all = u32::try_from(door.limits.connections.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        if tokio::time::timeout(door.limits.shutdown_grace, places.acquire_many(all)).await.is_err() {
            tracing::warn!("ended with requests still in flight");
        }
        Ok(())
    }
}

/// Binds and serves until `shutdown` is over. To learn where it listens, use [`Server::bind`] and [`Server::run`].
///
/// # Errors
/// [`ServeError`].
pub async fn serve(engine: Engine, options: ServeOptions, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
    Server::bind(engine, options).await?.run(shutdown).await
}

/// What connections share.
struct Shared {
    router: Router,
    door: Arc<Door>,
    activity: Activity,
    places: Arc<Semaphore>,
}

impl Shared {
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().acquire_owned().await.ok()
    }

    /// Serves a connection in a task of its own.
    fn serve<I>(&self, stream: I, peer: Peer, place: OwnedSemaphorePermit)
    where
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (router, activity, stopping) = (self.router.clone(), self.activity.clone(), self.door.stopping.clone());
        let service = service_fn(move |request: hyper::Request<Incoming>| answer(router.clone(), activity.clone(), peer, request));
        let limits = &self.door.limits;
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_headers(limits.headers)
            // Hyper insists on at least 8 KiB.
            .max_buf_size(limits.header_bytes.max(8 << 10))
            .half_close(false);
        let stream = TokioIo::new(Stalling::new(stream, limits.stall_timeout));
        let connection = http.serve_connection(stream, service).with_upgrades();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
}

async fn answer(router: Router, activity: Activity, peer: Peer, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    let busy = activity.enter();
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(activity);
    let response = router.oneshot(request).await?;
    // The request is over when its answer's body is.
    Ok(response.map(|body| Body::new(Counted { body, _busy: busy })))
}

/// A connection that ended before it was accepted concerns nobody; too many open files pass when others end.
async fn pause_after(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "a connection can't be accepted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
