//! Packs and their indexes as bytes: version 2 of both (Git's `gitformat-pack`). Objects are whole, never deltas; upkeep makes those.
//!
//! A small pack is somebody's waiting time, so its objects are stored uncompressed in their zlib streams; in a large one
//! they are deflated at the fastest level, for there bytes cost more than cycles.
//!
//! The checksums at the end of both files guard against accidents, not attacks, so they are made by the fastest SHA-1 at hand,
//! as Git does; ids of objects never are.

use crate::read::ObjectKind;
use crate::{WriteError, batch::NewObject};
use acetate_types::{ObjectFormat, ObjectId};
use flate2::{Compress, Compression, FlushCompress, Status};
use sha1::Digest as _;
use zlib_rs::adler32::adler32;

/// Most bytes of a pack: offsets in the index stay below 2³¹.
const MAX_PACK: u64 = (1 << 31) - 1;
/// The most bytes of content that are stored uncompressed.
const STORED: u64 = 1 << 20;
/// Most bytes of one stored block (RFC 1951, 3.2.4).
const BLOCK: usize = 0xffff;

/// What belongs to a pack of one object that was written already.
pub(crate) struct Single {
    pub(crate) index: Vec<u8>,
    /// The pack's checksum.
    pub(crate) checksum: ObjectId,
}

impl Single {
    /// Of an object that stands right behind the pack's header.
    pub(crate) fn new(format: ObjectFormat, id: ObjectId, crc: u32, checksum: ObjectId) -> Result<Self, WriteError> {
        let offset = u32::try_from(header(1).len()).unwrap_or(u32::MAX);
        Ok(Self { index: index(format, vec![Entry { id, crc, offset }], &checksum)?, checksum })
    }
}

/// What a pack of so many objects begins with.
pub(crate) fn header(count: u32) -> Vec<u8> {
    [&b"PACK"[..], &2u32.to_be_bytes(), &count.to_be_bytes()].concat()
}

/// A pack and its index.
pub(crate) struct Packed {
    pub(crate) pack: Vec<u8>,
    pub(crate) index: Vec<u8>,
    /// The pack's checksum.
    pub(crate) checksum: ObjectId,
}

struct Entry {
    id: ObjectId,
    crc: u32,
    offset: u32,
}

/// Encodes distinct objects.
pub(crate) fn encode(format: ObjectFormat, objects: &[(ObjectId, &NewObject)]) -> Result<Packed, WriteError> {
    let count = u32::try_from(objects.len()).map_err(|_| WriteError::TooLarge { what: "objects", limit: u64::from(u32::MAX) })?;
    let raw: u64 = objects.iter().map(|(_, object)| object.data.len() as u64 + 64).sum();
    if raw > MAX_PACK {
        return Err(WriteError::TooLarge { what: "bytes", limit: MAX_PACK });
    }
    let capacity = if raw <= STORED { raw + raw / 64 } else { raw / 2 };
    let mut pack = Vec::with_capacity(usize::try_from(capacity).unwrap_or(0) + 64);
    pack.extend_from_slice(&header(count));
    let mut entries = Vec::with_capacity(objects.len());
    let mut deflate = (raw > STORED).then(|| Compress::new(Compression::fast(), true));
    for (id, object) in objects {
        let start = pack.len();
        let offset = u32::try_from(start).ok().filter(|offset| *offset < 1 << 31);
        let offset = offset.ok_or(WriteError::TooLarge { what: "bytes", limit: MAX_PACK })?;
        entry_header(&mut pack, object.kind(), object.data.len() as u64);
        match &mut deflate {
            None => store_into(&object.data, &mut pack),
            Some(deflate) => deflate_into(deflate, &object.data, &mut pack)?,
        }
        let crc = crc32fast::hash(pack.get(start..).unwrap_or_default());
        entries.push(Entry { id: *id, crc, offset });
    }
    let checksum = checksum(format, &pack)?;
    pack.extend_from_slice(checksum.as_bytes());
    let index = index(format, entries, &checksum)?;
    Ok(Packed { pack, index, checksum })
}

