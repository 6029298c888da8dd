//! A copy of everything as an SQLite catalog, made by writing it anew.

use super::MemoryCatalog;
use super::state::{State, numbered};
use crate::batch::{Batch, Expected, Write};
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::record::{EventDraft, OperationDraft, WorkspaceRecord};
use crate::sqlite::{SqliteCatalog, SqliteOptions};
use acetate_types::{Text, WorkspaceId};
use std::collections::BTreeSet;
use std::path::Path;

impl MemoryCatalog {
    pub(super) fn copy_to(&self, to: &Path) -> Result<(), CatalogError> {
        let copy = SqliteCatalog::create(to, &SqliteOptions::default(), &self.identity)?;
        match copy.apply(&[everything(&self.snapshot())])?.pop() {
            Some(Err(rejected)) => Err(CatalogError::Internal(format!("the copy was rejected: {rejected}"))),
            _ => copy.checkpoint(),
        }
    }
}

fn everything(state: &State) -> Batch {
    let mut batch = Batch::default();
    for record in parents_first(state) {
        workspace(state, record, &mut batch);
    }
    for record in state.sessions.values() {
        batch.push(Write::PutSession(Box::new(record.as_ref().clone())));
    }
    for record in state.tokens.values() {
        batch.push(Write::PutToken(record.as_ref().clone()));
    }
    for record in state.idempotency.values() {
        batch.push(Write::PutIdempotency(record.as_ref().clone()));
    }
    for record in state.submissions.values() {
        batch.push(Write::PutSubmission(record.as_ref().clone()));
    }
    for record in state.changes.values() {
        batch.push(Write::PutChange(record.as_ref().clone()));
    }
    for (key, value) in &state.settings {
        batch.push(Write::PutSetting { key: key.clone(), value: Some(value.clone()) });
    }
    batch
}

fn parents_first(state: &State) -> Vec<&WorkspaceRecord> {
    let mut order: Vec<&WorkspaceRecord> = Vec::with_capacity(state.workspaces.len());
    let mut placed: BTreeSet<&WorkspaceId> = BTreeSet::new();
    // Each round places at least one generation; a parent always exists and is older, so this ends.
    while order.len() < state.workspaces.len() {
        let before = order.len();
        for record in state.workspaces.values() {
            let ready = record.parent.as_ref().is_none_or(|parent| placed.contains(&parent.workspace));
            if ready && placed.insert(&record.id) {
                order.push(record);
            }
        }
        if order.len() == before {
            break;
        }
    }
    order
}

fn workspace(state: &State, record: &WorkspaceRecord, batch: &mut Batch) {
    // Versions can't be added to a deleted workspace, and its name may be another's: it first lives under its id.
    let at_first = match record.deleted {
        Some(_) => WorkspaceRecord { name: record.id.to_string(), deleted: None, ..record.clone() },
        None => record.clone(),
    };
    batch.push(Write::CreateWorkspace(at_first));
    for (_, version) in numbered(&state.versions, &record.id) {
        batch.push(Write::AddVersion(version.as_ref().clone()));
    }
    if record.deleted.is_some() {
        batch.push(Write::UpdateWorkspace(record.clone()));
    }
    for (name, reference) in state.refs_from(&record.id, b"") {
        let (workspace, name) = (record.id.clone(), Text(name.clone()));
        if reference.target.is_some() {
            let (workspace, name) = (workspace.clone(), name.clone());
            batch.push(Write::MoveRef { workspace, name, expected: Expected::Absent, target: reference.target });
        }
        if reference.projected.is_some() {
            batch.push(Write::Projected { workspace, name, target: reference.projected });
        }
    }
    for (_, operation) in numbered(&state.operations, &record.id) {
        let operation = operation.as_ref().clone();
        batch.push(Write::AddOperation(OperationDraft {
            workspace: operation.workspace,
            kind: operation.kind,
            actor: operation.actor,
            at: operation.at,
            before: operation.before,
            after: operation.after,
            undoes: operation.undoes,
            detail: operation.detail,
        }));
    }
    for (_, event) in numbered(&state.events, &record.id) {
        let event = event.as_ref().clone();
        batch.push(Write::AddEvent(EventDraft { workspace: event.workspace, kind: event.kind, at: event.at, payload: event.payload }));
    }
}
