//! Deleting workspaces, and bringing them back as long as their time has not come.
//!
//! A deleted workspace is not found any more, and its sessions rest; nothing of it is removed before the grace period is over. What then
//! goes is what no other workspace names.

use super::Workspace;
use super::create::{begin_import, end_import};
use super::names::check_name;
use crate::api::{Right, SessionState, Undelete, WorkspaceInfo};
use crate::session::{Replayed, Session, from_catalog};
use crate::store::{Store, keep_ref, load_workspace, make_known, session_ref};
use crate::{Access, EngineError};
use acetate_catalog::{Batch, Write};
use acetate_types::{ErrorKind, SessionId, WorkspaceId};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Workspace {
    pub(super) fn delete_workspace(&self) -> Result<WorkspaceInfo, EngineError> {
        self.access.need_store(Right::Admin)?;
        if self.state.in_place() {
            return Err(EngineError::invalid(
                "workspace_in_place",
                "the repository that is served in place can't be deleted through Acetate",
            ));
        }
        let _deleting = self.store.deleting.lock();
        crate::session::workspace_there(&self.state)?;
        self.state.going.store(true, Ordering::SeqCst);
        let deleted = self.delete_now();
        // Its record says it from here on; where it stays, it goes on.
        self.state.going.store(false, Ordering::SeqCst);
        deleted
    }

    fn delete_now(&self) -> Result<WorkspaceInfo, EngineError> {
        // Their unsaved edits are at rest in the catalog then, and come back with the workspace.
        let cells: Vec<_> = self.store.sessions.pin().values().filter(|cell| cell.workspace.id == self.state.id).map(Arc::clone).collect();
        for cell in cells {
            let session = Session::new(Arc::clone(&self.store), cell, Access::engine());
            // One that rests may be about to wake: it is waited for.
            if matches!(session.info().state, SessionState::Active | SessionState::Paused) {
                session.pause()?;
            }
        }
        self.update_record("workspace_deleted", |record| {
            record.deleted = Some(self.store.now().0);
            Ok(())
        })?;
        let info = self.show();
        self.store.workspaces.pin().remove(&self.state.id);
        self.store.deleted.pin().insert(self.state.id.clone(), Arc::clone(&self.state));
        Ok(info)
    }
}

/// Brings a deleted workspace back, with its sessions at rest.
pub(crate) fn undelete(store: &Arc<Store>, access: &Access, id: &str, undelete: &Undelete) -> Result<WorkspaceInfo, EngineError> {
    access.need_store(Right::Admin)?;
    store.check_open()?;
    let missing = || {
        EngineError::not_found("workspace_not_found", format!("there is no deleted workspace {id:?}"))
            .hint("deleted workspaces are named by id; `acetate workspace list --deleted` shows them")
    };
    let id: WorkspaceId = id.parse().map_err(|_| missing())?;
    let _deleting = store.deleting.lock();
    let before = store.catalog.workspace(&id)?.ok_or_else(missing)?;
    if before.deleted.is_none() {
        return Err(EngineError::new(ErrorKind::Conflict, "workspace_not_deleted", format!("workspace {:?} is not deleted", before.name)));
    }
    if let Some(name) = &undelete.name {
        check_name(name)?;
    }
    let name = undelete.name.clone().unwrap_or_else(|| before.name.clone());
    if store.catalog.workspace_named(&name)?.is_some() {
        return Err(EngineError::new(ErrorKind::Conflict, "name_taken", format!("there is a workspace {name:?} by now"))
            .hint("give it another name"));
    }
    let kept = store.deleted.pin().get(&id).map(Arc::clone);
    let is_new = kept.is_none();
    let state = match kept {
        Some(state) => state,
        None => load_workspace(store, before)?,
    };
    let workspace = Workspace::new(Arc::clone(store), Arc::clone(&state), access.clone());
    workspace.update_record("workspace_undeleted", |record| {
        (record.deleted, record.name) = (None, name);
        Ok(())
    })?;
    if is_new {
        sessions(store, &state)?;
    }
    store.deleted.pin().remove(&id);
    store.workspaces.pin().insert(id.clone(), Arc::clone(&state));
    // What a crash kept from the disk when it was deleted.
    crate::store::catch_up(store, &state)?;
    crate::store::project_head(store, &state)?;
    Ok(workspace.show())
}

