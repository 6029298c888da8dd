//! A connection to the daemon that is taken over by the lines of MCP.

use crate::client::Failure;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::path::Path;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines, ReadHalf, WriteHalf};
use tokio::net::UnixStream;

/// Largest body of a refusal, in bytes.
const REFUSAL: usize = 64 << 10;

type Stream = TokioIo<hyper::upgrade::Upgraded>;

/// The two ways of a connection.
pub struct Joined {
    /// What the daemon says.
    pub from: Lines<BufReader<ReadHalf<Stream>>>,
    to: WriteHalf<Stream>,
}

impl Joined {
    /// Takes over a connection to the daemon at this socket.
    ///
    /// # Errors
    /// `daemon_unreachable`, and what the daemon refuses.
    pub async fn open(socket: &Path, workspace: Option<&str>, session: Option<&str>) -> Result<Self, Failure> {
        let gone = |error: &dyn std::fmt::Display| Failure::unreachable(format!("no daemon answers at {}: {error}", socket.display()));
        let stream = UnixStream::connect(socket).await.map_err(|error| gone(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| gone(&error))?;
        tokio::spawn(connection.with_upgrades());
        let mut request =
            hyper::Request::get("/mcp/stream").header("host", "acetate").header("connection", "upgrade").header("upgrade", "acetate-mcp");
        for (name, value) in [("acetate-workspace", workspace), ("acetate-session", session)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| Failure::usage(format!("this can't be sent: {error}")))?;
        let response = sender.send_request(request).await.map_err(|error| gone(&error))?;
        if response.status() != hyper::StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status();
            let body = Limited::new(response.into_body(), REFUSAL).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            return Err(crate::client::problem(status, &body).into());
        }
        let stream = TokioIo::new(hyper::upgrade::on(response).await.map_err(|error| gone(&error))?);
        let (from, to) = tokio::io::split(stream);
        Ok(Self { from: BufReader::new(from).lines(), to })
    }

    /// Says a line.
    ///
    /// # Errors
    /// When the daemon is gone.
    pub async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.to.write_all(line.as_bytes()).await?;
        self.to.write_all(b"\n").await?;
        self.to.flush().await
    }
}