/// The checksum at the end of packs and indexes.
pub(crate) fn checksum(format: ObjectFormat, data: &[u8]) -> Result<ObjectId, WriteError> {
    let mut checksum = Checksum::new(format);
    checksum.update(data);
    checksum.finish()
}

/// A checksum of what comes in parts.
pub(crate) enum Checksum {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

impl Checksum {
    pub(crate) fn new(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1(sha1::Sha1::new()),
            ObjectFormat::Sha256 => Self::Sha256(sha2::Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Sha1(hash) => hash.update(data),
            Self::Sha256(hash) => hash.update(data),
        }
    }

    pub(crate) fn finish(self) -> Result<ObjectId, WriteError> {
        let id = match self {
            Self::Sha1(hash) => ObjectId::from_bytes(&hash.finalize()),
            Self::Sha256(hash) => ObjectId::from_bytes(&hash.finalize()),
        };
        id.map_err(|error| WriteError::io("computing a checksum", std::io::Error::other(error)))
    }
}

pub(crate) fn entry_header(out: &mut Vec<u8>, kind: ObjectKind, size: u64) {
    let kind = match kind {
        ObjectKind::Commit => 1u8,
        ObjectKind::Tree => 2,
        ObjectKind::Blob => 3,
        ObjectKind::Tag => 4,
    };
    // Four bits of the size beside the kind, then seven a byte, lowest first.
    let mut byte = kind << 4 | (size & 15) as u8;
    let mut rest = size >> 4;
    while rest > 0 {
        out.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    out.push(byte);
}

/// A zlib stream (RFC 1950) of stored blocks.
fn store_into(data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0x78, 0x01]);
    let mut rest = data;
    loop {
        let (block, after) = rest.split_at(rest.len().min(BLOCK));
        let len = block.len() as u16;
        out.push(u8::from(after.is_empty()));
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    out.extend_from_slice(&adler32(1, data).to_be_bytes());
}

fn deflate_into(deflate: &mut Compress, data: &[u8], out: &mut Vec<u8>) -> Result<(), WriteError> {
    deflate.reset();
    let failed = || WriteError::io("compressing", std::io::Error::other("deflate made no progress"));
    loop {
        let done = usize::try_from(deflate.total_in()).map_err(|_| failed())?;
        let rest = data.get(done..).unwrap_or_default();
        out.reserve(rest.len() / 2 + 64);
        match deflate.compress_vec(rest, out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => return Ok(()),
            Ok(Status::Ok | Status::BufError) => {}
            Err(_) => return Err(failed()),
        }
    }
}

fn index(format: ObjectFormat, mut entries: Vec<Entry>, pack: &ObjectId) -> Result<Vec<u8>, WriteError> {
    entries.sort_unstable_by_key(|entry| entry.id);
    let mut out = Vec::with_capacity(8 + 1024 + entries.len() * (format.id_len() + 8) + 2 * format.id_len());
    out.extend_from_slice(&[0xff, b't', b'O', b'c', 0, 0, 0, 2]);
    let mut at = 0usize;
    for first in 0..=255u8 {
        while entries.get(at).is_some_and(|entry| entry.id.as_bytes().first().is_some_and(|byte| *byte <= first)) {
            at += 1;
        }
        // `encode` has checked that the count fits.
        out.extend_from_slice(&u32::try_from(at).unwrap_or(u32::MAX).to_be_bytes());
    }
    for entry in &entries {
        out.extend_from_slice(entry.id.as_bytes());
    }
    for entry in &entries {
        out.extend_from_slice(&entry.crc.to_be_bytes());
    }
    for entry in &entries {
        out.extend_from_slice(&entry.offset.to_be_bytes());
    }
    out.extend_from_slice(pack.as_bytes());
    let own = checksum(format, &out)?;
    out.extend_from_slice(own.as_bytes());
    Ok(out)
}
