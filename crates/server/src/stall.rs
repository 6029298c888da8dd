//! A connection whose other end must keep taking what is sent: without this, clients that stop reading would hold threads, processes
//! and files for ever, for an answer's body is only asked for more when there is room.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream that fails once writing has made no progress for so long. Reading is bounded elsewhere.
#[derive(Debug)]
pub(crate) struct Stalling<I> {
    stream: I,
    patience: Duration,
    /// Runs while a write waits.
    waiting: Pin<Box<Sleep>>,
    waits: bool,
}

impl<I> Stalling<I> {
    pub(crate) fn new(stream: I, patience: Duration) -> Self {
        Self { stream, patience, waiting: Box::pin(sleep(patience)), waits: false }
    }

    fn bounded<T>(&mut self, context: &mut Context<'_>, progress: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.waits = false;
            return progress;
        }
        if !self.waits {
            self.waits = true;
            self.waiting.as_mut().reset(Instant::now() + self.patience);
        }
        self.waiting.as_mut().poll(context).map(|()| Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Stalling<I> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Stalling<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.stream).poll_write(context, data);
        self.bounded(context, progress)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.stream).poll_flush(context);
        self.bounded(context, progress)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.stream).poll_shutdown(context);
        self.bounded(context, progress)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.stream).poll_write_vectored(context, data);
        self.bounded(context, progress)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test]
    async fn a_client_that_takes_nothing_ends_the_connection() {
        let (client, server) = duplex(16);
        let mut server = Stalling::new(server, Duration::from_millis(50));
        assert_eq!(server.write_all(&[0; 64]).await.expect_err("stalled").kind(), io::ErrorKind::TimedOut);
        drop(client);
    }

    #[tokio::test]
    async fn a_slow_client_does_not() {
        let (mut client, server) = duplex(4);
        let mut server = Stalling::new(server, Duration::from_secs(20));
        let reading = tokio::spawn(async move {
            let mut taken = Vec::new();
            let mut piece = [0; 4];
            while client.read(&mut piece).await.is_ok_and(|length| length > 0) {
                taken.extend_from_slice(&piece);
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            taken.len()
        });
        server.write_all(&[7; 64]).await.expect("written");
        drop(server);
        assert_eq!(reading.await.expect("read"), 64);
    }
}
