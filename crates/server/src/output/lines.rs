//! Many files as one stream of JSON lines, made by a blocking call at the pace at which the client takes them.
//!
//! Memory is bounded by a few chunks, whatever the number of lines. An error before the first line is a problem like any other; after it
//! the stream is broken off, which the client sees as a truncated transfer.

use super::file_line::file_line;
use crate::call::Call;
use crate::problem::Failure;
use acetate_engine::api::{ReadFile, Standing};
use acetate_engine::{Access, Engine, EngineError};
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// Bytes after which a chunk is sent.
const CHUNK: usize = 128 << 10;
/// Chunks that wait for the client.
const WAITING: usize = 4;

enum Part {
    Standing(Box<Standing>),
    Chunk(Bytes),
    Failed(Failure),
    /// Every line was made; a stream that ends without it was broken off.
    Done,
}

/// Where the blocking call puts its lines.
pub(crate) struct LineSink {
    parts: mpsc::Sender<Part>,
    runtime: Handle,
    stall: Duration,
    buffer: Vec<u8>,
}

impl LineSink {
    /// Says where the session stands, for the headers; before the first line.
    pub(crate) fn stand(&mut self, standing: Standing) -> bool {
        self.send(Part::Standing(Box::new(standing)))
    }

    /// Adds a file. `false` when nobody takes them any more.
    pub(crate) fn file(&mut self, file: &ReadFile) -> bool {
        file_line(&mut self.buffer, file) && (self.buffer.len() < CHUNK || self.flush())
    }

    fn flush(&mut self) -> bool {
        // With room from the start, for a buffer that grows is copied each time.
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK + CHUNK / 4));
        chunk.is_empty() || self.send(Part::Chunk(chunk.into()))
    }

    fn send(&self, part: Part) -> bool {
        match self.parts.try_send(part) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            // A client that takes nothing for too long must not hold a thread.
            Err(TrySendError::Full(part)) => self
                .runtime
                .block_on(async { tokio::time::timeout(self.stall, self.parts.send(part)).await.is_ok_and(|sent| sent.is_ok()) }),
        }
    }
}

/// Runs a call that makes lines, and answers with them as they come.
pub(crate) async fn lines_response<F>(call: &Call, work: F) -> Result<Response, Failure>
where
    F: FnOnce(&Engine, &Access, &mut LineSink) -> Result<(), EngineError> + Send + 'static,
{
    let permit = call.door.enter().await?;
    let (sender, mut parts) = mpsc::channel(WAITING);
    let mut sink = LineSink { parts: sender, runtime: Handle::current(), stall: call.door.limits.stall_timeout, buffer: Vec::new() };
    let (engine, access) = (call.door.engine.clone(), call.access.clone());
    tokio::task::spawn_blocking(move || {
        match work(&engine, &access, &mut sink) {
            Ok(()) => drop(sink.flush() && sink.send(Part::Done)),
            Err(error) => drop(sink.send(Part::Failed(error.into()))),
        }
        drop(permit);
    });
    let mut standing = None;
    let first = loop {
        let part = tokio::time::timeout(call.door.limits.request_timeout, parts.recv()).await;
        match part.map_err(|_| Failure::new(acetate_types::ErrorKind::Unavailable, "request_timeout", "the call takes too long"))? {
            Some(Part::Standing(found)) => standing = Some(found),
            Some(Part::Failed(failure)) => return Err(failure),
            Some(Part::Chunk(chunk)) => break Some(chunk),
            Some(Part::Done) => break None,
            None => return Err(Failure::internal("the call ended in a fault of the server")),
        }
    };
    let ended = first.is_none();
    let rest = futures::stream::unfold((parts, ended), |(mut parts, ended)| async move {
        if ended {
            return None;
        }
        match parts.recv().await {
            Some(Part::Chunk(chunk)) => Some((Ok(chunk), (parts, false))),
            Some(Part::Standing(_)) => Some((Ok(Bytes::new()), (parts, false))),
            Some(Part::Failed(failure)) => Some((Err(std::io::Error::other(failure.problem().message.clone())), (parts, true))),
            Some(Part::Done) => None,
            None => Some((Err(std::io::Error::other("the call ended in a fault of the server")), (parts, true))),
        }
    });
    let body = futures::stream::iter(first.map(Ok)).chain(rest);
    let mut response = Body::from_stream(body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    if let Some(standing) = standing {
        super::stand(response.headers_mut(), &standing);
    }
    Ok(response)
}
