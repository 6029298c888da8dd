//! The trait, over the writer and the readers.

use super::{SqliteCatalog, integrity, read};
use crate::batch::{Applied, Batch};
use crate::catalog::Catalog;
use crate::error::{CatalogError, Rejected};
use crate::record::{
    ChangeRecord, Digest, EventRecord, IdempotencyRecord, OperationRecord, PendingRef, RefRecord, SessionRecord, StoreRecord,
    SubmissionRecord, TokenRecord, TokenScope, VersionRecord, WorkspaceRecord,
};
use acetate_types::{ObjectId, SessionId, WorkspaceId};
use serde_json::Value;
use std::path::Path;

impl Catalog for SqliteCatalog {
    fn apply(&self, batches: &[Batch]) -> Result<Vec<Result<Applied, Rejected>>, CatalogError> {
        self.apply_group(batches)
    }

    fn store(&self) -> Result<StoreRecord, CatalogError> {
        self.readers.with(read::store)
    }

    fn setting(&self, key: &str) -> Result<Option<Value>, CatalogError> {
        self.readers.with(|connection| read::setting(connection, key))
    }

    fn workspace(&self, id: &WorkspaceId) -> Result<Option<WorkspaceRecord>, CatalogError> {
        self.readers.with(|connection| read::workspace(connection, id))
    }

    fn workspace_named(&self, name: &str) -> Result<Option<WorkspaceRecord>, CatalogError> {
        self.readers.with(|connection| read::workspace_named(connection, name))
    }

    fn workspaces(
        &self,
        after: Option<(&str, &WorkspaceId)>,
        limit: usize,
        include_deleted: bool,
    ) -> Result<Vec<WorkspaceRecord>, CatalogError> {
        self.readers.with(|connection| read::workspaces(connection, after, limit, include_deleted))
    }

    fn reference(&self, workspace: &WorkspaceId, name: &[u8]) -> Result<Option<RefRecord>, CatalogError> {
        self.readers.with(|connection| read::reference(connection, workspace, name))
    }

    fn references(
        &self,
        workspace: &WorkspaceId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<RefRecord>, CatalogError> {
        self.readers.with(|connection| read::references(connection, workspace, prefix, after, limit))
    }

    fn unprojected(
        &self,
        workspace: Option<&WorkspaceId>,
        after: Option<(&WorkspaceId, &[u8])>,
        limit: usize,
    ) -> Result<Vec<PendingRef>, CatalogError> {
        self.readers.with(|connection| read::unprojected(connection, workspace, after, limit))
    }

    fn version(&self, workspace: &WorkspaceId, number: u64) -> Result<Option<VersionRecord>, CatalogError> {
        self.readers.with(|connection| read::version(connection, workspace, number))
    }

    fn version_of(&self, workspace: &WorkspaceId, commit: &ObjectId) -> Result<Option<VersionRecord>, CatalogError> {
        self.readers.with(|connection| read::version_of(connection, workspace, commit))
    }

    fn versions(
        &self,
        workspace: &WorkspaceId,
        branch: Option<&[u8]>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, CatalogError> {
        self.readers.with(|connection| read::versions(connection, workspace, branch, before, limit))
    }

    fn last_version(&self, workspace: &WorkspaceId) -> Result<Option<VersionRecord>, CatalogError> {
        self.versions(workspace, None, None, 1).map(|mut newest| newest.pop())
    }

    fn session(&self, id: &SessionId) -> Result<Option<SessionRecord>, CatalogError> {
        self.readers.with(|connection| read::session(connection, id))
    }

    fn sessions(
        &self,
        workspace: Option<&WorkspaceId>,
        after: Option<&SessionId>,
        limit: usize,
        include_closed: bool,
    ) -> Result<Vec<SessionRecord>, CatalogError> {
        self.readers.with(|connection| read::sessions(connection, workspace, after, limit, include_closed))
    }

    fn operation(&self, workspace: &WorkspaceId, number: u64) -> Result<Option<OperationRecord>, CatalogError> {
        self.readers.with(|connection| read::operation(connection, workspace, number))
    }

    fn operations(&self, workspace: &WorkspaceId, before: Option<u64>, limit: usize) -> Result<Vec<OperationRecord>, CatalogError> {
        self.readers.with(|connection| read::operations(connection, workspace, before, limit))
    }

    fn events(&self, workspace: &WorkspaceId, after: u64, limit: usize) -> Result<Vec<EventRecord>, CatalogError> {
        self.readers.with(|connection| read::events(connection, workspace, after, limit))
    }

    fn last_event(&self, workspace: &WorkspaceId) -> Result<u64, CatalogError> {
        self.readers.with(|connection| read::last_event(connection, workspace))
    }

    fn token(&self, hash: &Digest) -> Result<Option<TokenRecord>, CatalogError> {
        self.readers.with(|connection| read::token(connection, hash))
    }

    fn tokens(&self, scope: Option<&TokenScope>, after: Option<&Digest>, limit: usize) -> Result<Vec<TokenRecord>, CatalogError> {
        self.readers.with(|connection| read::tokens(connection, scope, after, limit))
    }

    fn idempotent(&self, caller: &str, workspace: Option<&WorkspaceId>, key: &str) -> Result<Option<IdempotencyRecord>, CatalogError> {
        self.readers.with(|connection| read::idempotent(connection, caller, workspace, key))
    }

    fn submission(&self, id: &str) -> Result<Option<SubmissionRecord>, CatalogError> {
        self.readers.with(|connection| read::submission(connection, id))
    }

    fn submissions(&self, session: &SessionId, after: Option<&str>, limit: usize) -> Result<Vec<SubmissionRecord>, CatalogError> {
        self.readers.with(|connection| read::submissions(connection, session, after, limit))
    }

    fn change(&self, commit: &ObjectId) -> Result<Option<ChangeRecord>, CatalogError> {
        self.readers.with(|connection| read::change(connection, commit))
    }

    fn backup(&self, to: &Path) -> Result<(), CatalogError> {
        self.copy_to(to)
    }

    fn integrity(&self) -> Result<Vec<String>, CatalogError> {
        self.readers.with(integrity::findings)
    }
}
