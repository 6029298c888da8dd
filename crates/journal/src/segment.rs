//! What is kept in memory of a segment on disk: where it ends, and who still needs it.
//!
//! Memory follows the number of streams per segment, not the number of records.

use crate::record::StreamId;
use crate::storage::StoredFile;
use std::collections::HashMap;
use std::sync::Arc;

/// What one stream has in one segment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Live {
    pub last: u64,
    pub bytes: u64,
}

impl Live {
    pub fn add(&mut self, seq: u64, bytes: u64) {
        self.last = self.last.max(seq);
        self.bytes += bytes;
    }
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub file: Arc<dyn StoredFile>,
    pub seed: u32,
    pub first: u64,
    /// The last record that counts; below `first` where none does.
    pub last: u64,
    /// Where the next record would go.
    pub end: u64,
    /// How long the file is.
    pub capacity: u64,
    pub live: HashMap<StreamId, Live>,
    /// Whether something that must not be read may lie behind the last record. Such a segment keeps the one after it from being
    /// removed, because that one's `follows` is what voids it.
    pub ragged: bool,
    /// Whether its unused space was given back, or that was tried.
    pub trimmed: bool,
}

impl Segment {
    /// Voids everything beyond `seq`.
    pub fn cut(&mut self, seq: u64) {
        if self.last <= seq {
            return;
        }
        self.last = seq;
        self.ragged = true;
        self.trimmed = true;
        if self.first > seq {
            self.live.clear();
        }
        // Which records a stream has at or below `seq` is not known here; to keep it is the safe side.
        for live in self.live.values_mut() {
            live.last = live.last.min(seq);
        }
    }

    pub fn has_room(&self, need: u64) -> bool {
        self.end.checked_add(need).is_some_and(|end| end <= self.capacity)
    }
}
