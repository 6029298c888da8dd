//! What can go wrong with a journal, and how a door shows it.
//!
//! A failure of the device is sticky: it is kept as a [`Failure`] and repeated to every caller until
//! [`Journal::try_recover`](crate::Journal::try_recover) succeeds. Everything else concerns one call only.

use acetate_types::{Classify, ErrorKind, Problem};
use std::io;
use std::sync::Arc;

/// Why the journal takes no appends at present.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The device or the quota has no room. What was appended before is unharmed.
    #[error("no space is left for the journal: {0}")]
    DiskFull(Arc<io::Error>),
    /// A write failed. What was appended before is unharmed; the failed record was not taken.
    #[error("writing the journal failed: {0}")]
    Write(Arc<io::Error>),
    /// A sync failed. What was appended since the last good sync may be in the page cache only, and the kernel may believe it clean.
    #[error("syncing the journal failed: {0}")]
    Sync(Arc<io::Error>),
}

impl Failure {
    pub(crate) fn of_write(error: io::Error) -> Self {
        if is_full(&error) { Self::DiskFull(Arc::new(error)) } else { Self::Write(Arc::new(error)) }
    }

    pub(crate) fn of_sync(error: io::Error) -> Self {
        Self::Sync(Arc::new(error))
    }
}

/// An error of a call on a journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// One record, or one batch, is larger than the options allow. Bytes.
    #[error("{bytes} bytes are more than one append may hold ({limit})")]
    TooLarge {
        /// What was asked for.
        bytes: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The segments hold as many bytes as the options allow; snapshots and releases make room.
    #[error("the journal holds {bytes} bytes of at most {limit}")]
    Full {
        /// What the segments take, with the one that was needed.
        bytes: u64,
        /// [`Options::max_total_bytes`](crate::Options::max_total_bytes).
        limit: u64,
    },
    /// The device failed or is full, now or earlier; nothing was appended.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Another process, or another value in this one, has the journal open.
    #[error("the journal is open elsewhere")]
    InUse,
    /// A segment was written by a newer format than this program knows. Nothing was changed.
    #[error("segment {name} has the unknown format {version}")]
    UnknownFormat {
        /// The file.
        name: String,
        /// Its format's byte.
        version: u8,
    },
    /// An option is out of its bounds.
    #[error("{0}")]
    Options(&'static str),
    /// The storage failed where the journal can't go on: listing, opening or reading.
    #[error("can't {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The cause.
        source: io::Error,
    },
}

impl JournalError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

impl Classify for JournalError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::TooLarge { .. } => {
                Problem::new(ErrorKind::Limit, "record_too_large", text).hint("Write the file in smaller edits, or commit it.")
            }
            Self::Full { .. } => Problem::new(ErrorKind::Limit, "journal_full", text).hint("Commit or discard sessions, then retry."),
            Self::Failed(Failure::DiskFull(_)) => {
                Problem::new(ErrorKind::Unavailable, "disk_full", text).hint("Free space on the store's disk, then retry.")
            }
            Self::Failed(_) => Problem::new(ErrorKind::Unavailable, "journal_failed", text).hint("Check the store's disk, then retry."),
            Self::InUse => Problem::new(ErrorKind::Conflict, "journal_in_use", text).hint("Stop the other process on this store."),
            Self::UnknownFormat { .. } => {
                Problem::new(ErrorKind::Unavailable, "journal_format", text).hint("Use the program that wrote the store, or a newer one.")
            }
            Self::Options(_) => Problem::new(ErrorKind::Invalid, "journal_options", text),
            Self::Io { .. } => Problem::new(ErrorKind::Internal, "journal_io", text),
        }
    }
}

/// Whether an error says that the device or the quota is used up.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
