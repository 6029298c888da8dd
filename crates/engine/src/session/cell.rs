//! A session in memory.

use super::purpose::Purpose;
use crate::api::{Durability, Notice, Resolution, Timestamp};
use crate::landing::Conflicts;
use crate::pipeline::RefMove;
use crate::store::{keep_ref, session_ref};
use crate::workspace::{Head, WorkspaceState};
use acetate_catalog::{SessionDurability, SessionRecord, SessionState as RecordState};
use acetate_journal::StreamId;
use acetate_merge::SameSymbol;
use acetate_overlay::Overlay;
use acetate_types::{ObjectId, RepoPath, SessionId, Text};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

/// SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// In memory.
    Active,
    /// At rest: the overlay is in the catalog as a tree.
    Paused,
    /// Its records can't be replayed; it answers that and nothing else.
    Damaged,
    /// Ended.
    Closed,
}

/// The newest turn commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tip {
    pub(crate) commit: ObjectId,
    pub(crate) tree: ObjectId,
}

/// Conflicts that wait for `resolve`.
#[derive(Debug, Clone)]
pub(crate) struct PendingConflicts {
    /// The head they were computed against.
    pub(crate) against: Head,
    /// The conflicts.
    pub(crate) conflicts: Conflicts,
    /// What the merge did with a symbol that both sides changed.
    pub(crate) same_symbol: SameSymbol,
    /// What was settled so far.
    pub(crate) resolutions: Vec<Resolution>,
}

/// A session in memory. What never changes is plain; the rest is behind one lock.
pub(crate) struct SessionCell {
    pub(crate) id: SessionId,
    pub(crate) workspace: Arc<WorkspaceState>,
    pub(crate) branch: Arc<str>,
    pub(crate) agent: Arc<str>,
    pub(crate) intent: Option<Arc<str>>,
    pub(crate) owner: Arc<str>,
    pub(crate) durability: Durability,
    pub(crate) token_hash: TokenHash,
    /// The token that opened it, directly or through a session it was forked from; none for the owner. The session's own token gives no
    /// more than that one does, and no longer.
    pub(crate) opener: Option<TokenHash>,
    pub(crate) purpose: Purpose,
    pub(crate) created: Timestamp,
    pub(crate) ttl_ms: i64,
    /// The last call, in milliseconds.
    pub(crate) touched: AtomicI64,
    /// The newest event number that the session's caller has named.
    pub(crate) seen: AtomicU64,
    /// Held for the length of a commit, submit, sync, resolve, pause or close, I/O included: it only makes the calls of one session
    /// that change its base or its branch follow each other. Reads and edits never take it.
    pub(crate) gate: Mutex<()>,
    /// The state. Held to look at or change it; an edit also walks the base's trees under it, which are cached or memory-mapped, and
    /// appends to the journal, which waits for no device: edits of one session have one order.
    pub(crate) state: Mutex<SessionState>,
    /// Whether the session waits to have its contents put at rest.
    pub(crate) hot: AtomicBool,
    /// Hints that were not given yet.
    pub(crate) inbox: Mutex<Vec<Notice>>,
    /// Other sessions in the same files, looked at when an answer is made.
    pub(crate) watched: Mutex<Vec<super::overlaps::Watched>>,
    /// How often it was written to.
    pub(crate) edits: AtomicU64,
    /// The door that keeps copies of its files. Held to look at or change it, never while it is called.
    pub(crate) watcher: Mutex<Option<Arc<dyn super::watch::Watcher>>>,
}

/// What changes in a session.
pub(crate) struct SessionState {
    pub(crate) phase: Phase,
    pub(crate) base: Head,
    pub(crate) overlay: Overlay,
    pub(crate) tip: Option<Tip>,
    pub(crate) turn: u32,
    /// The journal's number of the last edit.
    pub(crate) seq: u64,
    /// Everything up to this number is in the tip, or in the base.
    pub(crate) saved_seq: u64,
    /// Whether there are edits since the tip.
    pub(crate) unsaved: bool,
    pub(crate) conflicts: Option<Box<PendingConflicts>>,
    /// Whether the catalog knows the session; before its first commit only the journal does.
    pub(crate) recorded: bool,
    /// Paths entered in the workspace's live edits.
    pub(crate) entered: BTreeSet<RepoPath>,
    /// Whether the session is about to end: what would be written now would not be in what is kept of it.
    pub(crate) ending: bool,
    /// The tree of a paused session, which may hold edits that its tip lacks.
    pub(crate) paused: Option<Tip>,
    /// Whether the base moved since the last journaled edit: the next one is journaled as a snapshot that names the new base, for the
    /// edits before it stand on another one.
    pub(crate) rebased: bool,
    /// Packs with contents that no commit reaches yet.
    pub(crate) parked: Vec<Arc<super::large::Parked>>,
}

impl SessionState {
    /// The tree that the last turn left, or the base's.
    pub(crate) fn saved_tree(&self) -> ObjectId {
        self.tip.map_or(self.base.tree, |tip| tip.tree)
    }
}

impl SessionCell {
    /// The session's stream in the journal.
    pub(crate) fn stream(&self) -> StreamId {
        super::stream_of(&self.id)
    }

    /// Notes a call.
    pub(crate) fn touch(&self, now: Timestamp) {
        self.touched.store(now.0, Ordering::Relaxed);
    }

