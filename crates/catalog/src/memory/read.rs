//! Reads from the tables.

use super::MemoryCatalog;
use super::state::{RefState, State, numbered};
use crate::batch::{Applied, Batch};
use crate::catalog::Catalog;
use crate::error::{CatalogError, Rejected};
use crate::record::{
    ChangeRecord, Digest, EventRecord, IdempotencyRecord, OperationRecord, PendingRef, RefRecord, SessionRecord, StoreIdentity,
    StoreRecord, SubmissionRecord, TokenRecord, TokenScope, VersionRecord, WorkspaceRecord,
};
use acetate_types::{ObjectId, SessionId, Text, WorkspaceId};
use parking_lot::RwLock;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

impl MemoryCatalog {
    /// An empty catalog of a new store.
    pub fn new(identity: StoreIdentity) -> Self {
        Self { identity, state: RwLock::new(State::default()) }
    }

    /// A snapshot; costs nothing and holds no lock.
    pub(super) fn snapshot(&self) -> State {
        self.state.read().clone()
    }
}

fn own<T: Clone>(found: Option<&Arc<T>>) -> Option<T> {
    found.map(|found| found.as_ref().clone())
}

fn page<'a, T: Clone + 'a>(found: impl Iterator<Item = &'a Arc<T>>, limit: usize) -> Vec<T> {
    found.take(limit).map(|found| found.as_ref().clone()).collect()
}

impl Catalog for MemoryCatalog {
    fn apply(&self, batches: &[Batch]) -> Result<Vec<Result<Applied, Rejected>>, CatalogError> {
        Ok(self.apply_group(batches))
    }

    fn store(&self) -> Result<StoreRecord, CatalogError> {
        let StoreIdentity { id, format, created } = self.identity.clone();
        Ok(StoreRecord { id, format, schema_version: crate::SCHEMA_VERSION, created })
    }

    fn setting(&self, key: &str) -> Result<Option<Value>, CatalogError> {
        Ok(self.snapshot().settings.get(key).cloned())
    }

    fn workspace(&self, id: &WorkspaceId) -> Result<Option<WorkspaceRecord>, CatalogError> {
        Ok(own(self.snapshot().workspaces.get(id)))
    }

    fn workspace_named(&self, name: &str) -> Result<Option<WorkspaceRecord>, CatalogError> {
        let state = self.snapshot();
        Ok(own(state.workspaces.values().find(|record| record.deleted.is_none() && record.name == name)))
    }

    fn workspaces(
        &self,
        after: Option<(&str, &WorkspaceId)>,
        limit: usize,
        include_deleted: bool,
    ) -> Result<Vec<WorkspaceRecord>, CatalogError> {
        let state = self.snapshot();
        let mut all: Vec<_> = state.workspaces.values().filter(|record| include_deleted || record.deleted.is_none()).collect();
        all.sort_by_key(|record| (&record.name, &record.id));
        Ok(page(all.into_iter().filter(|record| after.is_none_or(|after| (record.name.as_str(), &record.id) > after)), limit))
    }

    fn reference(&self, workspace: &WorkspaceId, name: &[u8]) -> Result<Option<RefRecord>, CatalogError> {
        let found = self.references(workspace, name, None, 1)?;
        Ok(found.into_iter().find(|found| *found.name.0 == *name))
    }

