//! Whether anybody uses the server: what a daemon started on demand needs to know to end itself.

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A cheap view of how busy the server is. Clones see the same server.
#[derive(Debug, Clone)]
pub struct Activity(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    began: Instant,
    in_flight: AtomicUsize,
    /// Milliseconds after `began` at which the last request ended.
    ended: AtomicU64,
}

/// One request in flight, its streamed answer included; counts until dropped.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Counters>);

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Counters { began: Instant::now(), in_flight: AtomicUsize::new(0), ended: AtomicU64::new(0) }))
    }

    pub(crate) fn enter(&self) -> InFlight {
        self.0.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(self.0.clone())
    }

    /// Requests in flight, streamed answers included.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::SeqCst)
    }

    /// How long nothing has been asked: zero while a request or a stream is in flight, else since the last one ended.
    pub fn idle_for(&self) -> Duration {
        if self.in_flight() > 0 {
            return Duration::ZERO;
        }
        let ended = Duration::from_millis(self.0.ended.load(Ordering::SeqCst));
        self.0.began.elapsed().saturating_sub(ended)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let now = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.ended.fetch_max(now, Ordering::SeqCst);
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A body that keeps its request in flight until it is sent or broken off.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) body: Body,
    pub(crate) _busy: InFlight,
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_while_a_request_is_held() {
        let activity = Activity::new();
        let held = activity.enter();
        let second = activity.clone().enter();
        assert_eq!((activity.in_flight(), activity.idle_for()), (2, Duration::ZERO));
        drop((held, second));
        assert_eq!(activity.in_flight(), 0);
        // It ended just now, not when the server began.
        assert!(activity.idle_for() <= activity.0.began.elapsed());
    }
}