    /// When it expires if nobody calls.
    pub(crate) fn expires(&self) -> Timestamp {
        Timestamp(self.touched.load(Ordering::Relaxed)).plus_millis(self.ttl_ms)
    }

    /// Adds a hint, unless the same one waits already; bounded, for nobody may ever call.
    pub(crate) fn notice(&self, notice: Notice) {
        let mut inbox = self.inbox.lock();
        if inbox.len() < 50 && !inbox.contains(&notice) {
            inbox.push(notice);
        }
    }

    /// What the catalog's columns have no place for.
    pub(super) fn extra(&self, paused: Option<Tip>) -> serde_json::Value {
        extra(self.opener.as_ref(), &self.purpose, paused)
    }

    /// The session as the catalog records it, in the given state.
    pub(crate) fn record(&self, state: &SessionState, record_state: RecordState) -> SessionRecord {
        SessionRecord {
            id: self.id.clone(),
            workspace: self.workspace.id.clone(),
            branch: Text(self.branch.as_bytes().to_vec().into()),
            agent: self.agent.to_string(),
            intent: self.intent.as_deref().unwrap_or_default().to_owned(),
            owner: self.owner.to_string(),
            state: record_state,
            durability: match self.durability {
                Durability::Journal => SessionDurability::Journal,
                Durability::Memory => SessionDurability::Memory,
            },
            base_commit: state.base.commit_or_null(),
            base_tree: state.base.tree,
            base_version: state.base.version,
            tip_commit: state.tip.map(|tip| tip.commit),
            tip_tree: state.tip.map(|tip| tip.tree),
            turn: state.turn,
            applied_seq: state.saved_seq,
            landed: None,
            token_hash: Some(self.token_hash),
            created: self.created.0,
            touched: self.touched.load(Ordering::Relaxed),
            expires: self.expires().0,
            ttl_ms: self.ttl_ms,
            quota: 0,
            moves: super::moves::to_json(&state.overlay),
            conflicts: state.conflicts.as_deref().map_or(serde_json::Value::Null, PendingConflicts::to_json),
            extra: self.extra(state.paused),
        }
    }
}

/// What the catalog's columns have no place for: who opened the session, what for, and the tree of a paused one.
fn extra(opener: Option<&TokenHash>, purpose: &Purpose, paused: Option<Tip>) -> serde_json::Value {
    let mut extra = serde_json::Map::new();
    if let Some(opener) = opener {
        extra.insert("opener".to_owned(), hex::encode(opener).into());
    }
    if let Some(paused) = paused {
        extra.insert("paused_commit".to_owned(), json!(paused.commit));
        extra.insert("paused_tree".to_owned(), json!(paused.tree));
    }
    purpose.enter(&mut extra);
    if extra.is_empty() { serde_json::Value::Null } else { extra.into() }
}

/// The token that opened a session, from its record.
pub(super) fn opener(record: &SessionRecord) -> Option<TokenHash> {
    let text = record.extra.get("opener")?.as_str()?;
    // A damaged one must not make the session's token stronger: no token has this hash.
    Some(hex::decode(text).ok().and_then(|hash| hash.try_into().ok()).unwrap_or_default())
}

/// The refs of a turn that has just ended: one that keeps its commit whatever becomes of the session's branch, and that branch. Both are
/// on stable storage before the turn's pack loses its `.keep`: a `git gc` that reads refs one after the other, while they move, finds the
/// commit by the first. A sync makes a turn's commit anew under the same number; each of them was answered and is kept.
pub(crate) fn turn_refs(workspace: &Arc<WorkspaceState>, session: &SessionId, turn: u32, commit: ObjectId) -> Vec<RefMove> {
    let moved = |name| RefMove { workspace: Arc::clone(workspace), name, target: Some(commit), message: "acetate: turn".to_owned() };
    vec![moved(turn_ref(session, turn, commit)), moved(session_ref(session))]
}

/// The ref that keeps a turn's commit.
pub(crate) fn turn_ref(session: &SessionId, turn: u32, commit: ObjectId) -> String {
    let short: String = commit.to_hex().chars().take(12).collect();
    keep_ref(session.as_str(), &format!("t{turn}-{short}"))
}

/// The record of a session that stands on `head` from now on: no tip, and what it stood on before, from which edits made meanwhile are
/// carried over. Its own branch goes; its last turn, which may be new, has a ref that keeps it.
pub(crate) fn stand_on(workspace: &Arc<WorkspaceState>, before: &SessionRecord, head: &Head) -> (SessionRecord, Vec<RefMove>) {
    let mut record = before.clone();
    let mut refs = Vec::new();
    if let Some(tip) = before.tip_commit {
        refs = turn_refs(workspace, &before.id, before.turn, tip);
        for branch in refs.iter_mut().skip(1) {
            branch.target = None;
        }
    }
    record.landed = Some(json!({
        "base_commit": before.base_commit, "base_tree": before.base_tree, "base_version": before.base_version,
        "tree": before.tip_tree.unwrap_or(before.base_tree),
    }));
    record.base_commit = head.commit_or_null();
    record.base_tree = head.tree;
    record.base_version = head.version;
    record.tip_commit = None;
    record.tip_tree = None;
    record.conflicts = serde_json::Value::Null;
    record.moves = serde_json::Value::Null;
    record.extra = extra(opener(before).as_ref(), &Purpose::of(before), None);
    (record, refs)
}
