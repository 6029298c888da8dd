//! Reading one segment from its header on: which of its bytes are records, where they end, and what lies beyond.
//!
//! Invariant: nothing is allocated by a length that was read before the checksum over that length held and the file proved long enough;
//! the work is linear in the file's size, whatever it contains.

use crate::format::{ALIGN, Kind, MAX_PAYLOAD, RECORD, RecordHeader, SegmentHeader};
use crate::record::StreamId;
use crate::segment::Live;
use crate::storage::StoredFile;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

const WINDOW: usize = 256 << 10;
/// Comparing with this is a `memcmp`, several times faster than a loop over reserved space.
const ZEROS: [u8; 4096] = [0; 4096];

/// A window over a file, moved as it is asked for.
#[derive(Debug)]
pub(crate) struct Reader {
    file: Arc<dyn StoredFile>,
    pub size: u64,
    window: Vec<u8>,
    at: u64,
}

impl Reader {
    pub fn new(file: Arc<dyn StoredFile>) -> io::Result<Self> {
        let size = file.size()?;
        Ok(Self { file, size, window: Vec::new(), at: 0 })
    }

    /// Up to `len` bytes (at most a window) from `offset`; fewer only at the end of the file.
    pub fn bytes(&mut self, offset: u64, len: usize) -> io::Result<&[u8]> {
        let len = len.min(WINDOW).min(usize::try_from(self.size.saturating_sub(offset)).unwrap_or(WINDOW));
        let inside = offset.checked_sub(self.at).and_then(|from| usize::try_from(from).ok());
        if let Some(from) = inside.filter(|from| from.saturating_add(len) <= self.window.len()) {
            return Ok(self.window.get(from..from + len).unwrap_or_default());
        }
        let room = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(WINDOW).min(WINDOW);
        self.window.resize(room, 0);
        self.at = offset;
        let read = self.file.read_at(&mut self.window, offset)?;
        self.window.truncate(read);
        Ok(self.window.get(..len.min(read)).unwrap_or_default())
    }

    /// Whether all bytes from `offset` to the end are zero.
    pub fn blank_from(&mut self, mut offset: u64) -> io::Result<bool> {
        loop {
            let bytes = self.bytes(offset, WINDOW)?;
            if bytes.is_empty() {
                return Ok(true);
            }
            if bytes.chunks(ZEROS.len()).any(|chunk| Some(chunk) != ZEROS.get(..chunk.len())) {
                return Ok(false);
            }
            offset += bytes.len() as u64;
        }
    }

    /// The header at `offset`, if it is one whose record fits into the file.
    pub fn header(&mut self, offset: u64, seed: u32) -> io::Result<Option<RecordHeader>> {
        let size = self.size;
        let header = RecordHeader::decode(self.bytes(offset, RECORD)?, seed);
        Ok(header.filter(|h| u64::from(h.len) <= MAX_PAYLOAD && offset.saturating_add(h.span()) <= size))
    }

    /// Whether the payload of the record at `offset` is whole.
    pub fn whole(&mut self, offset: u64, header: &RecordHeader) -> io::Result<bool> {
        let (mut at, mut left, mut crc) = (offset + RECORD as u64, header.len as usize, 0);
        while left > 0 {
            let bytes = self.bytes(at, left)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            crc = crc32c::crc32c_append(crc, bytes);
            at += bytes.len() as u64;
            left -= bytes.len();
        }
        Ok(crc == header.payload_crc)
    }

    /// The payload of the record at `offset`, if it is whole. The header must come from [`Self::header`].
    pub fn payload(&mut self, offset: u64, header: &RecordHeader) -> io::Result<Option<Vec<u8>>> {
        let mut payload = vec![0; header.len as usize];
        let at = offset + RECORD as u64;
        if payload.len() <= WINDOW {
            let bytes = self.bytes(at, payload.len())?;
            if bytes.len() != payload.len() {
                return Ok(None);
            }
            payload.copy_from_slice(bytes);
        } else if self.file.read_at(&mut payload, at)? != payload.len() {
            return Ok(None);
        }
        Ok((crc32c::crc32c(&payload) == header.payload_crc).then_some(payload))
    }
}

/// What lies beyond the place where a segment stopped being readable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tear {
    /// Readable headers after the unreadable one.
    pub beyond: u64,
}

/// One segment, read through.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub last: u64,
    pub last_data: u64,
    /// Behind the last record.
    pub end: u64,
    pub live: HashMap<StreamId, Live>,
    /// The greatest `synced` that could be read.
    pub stamp: u64,
    /// The greatest record number that could be read, replayed or not.
    pub seen: u64,
    pub tear: Option<Tear>,
}

/// Reads the records of a segment from `start`, as far as they are below `bound`.
pub(crate) fn scan(reader: &mut Reader, header: &SegmentHeader, start: u64, bound: u64) -> io::Result<Scanned> {
    let seed = header.seed();
    let mut out = Scanned {
        last: header.first.saturating_sub(1),
        last_data: 0,
        end: start,
        live: HashMap::new(),
        stamp: header.synced,
        seen: header.first.saturating_sub(1),
        tear: None,
    };
    let mut bounded = false;
    loop {
        if out.last + 1 >= bound {
            bounded = true;
            break;
        }
        let Some(record) = reader.header(out.end, seed)?.filter(|r| r.seq == out.last + 1) else { break };
        if !reader.whole(out.end, &record)? {
            break;
        }
        out.stamp = out.stamp.max(record.synced);
        out.last = record.seq;
        if record.kind == Kind::Data {
            out.last_data = record.seq;
            out.live.entry(record.stream).or_default().add(record.seq, record.span());
        }
        out.end += record.span();
    }
    out.seen = out.seen.max(out.last);
    if !bounded && !reader.blank_from(out.end)? {
        out.tear = Some(beyond(reader, seed, bound, &mut out)?);
    }
    Ok(out)
}

/// Looks for headers behind the end. They prove nothing about the payloads, but their numbers were used, and their `synced` was true.
fn beyond(reader: &mut Reader, seed: u32, bound: u64, out: &mut Scanned) -> io::Result<Tear> {
    let (mut at, mut count) = (out.end, 0);
    while at.saturating_add(RECORD as u64) <= reader.size {
        match RecordHeader::decode(reader.bytes(at, RECORD)?, seed).filter(|r| r.seq > out.last && r.seq < bound) {
            Some(record) => {
                out.stamp = out.stamp.max(record.synced);
                out.seen = out.seen.max(record.seq);
                count += u64::from(at > out.end);
                at = at.saturating_add(record.span());
            }
            None => at += ALIGN,
        }
    }
    Ok(Tear { beyond: count })
}
