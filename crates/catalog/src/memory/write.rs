//! Batches against the tables.

use super::MemoryCatalog;
use super::state::{RefState, State};
use crate::batch::{Applied, Batch, Expected, Write};
use crate::check;
use crate::error::Rejected;
use crate::record::{TokenScope, VersionRecord, WorkspaceRecord};
use acetate_types::{ObjectId, SessionId, Text, WorkspaceId};
use bytes::Bytes;
use std::sync::Arc;

impl MemoryCatalog {
    pub(super) fn apply_group(&self, batches: &[Batch]) -> Vec<Result<Applied, Rejected>> {
        // One exclusive section for the group: nobody sees a part of it.
        let mut state = self.state.write();
        batches
            .iter()
            .map(|batch| {
                check::batch(batch)?;
                let mut next = state.clone();
                let mut applied = Applied::default();
                batch.writes.iter().try_for_each(|write| next.write(write, &mut applied))?;
                *state = next;
                Ok(applied)
            })
            .collect()
    }
}

impl State {
    fn write(&mut self, write: &Write, applied: &mut Applied) -> Result<(), Rejected> {
        match write {
            Write::CreateWorkspace(record) => return self.create(record),
            Write::UpdateWorkspace(record) => return self.update(record),
            Write::DeleteWorkspace { id, at } => {
                let mut record = self.known(id)?.as_ref().clone();
                record.deleted.get_or_insert(*at);
                self.workspaces.insert(id.clone(), Arc::new(record));
            }
            Write::PurgeWorkspace(id) => return self.purge(id),
            Write::MoveRef { workspace, name, expected, target } => return self.move_ref(workspace, name, expected, *target),
            Write::Projected { workspace, name, target } => {
                self.known(workspace)?;
                self.put_ref(workspace, name, RefState { target: self.target(workspace, &name.0), projected: *target });
            }
            Write::AddVersion(record) => return self.add_version(record),
            Write::PutSession(record) => {
                self.known(&record.workspace)?;
                self.sessions.insert(record.id.clone(), Arc::new(record.as_ref().clone()));
            }
            Write::RemoveSession(id) => {
                self.sessions.remove(id);
                self.retain_tokens(|scope| *scope != TokenScope::Session(id.clone()));
            }
            Write::AddOperation(draft) => {
                self.known(&draft.workspace)?;
                if let Some(undone) = draft.undoes.filter(|undone| !self.operations.contains_key(&(draft.workspace.clone(), *undone))) {
                    return Err(check::no_operation(undone));
                }
                let number = Self::last(&self.operations, &draft.workspace) + 1;
                self.operations.insert((draft.workspace.clone(), number), Arc::new(draft.clone().numbered(number)));
                applied.operations.push(number);
            }
            Write::AddEvent(draft) => {
                self.known(&draft.workspace)?;
                let number = Self::last(&self.events, &draft.workspace) + 1;
                self.events.insert((draft.workspace.clone(), number), Arc::new(draft.clone().numbered(number)));
                applied.events.push(number);
            }
            Write::PutToken(record) => drop(self.tokens.insert(record.hash, Arc::new(record.clone()))),
            Write::RemoveToken(hash) => drop(self.tokens.remove(hash)),
            Write::PutIdempotency(record) => {
                let key = (record.caller.clone(), record.workspace.clone(), record.key.clone());
                if let Some(found) = self.idempotency.get(&key) {
                    return Err(Rejected::KeyUsed(Box::new(found.as_ref().clone())));
                }
                self.idempotency.insert(key, Arc::new(record.clone()));
            }
            Write::PruneIdempotency { before } => {
                self.idempotency = self.idempotency.iter().filter(|(_, record)| record.created >= *before).map(owned).collect();
            }
            Write::PutSubmission(record) => {
                self.known(&record.workspace)?;
                self.submissions.insert(record.id.clone(), Arc::new(record.clone()));
            }
            Write::PutChange(record) => drop(self.changes.insert(record.commit, Arc::new(record.clone()))),
            Write::RemoveChange(commit) => drop(self.changes.remove(commit)),
            Write::PutSetting { key, value: Some(value) } => drop(self.settings.insert(key.clone(), value.clone())),
            Write::PutSetting { key, value: None } => drop(self.settings.remove(key)),
        }
        Ok(())
    }

    fn known(&self, id: &WorkspaceId) -> Result<&Arc<WorkspaceRecord>, Rejected> {
        self.workspaces.get(id).ok_or_else(|| check::no_workspace(id))
    }

    fn name_is_free(&self, record: &WorkspaceRecord) -> Result<(), Rejected> {
        if record.deleted.is_some() {
            return Ok(());
        }
        let holder = self.workspaces.values().find(|other| other.deleted.is_none() && other.name == record.name && other.id != record.id);
        holder.map_or(Ok(()), |other| Err(Rejected::NameTaken { name: record.name.clone(), by: other.id.clone() }))
    }

