//! The end of the log: the segment that is written to, and the books about all segments.
//!
//! One short lock guards this. It is held across the one positioned write of an append, deliberately: the write goes into space that is
//! reserved already and into the page cache, so it waits for no device; and as long as writes happen in the order of their numbers, the log
//! of a process that died has no holes. Making a segment is the one other thing done under it. No sync ever is.

use crate::error::{Failure, JournalError};
use crate::format::{HEADER, Kind, RECORD, RecordHeader, SegmentHeader, segment_name};
use crate::options::Options;
use crate::record::StreamId;
use crate::segment::Segment;
use crate::storage::Storage;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A `synced` that was written somewhere.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stamp {
    pub synced: u64,
    /// The segment it is in.
    pub number: u64,
}

/// A record in a buffer whose header is not filled in yet.
pub(crate) struct Draft {
    /// Where in the buffer its header goes.
    pub at: usize,
    pub len: u32,
    pub payload_crc: u32,
    pub kind: Kind,
    pub stream: StreamId,
}

#[derive(Debug)]
pub(crate) struct Tail {
    /// By number. Also those with nothing live in them, until their files are gone.
    pub segments: BTreeMap<u64, Segment>,
    pub active: Option<u64>,
    pub next_number: u64,
    pub next: u64,
    pub last: u64,
    pub last_data: u64,
    pub failure: Option<Failure>,
    /// With a failure: whether what no sync covered must be copied before anything is synced again.
    pub distrusted: bool,
    /// The newest stamp that was written, and the newest that is on stable storage.
    pub stamped: Stamp,
    pub safe: Stamp,
    /// How many segments were made; tells a sync whether the directory needs one.
    pub made: u64,
    /// Capacities of all segments.
    pub bytes: u64,
    /// Files to remove, durably, before anything newer may be.
    pub stale: Vec<String>,
}

