//! The bounds of a journal and what it is told from outside.

use crate::error::JournalError;
use crate::format::{HEADER, MAX_PAYLOAD, span};
use crate::record::Seq;
use std::time::Duration;

/// How a journal is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Size of a segment, reserved when it is made; bytes, 256 to 4 GiB. A larger record gets a segment of its own size.
    pub segment_bytes: u64,
    /// The largest payload of one record; bytes, at most 2 GiB.
    pub max_record_bytes: u64,
    /// What all segments together may take on the device; bytes. Appends that would need more are refused.
    pub max_total_bytes: u64,
    /// How long an append waits at most until a thread of the journal starts to sync it. `None`: no such thread; the caller syncs and
    /// calls [`Journal::tend`](crate::Journal::tend).
    pub sync_interval: Option<Duration>,
    /// The greatest number the caller has kept anywhere durable. A power cut can lose numbers that were handed out and not synced;
    /// numbers up to this one are never handed out again.
    pub floor: Seq,
    /// Any number that writers of payloads can't guess. It keeps bytes inside a payload from passing for a record where a damaged log is
    /// searched; replay doesn't depend on it.
    pub salt: u64,
}

impl Default for Options {
    /// Segments of 16 MiB, records of 32 MiB, 1 GiB in all, a sync each second, no floor, no salt.
    fn default() -> Self {
        Self {
            segment_bytes: 16 << 20,
            max_record_bytes: 32 << 20,
            max_total_bytes: 1 << 30,
            sync_interval: Some(Duration::from_secs(1)),
            floor: Seq(0),
            salt: 0,
        }
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        if !(256..=4 << 30).contains(&self.segment_bytes) {
            return Err(JournalError::Options("segment_bytes must be from 256 to 4 GiB"));
        }
        if self.max_record_bytes > MAX_PAYLOAD {
            return Err(JournalError::Options("max_record_bytes must be at most 2 GiB"));
        }
        if self.max_total_bytes < self.segment_bytes {
            return Err(JournalError::Options("max_total_bytes must be at least segment_bytes"));
        }
        if self.floor.0 > u64::MAX / 4 {
            return Err(JournalError::Options("floor is out of range"));
        }
        Ok(())
    }

    /// What one call may append, with headers.
    pub(crate) fn max_batch(&self) -> u64 {
        span(self.max_record_bytes).max(self.segment_bytes - HEADER as u64)
    }
}
