//! Blobs too large to be held in memory: written as a pack of their own while they are read, and read back as a stream.
//!
//! Memory holds one chunk, whatever the size. Deliberately missing: deltas; upkeep leaves such blobs as they are, as Git does.

use crate::odb::{hash_kind, own_id};
use crate::pack::{self, Checksum, Single};
use crate::read::ObjectKind;
use crate::{GitError, KeptPack, Repository, WriteError};
use acetate_types::{ObjectError, ObjectId, Objects as _};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::time::Duration;

/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;
/// How long copying a blob out may take.
const TIME: Duration = Duration::from_secs(3600);

impl Repository {
    /// Writes what `source` gives, exactly `size` bytes of it, as a blob in a pack of its own. Durable when it returns.
    ///
    /// # Errors
    /// A source that fails, or gives more or fewer bytes; content that attacks the hash; disk errors. Nothing is left then.
    pub fn write_blob(&self, size: u64, source: &mut dyn Read) -> Result<(ObjectId, KeptPack), WriteError> {
        let mut written = None;
        let name = self.place_with(|path| {
            let file = self.shared.disk.create(path, &[]).map_err(|error| WriteError::io("writing a pack", error))?;
            let (id, packed) = self.encode_blob(&file, size, source)?;
            written = Some(id);
            Ok((file, packed))
        })?;
        let id = written.ok_or_else(|| WriteError::io("writing a pack", io::Error::other("nothing was written")))?;
        Ok((id, KeptPack::new(self.clone(), name)))
    }

    /// The pack's bytes go into the file; gives the blob's id, and the checksum and index of the pack.
    fn encode_blob(&self, file: &File, size: u64, source: &mut dyn Read) -> Result<(ObjectId, Single), WriteError> {
        let format = self.format();
        let io_error = |error| WriteError::io("writing a pack", error);
        let mut hasher = gix::hash::hasher(hash_kind(format));
        hasher.update(format!("{} {size}\0", ObjectKind::Blob.as_str()).as_bytes());
        let mut tee = Tee { out: BufWriter::with_capacity(CHUNK, file), sum: Checksum::new(format), crc: None };
        tee.write_all(&pack::header(1)).map_err(io_error)?;
        tee.crc = Some(crc32fast::Hasher::new());
        let mut header = Vec::new();
        pack::entry_header(&mut header, ObjectKind::Blob, size);
        tee.write_all(&header).map_err(io_error)?;
        let mut deflate = ZlibEncoder::new(tee, Compression::fast());
        let mut chunk = vec![0; CHUNK];
        let mut read = 0u64;
        loop {
            let got = source.read(&mut chunk).map_err(|error| WriteError::io("reading the content", error))?;
            let part = chunk.get(..got).unwrap_or_default();
            read += got as u64;
            if got == 0 || read > size {
                break;
            }
            hasher.update(part);
            deflate.write_all(part).map_err(io_error)?;
        }
        if read != size {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, format!("the content has not the {size} bytes that were announced"));
            return Err(WriteError::io("reading the content", error));
        }
        let Tee { mut out, sum, crc } = deflate.finish().map_err(io_error)?;
        let id = hasher.try_finalize().map_err(|_| WriteError::Collision(ObjectId::null(format)))?;
        let checksum = sum.finish()?;
        out.write_all(checksum.as_bytes()).and_then(|()| out.flush()).map_err(io_error)?;
        let id = own_id(&id);
        Ok((id, Single::new(format, id, crc.map_or(0, crc32fast::Hasher::finalize), checksum)?))
    }

    /// Writes a blob's content to `out` without holding it in memory, by `git cat-file`, which streams what is stored without a delta; gives
    /// its size in bytes.
    ///
    /// # Errors
    /// When it is missing, damaged or can't be read, or `out` fails.
    pub fn stream_blob(&self, id: &ObjectId, out: &mut dyn Write) -> Result<u64, ObjectError> {
        let io_error = |why: String| ObjectError::Io { id: *id, why };
        let size = self.blob_size(id)?;
        let git = self.git("cat-file").arg("blob").arg(id.to_hex()).limit(size).timeout(TIME);
        git.output_to(out).map_err(|error: GitError| io_error(error.to_string()))?;
        Ok(size)
    }
}

/// Writes, and counts what is written into the checksums.
struct Tee<W> {
    out: W,
    sum: Checksum,
    crc: Option<crc32fast::Hasher>,
}

impl<W: Write> Write for Tee<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.out.write(data)?;
        let data = data.get(..written).unwrap_or_default();
        self.sum.update(data);
        if let Some(crc) = &mut self.crc {
            crc.update(data);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
