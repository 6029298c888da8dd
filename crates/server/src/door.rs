//! What every request shares: the engine, the bounds, the queues.

use crate::guard::{Names, Rate};
use crate::options::{HttpLimits, ServeOptions};
use crate::problem::Failure;
use acetate_engine::{Engine, EngineError};
use acetate_mcp::{Handler, HttpDoor};
use acetate_oauth::Issuer;
use acetate_types::{ErrorKind, ObjectFormat};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// The shared state of all routes.
pub(crate) struct Door {
    pub(crate) engine: Engine,
    pub(crate) limits: HttpLimits,
    /// Who may name this server, and from where.
    pub(crate) names: Names,
    /// The hash function of the store, for the Git door.
    pub(crate) format: ObjectFormat,
    /// Set when the server is asked to end; streams end then.
    pub(crate) stopping: CancellationToken,
    /// The clients that speak MCP.
    pub(crate) mcp: McpState,
    /// An issuer whose tokens count too.
    pub(crate) issuer: Option<Arc<Issuer>>,
    /// How often a token may call.
    pub(crate) rate: Rate,
    calls: Arc<Semaphore>,
    watchers: Arc<Semaphore>,
    git: Arc<Semaphore>,
    /// Of [`HELD_UNIT`] bytes each.
    held: Arc<Semaphore>,
}

/// What clients that speak MCP share.
pub(crate) struct McpState {
    pub(crate) shared: Arc<acetate_mcp::Shared>,
    pub(crate) http: HttpDoor,
    streams: Arc<Semaphore>,
}

impl McpState {
    fn new(engine: &Engine, options: &ServeOptions, stopping: &CancellationToken) -> Self {
        let shared = acetate_mcp::Shared::new(engine.clone(), options.mcp.clone());
        let http = match &options.mcp_handlers {
            Some(make) => make(&shared, stopping.clone()),
            None => {
                let shared = shared.clone();
                acetate_mcp::http(move || Handler::new(shared.clone()), &options.mcp, stopping.clone())
            }
        };
        Self { shared, http, streams: semaphore(options.mcp.transports) }
    }

    /// A place for a process that has a connection to itself, at once or not at all.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.streams.clone().try_acquire_owned().map_err(|_| busy("too many clients are connected"))
    }
}

/// The granularity in which memory for bodies is counted.
const HELD_UNIT: usize = 4096;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The Unix socket, from a process of the same user (or root): the owner, unless it names a token.
    Owner,
    /// The Unix socket, from somebody else: needs a token.
    OtherUser,
    /// TCP: needs a token.
    Tcp,
}

impl Door {
    /// The shared state. Asks the engine once for the store's hash function.
    pub(crate) fn new(engine: Engine, options: &ServeOptions, names: Names) -> Result<Arc<Self>, EngineError> {
        let limits = options.limits.clone();
        let format = engine.status(&engine.owner())?.format;
        let stopping = CancellationToken::new();
        Ok(Arc::new(Self {
            mcp: McpState::new(&engine, options, &stopping),
            issuer: options.issuer.clone(),
            rate: Rate::new(limits.rate),
            engine,
            names,
            format,
            stopping,
            calls: semaphore(limits.concurrent),
            watchers: semaphore(limits.watchers),
            git: semaphore(limits.git_concurrent),
            held: semaphore(limits.held_bytes.div_ceil(HELD_UNIT)),
            limits,
        }))
    }

    /// A place among the calls into the engine; waits for one within the request's time.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        match tokio::time::timeout(self.limits.request_timeout, self.calls.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(busy("too many calls are under way")),
        }
    }

    /// A place among the watchers, at once or not at all.
    pub(crate) fn watch(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.watchers.clone().try_acquire_owned().map_err(|_| {
            Failure::new(ErrorKind::Limit, "watchers_limit", format!("{} watchers are connected already", self.limits.watchers))
                .hint("ask with ?wait=0 instead, or close a watcher")
        })
    }

    /// A place among fetches and pushes; waits for one within the request's time.
    pub(crate) async fn enter_git(&self) -> Result<OwnedSemaphorePermit, Failure> {
        match tokio::time::timeout(self.limits.request_timeout, self.git.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(busy("too many fetches and pushes are under way")),
        }
    }

    /// Room for so many more bytes of a body, at once or not at all (waiting could make bodies wait for each other for ever).
    pub(crate) fn hold(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Failure> {
        let units = u32::try_from(bytes.div_ceil(HELD_UNIT)).unwrap_or(u32::MAX);
        self.held.clone().try_acquire_many_owned(units).map_err(|_| busy("too many large bodies are under way"))
    }
}

fn semaphore(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits.clamp(1, Semaphore::MAX_PERMITS)))
}

fn busy(message: &str) -> Failure {
    Failure::new(ErrorKind::Unavailable, "server_busy", message).hint("try again in a moment")
}
