//! The segmented append-only log of sessions' edits.
//!
//! Opaque payloads of many streams in one order. An append that answered survives the death of the process, and a power cut once a sync
//! covered it; opening gives back a prefix of the log and says how it ended. See `DESIGN.md`, "The way of the data".
//! What edits mean, snapshots, and which records are dead is the caller's.

#![deny(missing_docs)]

mod carry;
mod dir;
mod error;

pub mod faults;
mod flush;
mod format;
mod journal;
mod memory;
mod open;
mod options;
mod record;
mod replay;
mod scan;
mod segment;
mod stats;
mod storage;
mod tail;
mod ticker;

pub use dir::DirStorage;
pub use error::{Failure, JournalError};
pub use journal::{Journal, State};
pub use memory::MemoryStorage;
pub use options::Options;
pub use record::{Damage, Ending, Record, Seq, StreamId};
pub use replay::Replay;
pub use stats::{PinnedSegment, PinnedStream, Stats};
pub use storage::{Storage, StoredFile};
