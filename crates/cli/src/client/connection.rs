//! One connection to the daemon over its Unix socket: HTTP/1.1, one request at a time, blocking for the caller.
//!
//! A request is sent once and never again by itself: only a connection found dead before anything was sent is replaced.

use super::request::problem;
use super::{Failure, Reply, Request};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

/// Largest error body that is read, in bytes.
const ERROR_BODY: usize = 1 << 20;

/// A client of one daemon. A thread that wants to ask at the same time has its own.
pub struct Client {
    runtime: Runtime,
    socket: PathBuf,
    sender: Option<SendRequest<Full<Bytes>>>,
    timeout: Option<Duration>,
    daemon: Option<u32>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there; the failure is [`Failure::unreachable`].
    pub fn connect(socket: &Path, timeout: Option<Duration>) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut client = Self { runtime, socket: socket.to_owned(), sender: None, timeout, daemon: None };
        client.reconnect()?;
        Ok(client)
    }

    /// A further connection to the same daemon.
    ///
    /// # Errors
    /// As for [`Client::connect`].
    pub fn another(&self) -> Result<Self, Failure> {
        Self::connect(&self.socket, self.timeout)
    }

    /// The daemon's process id, as the kernel knows it.
    pub fn daemon_pid(&self) -> Option<u32> {
        self.daemon
    }

    fn reconnect(&mut self) -> Result<(), Failure> {
        let socket = &self.socket;
        let (sender, pid) = self.runtime.block_on(async {
            let stream = UnixStream::connect(socket)
                .await
                .map_err(|error| Failure::unreachable(format!("no daemon answers at {}: {error}", socket.display())))?;
            let pid = stream.peer_cred().ok().and_then(|peer| peer.pid()).and_then(|pid| u32::try_from(pid).ok());
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| lost(&error))?;
            tokio::spawn(connection);
            Ok::<_, Failure>((sender, pid))
        })?;
        self.sender = Some(sender);
        self.daemon = pid;
        Ok(())
    }

    /// Asks, and reads the answer whole.
    ///
    /// # Errors
    /// What the daemon answers, and whatever keeps it from answering.
    pub fn ask(&mut self, request: Request) -> Result<Reply, Failure> {
        let timeout = self.timeout;
        let body = self.send(request, timeout)?;
        let body = self.runtime.block_on(within(timeout, async { Ok(body.collect().await.map_err(|error| lost(&error))?.to_bytes()) }))?;
        Ok(Reply { body })
    }

    /// Asks, and leaves the body to be read piece by piece; nothing else can be asked until it is dropped.
    ///
    /// # Errors
    /// As for [`Client::ask`].
    pub fn stream(&mut self, request: Request) -> Result<ReplyBody<'_>, Failure> {
        let timeout = self.timeout;
        let body = self.send(request, timeout)?;
        Ok(ReplyBody { body, client: self })
    }

    fn send(&mut self, request: Request, timeout: Option<Duration>) -> Result<Incoming, Failure> {
        let ready = match &mut self.sender {
            Some(sender) => self.runtime.block_on(sender.ready()).is_ok(),
            None => false,
        };
        if !ready {
            self.reconnect()?;
        }
        let Some(sender) = &mut self.sender else { return Err(Failure::unreachable("the connection is gone")) };
        let mut built = hyper::Request::builder().method(request.method).uri(request.target).header("host", "acetate");
        for (name, value) in request.headers {
            built = built.header(name, value);
        }
        let built = built.body(Full::new(request.body)).map_err(|error| Failure::usage(format!("this can't be sent: {error}")))?;
        let answer = self.runtime.block_on(within(timeout, async { sender.send_request(built).await.map_err(|error| lost(&error)) }));
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                // A half-used connection can't be used again.
                self.sender = None;
                return Err(failure);
            }
        };
        let (parts, body) = answer.into_parts();
        if parts.status.is_success() || parts.status == hyper::StatusCode::NOT_MODIFIED {
            return Ok(body);
        }
        let limited = http_body_util::Limited::new(body, ERROR_BODY);
        let bytes = self
            .runtime
            .block_on(within(timeout, async { Ok(limited.collect().await.map(|body| body.to_bytes()).unwrap_or_default()) }))?;
        Err(problem(parts.status, &bytes).into())
    }
}

/// A body that is read piece by piece.
pub struct ReplyBody<'a> {
    body: Incoming,
    client: &'a mut Client,
}

impl ReplyBody<'_> {
    /// The next piece, `None` at the end.
    ///
    /// # Errors
    /// When the daemon goes away, or takes longer than the time-out.
    pub fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let body = &mut self.body;
        let timeout = self.client.timeout;
        self.client.runtime.block_on(within(timeout, async {
            loop {
                match body.frame().await {
                    None => return Ok(None),
                    Some(Err(error)) => return Err(lost(&error)),
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => return Ok(Some(data)),
                        Err(_trailers) => {}
                    },
                }
            }
        }))
    }

    /// Gives every line to `each`, without its end; lines longer than the bound are refused.
    ///
    /// # Errors
    /// As for [`ReplyBody::next`], and those of `each`.
    pub fn lines(&mut self, bound: usize, mut each: impl FnMut(&[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut rest = Vec::new();
        while let Some(piece) = self.next()? {
            let mut piece = &piece[..];
            while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
                let (line, behind) = piece.split_at(end);
                if rest.is_empty() {
                    each(line)?;
                } else {
                    rest.extend_from_slice(line);
                    each(&rest)?;
                    rest.clear();
                }
                piece = behind.get(1..).unwrap_or_default();
            }
            rest.extend_from_slice(piece);
            if rest.len() > bound {
                return Err(Failure::unexpected("a line of the daemon's answer is too long"));
            }
        }
        if rest.is_empty() { Ok(()) } else { each(&rest) }
    }
}

impl Drop for ReplyBody<'_> {
    fn drop(&mut self) {
        // What was not read to its end can't be followed by another request.
        if !hyper::body::Body::is_end_stream(&self.body) {
            self.client.sender = None;
        }
    }
}

async fn within<T>(timeout: Option<Duration>, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match timeout {
        None => work.await,
        Some(limit) => tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(Failure::timed_out(format!("no answer within {} s", limit.as_secs())))),
    }
}

fn lost(error: &(impl std::error::Error + ?Sized)) -> Failure {
    let cause = std::iter::successors(error.source(), |cause| cause.source()).last().map(|cause| format!(": {cause}")).unwrap_or_default();
    Failure::unreachable(format!("the daemon went away before it had answered: {error}{cause}"))
        .hint("what it was asked to do may have happened; `acetate status` and `acetate log` tell")
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
