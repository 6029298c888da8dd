//! Writing records again, where the kernel's word about them is no longer worth anything.
//!
//! After a failed sync the kernel may mark pages clean that never reached the device; a repeated sync of the same file then succeeds and
//! means nothing (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). The same holds for what an earlier
//! process left behind: nobody knows whether one of its syncs failed. So records that no sync is known to have covered are copied into a new
//! segment, which is synced and only then takes its place in the log; its `follows` voids the originals.
//!
//! Invariant: at every moment either the originals or the whole copy are the log. Invariant: a failure changes nothing.

use crate::format::{HEADER, Kind, RecordHeader, SegmentHeader, segment_name, unfinished_name};
use crate::record::StreamId;
use crate::scan::Reader;
use crate::segment::{Live, Segment};
use crate::storage::{Storage, StoredFile};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

const CHUNK: usize = 1 << 20;

/// Where the records are: one segment, read from its beginning.
pub(crate) struct Origin {
    pub file: Arc<dyn StoredFile>,
    pub seed: u32,
    pub first: u64,
    pub last: u64,
    pub end: u64,
    /// Streams that still need records here, with the last they need.
    pub live: HashMap<StreamId, u64>,
}

impl Origin {
    pub fn of(segment: &Segment) -> Self {
        Self {
            file: Arc::clone(&segment.file),
            seed: segment.seed,
            first: segment.first,
            last: segment.last,
            end: segment.end,
            live: segment.live.iter().map(|(stream, live)| (*stream, live.last)).collect(),
        }
    }
}

/// Copies all records after `after` into a new durable segment with this number.
pub(crate) fn carry(storage: &dyn Storage, number: u64, salt: u64, after: u64, origins: &[Origin]) -> io::Result<Segment> {
    let name = unfinished_name(number);
    let result = copy(storage, &name, number, salt, after, origins).and_then(|segment| {
        storage.rename(&name, &segment_name(number))?;
        Ok(segment)
    });
    match result {
        Ok(segment) => {
            // The copy is whole and in its place, so failing here leaves a log that is right either way; the caller just can't say so.
            storage.sync_dir()?;
            Ok(segment)
        }
        Err(e) => {
            // Best effort: the next open removes it too.
            let _ = storage.remove(&name);
            Err(e)
        }
    }
}

fn copy(storage: &dyn Storage, name: &str, number: u64, salt: u64, after: u64, origins: &[Origin]) -> io::Result<Segment> {
    // Numbers may have been skipped right after `after` (`Options::floor`), never later.
    let unsynced = origins.iter().filter(|o| o.last > after && o.last >= o.first).map(|o| o.first);
    let first = unsynced.min().unwrap_or(0).max(after + 1);
    let header = SegmentHeader { number, first, follows: after, synced: after, salt };
    let seed = header.seed();
    let room: u64 = origins.iter().map(|o| o.end).sum::<u64>() + HEADER as u64;
    let file = storage.create(name, room)?;
    let mut live: HashMap<StreamId, Live> = HashMap::new();
    let mut out = header.encode().to_vec();
    let (mut written, mut last) = (0, first - 1);
    for origin in origins {
        let mut reader = Reader::new(Arc::clone(&origin.file))?;
        let mut at = HEADER as u64;
        for seq in origin.first..=origin.last {
            let record = reader.header(at, origin.seed)?.filter(|r| r.seq == seq).ok_or_else(unreadable)?;
            if seq > after {
                if seq != last + 1 {
                    return Err(unreadable());
                }
                let payload = reader.payload(at, &record)?.ok_or_else(unreadable)?;
                out.extend_from_slice(&RecordHeader { synced: record.synced.min(after), ..record }.encode(seed));
                out.extend_from_slice(&payload);
                out.resize(out.len().next_multiple_of(crate::format::ALIGN as usize), 0);
                if record.kind == Kind::Data && origin.live.get(&record.stream).is_some_and(|needed| *needed >= seq) {
                    live.entry(record.stream).or_default().add(seq, record.span());
                }
                last = seq;
            }
            at += record.span();
            if out.len() >= CHUNK {
                file.write_at(&out, written)?;
                written += out.len() as u64;
                out.clear();
            }
        }
    }
    file.write_at(&out, written)?;
    let end = written + out.len() as u64;
    file.set_len(end)?;
    file.sync_data()?;
    Ok(Segment { file, seed, first: header.first, last, end, capacity: end, live, ragged: false, trimmed: true })
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a record that no sync had covered can't be read any more")
}
