//! What whoever starts the door passes in: where to listen, who may name it, and the bounds.

use acetate_mcp::{HttpDoor, McpLimits, Shared};
use acetate_oauth::Issuer;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where and how to serve.
#[derive(Clone, Default)]
pub struct ServeOptions {
    /// A Unix socket, made with mode 0600. Whoever may connect to it, as the same user, is the store's owner.
    pub unix_socket: Option<PathBuf>,
    /// An address for TCP; port 0 takes a free one. Every request there needs a token.
    pub tcp: Option<SocketAddr>,
    /// Also take a TCP address that is not loopback. The traffic, tokens included, is not encrypted.
    pub allow_remote: bool,
    /// Further names by which clients may call this server (`Host`): `name` with any port, or `name:port`.
    pub extra_hosts: Vec<String>,
    /// Further origins whose pages may call this server (`Origin`), as `https://name` or `https://name:port`.
    pub extra_origins: Vec<String>,
    /// The bounds.
    pub limits: HttpLimits,
    /// An issuer whose tokens count beside this server's own.
    pub issuer: Option<Arc<Issuer>>,
    /// The bounds of MCP.
    pub mcp: McpLimits,
    /// Makes the MCP door in place of the usual one: how a test puts fixtures beside the tools. Not part of the public interface.
    #[doc(hidden)]
    pub mcp_handlers: Option<McpHandlers>,
}

/// Makes an MCP door over what handlers share; it ends with the token.
#[doc(hidden)]
pub type McpHandlers = Arc<dyn Fn(&Arc<Shared>, CancellationToken) -> HttpDoor + Send + Sync>;

impl std::fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServeOptions")
            .field("unix_socket", &self.unix_socket)
            .field("tcp", &self.tcp)
            .field("allow_remote", &self.allow_remote)
            .field("extra_hosts", &self.extra_hosts)
            .field("extra_origins", &self.extra_origins)
            .finish_non_exhaustive()
    }
}

/// Bounds of what a client can make grow. Over one of them a request gets a typed answer.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// Largest JSON body, in bytes.
    pub body_bytes: usize,
    /// Largest raw file body, in bytes. The engine's own limit applies too.
    pub file_bytes: usize,
    /// Sum of the request bodies that are held in memory at a time, in bytes.
    pub held_bytes: usize,
    /// Deepest nesting of a JSON body.
    pub json_depth: usize,
    /// Largest head of a request (request line and headers), in bytes; at least 8,192.
    pub header_bytes: usize,
    /// Most headers of a request.
    pub headers: usize,
    /// Most connections at a time.
    pub connections: usize,
    /// Most calls into the engine at a time; more wait, within `request_timeout`.
    pub concurrent: usize,
    /// Most calls of one token in a second, on TCP; a burst may be ten times as many. No bound without.
    pub rate: Option<NonZeroU32>,
    /// Most watchers of events at a time.
    pub watchers: usize,
    /// Most `git` processes and pushes at a time.
    pub git_concurrent: usize,
    /// Largest request of a fetch after inflating, in bytes.
    pub fetch_bytes: usize,
    /// Largest pushed pack, in bytes. The engine's own limit applies too.
    pub pack_bytes: u64,
    /// How long a request may take until its answer begins. What has reached the engine by then still ends there.
    pub request_timeout: Duration,
    /// How long the head of a request may take to arrive, counted from the end of the request before.
    pub header_timeout: Duration,
    /// How long either side of a transfer may make the other wait.
    pub stall_timeout: Duration,
    /// How long a fetch or a push may take.
    pub git_timeout: Duration,
    /// How long requests in flight may go on once the server is asked to end.
    pub shutdown_grace: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body_bytes: 64 << 20,
            file_bytes: 8 << 30,
            held_bytes: 1 << 30,
            json_depth: 32,
            header_bytes: 32 << 10,
            headers: 100,
            connections: 2_000,
            concurrent: 256,
            rate: None,
            watchers: 128,
            git_concurrent: 32,
            fetch_bytes: 64 << 20,
            pack_bytes: 16 << 30,
            request_timeout: Duration::from_secs(120),
            header_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(60),
            git_timeout: Duration::from_secs(3600),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
