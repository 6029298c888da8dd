//! The journal as its callers see it: open, append, release, and what it says about itself.
//!
//! Invariant: when an append answered, its bytes are with the operating system, and survive the death of the process; when a later
//! [`Journal::sync`] answered, they survive a power cut. Invariant: a record that is replayed is whole.
//! Lacks: any meaning of payloads, reading of single records, and durable release: replay may bring back what was released, and its
//! caller knows better.

use crate::carry::Origin;
use crate::error::{Failure, JournalError, is_full};
use crate::flush::Syncing;
use crate::format::{ALIGN, Kind, RECORD, segment_name, span};
use crate::open::survey;
use crate::options::Options;
use crate::record::{Ending, Seq, StreamId};
use crate::replay::Replay;
use crate::storage::Storage;
use crate::tail::{Draft, Stamp, Tail};
use crate::ticker::Ticker;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The log. Shared by reference; every method may be called from any thread, and blocks at most for what it names.
///
/// Dropping it stops its thread and syncs nothing: call [`Journal::sync`] before an orderly end.
#[derive(Debug)]
pub struct Journal {
    pub(crate) core: Arc<Core>,
    ticker: Option<Ticker>,
}

/// What the journal and its thread share.
#[derive(Debug)]
pub(crate) struct Core {
    pub storage: Arc<dyn Storage>,
    pub options: Options,
    pub tail: Mutex<Tail>,
    pub syncing: Syncing,
    /// Copies of the tail's numbers that are read without its lock.
    pub last: AtomicU64,
    pub synced: AtomicU64,
}

/// Whether appends are taken.
#[derive(Debug, Clone)]
pub enum State {
    /// They are.
    Healthy,
    /// They are refused with this until [`Journal::try_recover`] succeeds.
    Failed(Failure),
}

impl Journal {
    /// Opens the log in `storage`, and reads it through once (time follows its size, memory one window and the streams per segment).
    ///
    /// Records that no sync is known to have covered are written again and synced, so that what is replayed is durable when
    /// this returns. Where that fails (a full disk) the journal opens all the same, in [`State::Failed`], and replays everything.
    ///
    /// # Errors
    /// Options out of bounds, an unknown format, or a storage that can't be read. Damage is no error: see [`Replay::ending`].
    pub fn open(storage: Arc<dyn Storage>, options: Options) -> Result<(Self, Replay), JournalError> {
        options.check()?;
        let mut found = survey(&*storage)?;
        let replay = Replay::new(found.sources(), found.ending.clone());
        if let Ending::Damaged(damage) = &found.ending {
            tracing::warn!(?damage, "the journal is damaged; what is before the damage was kept");
        }
        found.settle(&*storage);
        let seen = found.seen.max(found.last).max(options.floor.0);
        let bytes = found.segments.values().map(|s| s.capacity).sum();
        let core = Core {
            storage,
            tail: Mutex::new(Tail {
                segments: found.segments,
                active: None,
                next_number: found.next_number,
                next: seen.saturating_add(1),
                last: found.last,
                last_data: found.last_data,
                failure: None,
                distrusted: false,
                stamped: Stamp::default(),
                safe: Stamp::default(),
                made: 0,
                bytes,
                stale: found.stale,
            }),
            syncing: Syncing::default(),
            last: AtomicU64::new(found.last),
            synced: AtomicU64::new(found.synced),
            options,
        };
        if found.last > found.synced
            && let Err(failure) = core.carry()
        {
            tracing::warn!(%failure, "the journal's last records could not be made durable; it takes no appends");
            let mut tail = core.tail.lock();
            tail.failure = Some(failure);
            tail.distrusted = true;
        }
        core.tidy();
        let core = Arc::new(core);
        let ticker = core.options.sync_interval.map(|interval| Ticker::start(Arc::clone(&core), interval)).transpose();
        let ticker = ticker.map_err(JournalError::io("start the journal's thread"))?;
        Ok((Self { core, ticker }, replay))
    }

