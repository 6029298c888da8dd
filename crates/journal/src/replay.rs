//! The records of a journal that was opened, in order.
//!
//! Invariant: what is delivered is a prefix of what was appended (without what was released and removed): never a later record of the log
//! without the earlier ones. Memory is one window and one record, whatever the log's size.

use crate::error::JournalError;
use crate::format::{HEADER, Kind};
use crate::record::{Ending, Record};
use crate::scan::Reader;
use crate::storage::StoredFile;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// A part of the log: one segment's records up to and with `last`.
#[derive(Debug)]
pub(crate) struct Source {
    pub file: Arc<dyn StoredFile>,
    pub seed: u32,
    pub first: u64,
    pub last: u64,
}

/// The records that were there when the journal was opened. Reading them late is fine: later appends and releases don't change them.
///
/// Records of a stream that had been released may still come; the caller knows up to where it needs none.
/// An error is the last item; the records after it are lost to this replay, and the caller should treat the journal as unreadable.
#[derive(Debug)]
pub struct Replay {
    sources: VecDeque<Source>,
    current: Option<(Reader, u64)>,
    ending: Ending,
}

impl Replay {
    pub(crate) fn new(sources: VecDeque<Source>, ending: Ending) -> Self {
        Self { sources, current: None, ending }
    }

    /// How the log ended; known before the first record is read.
    pub fn ending(&self) -> &Ending {
        &self.ending
    }

    fn step(&mut self) -> Result<Option<Record>, JournalError> {
        let at = || JournalError::io("read the journal");
        loop {
            let Some(source) = self.sources.front_mut() else { return Ok(None) };
            if source.first > source.last {
                self.sources.pop_front();
                self.current = None;
                continue;
            }
            let (reader, offset) = match &mut self.current {
                Some(open) => open,
                none => none.insert((Reader::new(Arc::clone(&source.file)).map_err(at())?, HEADER as u64)),
            };
            let changed = || at()(io::Error::new(io::ErrorKind::InvalidData, "a record changed since the journal was opened"));
            let header = reader.header(*offset, source.seed).map_err(at())?.filter(|h| h.seq == source.first).ok_or_else(changed)?;
            let payload = reader.payload(*offset, &header).map_err(at())?.ok_or_else(changed)?;
            *offset += header.span();
            source.first += 1;
            if header.kind == Kind::Data {
                return Ok(Some(Record { seq: header.seq(), stream: header.stream, payload: Bytes::from(payload) }));
            }
        }
    }
}

impl Iterator for Replay {
    type Item = Result<Record, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.step().transpose();
        if matches!(item, Some(Err(_))) {
            self.sources.clear();
        }
        item
    }
}
