//! The feed of a workspace's durable events: the newest ones in memory, and a way to wait for more.

use crate::api::Event;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Events kept in memory, so that a session's unseen events cost no look-up in the catalog.
const KEPT: usize = 256;

/// The feed. The lock is held to copy a few pointers.
pub(crate) struct Feed {
    last: AtomicU64,
    recent: Mutex<VecDeque<Arc<Event>>>,
    grown: Condvar,
}

impl Feed {
    pub(crate) fn new(last: u64) -> Self {
        Self { last: AtomicU64::new(last), recent: Mutex::new(VecDeque::new()), grown: Condvar::new() }
    }

    /// The number of the newest event.
    pub(crate) fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    /// Adds events that are durable now, in order of number.
    pub(crate) fn push(&self, events: impl IntoIterator<Item = Event>) {
        let mut recent = self.recent.lock();
        for event in events {
            self.last.fetch_max(event.number, Ordering::AcqRel);
            recent.push_back(Arc::new(event));
        }
        let surplus = recent.len().saturating_sub(KEPT);
        recent.drain(..surplus);
        drop(recent);
        self.grown.notify_all();
    }

    /// The events after a number, if memory reaches back that far.
    pub(crate) fn since(&self, after: u64) -> Option<Vec<Arc<Event>>> {
        if after >= self.last() {
            return Some(Vec::new());
        }
        let recent = self.recent.lock();
        let oldest = recent.front()?.number;
        (oldest <= after + 1).then(|| recent.iter().filter(|event| event.number > after).cloned().collect())
    }

    /// Waits until there is an event after this number, or the time is over, or somebody wakes all waiters.
    pub(crate) fn wait(&self, after: u64, time: Duration) {
        let until = Instant::now() + time;
        let mut recent = self.recent.lock();
        if self.last() <= after {
            let _ = self.grown.wait_until(&mut recent, until);
        }
    }

    /// Wakes all waiters, for example to shut down.
    pub(crate) fn wake(&self) {
        self.grown.notify_all();
    }
}
