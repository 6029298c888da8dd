//! The tables.

use crate::record::{
    ChangeRecord, Digest, EventRecord, IdempotencyRecord, OperationRecord, SessionRecord, SubmissionRecord, TokenRecord, VersionRecord,
    WorkspaceRecord,
};
use acetate_types::{ObjectId, SessionId, WorkspaceId};
use bytes::Bytes;
use imbl::OrdMap;
use serde_json::Value;
use std::sync::Arc;

/// A ref as it should be and as it is on disk; never `None` in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RefState {
    pub(super) target: Option<ObjectId>,
    pub(super) projected: Option<ObjectId>,
}

pub(super) type IdempotencyKey = (String, Option<WorkspaceId>, String);

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) settings: OrdMap<String, Value>,
    pub(super) workspaces: OrdMap<WorkspaceId, Arc<WorkspaceRecord>>,
    pub(super) refs: OrdMap<(WorkspaceId, Bytes), RefState>,
    pub(super) versions: OrdMap<(WorkspaceId, u64), Arc<VersionRecord>>,
    pub(super) sessions: OrdMap<SessionId, Arc<SessionRecord>>,
    pub(super) operations: OrdMap<(WorkspaceId, u64), Arc<OperationRecord>>,
    pub(super) events: OrdMap<(WorkspaceId, u64), Arc<EventRecord>>,
    pub(super) tokens: OrdMap<Digest, Arc<TokenRecord>>,
    pub(super) idempotency: OrdMap<IdempotencyKey, Arc<IdempotencyRecord>>,
    pub(super) submissions: OrdMap<String, Arc<SubmissionRecord>>,
    pub(super) changes: OrdMap<ObjectId, Arc<ChangeRecord>>,
}

/// The entries of one workspace in a table keyed by workspace and number.
pub(super) fn numbered<'a, T: Clone>(
    table: &'a OrdMap<(WorkspaceId, u64), T>,
    workspace: &WorkspaceId,
) -> impl DoubleEndedIterator<Item = (u64, &'a T)> {
    table.range((workspace.clone(), 0)..=(workspace.clone(), u64::MAX)).map(|((_, number), value)| (*number, value))
}

impl State {
    /// The last number in use in a table keyed by workspace and number; 0 where there is none.
    pub(super) fn last<T: Clone>(table: &OrdMap<(WorkspaceId, u64), T>, workspace: &WorkspaceId) -> u64 {
        numbered(table, workspace).next_back().map_or(0, |(number, _)| number)
    }

    /// The refs of a workspace from a name on, removed ones included.
    pub(super) fn refs_from<'a>(&'a self, workspace: &WorkspaceId, from: &[u8]) -> impl Iterator<Item = (&'a Bytes, &'a RefState)> {
        let of = workspace.clone();
        self.refs
            .range((workspace.clone(), Bytes::copy_from_slice(from))..)
            .take_while(move |((workspace, _), _)| *workspace == of)
            .map(|((_, name), state)| (name, state))
    }

    /// What a live ref names.
    pub(super) fn target(&self, workspace: &WorkspaceId, name: &[u8]) -> Option<ObjectId> {
        self.refs.get(&(workspace.clone(), Bytes::copy_from_slice(name))).and_then(|state| state.target)
    }
}
