//! Segments as files of a real directory.
//!
//! Invariant: one value per directory, across processes (an advisory lock on the directory itself, gone with the process).
//! Space is reserved with `fallocate`, so that a full disk shows when a segment is made and not in the middle of a record; where the file
//! system can't do that the file is sparse. Lacks: nested folders; anything for network file systems without locks.

use crate::error::JournalError;
use crate::storage::{Storage, StoredFile};
use rustix::fs::{FallocateFlags, FlockOperation};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory that holds a journal's segments.
#[derive(Debug)]
pub struct DirStorage {
    path: PathBuf,
    dir: File,
}

impl DirStorage {
    /// Takes the directory at `path`, made if it is missing (its parent must exist).
    ///
    /// # Errors
    /// [`JournalError::InUse`] if somebody has it; [`JournalError::Io`] if it can't be made, opened or locked.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let at = JournalError::io("open the journal's folder");
        match std::fs::create_dir(path) {
            Ok(()) => {
                // The folder's own entry must be durable before anything in it can be.
                let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
                File::open(parent).and_then(|p| p.sync_all()).map_err(JournalError::io("sync the folder above the journal"))?;
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(at(e)),
        }
        let dir = File::open(path).map_err(JournalError::io("open the journal's folder"))?;
        match rustix::fs::flock(&dir, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_owned(), dir }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::InUse),
            Err(e) => Err(JournalError::io("lock the journal's folder")(e.into())),
        }
    }

    fn options() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        options
    }
}

impl Storage for DirStorage {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            // A name that is not UTF-8 is not ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn StoredFile>> {
        let path = self.path.join(name);
        let file = Self::options().create_new(true).open(&path)?;
        let reserved = match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, len.max(1)) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => file.set_len(len),
            Err(e) => Err(e.into()),
        };
        if let Err(e) = reserved {
            // Best effort: an empty file without a header is ignored by the next open.
            let _ = std::fs::remove_file(&path);
            return Err(e);
        }
        Ok(Arc::new(DirFile(file)))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        Ok(Arc::new(DirFile(Self::options().open(self.path.join(name))?)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.dir.sync_all()
    }
}

#[derive(Debug)]
struct DirFile(File);

impl StoredFile for DirFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.0.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(data, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
