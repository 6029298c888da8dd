//! Syncing: one at a time, for all who wait; and what follows from a sync that succeeded or failed.
//!
//! Invariant: `synced` moves only after every segment with a record up to it, and the directory if a segment was made, were synced
//! without an error. Whoever syncs holds no lock while the device works.

use crate::error::{Failure, JournalError};
use crate::journal::Core;
use crate::tail::Stamp;
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Who syncs now, and who waits for that.
#[derive(Debug, Default)]
pub(crate) struct Syncing {
    busy: Mutex<bool>,
    done: Condvar,
    /// How many of the segments made are known to be in the directory.
    listed: AtomicU64,
}

/// The right to sync; given back when dropped, also by a panic.
struct Turn<'a>(&'a Syncing);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock() = false;
        self.0.done.notify_all();
    }
}

impl Syncing {
    /// Waits for the turn; `None` as soon as `settled` says that it is not needed any more.
    fn turn(&self, settled: impl Fn() -> bool) -> Option<Turn<'_>> {
        let mut busy = self.busy.lock();
        loop {
            if settled() {
                return None;
            }
            if !*busy {
                *busy = true;
                return Some(Turn(self));
            }
            self.done.wait(&mut busy);
        }
    }
}

impl Core {
    pub fn sync(&self) -> Result<(), JournalError> {
        let target = self.last.load(Ordering::Acquire);
        let settled = || self.synced.load(Ordering::Acquire) >= target;
        let Some(_turn) = self.syncing.turn(settled) else { return Ok(()) };
        self.flush().map_err(JournalError::from)
    }

    /// Syncs everything appended so far. Needs the turn.
    fn flush(&self) -> Result<(), Failure> {
        let synced = self.synced.load(Ordering::Acquire);
        let (files, last, stamped, made) = {
            let tail = self.tail.lock();
            if let Some(failure) = tail.failure.as_ref().filter(|_| tail.distrusted) {
                return Err(failure.clone());
            }
            let files: Vec<_> = tail.unsynced(synced).into_iter().map(|s| Arc::clone(&s.file)).collect();
            (files, tail.last, tail.stamped, tail.made)
        };
        let mut result = files.iter().try_for_each(|file| file.sync_data());
        if result.is_ok() && self.syncing.listed.load(Ordering::Acquire) < made {
            result = self.storage.sync_dir();
        }
        let mut tail = self.tail.lock();
        match result {
            Ok(()) => {
                self.syncing.listed.store(made, Ordering::Release);
                self.synced.store(last, Ordering::Release);
                // A stamp in a segment without records was not synced with it.
                if tail.segments.get(&stamped.number).is_some_and(|s| s.last >= s.first) {
                    tail.safe = Stamp { synced: stamped.synced.max(tail.safe.synced), number: stamped.number };
                }
                Ok(())
            }
            Err(e) => {
                let failure = Failure::of_sync(e);
                tracing::warn!(%failure, "the journal takes no appends until it recovers");
                tail.failure = Some(failure.clone());
                tail.distrusted = true;
                Err(failure)
            }
        }
    }

    pub fn tend(&self) -> Result<(), JournalError> {
        self.sync()?;
        let wanted = {
            let tail = self.tail.lock();
            tail.failure.is_none() && tail.wants_mark(self.synced.load(Ordering::Acquire))
        };
        if wanted {
            self.mark()?;
            self.sync()?;
        }
        self.tidy();
        Ok(())
    }

    pub fn try_recover(&self) -> Result<(), JournalError> {
        let healthy = || self.tail.lock().failure.is_none();
        let Some(_turn) = self.syncing.turn(healthy) else { return Ok(()) };
        // Appends are refused while there is a failure, so nothing moves between the steps below.
        let uncovered = self.last.load(Ordering::Acquire) > self.synced.load(Ordering::Acquire);
        let distrusted = self.tail.lock().distrusted;
        if distrusted && uncovered {
            self.carry()?;
        } else {
            let mut tail = self.tail.lock();
            let synced = self.synced.load(Ordering::Acquire);
            tail.roll(&*self.storage, &self.options, synced, 0, false)?;
        }
        {
            let mut tail = self.tail.lock();
            tail.failure = None;
            tail.distrusted = false;
        }
        self.tidy();
        Ok(())
    }

    /// Removes what nobody needs and gives back what nobody uses. Failing is harmless: it is tried again, and bounds count what is there.
    pub fn tidy(&self) {
        if let Err(error) = self.remove_dead() {
            tracing::warn!(%error, "can't remove a segment of the journal");
        }
        let untrimmed = self.tail.lock().take_untrimmed();
        for (number, file, len) in untrimmed {
            if file.set_len(len).is_ok() {
                let mut tail = self.tail.lock();
                if let Some(segment) = tail.segments.get_mut(&number) {
                    let freed = segment.capacity.saturating_sub(len);
                    segment.capacity = len;
                    tail.bytes = tail.bytes.saturating_sub(freed);
                }
            }
        }
    }

    fn remove_dead(&self) -> io::Result<()> {
        loop {
            let stale = self.tail.lock().stale.clone();
            if !stale.is_empty() {
                for name in &stale {
                    self.remove(name)?;
                }
                self.storage.sync_dir()?;
                self.tail.lock().stale.retain(|name| !stale.contains(name));
            }
            let dead = {
                let mut tail = self.tail.lock();
                if !tail.stale.is_empty() {
                    continue;
                }
                tail.take_dead()
            };
            for name in &dead {
                self.remove(name)?;
            }
            if self.tail.lock().stale.is_empty() {
                return Ok(());
            }
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match self.storage.remove(name) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}
