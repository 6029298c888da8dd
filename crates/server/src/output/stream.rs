//! A file as a stream: a blocking call writes it at the pace at which the client takes it; memory holds a few chunks.

use crate::call::Call;
use crate::input::{Ranged, if_none_match, range};
use crate::problem::Failure;
use acetate_engine::OpenFile;
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::io::{self, Write};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Files from this size on are streamed, in bytes.
pub(crate) const STREAMED: u64 = 32 << 20;
/// Bytes of a chunk.
const CHUNK: usize = 256 << 10;
/// Chunks that wait for the client.
const WAITING: usize = 4;

/// The whole file, the range that was asked for, or 304 when the caller has this revision.
pub(crate) async fn stream_response(call: &Call, asked: &HeaderMap, file: OpenFile) -> Result<Response, Failure> {
    let size = file.size();
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let (status, part) = match range(asked, length, file.etag()) {
        _ if if_none_match(asked, file.etag()) => return Ok(super::not_modified(file.etag(), Some(file.mode()))),
        Ranged::Whole => (StatusCode::OK, 0..size),
        Ranged::Part(part) => (StatusCode::PARTIAL_CONTENT, part.start as u64..part.end as u64),
        Ranged::Unsatisfiable => return Ok(super::unsatisfiable(size)),
    };
    let permit = call.door.enter().await?;
    let (sender, chunks) = mpsc::channel(WAITING);
    let (stall, runtime, etag, mode, wanted) =
        (call.door.limits.stall_timeout, Handle::current(), file.etag().to_owned(), file.mode(), part.clone());
    tokio::task::spawn_blocking(move || {
        let mut sink = Sink { chunks: sender, runtime, stall, waiting: Vec::with_capacity(CHUNK) };
        let copied = file.copy(wanted, &mut sink).map_err(|error| io::Error::other(error.to_string()));
        if let Err(error) = copied.and_then(|()| sink.send()) {
            // The client sees a transfer that is broken off; one that went away sees nothing.
            drop(sink.chunks.blocking_send(Err(error)));
        }
        drop(permit);
    });
    let body = Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(chunks));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    if status == StatusCode::PARTIAL_CONTENT {
        let shown = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
        if let Ok(value) = HeaderValue::from_str(&shown) {
            headers.insert(CONTENT_RANGE, value);
        }
    }
    super::describe(headers, &etag, Some(mode));
    Ok(response)
}

/// Where the blocking call writes.
struct Sink {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
    stall: Duration,
    waiting: Vec<u8>,
}

impl Sink {
    fn send(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK));
        // A client that takes nothing for too long must not hold a thread.
        let sent = self.runtime.block_on(async { tokio::time::timeout(self.stall, self.chunks.send(Ok(chunk.into()))).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client takes no more")),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let part = data.get(..data.len().min(CHUNK)).unwrap_or_default();
        self.waiting.extend_from_slice(part);
        if self.waiting.len() >= CHUNK {
            self.send()?;
        }
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
