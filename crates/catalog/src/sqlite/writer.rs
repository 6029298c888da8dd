//! The one connection that writes, and what it has to remember between groups.

use super::failure::{failed, spoils_connection};
use super::{SqliteCatalog, SqliteOptions, connect};
use crate::error::CatalogError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    options: SqliteOptions,
    /// `None` after a failure that it must not outlive.
    connection: Option<Connection>,
    /// A commit failed and nothing was committed since: its frames may lie in the log, whole, and count after a restart.
    in_doubt: bool,
}

impl Writer {
    pub(super) fn new(path: &Path, options: &SqliteOptions, connection: Connection) -> Self {
        Self { path: path.to_owned(), options: options.clone(), connection: Some(connection), in_doubt: false }
    }

    pub(super) fn in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Runs `write` in a transaction of its own and makes it durable. On any error nothing of it is visible. A group that was in
    /// doubt is overwritten by the same transaction.
    pub(super) fn transaction<T>(&mut self, write: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, CatalogError> {
        let fence = self.in_doubt;
        let connection = self.ready()?;
        let written = run(connection, "BEGIN IMMEDIATE").and_then(|()| {
            if fence {
                run(connection, "UPDATE store SET fence = fence + 1")?;
            }
            write(connection)
        });
        let outcome = match written {
            Err(error) => Err(failed(error)),
            Ok(answer) => match run(connection, "COMMIT").map_err(failed) {
                Ok(()) => Ok(answer),
                Err(error @ CatalogError::Busy(_)) => Err(error),
                Err(error) => Err(CatalogError::InDoubt(Box::new(error))),
            },
        };
        match &outcome {
            Ok(_) => self.in_doubt = false,
            Err(error) => self.clear(error),
        }
        outcome
    }

    /// Runs something outside of a transaction.
    pub(super) fn direct<T>(&mut self, run: impl FnOnce(&Connection) -> Result<T, CatalogError>) -> Result<T, CatalogError> {
        let outcome = run(self.ready()?);
        if let Err(error) = &outcome {
            self.clear(error);
        }
        outcome
    }

    fn bound(&mut self, max_bytes: Option<u64>) -> Result<(), CatalogError> {
        self.options.max_bytes = max_bytes;
        self.direct(|connection| connect::bound(connection, max_bytes))
    }

    /// After a failure: no transaction stays open, and a connection that may be wrong about the files is closed.
    fn clear(&mut self, error: &CatalogError) {
        self.in_doubt |= error.in_doubt();
        let rolled_back =
            self.connection.as_ref().is_some_and(|connection| connection.is_autocommit() || run(connection, "ROLLBACK").is_ok());
        if !rolled_back || spoils_connection(error) {
            tracing::warn!(%error, "the catalog's writer is opened anew");
            self.connection = None;
        }
    }

    fn ready(&mut self) -> Result<&Connection, CatalogError> {
        // A panic may have left a transaction open.
        let kept = self.connection.take().filter(|connection| connection.is_autocommit() || run(connection, "ROLLBACK").is_ok());
        let connection = match kept {
            Some(connection) => connection,
            None => {
                let connection = connect::open_file(&self.path)?;
                connect::writing(&connection, &self.options)?;
                connection
            }
        };
        Ok(self.connection.insert(connection))
    }
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

impl SqliteCatalog {
    /// Changes the bound on the database's bytes (see [`SqliteOptions::max_bytes`]); what is there already stays.
    ///
    /// # Errors
    /// The storage fails.
    pub fn set_max_bytes(&self, max_bytes: Option<u64>) -> Result<(), CatalogError> {
        self.writer.lock().bound(max_bytes)
    }

    /// Moves everything from the write-ahead log into the database file and empties the log, as far as running reads allow. Happens
    /// by itself from time to time; useful before the file is copied or left alone.
    ///
    /// # Errors
    /// The storage fails.
    pub fn checkpoint(&self) -> Result<(), CatalogError> {
        self.writer.lock().direct(|connection| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed))
    }
}
