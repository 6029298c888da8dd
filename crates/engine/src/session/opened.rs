//! A file that is read as a stream, in parts, and never held in memory as a whole.

use super::files::etag;
use crate::EngineError;
use crate::store::Store;
use acetate_overlay::Overlay;
use acetate_types::{FileMode, ObjectId, RepoPath};
use bytes::Bytes;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

/// A file as it was when it was opened.
#[derive(Clone)]
pub struct OpenFile {
    store: Arc<Store>,
    path: RepoPath,
    mode: FileMode,
    etag: String,
    size: u64,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Object(ObjectId),
    Held(Bytes),
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile").field("path", &self.path).field("size", &self.size).finish_non_exhaustive()
    }
}

impl OpenFile {
    pub(crate) fn of(store: &Arc<Store>, overlay: &Overlay, path: &RepoPath) -> Result<Self, EngineError> {
        let file = overlay.file(&store.repo, path)?;
        let (content, size) = match (file.mode(), file.id()) {
            (FileMode::Submodule, Some(commit)) => {
                let text = Bytes::from(commit.to_hex());
                let size = text.len() as u64;
                (Content::Held(text), size)
            }
            (_, Some(id)) => (Content::Object(id), file.size(&store.repo)?),
            (_, None) => {
                let text = file.read(&store.repo)?;
                let size = text.len() as u64;
                (Content::Held(text), size)
            }
        };
        let etag = etag(store, &file)?;
        Ok(Self { store: Arc::clone(store), path: path.clone(), mode: file.mode(), etag, size, content })
    }

    /// Its path.
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// Its mode.
    pub fn mode(&self) -> FileMode {
        self.mode
    }

    /// Its revision, as for every read.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Writes these bytes of it to `out`; what lies beyond its end is left out.
    ///
    /// # Errors
    /// When the object can't be read, or `out` fails.
    pub fn copy(&self, part: Range<u64>, out: &mut dyn Write) -> Result<(), EngineError> {
        let mut cut = Cut { at: 0, part, out, ended: false };
        match &self.content {
            Content::Held(text) => cut.write_all(text).map_err(|error| failed(&self.path, &error)),
            Content::Object(id) => match self.store.repo.stream_blob(id, &mut cut) {
                Ok(_) => Ok(()),
                // Everything that was asked for is there; the rest was not taken.
                Err(_) if cut.ended => Ok(()),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn failed(path: &RepoPath, error: &io::Error) -> EngineError {
    EngineError::new(acetate_types::ErrorKind::Unavailable, "read_broken_off", format!("{path} was not read to its end: {error}"))
}

/// Lets a part of what is written through, and stops behind it.
struct Cut<'a> {
    at: u64,
    part: Range<u64>,
    out: &'a mut dyn Write,
    ended: bool,
}

impl Write for Cut<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.at >= self.part.end {
            self.ended = true;
            return Err(io::Error::other("enough"));
        }
        let size = data.len() as u64;
        let place = |at: u64| usize::try_from(at.saturating_sub(self.at).min(size)).unwrap_or(data.len());
        let wanted = data.get(place(self.part.start)..place(self.part.end)).unwrap_or_default();
        self.out.write_all(wanted)?;
        self.at += size;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
