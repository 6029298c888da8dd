//! What the journal says about its size, and who keeps it from shrinking.

use crate::format::segment_name;
use crate::journal::Journal;
use crate::record::{Seq, StreamId};
use std::sync::atomic::Ordering;

/// Sizes at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Segments on disk.
    pub segments: usize,
    /// What they take, bytes, reserved space included.
    pub bytes: u64,
    /// How much of that somebody still needs, bytes.
    pub live_bytes: u64,
    /// [`Options::max_total_bytes`](crate::Options::max_total_bytes).
    pub max_bytes: u64,
    /// The newest record.
    pub last: Seq,
    /// Everything up to here is on stable storage.
    pub synced: Seq,
}

/// A segment and the streams that keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedSegment {
    /// Its file.
    pub name: String,
    /// What would become free, bytes.
    pub bytes: u64,
    /// The streams with records in it that were not released, in no order.
    pub streams: Vec<PinnedStream>,
}

/// What one stream keeps in one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedStream {
    /// The stream.
    pub stream: StreamId,
    /// Its last record there: releasing up to here frees it from this segment.
    pub last: Seq,
    /// What its records there take, bytes.
    pub bytes: u64,
}

impl Journal {
    /// The oldest `limit` segments that streams keep from being removed, oldest first; the one that is written to never counts.
    /// A caller that wants the journal smaller saves those streams' states elsewhere and [releases](Journal::release) them.
    pub fn pinned(&self, limit: usize) -> Vec<PinnedSegment> {
        let tail = self.core.tail.lock();
        let sealed = tail.segments.iter().filter(|(n, s)| Some(**n) != tail.active && !s.live.is_empty());
        let pinned = sealed.take(limit).map(|(number, segment)| PinnedSegment {
            name: segment_name(*number),
            bytes: segment.capacity,
            streams: segment
                .live
                .iter()
                .map(|(stream, live)| PinnedStream { stream: *stream, last: Seq(live.last), bytes: live.bytes })
                .collect(),
        });
        pinned.collect()
    }

    /// How many segments hold records of a stream that were not released.
    pub fn segments_of(&self, stream: StreamId) -> usize {
        self.core.tail.lock().segments.values().filter(|segment| segment.live.contains_key(&stream)).count()
    }

    /// The number of the oldest record whose segment is still there, released or not: a replay begins with it. One more than the newest
    /// where there is none.
    pub fn first_seq(&self) -> Seq {
        let tail = self.core.tail.lock();
        let first = tail.segments.values().find(|segment| segment.first <= segment.last);
        Seq(first.map_or(tail.last + 1, |segment| segment.first))
    }

    /// What the segments take now, bytes, reserved space included.
    pub fn bytes(&self) -> u64 {
        self.core.tail.lock().bytes
    }

    /// [`Options::max_total_bytes`](crate::Options::max_total_bytes).
    pub fn max_bytes(&self) -> u64 {
        self.core.options.max_total_bytes
    }

    /// Sizes now. Time follows the number of streams in the segments.
    pub fn stats(&self) -> Stats {
        let tail = self.core.tail.lock();
        Stats {
            segments: tail.segments.len(),
            bytes: tail.bytes,
            live_bytes: tail.segments.values().flat_map(|s| s.live.values()).map(|l| l.bytes).sum(),
            max_bytes: self.core.options.max_total_bytes,
            last: Seq(tail.last),
            synced: Seq(self.core.synced.load(Ordering::Acquire)),
        }
    }
}
