//! The bytes of a segment. All numbers are little-endian; all checksums are CRC-32C (Castagnoli, RFC 3720 appendix B.4).
//!
//! A segment is a header of 64 bytes, then records, each at a multiple of 8, then zeros up to the end of the file.
//!
//! | header | | record | |
//! | --- | --- | --- | --- |
//! | 0 | `ACETJNL` and the format's digit | 0 | checksum of bytes 4..48, seeded with the header's |
//! | 8 | number of the segment | 4 | checksum of the payload |
//! | 16 | `first`: number of its first record | 8 | length of the payload |
//! | 24 | `follows`: the record before it | 12 | kind: 1 a record, 2 a mark |
//! | 32 | `synced`, as in a record | 16 | number of the record |
//! | 40 | salt | 24 | `synced`: all up to this number was on stable storage when this was written |
//! | 48 | zeros | 32 | stream |
//! | 60 | checksum of bytes 0..60 | 48 | payload, then zeros to a multiple of 8 |
//!
//! Invariant: within a segment the numbers have no gap. Invariant: `follows` voids whatever older segments hold beyond it, so what a
//! failed write, a failed sync or a torn tail left behind is never read once a newer segment stands.
//! Invariant: a record's checksum depends on its segment's header, so that neither a stale block nor bytes that a caller put into
//! a payload pass for a record.
//! `synced` tells a power cut from damage: what is missing at or below a `synced` that can be read had been safe; see `open`.

use crate::record::{Seq, StreamId};

pub(crate) const HEADER: usize = 64;
pub(crate) const RECORD: usize = 48;
pub(crate) const ALIGN: u64 = 8;
/// What the length field may say; also keeps every sum of a few lengths far inside 64 bits.
pub(crate) const MAX_PAYLOAD: u64 = 1 << 31;

const MAGIC: &[u8; 7] = b"ACETJNL";
const VERSION: u8 = b'1';
const SUFFIX: &str = ".seg";

/// The file of a segment.
pub(crate) fn segment_name(number: u64) -> String {
    format!("{number:016x}{SUFFIX}")
}

/// The number in a name made by [`segment_name`]; nothing for any other file.
pub(crate) fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    (segment_name(number) == name).then_some(number)
}

/// The file that a damaged segment becomes.
pub(crate) fn set_aside_name(number: u64) -> String {
    format!("{number:016x}.damaged")
}

/// The file that becomes a segment once it is whole.
pub(crate) fn unfinished_name(number: u64) -> String {
    format!("{number:016x}.new")
}

/// Whether a name was made by [`unfinished_name`].
pub(crate) fn is_unfinished(name: &str) -> bool {
    any_number(name).is_some_and(|number| unfinished_name(number) == name)
}

/// The number in any name this crate makes, so that none is used twice.
pub(crate) fn any_number(name: &str) -> Option<u64> {
    u64::from_str_radix(name.split_once('.')?.0, 16).ok()
}

/// How many bytes a record with a payload of `len` takes.
pub(crate) fn span(len: u64) -> u64 {
    RECORD as u64 + len.next_multiple_of(ALIGN)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub number: u64,
    pub first: u64,
    pub follows: u64,
    pub synced: u64,
    pub salt: u64,
}

pub(crate) enum HeaderBytes {
    Good(SegmentHeader),
    /// Only zeros, or nothing at all.
    Blank,
    Newer(u8),
    Bad,
}

impl SegmentHeader {
    pub fn encode(&self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        let words = [self.number, self.first, self.follows, self.synced, self.salt];
        let fields = MAGIC.iter().copied().chain([VERSION]).chain(words.into_iter().flat_map(u64::to_le_bytes));
        for (to, from) in out.iter_mut().zip(fields) {
            *to = from;
        }
        if let Some((body, sum)) = out.split_last_chunk_mut::<4>() {
            *sum = crc32c::crc32c(body).to_le_bytes();
        }
        out
    }

    pub fn decode(bytes: &[u8]) -> HeaderBytes {
        if bytes.iter().all(|b| *b == 0) {
            return HeaderBytes::Blank;
        }
        Self::decode_checked(bytes).unwrap_or(HeaderBytes::Bad)
    }

