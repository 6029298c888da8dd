//! Finding out, from the files alone, what the log is: which segments count, where it ends, and whether anything that was promised is gone.
//!
//! Three things can have happened to a log that did not end cleanly, and they are told apart by the `synced` numbers in it:
//! the process died (only the last record can be cut short); the machine lost power (any sector no sync had covered may be old,
//! so earlier records may be gone and later ones there); or something changed bytes that were safe. Only the last one can lose a
//! record at or below a `synced` that can still be read.
//!
//! Segments form a chain through `follows`. A link may be missing only where its segment was removed because all its
//! records were dead; that is done only once a later `synced` covers it, so a gap that no `synced` covers is a loss.
//! Invariant: the log ends at the first loss. What is behind it is set aside, never replayed, never overwritten.

use crate::error::JournalError;
use crate::format::{HEADER, HeaderBytes, SegmentHeader, any_number, is_unfinished, segment_name, segment_number, set_aside_name};
use crate::record::{Damage, Ending, Seq};
use crate::replay::Source;
use crate::scan::{Reader, Scanned, scan};
use crate::segment::Segment;
use crate::storage::{Storage, StoredFile};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A log as it was found.
pub(crate) struct Survey {
    pub segments: BTreeMap<u64, Segment>,
    /// The last record of the log; 0 if there is none.
    pub last: u64,
    pub last_data: u64,
    /// The greatest number that can be read anywhere.
    pub seen: u64,
    /// All up to here was on stable storage at some time.
    pub synced: u64,
    pub next_number: u64,
    /// Files that mean nothing any more.
    pub stale: Vec<String>,
    pub ending: Ending,
}

impl Survey {
    /// Cuts off, durably, what lies behind the ends of the segments, so that a power cut can't bring it back when the segments that void
    /// it are gone. Failing is harmless: such a segment keeps its successor.
    pub fn settle(&mut self, storage: &dyn Storage) {
        // What voids must be durable before what is voided goes.
        if let Err(error) = storage.sync_dir() {
            tracing::warn!(%error, "can't sync the journal's folder");
            return;
        }
        let damaged = matches!(self.ending, Ending::Damaged(_)).then(|| self.segments.keys().next_back().copied()).flatten();
        for (number, segment) in &mut self.segments {
            if Some(*number) == damaged {
                // Left for a person to look at, until the records before it are released.
                continue;
            }
            let cut = if segment.capacity == segment.end { Ok(()) } else { segment.file.set_len(segment.end) };
            match cut.and_then(|()| segment.file.sync_data()) {
                Ok(()) => (segment.capacity, segment.ragged) = (segment.end, false),
                Err(error) => tracing::warn!(%error, "can't cut off the end of a segment of the journal"),
            }
        }
    }

    pub fn sources(&self) -> VecDeque<Source> {
        self.segments.values().map(|s| Source { file: Arc::clone(&s.file), seed: s.seed, first: s.first, last: s.last }).collect()
    }
}

struct Found {
    number: u64,
    file: Arc<dyn StoredFile>,
    reader: Reader,
    /// Nothing: there are bytes, and they are no header.
    header: Option<SegmentHeader>,
    /// Nothing but zeros behind where the header belongs: made and never used, or emptied by somebody.
    blank: bool,
}

/// Reads all segments. Changes nothing but the names of segments behind a loss.
pub(crate) fn survey(storage: &dyn Storage) -> Result<Survey, JournalError> {
    let names = storage.list().map_err(JournalError::io("list the journal's folder"))?;
    // A carried segment gets its name only when it is whole; see `carry`.
    let mut stale: Vec<String> = names.iter().filter(|n| is_unfinished(n)).cloned().collect();
    let mut found = find(storage, &names)?;
    let next_number = names.iter().filter_map(|n| any_number(n)).max().unwrap_or(0).saturating_add(1);
    if next_number >= u64::MAX / 2 {
        return Err(JournalError::Io { what: "number the journal's segments", source: std::io::ErrorKind::InvalidData.into() });
    }

    let mut bound = u64::MAX / 2;
    let mut bounds = Vec::with_capacity(found.len());
    for segment in found.iter().rev() {
        bounds.push(bound);
        if let Some(header) = &segment.header {
            bound = bound.min(header.follows + 1);
        }
    }
    let mut scanned: Vec<(Found, Option<(SegmentHeader, Scanned)>)> = Vec::with_capacity(found.len());
    for (mut segment, bound) in found.drain(..).zip(bounds.into_iter().rev()) {
        match segment.header {
            Some(header) if header.first >= bound => stale.push(segment_name(segment.number)),
            Some(header) => {
                let read = scan(&mut segment.reader, &header, HEADER as u64, bound).map_err(JournalError::io("read a segment"))?;
                scanned.push((segment, Some((header, read))));
            }
            None => scanned.push((segment, None)),
        }
    }

    let read = || scanned.iter().filter_map(|(_, s)| s.as_ref());
    let synced = read().map(|(_, s)| s.stamp).max().unwrap_or(0);
    let seen = read().map(|(_, s)| s.seen).max().unwrap_or(0);
    let chain = Chain::follow(&scanned, synced);
    let ending = chain.ending(storage, &scanned, synced)?;

    let mut segments = BTreeMap::new();
    let mut last_data = 0;
    for (at, (segment, read)) in scanned.into_iter().enumerate() {
        let (header, read) = match read {
            Some((header, read)) if at < chain.kept && read.last >= header.first => (header, read),
            // Nothing in it counts, and the chain holds without it.
            _ if at < chain.kept || segment.blank => {
                stale.push(segment_name(segment.number));
                continue;
            }
            _ => continue,
        };
        last_data = last_data.max(read.last_data);
        segments.insert(
            segment.number,
            Segment {
                file: segment.file,
                seed: header.seed(),
                first: header.first,
                last: read.last,
                end: read.end,
                capacity: segment.reader.size,
                live: read.live,
                // Until `settle` has seen to it. What is read here may be in the page cache only.
                ragged: true,
                trimmed: true,
            },
        );
    }
    Ok(Survey { segments, last: chain.last, last_data, seen, synced: synced.min(chain.last), next_number, stale, ending })
}

