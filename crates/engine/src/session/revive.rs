//! The cells of sessions that were there before a start: from the catalog's record or the journal's opening, with the state that a replay
//! made; or damaged, where a replay made none.
//!
//! One session that can't be replayed is no reason to keep the store closed: it is listed, keeps its records, answers `session_damaged`,
//! and can be ended with discard.

use super::cell::{Phase, SessionCell, SessionState, Tip, opener};
use super::purpose::Purpose;
use super::record::{OpenRecord, Record};
use crate::EngineError;
use crate::api::{Durability, Timestamp};
use crate::store::Store;
use crate::workspace::{Head, WorkspaceState};
use acetate_catalog::{SessionDurability, SessionRecord};
use acetate_overlay::Overlay;
use acetate_types::{ErrorKind, SessionId};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

impl SessionCell {
    /// The cell of a session that the catalog knows.
    pub(super) fn of_record(store: &Store, workspace: &Arc<WorkspaceState>, record: &SessionRecord, state: SessionState) -> Self {
        Self {
            id: record.id.clone(),
            workspace: Arc::clone(workspace),
            branch: String::from_utf8_lossy(&record.branch.0).into(),
            agent: record.agent.as_str().into(),
            intent: Some(record.intent.as_str()).filter(|intent| !intent.is_empty()).map(Into::into),
            owner: record.owner.as_str().into(),
            durability: match record.durability {
                SessionDurability::Journal => Durability::Journal,
                SessionDurability::Memory => Durability::Memory,
            },
            token_hash: record.token_hash.unwrap_or_default(),
            opener: opener(record),
            purpose: Purpose::of(record),
            created: Timestamp(record.created),
            ttl_ms: record.ttl_ms,
            // A start is a call to those at work; what rests has been called when it was called.
            touched: AtomicI64::new(if state.phase == Phase::Paused { record.touched } else { store.now().0.max(record.touched) }),
            seen: AtomicU64::new(workspace.feed.last()),
            gate: Mutex::new(()),
            state: Mutex::new(state),
            hot: AtomicBool::new(false),
            inbox: Mutex::new(Vec::new()),
            watched: Mutex::default(),
            edits: std::sync::atomic::AtomicU64::new(0),
            watcher: Mutex::new(None),
        }
    }

    /// The cell of a session that only the journal knows.
    pub(super) fn of_open(store: &Store, workspace: &Arc<WorkspaceState>, id: &SessionId, open: &OpenRecord, state: SessionState) -> Self {
        Self {
            id: id.clone(),
            workspace: Arc::clone(workspace),
            branch: open.branch.as_str().into(),
            agent: open.agent.as_str().into(),
            intent: open.intent.as_deref().map(Into::into),
            owner: open.owner.as_str().into(),
            durability: Durability::Journal,
            token_hash: open.token_hash,
            opener: open.opener,
            purpose: Purpose::default(),
            created: Timestamp(open.created),
            ttl_ms: open.ttl_ms,
            touched: AtomicI64::new(store.now().0),
            seen: AtomicU64::new(workspace.feed.last()),
            gate: Mutex::new(()),
            state: Mutex::new(state),
            hot: AtomicBool::new(false),
            inbox: Mutex::new(Vec::new()),
            watched: Mutex::default(),
            edits: std::sync::atomic::AtomicU64::new(0),
            watcher: Mutex::new(None),
        }
    }
}

/// A session of the catalog whose journal records can't be replayed.
pub(crate) fn damaged_record(store: &Store, workspace: &Arc<WorkspaceState>, record: &SessionRecord, last: u64) -> Arc<SessionCell> {
    let base = Head {
        commit: (!record.base_commit.is_null()).then_some(record.base_commit),
        tree: record.base_tree,
        version: record.base_version,
        position: Head::START,
    };
    let state = SessionState {
        tip: record.tip_commit.zip(record.tip_tree).map(|(commit, tree)| Tip { commit, tree }),
        turn: record.turn,
        saved_seq: record.applied_seq,
        recorded: true,
        ..damaged(base, last)
    };
    Arc::new(SessionCell::of_record(store, workspace, record, state))
}

/// The same for a session that only the journal knows; `None` when its opening says nothing that can be listed.
pub(crate) fn damaged_open(
    store: &Store,
    workspace: &Arc<WorkspaceState>,
    id: &SessionId,
    open: &OpenRecord,
    records: &[(u64, Record)],
) -> Option<Arc<SessionCell>> {
    let base = Head {
        commit: open.base.commit.as_ref().and_then(|id| id.get().ok()),
        tree: open.base.tree.get().ok()?,
        version: open.base.version,
        position: Head::START,
    };
    let last = records.last().map_or(0, |(seq, _)| *seq);
    Some(Arc::new(SessionCell::of_open(store, workspace, id, open, damaged(base, last))))
}

fn damaged(base: Head, seq: u64) -> SessionState {
    SessionState {
        phase: Phase::Damaged,
        overlay: Overlay::new(base.tree),
        base,
        tip: None,
        turn: 0,
        seq,
        saved_seq: 0,
        // What can't be replayed is work that has not landed: nothing ends it but a discard.
        unsaved: true,
        conflicts: None,
        recorded: false,
        entered: BTreeSet::new(),
        ending: false,
        paused: None,
        rebased: false,
        parked: Vec::new(),
    }
}

/// The answer to calls on such a session.
pub(super) fn damage(id: &SessionId) -> EngineError {
    EngineError::new(ErrorKind::Internal, "session_damaged", format!("the unsaved edits of session {id} can't be read"))
        .hint("its records are kept: restore a backup, or start the version that wrote them; its commits can be fetched. End it with discard to give the edits up")
}