    fn decode_checked(bytes: &[u8]) -> Option<HeaderBytes> {
        let (body, sum) = bytes.get(..HEADER)?.split_last_chunk::<4>()?;
        if u32::from_le_bytes(*sum) != crc32c::crc32c(body) {
            return None;
        }
        let version = *body.strip_prefix(MAGIC)?.first()?;
        if version != VERSION {
            return Some(HeaderBytes::Newer(version));
        }
        let header = Self {
            number: u64_at(body, 8)?,
            first: u64_at(body, 16)?,
            follows: u64_at(body, 24)?,
            synced: u64_at(body, 32)?,
            salt: u64_at(body, 40)?,
        };
        // The numbers of a journal never come near the end of their range; refusing it keeps every `+ 1` below from overflowing.
        let sane = header.first > header.follows && header.first < u64::MAX / 2;
        sane.then_some(HeaderBytes::Good(header))
    }

    /// What binds a record to this segment: the checksum of the header without its checksum (with it, it would be the same for all).
    pub fn seed(&self) -> u32 {
        crc32c::crc32c(self.encode().split_last_chunk::<4>().map_or(&[], |(body, _)| body))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Data,
    /// Carries nothing but its `synced`.
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub payload_crc: u32,
    pub len: u32,
    pub kind: Kind,
    pub seq: u64,
    pub synced: u64,
    pub stream: StreamId,
}

impl RecordHeader {
    pub fn encode(&self, seed: u32) -> [u8; RECORD] {
        let mut out = [0; RECORD];
        let kind: u32 = match self.kind {
            Kind::Data => 1,
            Kind::Mark => 2,
        };
        let (sum, body) = out.split_at_mut(4);
        let (small, rest) = body.split_at_mut(12);
        for (to, from) in small.chunks_exact_mut(4).zip([self.payload_crc, self.len, kind]) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        let (large, stream) = rest.split_at_mut(16);
        for (to, from) in large.chunks_exact_mut(8).zip([self.seq, self.synced]) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        stream.copy_from_slice(&self.stream.0);
        sum.copy_from_slice(&crc32c::crc32c_append(seed, body).to_le_bytes());
        out
    }

    /// The header in these bytes, if its checksum holds.
    pub fn decode(bytes: &[u8], seed: u32) -> Option<Self> {
        let bytes = bytes.get(..RECORD)?;
        let seq = u64_at(bytes, 16)?;
        // Cheap refusals first: most of what is looked at after a tear is not a header.
        if seq == 0 || u32_at(bytes, 0)? != crc32c::crc32c_append(seed, bytes.get(4..)?) {
            return None;
        }
        let kind = match u32_at(bytes, 12)? {
            1 => Kind::Data,
            2 => Kind::Mark,
            _ => return None,
        };
        let stream = StreamId(bytes.get(32..48)?.try_into().ok()?);
        let header = Self { payload_crc: u32_at(bytes, 4)?, len: u32_at(bytes, 8)?, kind, seq, synced: u64_at(bytes, 24)?, stream };
        (header.synced < seq).then_some(header)
    }

    pub fn span(&self) -> u64 {
        span(u64::from(self.len))
    }

    pub fn seq(&self) -> Seq {
        Seq(self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_as_they_were_and_no_flipped_bit_passes() {
        let header = SegmentHeader { number: 3, first: 9, follows: 7, synced: 5, salt: u64::MAX };
        let bytes = header.encode();
        assert!(matches!(SegmentHeader::decode(&bytes), HeaderBytes::Good(h) if h == header));
        let record = RecordHeader { payload_crc: 1, len: 2, kind: Kind::Mark, seq: 9, synced: 8, stream: StreamId([7; 16]) };
        let record_bytes = record.encode(header.seed());
        assert_eq!(RecordHeader::decode(&record_bytes, header.seed()), Some(record));
        for bit in 0..HEADER * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(SegmentHeader::decode(&flipped), HeaderBytes::Bad), "bit {bit}");
        }
        for bit in 0..RECORD * 8 {
            let mut flipped = record_bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHeader::decode(&flipped, header.seed()), None, "bit {bit}");
        }
        let other = SegmentHeader { number: 4, ..header };
        assert_eq!(RecordHeader::decode(&record_bytes, other.seed()), None, "another segment's record");
        let salted = SegmentHeader { salt: 1, ..header };
        assert_eq!(RecordHeader::decode(&record_bytes, salted.seed()), None, "another salt's record");
    }

    #[test]
    fn names_are_read_back_strictly() {
        assert_eq!(segment_number(&segment_name(255)), Some(255));
        for other in ["ff.seg", "00000000000000FF.seg", "+0000000000000ff.seg", "00000000000000ff.damaged", "x", ""] {
            assert_eq!(segment_number(other), None, "{other}");
        }
    }
}