fn find(storage: &dyn Storage, names: &[String]) -> Result<Vec<Found>, JournalError> {
    let at = || JournalError::io("open a segment");
    let mut numbers: Vec<u64> = names.iter().filter_map(|n| segment_number(n)).collect();
    numbers.sort_unstable();
    let mut found = Vec::with_capacity(numbers.len());
    for number in numbers {
        let name = segment_name(number);
        let file = storage.open(&name).map_err(at())?;
        let mut reader = Reader::new(Arc::clone(&file)).map_err(at())?;
        let mut blank = false;
        let header = match SegmentHeader::decode(reader.bytes(0, HEADER).map_err(at())?) {
            HeaderBytes::Good(header) if header.number == number => Some(header),
            HeaderBytes::Newer(version) => return Err(JournalError::UnknownFormat { name, version }),
            _ => {
                blank = reader.blank_from(HEADER as u64).map_err(at())?;
                None
            }
        };
        found.push(Found { number, file, reader, header, blank });
    }
    Ok(found)
}

/// How far the segments hang together.
struct Chain {
    /// How many of them count.
    kept: usize,
    last: u64,
    /// Where the loss is, if there is one: the segment's number, and the offset in it.
    loss: Option<(u64, u64)>,
}

impl Chain {
    fn follow(scanned: &[(Found, Option<(SegmentHeader, Scanned)>)], synced: u64) -> Self {
        let mut chain = Self { kept: 0, last: 0, loss: None };
        let mut before: Option<(u64, u64, bool)> = None;
        // Judged by the next segment: if that one continues the chain, nothing was in there that counts.
        let (mut unreadable, mut blank): (Option<u64>, Option<u64>) = (None, None);
        for (at, (segment, read)) in scanned.iter().enumerate() {
            let Some((header, read)) = read else {
                if segment.blank { &mut blank } else { &mut unreadable }.get_or_insert(segment.number);
                continue;
            };
            let missing = header.follows > chain.last;
            let adjacent = segment.number == before.map_or(0, |b| b.0) + 1;
            let torn = before.is_some_and(|b| b.2);
            let between = unreadable.or(blank);
            if missing && (torn || adjacent || between.is_some() || header.follows > synced) {
                chain.loss = match (before, between) {
                    (Some((number, end, true)), _) => Some((number, end)),
                    (_, Some(number)) => Some((number, 0)),
                    (Some((number, end, false)), None) => Some((number, end)),
                    (None, None) => Some((segment.number, 0)),
                };
                return chain;
            }
            (unreadable, blank) = (None, None);
            chain.kept = at + 1;
            if read.last >= header.first {
                chain.last = read.last;
            }
            before = Some((segment.number, read.end, read.tear.is_some()));
        }
        chain.loss = match (before, unreadable) {
            (Some((number, end, true)), _) => Some((number, end)),
            (_, Some(number)) => Some((number, 0)),
            _ => None,
        };
        chain
    }

    /// Names what was lost, and sets aside the segments that don't count.
    fn ending(
        &self,
        storage: &dyn Storage,
        scanned: &[(Found, Option<(SegmentHeader, Scanned)>)],
        synced: u64,
    ) -> Result<Ending, JournalError> {
        let Some((number, offset)) = self.loss else { return Ok(Ending::Clean) };
        let segment = segment_name(number);
        let tear = |read: &Option<(SegmentHeader, Scanned)>| read.as_ref().and_then(|(_, s)| s.tear).map_or(0, |t| t.beyond);
        let (kept, rest) = scanned.split_at_checked(self.kept).unwrap_or((scanned, &[]));
        let rest: Vec<_> = rest.iter().filter(|(segment, _)| !segment.blank).collect();
        let inside = kept.last().map_or(0, |(_, read)| tear(read));
        let behind = |(header, s): &(SegmentHeader, Scanned)| s.last + 1 - header.first + s.tear.map_or(0, |t| t.beyond);
        let beyond = inside + rest.iter().filter_map(|(_, read)| read.as_ref()).map(behind).sum::<u64>();
        let lost_synced = synced > self.last;
        if beyond == 0 && rest.is_empty() && !lost_synced {
            return Ok(Ending::Torn { segment, offset });
        }
        let at = || JournalError::io("set a damaged segment aside");
        let mut set_aside = Vec::new();
        for (lost, _) in &rest {
            let to = set_aside_name(lost.number);
            storage.rename(&segment_name(lost.number), &to).map_err(at())?;
            set_aside.push(to);
        }
        if !set_aside.is_empty() {
            storage.sync_dir().map_err(at())?;
        }
        Ok(Ending::Damaged(Damage { segment, offset, last: Seq(self.last), beyond, lost_synced, set_aside }))
    }
}