    fn references(
        &self,
        workspace: &WorkspaceId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<RefRecord>, CatalogError> {
        let state = self.snapshot();
        let within = state.refs_from(workspace, prefix).take_while(|(name, _)| name.starts_with(prefix));
        let live = within.filter_map(|(name, RefState { target, projected })| {
            target.map(|target| RefRecord { name: Text(name.clone()), target, projected: *projected })
        });
        Ok(live.filter(|found| after.is_none_or(|after| *found.name.0 > *after)).take(limit).collect())
    }

    fn unprojected(
        &self,
        workspace: Option<&WorkspaceId>,
        after: Option<(&WorkspaceId, &[u8])>,
        limit: usize,
    ) -> Result<Vec<PendingRef>, CatalogError> {
        let state = self.snapshot();
        let pending = state.refs.iter().filter(|((of, name), state)| {
            workspace.is_none_or(|workspace| workspace == of)
                && after.is_none_or(|after| (of, name.as_ref()) > after)
                && state.target != state.projected
        });
        let record = |((of, name), RefState { target, projected }): (&(WorkspaceId, bytes::Bytes), &RefState)| PendingRef {
            workspace: of.clone(),
            name: Text(name.clone()),
            target: *target,
            projected: *projected,
        };
        Ok(pending.take(limit).map(record).collect())
    }

    fn version(&self, workspace: &WorkspaceId, number: u64) -> Result<Option<VersionRecord>, CatalogError> {
        Ok(own(self.snapshot().versions.get(&(workspace.clone(), number))))
    }

    fn version_of(&self, workspace: &WorkspaceId, commit: &ObjectId) -> Result<Option<VersionRecord>, CatalogError> {
        let state = self.snapshot();
        Ok(own(numbered(&state.versions, workspace).rev().map(|(_, record)| record).find(|record| record.commit == *commit)))
    }

    fn versions(
        &self,
        workspace: &WorkspaceId,
        branch: Option<&[u8]>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, CatalogError> {
        let state = self.snapshot();
        let older = numbered(&state.versions, workspace).rev().filter(|(number, _)| before.is_none_or(|before| *number < before));
        Ok(page(older.map(|(_, record)| record).filter(|record| branch.is_none_or(|branch| *record.branch.0 == *branch)), limit))
    }

    fn last_version(&self, workspace: &WorkspaceId) -> Result<Option<VersionRecord>, CatalogError> {
        Ok(self.versions(workspace, None, None, 1)?.pop())
    }

    fn session(&self, id: &SessionId) -> Result<Option<SessionRecord>, CatalogError> {
        Ok(own(self.snapshot().sessions.get(id)))
    }

    fn sessions(
        &self,
        workspace: Option<&WorkspaceId>,
        after: Option<&SessionId>,
        limit: usize,
        include_closed: bool,
    ) -> Result<Vec<SessionRecord>, CatalogError> {
        let state = self.snapshot();
        let matching = state.sessions.values().filter(|record| {
            workspace.is_none_or(|workspace| *workspace == record.workspace)
                && after.is_none_or(|after| record.id > *after)
                && (include_closed || record.state.is_open())
        });
        Ok(page(matching, limit))
    }

    fn operation(&self, workspace: &WorkspaceId, number: u64) -> Result<Option<OperationRecord>, CatalogError> {
        Ok(own(self.snapshot().operations.get(&(workspace.clone(), number))))
    }

    fn operations(&self, workspace: &WorkspaceId, before: Option<u64>, limit: usize) -> Result<Vec<OperationRecord>, CatalogError> {
        let state = self.snapshot();
        let older = numbered(&state.operations, workspace).rev().filter(|(number, _)| before.is_none_or(|before| *number < before));
        Ok(page(older.map(|(_, record)| record), limit))
    }

    fn events(&self, workspace: &WorkspaceId, after: u64, limit: usize) -> Result<Vec<EventRecord>, CatalogError> {
        let state = self.snapshot();
        Ok(page(numbered(&state.events, workspace).filter(|(number, _)| *number > after).map(|(_, record)| record), limit))
    }

    fn last_event(&self, workspace: &WorkspaceId) -> Result<u64, CatalogError> {
        Ok(State::last(&self.snapshot().events, workspace))
    }

    fn token(&self, hash: &Digest) -> Result<Option<TokenRecord>, CatalogError> {
        Ok(own(self.snapshot().tokens.get(hash)))
    }

    fn tokens(&self, scope: Option<&TokenScope>, after: Option<&Digest>, limit: usize) -> Result<Vec<TokenRecord>, CatalogError> {
        let state = self.snapshot();
        let matching = state
            .tokens
            .values()
            .filter(|record| scope.is_none_or(|scope| *scope == record.scope) && after.is_none_or(|after| record.hash > *after));
        Ok(page(matching, limit))
    }

    fn idempotent(&self, caller: &str, workspace: Option<&WorkspaceId>, key: &str) -> Result<Option<IdempotencyRecord>, CatalogError> {
        Ok(own(self.snapshot().idempotency.get(&(caller.to_owned(), workspace.cloned(), key.to_owned()))))
    }

    fn submission(&self, id: &str) -> Result<Option<SubmissionRecord>, CatalogError> {
        Ok(own(self.snapshot().submissions.get(id)))
    }

    fn submissions(&self, session: &SessionId, after: Option<&str>, limit: usize) -> Result<Vec<SubmissionRecord>, CatalogError> {
        let state = self.snapshot();
        let matching =
            state.submissions.values().filter(|record| record.session == *session && after.is_none_or(|after| record.id.as_str() > after));
        Ok(page(matching, limit))
    }

    fn change(&self, commit: &ObjectId) -> Result<Option<ChangeRecord>, CatalogError> {
        Ok(own(self.snapshot().changes.get(commit)))
    }

    fn backup(&self, to: &Path) -> Result<(), CatalogError> {
        self.copy_to(to)
    }

    fn integrity(&self) -> Result<Vec<String>, CatalogError> {
        // Nothing can rot here, and the maps can't disagree with themselves.
        Ok(Vec::new())
    }
}
