//! The few file-system steps that durability hangs on, behind a trait so that a test can make each one fail.
//!
//! Deliberately missing: reading. Objects are read through the object database, which maps files.

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// Writing, syncing and renaming of files, as far as packs need it.
pub trait Disk: Debug + Send + Sync {
    /// Creates a file that must not exist yet, with these bytes, read-only as Git makes packs.
    ///
    /// # Errors
    /// Of the operating system; a partly written file may stay.
    fn create(&self, path: &Path, data: &[u8]) -> io::Result<File>;
    /// Puts a file's content on stable storage (`fdatasync`).
    ///
    /// # Errors
    /// Of the operating system. After one, what was written may be lost whatever a later call says.
    fn sync_file(&self, file: &File) -> io::Result<()>;
    /// Renames a file within a file system.
    ///
    /// # Errors
    /// Of the operating system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a hard link.
    ///
    /// # Errors
    /// Of the operating system, among them that the file system has none.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Puts a directory's entries on stable storage.
    ///
    /// # Errors
    /// As for [`Disk::sync_file`].
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Removes a file. One that is not there is no error.
    ///
    /// # Errors
    /// Of the operating system.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The operating system's file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path, data: &[u8]) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut file = File::options().write(true).create_new(true).mode(0o444).open(path)?;
        file.write_all(data)?;
        Ok(file)
    }
    fn sync_file(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::hard_link(from, to)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}
