//! Durable metadata of a store behind one trait.
//!
//! [`Catalog`] keeps workspaces, refs, versions, sessions, operations, events, tokens, idempotency keys, submissions and changes. It is
//! the one truth for them; the Git refs on disk are a projection of it. [`SqliteCatalog`] is the embedded implementation,
//! [`MemoryCatalog`] has the same semantics for tests, and [`StoreLock`] keeps a second daemon out of a store.
//!
//! Invariant: what `apply` answered is durable, a batch takes effect as a whole or not at all, and the numbers of versions,
//! operations and events have no gaps. Deliberately lacking: Git objects (ids are opaque), clocks, random numbers, rights.

#![deny(missing_docs)]

mod batch;
mod catalog;
mod check;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod lock;
mod memory;
mod record;
mod sqlite;

pub use batch::{Applied, Batch, Expected, Write};
pub use catalog::Catalog;
pub use check::MAX_JSON_DEPTH;
pub use error::{CatalogError, Rejected};
pub use lock::{LockError, StoreLock};
pub use memory::MemoryCatalog;
pub use record::{
    ChangeRecord, Digest, EventDraft, EventRecord, ForkPoint, IdempotencyRecord, OperationDraft, OperationRecord, PendingRef, RefRecord,
    SessionDurability, SessionRecord, SessionState, StoreIdentity, StoreRecord, SubmissionRecord, TokenRecord, TokenScope, VersionRecord,
    WorkspaceRecord,
};
pub use sqlite::{SCHEMA_VERSION, SqliteCatalog, SqliteOptions};
