//! Where segments live: the few blocking file operations the journal stands on.
//!
//! Invariant: what `write_at` returned from is seen by every later `read_at`, also by one through a handle opened later, and (for a
//! storage that outlives the process) after the death of the process. Only `sync_data` and `sync_dir` promise anything about a power cut.
//! Lacks: any knowledge of segments and records; buffering; retries.

use std::io;
use std::sync::Arc;

/// One open file. Handles stay readable after the file was removed.
pub trait StoredFile: Send + Sync + std::fmt::Debug {
    /// The length in bytes.
    fn size(&self) -> io::Result<u64>;

    /// Fills `buf` from `offset`, and returns how many bytes there were: fewer than asked only at the end of the file.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `data` at `offset`. After an error any part of it may have been written.
    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts or extends (with zeros) to `len` bytes.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns when all that was written and the length are on stable storage. After an error nothing written since the last good
    /// call may be believed to be there, whatever a repeated call answers.
    fn sync_data(&self) -> io::Result<()>;
}

/// A flat folder of files.
pub trait Storage: Send + Sync + std::fmt::Debug {
    /// The names of all files, in any order.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes a file that must not exist yet, `len` bytes of zeros with its space reserved where the storage can do that.
    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn StoredFile>>;

    /// Opens an existing file for reading and writing.
    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Renames a file, replacing `to` if it exists.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Returns when all creations, removals and renames so far are on stable storage.
    fn sync_dir(&self) -> io::Result<()>;
}
