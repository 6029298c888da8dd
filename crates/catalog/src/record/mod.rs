//! What the catalog keeps, as plain values.
//!
//! Times are milliseconds since the Unix epoch and always passed in. Counters are at most `i64::MAX`. Ref names, branches, messages
//! and authors come from Git and need not be UTF-8: they are [`Text`](acetate_types::Text); everything else is a `String`. Free-form
//! parts are JSON values that the catalog stores and never reads. Invariant: a record read back equals the record written.

mod access;
mod log;
mod session;
mod workspace;

pub use access::{Digest, IdempotencyRecord, SubmissionRecord, TokenRecord, TokenScope};
pub use log::{ChangeRecord, EventDraft, EventRecord, OperationDraft, OperationRecord};
pub use session::{SessionDurability, SessionRecord, SessionState};
pub use workspace::{ForkPoint, PendingRef, RefRecord, StoreIdentity, StoreRecord, VersionRecord, WorkspaceRecord};
