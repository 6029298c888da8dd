//! The embedded implementation: one SQLite database in WAL mode, synced with every transaction.
//!
//! One writer connection, taken in turn; a few reader connections, so that reads never wait for a write. Statements are prepared
//! once. Invariants: a commit is on stable storage before readers see it (WAL with `synchronous=FULL`); every connection checks
//! foreign keys; after a failure of the device the connection that met it is replaced, and a group whose commit failed is
//! overwritten before anything else is written (`CatalogError::InDoubt`).
//!
//! Exclusion of other processes is [`StoreLock`](crate::StoreLock)'s part; here a foreign writer only makes writes wait, then fail
//! as `Busy`.

mod answers;
mod backup;
mod columns;
mod connect;
mod failure;
mod group;
mod integrity;
mod read;
mod readers;
mod schema;
mod write;
mod writer;

pub use connect::SqliteOptions;
pub use schema::SCHEMA_VERSION;

use std::path::PathBuf;

/// A catalog in an SQLite database. Safe to share; every method blocks.
#[derive(Debug)]
pub struct SqliteCatalog {
    path: PathBuf,
    writer: parking_lot::Mutex<writer::Writer>,
    readers: readers::Readers,
}
