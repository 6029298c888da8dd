//! A bounded set of connections for reads, opened when first needed.

use super::SqliteOptions;
use super::connect;
use super::failure::{failed, spoils_connection};
use crate::error::CatalogError;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    slots: Mutex<Slots>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Slots {
    idle: Vec<Connection>,
    /// Idle ones and those in use.
    open: usize,
}

/// A connection in use; its slot is free again when this is dropped, also by a panic.
struct Taken<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut slots = self.readers.slots.lock();
        match self.connection.take() {
            Some(connection) => slots.idle.push(connection),
            None => slots.open = slots.open.saturating_sub(1),
        }
        drop(slots);
        self.readers.freed.notify_one();
    }
}

impl Readers {
    pub(super) fn new(path: &Path, options: &SqliteOptions) -> Self {
        let options = SqliteOptions { readers: options.readers.max(1), ..options.clone() };
        Self { path: path.to_owned(), options, slots: Mutex::default(), freed: Condvar::new() }
    }

    /// Runs a read on a connection of its own; waits while all are in use.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, CatalogError> {
        let mut taken = self.take();
        let connection = match taken.connection.take() {
            Some(connection) => connection,
            None => {
                let connection = connect::open_file(&self.path)?;
                connect::reading(&connection, &self.options)?;
                connection
            }
        };
        let connection = taken.connection.insert(connection);
        let answer = read(connection).map_err(failed);
        if answer.as_ref().is_err_and(spoils_connection) {
            taken.connection = None;
        }
        answer
    }

    fn take(&self) -> Taken<'_> {
        let mut slots = self.slots.lock();
        loop {
            if let Some(connection) = slots.idle.pop() {
                return Taken { readers: self, connection: Some(connection) };
            }
            if slots.open < self.options.readers {
                slots.open += 1;
                return Taken { readers: self, connection: None };
            }
            self.freed.wait(&mut slots);
        }
    }
}