    fn create(&mut self, record: &WorkspaceRecord) -> Result<(), Rejected> {
        if self.workspaces.contains_key(&record.id) {
            return Err(Rejected::Exists(record.id.clone()));
        }
        if let Some(parent) = &record.parent {
            self.known(&parent.workspace)?;
        }
        self.name_is_free(record)?;
        self.workspaces.insert(record.id.clone(), Arc::new(record.clone()));
        Ok(())
    }

    fn update(&mut self, record: &WorkspaceRecord) -> Result<(), Rejected> {
        let old = self.known(&record.id)?;
        let fixed = [
            ("created", old.created == record.created),
            ("parent", old.parent == record.parent),
            ("version_base", old.version_base == record.version_base),
        ];
        if let Some((field, _)) = fixed.into_iter().find(|(_, same)| !same) {
            return Err(Rejected::Fixed { workspace: record.id.clone(), field });
        }
        self.name_is_free(record)?;
        self.workspaces.insert(record.id.clone(), Arc::new(record.clone()));
        Ok(())
    }

    fn purge(&mut self, id: &WorkspaceId) -> Result<(), Rejected> {
        if self.known(id)?.deleted.is_none() {
            return Err(Rejected::NotDeleted(id.clone()));
        }
        let is_fork = |other: &&Arc<WorkspaceRecord>| other.parent.as_ref().is_some_and(|parent| parent.workspace == *id);
        if let Some(fork) = self.workspaces.values().find(is_fork) {
            return Err(Rejected::HasForks { workspace: id.clone(), fork: fork.id.clone() });
        }
        let sessions = self.sessions.clone();
        let is_of = |session: &SessionId| sessions.get(session).is_some_and(|session| session.workspace == *id);
        self.retain_tokens(|scope| match scope {
            TokenScope::Store => true,
            TokenScope::Workspace(workspace) => workspace != id,
            TokenScope::Session(session) => !is_of(session),
        });
        self.workspaces.remove(id);
        self.refs = self.refs.iter().filter(|((workspace, _), _)| workspace != id).map(owned).collect();
        self.versions = self.versions.iter().filter(|((workspace, _), _)| workspace != id).map(owned).collect();
        self.sessions = self.sessions.iter().filter(|(_, session)| session.workspace != *id).map(owned).collect();
        self.operations = self.operations.iter().filter(|((workspace, _), _)| workspace != id).map(owned).collect();
        self.events = self.events.iter().filter(|((workspace, _), _)| workspace != id).map(owned).collect();
        self.submissions = self.submissions.iter().filter(|(_, submission)| submission.workspace != *id).map(owned).collect();
        Ok(())
    }

    fn retain_tokens(&mut self, keep: impl Fn(&TokenScope) -> bool) {
        self.tokens = self.tokens.iter().filter(|(_, token)| keep(&token.scope)).map(owned).collect();
    }

    fn put_ref(&mut self, workspace: &WorkspaceId, name: &Text, state: RefState) {
        let key = (workspace.clone(), name.0.clone());
        if state.target.is_none() && state.projected.is_none() {
            self.refs.remove(&key);
        } else {
            self.refs.insert(key, state);
        }
    }

    fn move_ref(&mut self, workspace: &WorkspaceId, name: &Text, expected: &Expected, target: Option<ObjectId>) -> Result<(), Rejected> {
        self.known(workspace)?;
        let old = self.refs.get(&(workspace.clone(), name.0.clone())).copied();
        let found = old.and_then(|old| old.target);
        if !expected.holds(found.as_ref()) {
            return Err(check::ref_moved(workspace, name, found));
        }
        if target.is_some() && found.is_none() {
            self.no_clash(workspace, name)?;
        }
        self.put_ref(workspace, name, RefState { target, projected: old.and_then(|old| old.projected) });
        Ok(())
    }

    fn no_clash(&self, workspace: &WorkspaceId, name: &Text) -> Result<(), Rejected> {
        let clash = |with: Bytes| Err(Rejected::RefClash { name: name.clone(), with: Text(with) });
        if let Some(folder) = check::folders(&name.0).find(|folder| self.target(workspace, folder).is_some()) {
            return clash(Bytes::copy_from_slice(folder));
        }
        let prefix = check::folder_prefix(&name.0);
        let within = self.refs_from(workspace, &prefix).take_while(|(name, _)| name.starts_with(&prefix));
        match within.into_iter().find(|(_, state)| state.target.is_some()) {
            Some((inner, _)) => clash(inner.clone()),
            None => Ok(()),
        }
    }

    fn add_version(&mut self, record: &VersionRecord) -> Result<(), Rejected> {
        let workspace = self.known(&record.workspace)?;
        if workspace.deleted.is_some() {
            return Err(Rejected::WorkspaceDeleted(record.workspace.clone()));
        }
        let last = Self::last(&self.versions, &record.workspace).max(workspace.version_base);
        if last.checked_add(1) != Some(record.number) {
            return Err(Rejected::VersionTaken { workspace: record.workspace.clone(), last });
        }
        self.versions.insert((record.workspace.clone(), record.number), Arc::new(record.clone()));
        Ok(())
    }
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}
