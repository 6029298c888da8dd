//! The body of a push, from the async connection to the blocking reader in the engine, with back-pressure and bounds.

use bytes::{Buf as _, Bytes};
use http_body_util::BodyExt as _;
use std::io::{self, Read};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Chunks that wait for the reader.
const WAITING: usize = 8;

/// Where the engine reads from. Ends well only where the body did.
#[derive(Debug)]
pub(super) struct PushBody {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    current: Bytes,
    ended: bool,
}

/// Feeds a body to a [`PushBody`].
#[derive(Debug)]
pub(super) struct Pump {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    limit: u64,
    stall: Duration,
}

/// A reader and what feeds it: at most `limit` bytes, with no pause of the client over `stall`.
pub(super) fn push_body(limit: u64, stall: Duration) -> (Pump, PushBody) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Pump { chunks: sender, limit, stall }, PushBody { chunks: receiver, current: Bytes::new(), ended: false })
}

impl Pump {
    /// Feeds the whole body. What the reader no longer wants is read and dropped, for a client that is still sending does not listen.
    pub(super) async fn feed(self, mut body: axum::body::Body) {
        let mut taken: u64 = 0;
        let mut wanted = true;
        loop {
            let part = match timeout(self.stall, body.frame()).await {
                Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client sends nothing")),
                Ok(Some(Err(error))) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, error)),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(chunk) => Ok(chunk),
                    Err(_) => continue,
                },
                // The empty chunk says that this is all.
                Ok(None) => Ok(Bytes::new()),
            };
            let over = match &part {
                Ok(chunk) if chunk.is_empty() => true,
                Ok(chunk) => {
                    taken = taken.saturating_add(chunk.len() as u64);
                    taken > self.limit
                }
                Err(_) => true,
            };
            let part = match part {
                Ok(_) if taken > self.limit => {
                    Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("the push is over {} bytes", self.limit)))
                }
                part => part,
            };
            wanted = wanted && self.chunks.send(part).await.is_ok();
            if over {
                return;
            }
        }
    }
}

impl Read for PushBody {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            if self.ended || out.is_empty() {
                return Ok(0);
            }
            match self.chunks.blocking_recv() {
                Some(Ok(chunk)) if chunk.is_empty() => self.ended = true,
                Some(Ok(chunk)) => self.current = chunk,
                Some(Err(error)) => return Err(error),
                None => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the client left")),
            }
        }
        let length = self.current.len().min(out.len());
        if let Some(out) = out.get_mut(..length) {
            self.current.copy_to_slice(out);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    async fn check(chunks: Vec<Result<&'static [u8], &'static str>>, limit: u64, expect: Result<&[u8], io::ErrorKind>) {
        let (pump, mut reader) = push_body(limit, Duration::from_secs(5));
        let shown = format!("{chunks:?}");
        let chunks = chunks.into_iter().map(|chunk| chunk.map(Bytes::from_static).map_err(io::Error::other));
        let feeding = tokio::spawn(pump.feed(Body::from_stream(futures::stream::iter(chunks))));
        let reading = tokio::task::spawn_blocking(move || {
            let mut out = Vec::new();
            reader.read_to_end(&mut out).map(|_| out)
        });
        let found = reading.await.expect("read").map_err(|error| error.kind());
        assert_eq!(found.as_deref().map_err(|kind| *kind), expect, "{shown}");
        feeding.await.expect("fed");
    }

    #[tokio::test]
    async fn whole_truncated_and_overlong_bodies_are_told_apart() {
        check(vec![Ok(b"abc"), Ok(b"de")], 5, Ok(b"abcde")).await;
        check(vec![], 5, Ok(b"")).await;
        check(vec![Ok(b"abc"), Err("reset")], 5, Err(io::ErrorKind::UnexpectedEof)).await;
        check(vec![Ok(b"abc"), Ok(b"def")], 5, Err(io::ErrorKind::FileTooLarge)).await;
    }

    #[tokio::test]
    async fn a_reader_that_stops_does_not_stop_the_client() {
        let (pump, reader) = push_body(1 << 20, Duration::from_secs(5));
        drop(reader);
        let chunks = (0..100).map(|_| Ok::<_, io::Error>(Bytes::from_static(b"x")));
        pump.feed(Body::from_stream(futures::stream::iter(chunks))).await;
    }

    #[tokio::test]
    async fn a_client_that_left_is_no_end_of_the_pack() {
        let (pump, mut reader) = push_body(1 << 20, Duration::from_secs(5));
        drop(pump);
        let found = tokio::task::spawn_blocking(move || reader.read(&mut [0; 4]).map_err(|error| error.kind())).await.expect("read");
        assert_eq!(found, Err(io::ErrorKind::UnexpectedEof));
    }
}
