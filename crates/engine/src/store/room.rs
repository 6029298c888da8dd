//! Room in the journal: sessions that keep old segments alive are said anew at its end, so that those can go.
//!
//! Upkeep does it from time to time; a writer that finds the journal nearly full does it before it writes. So whoever writes faster than
//! upkeep looks is slowed down to what the disk takes, and not refused.

use super::Store;
use crate::session::{renew, session_of};
use acetate_types::SessionId;
use std::collections::HashSet;
use std::sync::Arc;

/// How many old segments are looked at at once.
const SEGMENTS: usize = 4;

impl Store {
    /// Says sessions anew that keep the oldest segments, until no more than half of the journal is taken. A session that is busy is left
    /// for the next time.
    pub(crate) fn shrink_journal(&self) {
        let mut tried = HashSet::new();
        while self.journal.bytes() >= self.journal.max_bytes() / 2 {
            let mut renewed = false;
            for segment in self.journal.pinned(SEGMENTS) {
                for pinned in segment.streams {
                    let id: SessionId = session_of(&pinned.stream);
                    if !tried.insert(id.clone()) {
                        continue;
                    }
                    let Some(cell) = self.sessions.pin().get(&id).map(Arc::clone) else { continue };
                    match renew(self, &cell) {
                        Ok(()) => renewed = true,
                        Err(error) => tracing::warn!(session = %id, %error, "a session keeps the journal long"),
                    }
                }
            }
            if let Err(error) = self.journal.tend() {
                tracing::debug!(%error, "the journal is not tended");
                return;
            }
            if !renewed {
                return;
            }
        }
    }

    /// Waits for room in the journal if it is nearly full.
    pub(crate) fn journal_room(&self) {
        let crowded = || self.journal.bytes() >= self.journal.max_bytes() / 8 * 7;
        if !crowded() {
            return;
        }
        let _turn = self.making_room.lock();
        if crowded() {
            self.shrink_journal();
        }
    }
}