    /// Appends one record, the `parts` joined. On return its bytes are with the operating system: they survive the death of this process,
    /// and a power cut once a [`sync`](Self::sync) covered them. Waits for other appends' writes into the page cache, never for a sync.
    ///
    /// # Errors
    /// [`JournalError::TooLarge`], [`JournalError::Full`]; [`JournalError::Failed`] now and from then on if the device failed. After an
    /// error nothing was appended.
    pub fn append(&self, stream: StreamId, parts: &[&[u8]]) -> Result<Seq, JournalError> {
        let len = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.len() as u64));
        let len = self.checked(len)?;
        let mut buf = Vec::with_capacity(span(u64::from(len)) as usize);
        let draft = draft(&mut buf, stream, len, parts);
        self.write(&mut buf, &[draft])
    }

    /// Appends several records in one write, with consecutive numbers; returns the last one's. Other records never come between them.
    /// They are not one unit: after a crash the first few may be there alone. Without records, answers [`last_seq`](Self::last_seq).
    ///
    /// # Errors
    /// As [`append`](Self::append); all of them together may take `max(segment_bytes, max_record_bytes)`, with 56 bytes for each.
    pub fn append_many(&self, records: &[(StreamId, &[u8])]) -> Result<Seq, JournalError> {
        if records.is_empty() {
            return Ok(self.last_seq());
        }
        let mut total = 0u64;
        for (_, payload) in records {
            total = total.saturating_add(span(u64::from(self.checked(payload.len() as u64)?)));
        }
        let limit = self.core.options.max_batch();
        if total > limit {
            return Err(JournalError::TooLarge { bytes: total, limit });
        }
        let mut buf = Vec::with_capacity(total as usize);
        let drafts: Vec<Draft> =
            records.iter().map(|(stream, payload)| draft(&mut buf, *stream, payload.len() as u32, &[payload])).collect();
        self.write(&mut buf, &drafts)
    }

    fn checked(&self, bytes: u64) -> Result<u32, JournalError> {
        let limit = self.core.options.max_record_bytes;
        match u32::try_from(bytes) {
            Ok(len) if bytes <= limit => Ok(len),
            _ => Err(JournalError::TooLarge { bytes, limit }),
        }
    }

    fn write(&self, buf: &mut [u8], drafts: &[Draft]) -> Result<Seq, JournalError> {
        let last = self.core.write(buf, drafts)?;
        if let Some(ticker) = &self.ticker {
            ticker.note();
        }
        Ok(Seq(last))
    }

    /// Returns when everything that was appended before the call is on stable storage. Concurrent callers share one sync.
    ///
    /// # Errors
    /// [`JournalError::Failed`] if the device failed, now or (with what is still unsynced) earlier. A failed sync is never repeated on the
    /// same file: its success would mean nothing.
    pub fn sync(&self) -> Result<(), JournalError> {
        self.core.sync()
    }

    /// The number of the newest record, appended or found when the journal was opened; 0 if there is none. Notes of the journal's own
    /// (see [`tend`](Self::tend)) count.
    pub fn last_seq(&self) -> Seq {
        Seq(self.core.last.load(Ordering::Acquire))
    }

    /// Everything up to this number is on stable storage.
    pub fn synced_seq(&self) -> Seq {
        Seq(self.core.synced.load(Ordering::Acquire))
    }

    /// Says that nobody needs the stream's records up to `upto` any more. Segments without a needed record are removed, at the latest by
    /// the next [`tend`](Self::tend). Kept in memory only: after a restart the records may be replayed, and are released again.
    pub fn release(&self, stream: StreamId, upto: Seq) {
        let mut emptied = false;
        {
            let mut tail = self.core.tail.lock();
            let active = tail.active;
            for (number, segment) in tail.segments.iter_mut().take_while(|(_, s)| s.first <= upto.0) {
                if segment.live.get(&stream).is_some_and(|live| live.last <= upto.0) {
                    segment.live.remove(&stream);
                    emptied |= segment.live.is_empty() && Some(*number) != active;
                }
            }
        }
        if emptied {
            self.core.tidy();
            if let Some(ticker) = &self.ticker {
                ticker.note();
            }
        }
    }

    /// Does what the journal's thread does when nothing was appended for a while: syncs, notes in the log itself that it did (so that a
    /// later loss can't be taken for a power cut), removes segments that nobody needs, and gives back unused space.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn tend(&self) -> Result<(), JournalError> {
        self.core.tend()
    }

    /// Whether appends are taken.
    pub fn state(&self) -> State {
        self.core.tail.lock().failure.clone().map_or(State::Healthy, State::Failed)
    }

    /// Tries to take appends again; does nothing while healthy. After a failed write or a full disk it starts a new segment. After a
    /// failed sync it copies everything that no sync covered into a new segment and syncs that one; it never believes the old file again.
    ///
    /// # Errors
    /// The failure that is still there; appends stay refused, and what was appended stays readable.
    pub fn try_recover(&self) -> Result<(), JournalError> {
        self.core.try_recover()
    }
}

impl Core {
    pub fn write(&self, buf: &mut [u8], drafts: &[Draft]) -> Result<u64, JournalError> {
        let mut tail = self.tail.lock();
        let last = tail.write(&*self.storage, &self.options, self.synced.load(Ordering::Acquire), buf, drafts)?;
        self.last.store(last, Ordering::Release);
        Ok(last)
    }

    /// Appends a record that carries nothing but its `synced`.
    pub fn mark(&self) -> Result<(), JournalError> {
        let draft = Draft { at: 0, len: 0, payload_crc: 0, kind: Kind::Mark, stream: StreamId::from(0) };
        self.write(&mut [0; RECORD], &[draft]).map(drop)
    }

    /// Copies what no sync covered into a new durable segment. Nobody else may append or sync meanwhile.
    pub fn carry(&self) -> Result<(), Failure> {
        let after = self.synced.load(Ordering::Acquire);
        let (number, origins, last) = {
            let mut tail = self.tail.lock();
            let number = tail.next_number;
            tail.next_number += 1;
            (number, tail.unsynced(after).into_iter().map(Origin::of).collect::<Vec<_>>(), tail.last)
        };
        let copied = crate::carry::carry(&*self.storage, number, self.options.salt, after, &origins);
        let mut tail = self.tail.lock();
        let segment = copied.map_err(|e| {
            // It may have got its name already. The originals are still there, and the next copy voids this one.
            tail.stale.push(segment_name(number));
            if is_full(&e) { Failure::of_write(e) } else { Failure::of_sync(e) }
        })?;
        tail.adopt(number, segment, after);
        drop(tail);
        self.synced.store(last, Ordering::Release);
        Ok(())
    }
}

/// Puts a record without its header behind what is in `buf`.
fn draft(buf: &mut Vec<u8>, stream: StreamId, len: u32, parts: &[&[u8]]) -> Draft {
    let at = buf.len();
    buf.resize(at + RECORD, 0);
    let mut payload_crc = 0;
    for part in parts {
        buf.extend_from_slice(part);
        payload_crc = crc32c::crc32c_append(payload_crc, part);
    }
    buf.resize(buf.len().next_multiple_of(ALIGN as usize), 0);
    Draft { at, len, payload_crc, kind: Kind::Data, stream }
}
