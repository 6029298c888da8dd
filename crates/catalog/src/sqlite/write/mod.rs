//! Writes, each checking its preconditions in the transaction it runs in.

mod dispatch;
mod history;
mod refs;
mod sessions;
mod workspaces;

use crate::error::Rejected;
use rusqlite::Connection;

/// Why a batch doesn't go on.
pub(super) enum Stop {
    Rejected(Box<Rejected>),
    Failed(rusqlite::Error),
}

impl From<Rejected> for Stop {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(Box::new(rejected))
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

/// The tables, inside a transaction.
#[derive(Clone, Copy)]
pub(super) struct Table<'c> {
    pub(super) connection: &'c Connection,
}