/// The sessions of a workspace that was deleted when the store was opened.
fn sessions(store: &Arc<Store>, workspace: &Arc<super::WorkspaceState>) -> Result<(), EngineError> {
    let mut after: Option<SessionId> = None;
    loop {
        let page = store.catalog.sessions(Some(&workspace.id), after.as_ref(), 500, false)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        for record in page {
            if let Replayed::Back(cell) = from_catalog(store, workspace, &record, &[])? {
                make_known(store, cell);
            }
        }
    }
}

/// Deleted workspaces, by name.
pub(crate) fn deleted(store: &Arc<Store>, access: &Access, after: Option<&str>, limit: usize) -> Result<Vec<WorkspaceInfo>, EngineError> {
    access.need_store(Right::Read)?;
    let mut found = Vec::new();
    let mut cursor: Option<(String, WorkspaceId)> = None;
    loop {
        let page = store.catalog.workspaces(cursor.as_ref().map(|(name, id)| (name.as_str(), id)), 500, true)?;
        let Some(last) = page.last() else { return Ok(found) };
        cursor = Some((last.name.clone(), last.id.clone()));
        for record in page.into_iter().filter(|record| record.deleted.is_some() && after.is_none_or(|after| record.name.as_str() > after)) {
            // Of one name all are in one page, for the name is where the next begins.
            if found.len() > limit && found.last().is_none_or(|last: &WorkspaceInfo| last.name != record.name) {
                return Ok(found);
            }
            let kept = store.deleted.pin().get(&record.id).map(Arc::clone);
            let state = match kept {
                Some(state) => state,
                None => load_workspace(store, record)?,
            };
            found.push(state.show(store, 0));
        }
    }
}

/// Removes what was deleted longer ago than the grace period, but for what has forks; whether anything went.
pub(crate) fn purge(store: &Arc<Store>) -> Result<bool, EngineError> {
    let before = store.now().0 - i64::try_from(store.options.limits.keep_deleted.as_millis()).unwrap_or(i64::MAX);
    let mut due = Vec::new();
    let mut cursor: Option<(String, WorkspaceId)> = None;
    loop {
        let page = store.catalog.workspaces(cursor.as_ref().map(|(name, id)| (name.as_str(), id)), 500, true)?;
        let Some(last) = page.last() else { break };
        cursor = Some((last.name.clone(), last.id.clone()));
        due.extend(page.into_iter().filter(|record| record.deleted.is_some_and(|at| at <= before)).map(|record| record.id));
    }
    let mut any = false;
    for id in due {
        any |= purge_one(store, &id)?;
    }
    Ok(any)
}

fn purge_one(store: &Arc<Store>, id: &WorkspaceId) -> Result<bool, EngineError> {
    let _deleting = store.deleting.lock();
    let mut prefixes = vec![keep_ref(id.as_str(), "")];
    let mut names = Vec::new();
    let mut after: Option<SessionId> = None;
    loop {
        let page = store.catalog.sessions(Some(id), after.as_ref(), 500, true)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for record in page {
            prefixes.push(keep_ref(record.id.as_str(), ""));
            names.push((session_ref(&record.id), record.id));
        }
    }
    // What is still on its way to disk would come after the removal.
    store.pipeline.settle()?;
    // What a crash leaves half removed is removed at the next start.
    let prefixes: Vec<String> = prefixes.into_iter().chain(names.iter().map(|(name, _)| name.clone())).collect();
    begin_import(store, id, &prefixes)?;
    let writes = Batch { writes: vec![Write::PurgeWorkspace(id.clone())] };
    match store.pipeline.commit(Vec::new(), writes, Vec::new(), None) {
        Ok(_) => {}
        // A fork numbers on from it and reads its versions.
        Err(error) if error.code() == "has_forks" => {
            end_import(store, id, true);
            return Ok(false);
        }
        Err(error) => return Err(error),
    }
    for (_, session) in &names {
        store.sessions.pin().remove(session);
    }
    store.deleted.pin().remove(id);
    end_import(store, id, false);
    Ok(true)
}