impl Tail {
    /// Writes the drafts in `buf` as one run of records, and returns the last one's number.
    pub fn write(
        &mut self,
        storage: &dyn Storage,
        options: &Options,
        synced: u64,
        buf: &mut [u8],
        drafts: &[Draft],
    ) -> Result<u64, JournalError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone().into());
        }
        let need = buf.len() as u64;
        let roomy = self.active.and_then(|n| self.segments.get(&n)).is_some_and(|s| s.has_room(need));
        if !roomy {
            let mark = drafts.iter().all(|d| d.kind == Kind::Mark);
            self.roll(storage, options, synced, need, mark)?;
        }
        let Some((number, segment)) = self.active.and_then(|n| Some((n, self.segments.get_mut(&n)?))) else {
            return Err(JournalError::Io { what: "find the journal's active segment", source: std::io::ErrorKind::NotFound.into() });
        };
        for (seq, draft) in (self.next..).zip(drafts) {
            let header = RecordHeader {
                payload_crc: draft.payload_crc,
                len: draft.len,
                kind: draft.kind,
                seq,
                synced: synced.min(seq - 1),
                stream: draft.stream,
            };
            if let Some(place) = buf.get_mut(draft.at..draft.at + RECORD) {
                place.copy_from_slice(&header.encode(segment.seed));
            }
        }
        if let Err(e) = segment.file.write_at(buf, segment.end) {
            // Whatever part of it arrived is void once the next segment stands; cutting it off now keeps a process that dies before
            // from replaying what was answered with an error.
            segment.ragged = true;
            if segment.file.set_len(segment.end).is_ok() {
                self.bytes = self.bytes.saturating_sub(segment.capacity.saturating_sub(segment.end));
                segment.capacity = segment.end;
            }
            segment.trimmed = true;
            self.active = None;
            let failure = Failure::of_write(e);
            self.failure = Some(failure.clone());
            return Err(failure.into());
        }
        for (seq, draft) in (self.next..).zip(drafts) {
            if draft.kind == Kind::Data {
                segment.live.entry(draft.stream).or_default().add(seq, crate::format::span(u64::from(draft.len)));
                self.last_data = seq;
            }
            self.last = seq;
        }
        segment.last = self.last;
        segment.end += need;
        self.next = self.last + 1;
        self.stamped = Stamp { synced, number };
        Ok(self.last)
    }

    /// Starts a new segment with room for `need` bytes. A mark may exceed the bound on all segments: it is what lets others be removed.
    pub fn roll(&mut self, storage: &dyn Storage, options: &Options, synced: u64, need: u64, mark: bool) -> Result<(), JournalError> {
        let mut capacity = options.segment_bytes.max(HEADER as u64 + need);
        if self.bytes.saturating_add(capacity) > options.max_total_bytes {
            if !mark {
                return Err(JournalError::Full { bytes: self.bytes.saturating_add(capacity), limit: options.max_total_bytes });
            }
            capacity = HEADER as u64 + need;
        }
        let number = self.next_number;
        // Never twice, even if this fails half way.
        self.next_number += 1;
        if let Some(unused) = self.active.take().filter(|n| self.segments.get(n).is_some_and(|s| s.last < s.first)) {
            self.discard(unused);
        }
        let name = segment_name(number);
        let header = SegmentHeader { number, first: self.next, follows: self.last, synced: synced.min(self.last), salt: options.salt };
        let made = storage.create(&name, capacity).and_then(|file| file.write_at(&header.encode(), 0).map(|()| file));
        let file = made.map_err(|e| {
            // It holds no record, and must be gone for good before any gap appears beside it.
            let _ = storage.remove(&name);
            self.stale.push(name);
            let failure = Failure::of_write(e);
            self.failure = Some(failure.clone());
            failure
        })?;
        let segment = Segment {
            file,
            seed: header.seed(),
            first: self.next,
            last: self.next - 1,
            end: HEADER as u64,
            capacity,
            live: Default::default(),
            ragged: false,
            trimmed: false,
        };
        self.segments.insert(number, segment);
        self.active = Some(number);
        self.stamped = Stamp { synced: header.synced, number };
        self.made += 1;
        self.bytes += capacity;
        Ok(())
    }

    /// The segments with records after `synced`, oldest first.
    pub fn unsynced(&self, synced: u64) -> Vec<&Segment> {
        let mut newest: Vec<&Segment> = self.segments.values().rev().take_while(|s| s.last > synced || s.last < s.first).collect();
        newest.retain(|s| s.last > synced && s.last >= s.first);
        newest.reverse();
        newest
    }

    /// Takes segments that nobody needs out of the books; returns the files to remove. Nothing may be removed while `stale` is not empty.
    pub fn take_dead(&mut self) -> Vec<String> {
        let mut dead = Vec::new();
        let mut before_ragged = false;
        let safe = self.safe;
        for (number, segment) in &self.segments {
            let covered = segment.last <= safe.synced && *number < safe.number;
            let removable = segment.live.is_empty() && covered && Some(*number) != self.active && !before_ragged;
            before_ragged = segment.ragged;
            if removable {
                dead.push((*number, segment.ragged));
                if segment.ragged {
                    // Its successor voids what lies behind its end, and may go only when it is gone for good.
                    break;
                }
            }
        }
        let mut names = Vec::new();
        for (number, ragged) in dead {
            if let Some(segment) = self.segments.remove(&number) {
                self.bytes = self.bytes.saturating_sub(segment.capacity);
            }
            if ragged { self.stale.push(segment_name(number)) } else { names.push(segment_name(number)) }
        }
        names
    }

    /// Whether a mark would do any good: dead segments wait for one, or durable records are not known as such from the log itself.
    pub fn wants_mark(&self, synced: u64) -> bool {
        let waits = |(number, s): (&u64, &Segment)| {
            s.live.is_empty() && Some(*number) != self.active && (s.last > self.safe.synced || *number >= self.safe.number)
        };
        self.last_data.min(synced) > self.safe.synced || self.segments.iter().any(waits)
    }

    /// Voids everything beyond `seq`. What holds no record then goes before anything else does: its bytes were perhaps never synced,
    /// and what a power cut makes of them must not meet a gap beside it.
    pub fn cut(&mut self, seq: u64) {
        self.segments.values_mut().for_each(|segment| segment.cut(seq));
        let void: Vec<u64> = self.segments.iter().filter(|(_, s)| s.last < s.first).map(|(number, _)| *number).collect();
        void.into_iter().for_each(|number| self.discard(number));
    }

    fn discard(&mut self, number: u64) {
        if let Some(segment) = self.segments.remove(&number) {
            self.bytes = self.bytes.saturating_sub(segment.capacity);
            self.stale.push(segment_name(number));
        }
    }

    /// Makes a segment that carries all after `after` part of the books.
    pub fn adopt(&mut self, number: u64, segment: Segment, after: u64) {
        self.cut(after);
        self.bytes += segment.capacity;
        self.stamped = Stamp { synced: after, number };
        self.safe = self.stamped;
        self.segments.insert(number, segment);
        self.active = None;
    }

    /// Segments whose unused space can be given back: number, file, and the length they need.
    pub fn take_untrimmed(&mut self) -> Vec<(u64, Arc<dyn crate::storage::StoredFile>, u64)> {
        let active = self.active;
        let loose = self.segments.iter_mut().filter(|(n, s)| Some(**n) != active && !s.trimmed);
        loose
            .map(|(number, s)| {
                s.trimmed = true;
                (*number, Arc::clone(&s.file), s.end)
            })
            .collect()
    }
}
