//! The one trait that callers use.

use crate::batch::{Applied, Batch};
use crate::error::{CatalogError, Rejected};
use crate::record::{
    ChangeRecord, Digest, EventRecord, IdempotencyRecord, OperationRecord, PendingRef, RefRecord, SessionRecord, StoreRecord,
    SubmissionRecord, TokenRecord, TokenScope, VersionRecord, WorkspaceRecord,
};
use acetate_types::{ObjectId, SessionId, WorkspaceId};
use serde_json::Value;
use std::path::Path;

/// Durable metadata of one store. Blocking: call it off the async threads.
///
/// Each read is a consistent snapshot of what is durable, and sees every `apply` that returned before it began. A cursor
/// (`after`, `before`) is exclusive and need not exist; a listing shorter than `limit` is the end.
///
/// # Errors
/// Every method gives a [`CatalogError`] where the storage fails.
pub trait Catalog: Send + Sync {
    /// Writes a group of batches with one transaction and one sync, in order, and answers for each. A rejected batch leaves no trace
    /// and doesn't touch the others. What is answered `Ok` is durable. An empty group settles an outcome that was in doubt.
    ///
    /// # Errors
    /// Storage failed: nothing of the whole group took effect (but see [`CatalogError::InDoubt`]).
    fn apply(&self, batches: &[Batch]) -> Result<Vec<Result<Applied, Rejected>>, CatalogError>;

    /// The store's identity.
    fn store(&self) -> Result<StoreRecord, CatalogError>;
    /// A setting of the store.
    fn setting(&self, key: &str) -> Result<Option<Value>, CatalogError>;

    /// A workspace by id, deleted ones included.
    fn workspace(&self, id: &WorkspaceId) -> Result<Option<WorkspaceRecord>, CatalogError>;
    /// The workspace of this name that is not deleted.
    fn workspace_named(&self, name: &str) -> Result<Option<WorkspaceRecord>, CatalogError>;
    /// Workspaces by name (as bytes), then id.
    fn workspaces(
        &self,
        after: Option<(&str, &WorkspaceId)>,
        limit: usize,
        include_deleted: bool,
    ) -> Result<Vec<WorkspaceRecord>, CatalogError>;

    /// A ref by its full name.
    fn reference(&self, workspace: &WorkspaceId, name: &[u8]) -> Result<Option<RefRecord>, CatalogError>;
    /// Refs whose names begin with `prefix` (as bytes; empty for all), by name.
    fn references(
        &self,
        workspace: &WorkspaceId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<RefRecord>, CatalogError>;
    /// Refs of one or all workspaces whose projection differs from the truth, by workspace and name; the cost follows their number.
    fn unprojected(
        &self,
        workspace: Option<&WorkspaceId>,
        after: Option<(&WorkspaceId, &[u8])>,
        limit: usize,
    ) -> Result<Vec<PendingRef>, CatalogError>;

    /// A workspace's own version. Versions up to a fork point are the parent's.
    fn version(&self, workspace: &WorkspaceId, number: u64) -> Result<Option<VersionRecord>, CatalogError>;
    /// The newest own version that names `commit`.
    fn version_of(&self, workspace: &WorkspaceId, commit: &ObjectId) -> Result<Option<VersionRecord>, CatalogError>;
    /// Own versions, of one branch or all, newest first.
    fn versions(
        &self,
        workspace: &WorkspaceId,
        branch: Option<&[u8]>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, CatalogError>;
    /// The newest own version.
    fn last_version(&self, workspace: &WorkspaceId) -> Result<Option<VersionRecord>, CatalogError>;

    /// A session by id.
    fn session(&self, id: &SessionId) -> Result<Option<SessionRecord>, CatalogError>;
    /// Sessions of one workspace or all, by id; without `include_closed` only active and paused ones.
    fn sessions(
        &self,
        workspace: Option<&WorkspaceId>,
        after: Option<&SessionId>,
        limit: usize,
        include_closed: bool,
    ) -> Result<Vec<SessionRecord>, CatalogError>;

    /// An operation by its number.
    fn operation(&self, workspace: &WorkspaceId, number: u64) -> Result<Option<OperationRecord>, CatalogError>;
    /// Operations, newest first.
    fn operations(&self, workspace: &WorkspaceId, before: Option<u64>, limit: usize) -> Result<Vec<OperationRecord>, CatalogError>;

    /// Events numbered above `after` (0 for all), oldest first.
    fn events(&self, workspace: &WorkspaceId, after: u64, limit: usize) -> Result<Vec<EventRecord>, CatalogError>;
    /// The number of the newest event; 0 where there is none.
    fn last_event(&self, workspace: &WorkspaceId) -> Result<u64, CatalogError>;

    /// A token by the hash of its secret, expired or not.
    fn token(&self, hash: &Digest) -> Result<Option<TokenRecord>, CatalogError>;
    /// Tokens of one scope or all, by hash.
    fn tokens(&self, scope: Option<&TokenScope>, after: Option<&Digest>, limit: usize) -> Result<Vec<TokenRecord>, CatalogError>;

    /// The answer given before to this caller's key in this workspace (or outside of any).
    fn idempotent(&self, caller: &str, workspace: Option<&WorkspaceId>, key: &str) -> Result<Option<IdempotencyRecord>, CatalogError>;

    /// A submission by id.
    fn submission(&self, id: &str) -> Result<Option<SubmissionRecord>, CatalogError>;
    /// A session's submissions, by id.
    fn submissions(&self, session: &SessionId, after: Option<&str>, limit: usize) -> Result<Vec<SubmissionRecord>, CatalogError>;

    /// What a commit changed.
    fn change(&self, commit: &ObjectId) -> Result<Option<ChangeRecord>, CatalogError>;

    /// Writes a consistent copy to `to`, which must not exist, while reads and writes go on; durable when it returns. The copy is a
    /// catalog that [`SqliteCatalog`](crate::SqliteCatalog) opens, whatever the implementation.
    fn backup(&self, to: &Path) -> Result<(), CatalogError>;
    /// Looks through everything and describes what is wrong; empty when nothing is. Takes time in proportion to the catalog.
    fn integrity(&self) -> Result<Vec<String>, CatalogError>;
}
