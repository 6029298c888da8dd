//! The exclusive lock of a store: one daemon at a time.
//!
//! An advisory `flock` on a file in the store's folder, held as long as the [`StoreLock`] lives and freed by the system when the
//! process dies in whatever way. The file itself stays: removing it would let two processes lock two files of one name. What is
//! written in it (process id, time) only serves the message; the lock alone decides.

use acetate_types::{Classify, ErrorKind, Problem};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const FILE_NAME: &str = "acetate.lock";
const MAX_NOTE_BYTES: u64 = 4096;

/// The right to be the one daemon of a store. Dropping it frees the store.
#[derive(Debug)]
pub struct StoreLock {
    file: File,
    path: PathBuf,
}

/// Why a store could not be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process, or another part of this one, has it.
    #[error("the store at {path} is in use{}", holder(*pid))]
    Held {
        /// The lock file.
        path: String,
        /// Whose process id the holder noted.
        pid: Option<u32>,
        /// When the holder says it took the lock.
        started: Option<i64>,
    },
    /// The lock file can't be made or locked.
    #[error("the store at {path} can't be locked: {source}")]
    Io {
        /// The lock file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" by process {pid}"))
}

impl Classify for LockError {
    fn problem(&self) -> Problem {
        match self {
            Self::Held { pid, started, .. } => Problem::new(ErrorKind::Conflict, "store_in_use", self.to_string())
                .hint("Talk to the daemon that serves the store, or stop it first.")
                .details(serde_json::json!({ "pid": pid, "started": started })),
            Self::Io { .. } => {
                Problem::new(ErrorKind::Unavailable, "store_lock", self.to_string()).hint("Check the rights on the store's folder.")
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Note {
    pid: u32,
    started: i64,
}

impl StoreLock {
    /// Locks the store in the folder `dir`, noting `now` for whoever finds it locked. Never waits.
    ///
    /// # Errors
    /// [`LockError::Held`] where somebody else has the lock; [`LockError::Io`] where the folder or the file can't be used.
    pub fn acquire(dir: &Path, now: i64) -> Result<Self, LockError> {
        let path = dir.join(FILE_NAME);
        let shown = path.display().to_string();
        let io = |source| LockError::Io { path: shown.clone(), source };
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let note = read_note(&mut file);
                return Err(LockError::Held {
                    path: shown,
                    pid: note.as_ref().map(|note| note.pid),
                    started: note.map(|note| note.started),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // The note serves a message only: a full disk must not keep a store from opening.
        if let Err(error) = write_note(&mut file, now) {
            tracing::warn!(%error, path = %shown, "the store is locked, without a note of its holder");
        }
        Ok(Self { file, path })
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // Closing the file would do, were it not for children that were forked and have not yet run their program.
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the store's lock is freed with the process only");
        }
    }
}

fn write_note(file: &mut File, started: i64) -> std::io::Result<()> {
    let note = serde_json::to_vec(&Note { pid: std::process::id(), started })?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&note)
}

fn read_note(file: &mut File) -> Option<Note> {
    let mut text = String::new();
    file.take(MAX_NOTE_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
