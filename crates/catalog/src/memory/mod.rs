//! The catalog in memory: the same semantics, nothing durable. For tests, and as the plain model that others are compared with.
//!
//! One persistent map per table, so that a snapshot (of a batch that may be rejected) costs nothing. Lookups other than by key walk
//! a table: sizes of tests, not of stores. Deliberately shares no code with the SQLite implementation but the range checks.

mod copy;
mod read;
mod state;
mod write;

use parking_lot::RwLock;

/// A catalog that lives as long as this value.
#[derive(Debug)]
pub struct MemoryCatalog {
    identity: crate::StoreIdentity,
    state: RwLock<state::State>,
}
