//! Room in the journal: sessions that keep old segments alive are said anew at its end, so that those can go.
//!
//! Upkeep does it from time to time; a writer that finds the journal nearly full does it before it writes. So whoever writes faster than
//! upkeep looks is slowed down to what the disk takes, and not refused.

use super::Store;
use crate::session::{INLINE, renew, session_of};
use acetate_types::SessionId;
use std::collections::HashSet;
use std::sync::Arc;

/// How far the journal grows after an attempt that made no room, until the next, in bytes.
const AGAIN: u64 = 16 << 20;

impl Store {
    /// Says sessions anew that keep the oldest segments, until no more than half of the journal is taken. A session that is busy is left
    /// for the next time. Contents of sessions with more than `inline` bytes go into packs.
    pub(crate) fn shrink_journal(&self, inline: usize) {
        let enough = || self.journal.bytes() < self.journal.max_bytes() / 2;
        let mut tried = HashSet::new();
        while !enough() {
            let mut renewed = false;
            'segments: for segment in self.journal.pinned(usize::MAX) {
                for pinned in segment.streams {
                    let id: SessionId = session_of(&pinned.stream);
                    if !tried.insert(id.clone()) {
                        continue;
                    }
                    let Some(cell) = self.sessions.pin().get(&id).map(Arc::clone) else { continue };
                    match renew(self, &cell, inline) {
                        Ok(done) => renewed |= done,
                        Err(error) => tracing::warn!(session = %id, %error, "a session keeps the journal long"),
                    }
                }
                // What that freed is looked at before more is said anew.
                if renewed {
                    break 'segments;
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
        // The bytes that the journal had when no room could be made.
        let mut futile = self.making_room.lock();
        if !crowded() || self.journal.bytes() < futile.saturating_add(AGAIN) {
            return;
        }
        self.shrink_journal(INLINE);
        if crowded() {
            self.shrink_journal(0);
        }
        *futile = if crowded() { self.journal.bytes() } else { 0 };
    }
}
