//! Ending a turn: the overlay becomes a tree and a commit on the session's own branch.

use super::cell::{SessionCell, Tip, turn_refs};
use super::handle::Session;
use crate::api::{CommitTurn, TurnCommit};
use crate::landing::{BatchSink, agent_commit, commit_message};
use crate::pipeline::RefMove;
use crate::store::{Begun, Once};
use crate::text::{MessageLimits, PathChange as Described, default_message};
use crate::workspace::Head;
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, EventDraft, Expected, SessionRecord, SessionState as RecordState, Write};
use acetate_git::ObjectBatch;
use acetate_overlay::{Change, Overlay};
use acetate_types::{ObjectId, RepoPath, Text};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A turn that is ready to be made durable. The session may be edited further meanwhile.
pub(super) struct Turn {
    /// What the session stands on.
    pub(super) base: Head,
    /// The overlay when the turn ended.
    pub(super) snapshot: Overlay,
    /// The same view with its contents as objects.
    pub(super) built: Overlay,
    /// The whole tree.
    pub(super) tree: ObjectId,
    /// New objects, staged.
    pub(super) objects: Arc<ObjectBatch>,
    /// The tip after the turn: a new commit, or the one before if nothing changed.
    pub(super) tip: Option<Tip>,
    /// The turn's number.
    pub(super) number: u32,
    /// Whether there is a new commit.
    pub(super) changed: bool,
    /// The message.
    pub(super) message: String,
    /// Paths that differ from the base.
    pub(super) paths: u64,
    /// The record of the session after the turn.
    pub(super) record: SessionRecord,
    /// The refs that move, and the event that tells of it.
    pub(super) refs: Vec<RefMove>,
    pub(super) event: Option<EventDraft>,
    /// Everything up to this journal number is in the tree.
    pub(super) seq: u64,
}

impl Session {
    /// Ends a turn without making it durable yet. Called under the session's gate.
    pub(super) fn end_turn(&self, message: Option<&str>) -> Result<Turn, EngineError> {
        self.store.check_open()?;
        self.store.check_message(message)?;
        self.flush_watcher();
        let cell = &self.cell;
        let (snapshot, base, tip, turn, seq, saved_tree) = {
            let state = cell.state.lock();
            self.active(&state)?;
            (state.overlay.clone(), state.base.clone(), state.tip, state.turn, state.seq, state.saved_tree())
        };
        let mut objects = ObjectBatch::new(self.store.repo.format());
        let built = snapshot.build(&self.store.repo, &mut BatchSink(&mut objects))?;
        let changed = built.tree != saved_tree;
        let changes = snapshot.changes(&self.store.repo)?;
        let message = match message.map(str::trim).filter(|message| !message.is_empty()) {
            Some(message) => message.to_owned(),
            None => match tip.filter(|_| !changed) {
                // What was said when the turn ended, if it is all there is.
                Some(tip) => self.only_message(tip, &base)?.map_or_else(|| self.default_message(&snapshot, &changes), Ok)?,
                None => self.default_message(&snapshot, &changes)?,
            },
        };
        let number = if changed { turn + 1 } else { turn };
        let tip = if changed { Some(self.turn_commit(&mut objects, built.tree, tip, &base, number, &message)) } else { tip };
        let (refs, event) = match tip.filter(|_| changed) {
            Some(tip) => (
                turn_refs(&cell.workspace, &cell.id, number, tip.commit),
                Some(committed(cell, self.store.now().0, tip.commit, number, &changes)),
            ),
            None => (Vec::new(), None),
        };
        let objects = Arc::new(if changed { objects } else { ObjectBatch::new(self.store.repo.format()) });
        let record = {
            let state = cell.state.lock();
            let mut record = cell.record(&state, RecordState::Active);
            record.tip_commit = tip.map(|tip| tip.commit);
            record.tip_tree = tip.map(|tip| tip.tree);
            record.turn = number;
            record.applied_seq = seq;
            // The turn's tree has what a pause had put aside.
            record.extra = cell.extra(None);
            record
        };
        if !objects.is_empty() {
            self.store.repo.stage(&objects)?;
        }
        self.store.point("session.after_turn_built");
        Ok(Turn {
            base,
            snapshot,
            built: built.overlay,
            tree: built.tree,
            objects,
            tip,
            number,
            changed,
            message,
            paths: changes.len() as u64,
            record,
            refs,
            event,
            seq,
        })
    }

    fn turn_commit(&self, objects: &mut ObjectBatch, tree: ObjectId, tip: Option<Tip>, base: &Head, number: u32, message: &str) -> Tip {
        let cell = &self.cell;
        let turn = number.to_string();
        let trailers = [
            ("Acetate-Session", cell.id.as_str()),
            ("Acetate-Agent", &cell.agent),
            ("Acetate-Turn", turn.as_str()),
            ("Acetate-Intent", cell.intent.as_deref().unwrap_or_default()),
        ];
        let parents = tip.map(|tip| tip.commit).or(base.commit).into_iter().collect();
        let commit = agent_commit(&cell.agent, self.store.now(), tree, parents, commit_message(message, &trailers));
        Tip { commit: objects.commit(&commit), tree }
    }

    /// The message of a session's one turn, without its trailers.
    fn only_message(&self, tip: Tip, base: &Head) -> Result<Option<String>, EngineError> {
        let commit = self.store.repo.commit(&tip.commit)?;
        if commit.parents.first().copied() != base.commit {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&commit.message).into_owned();
        let said = text.rsplit_once("\n\n").filter(|(_, last)| last.starts_with("Acetate-")).map(|(said, _)| said.to_owned());
        Ok(said)
    }

    fn default_message(&self, overlay: &Overlay, changes: &[Change]) -> Result<String, EngineError> {
        let moves = overlay.moves(&self.store.repo)?;
        let sources: HashMap<&RepoPath, &RepoPath> = moves.iter().rev().map(|moved| (&moved.to, &moved.from)).collect();
        let moved: HashSet<&RepoPath> = moves.iter().map(|moved| &moved.from).collect();
        let described: Vec<Described<'_>> = changes
            .iter()
            .filter_map(|change| match (&change.before, &change.after) {
                (None, Some(_)) => match sources.get(&change.path) {
                    Some(from) => Some(Described::Renamed { from: from.as_bytes(), to: change.path.as_bytes() }),
                    None => Some(Described::Added(change.path.as_bytes())),
                },
                (Some(_), Some(_)) => Some(Described::Modified(change.path.as_bytes())),
                (Some(_), None) if moved.contains(&change.path) => None,
                (Some(_), None) => Some(Described::Deleted(change.path.as_bytes())),
                (None, None) => None,
            })
            .collect();
        Ok(default_message(&described, &MessageLimits::default()))
    }

    /// Ends a turn and makes it durable.
    pub(super) fn commit_turn(&self, commit: &CommitTurn, once: Option<&Idempotency>) -> Result<TurnCommit, EngineError> {
        self.need(crate::api::Right::Write)?;
        let once = match Once::begin::<TurnCommit>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        let _gate = self.cell.gate.lock();
        super::write::workspace_there(&self.cell.workspace)?;
        self.cell.touch(self.store.now());
        let turn = self.end_turn(commit.message.as_deref())?;
        let answer = TurnCommit {
            commit: turn.tip.map(|tip| tip.commit),
            turn: turn.number,
            changed: turn.changed,
            paths: turn.paths,
            submission: None,
        };
        if !turn.changed && once.is_none() && self.cell.state.lock().recorded {
            self.adopt(&turn, false);
            return Ok(answer);
        }
        let mut writes = Batch { writes: vec![Write::PutSession(Box::new(turn.record.clone()))] };
        writes.writes.extend(ref_writes(&turn.refs));
        writes.writes.extend(turn.event.clone().map(Write::AddEvent));
        if let Some(once) = &once {
            writes.push(once.write(&answer)?);
        }
        let told = turn.changed || once.is_some();
        if told {
            self.store.pipeline.commit(vec![Arc::clone(&turn.objects)], writes, turn.refs.clone(), None)?;
            self.cell.state.lock().recorded = true;
        }
        self.adopt(&turn, told);
        Ok(answer)
    }

    /// The turn is durable: its contents are known by object id. If the catalog was `told` of it, its journal records are no longer
    /// needed; else a replay starts where the catalog's record says, and needs all of them.
    pub(super) fn adopt(&self, turn: &Turn, told: bool) {
        let mut state = self.cell.state.lock();
        state.overlay.adopt(&turn.built);
        state.tip = turn.tip;
        state.turn = turn.number;
        if told {
            state.saved_seq = turn.seq;
            state.paused = None;
        }
        state.unsaved = state.seq > turn.seq
            || (self.cell.durability == crate::api::Durability::Memory && !same(&self.store, &state.overlay, &turn.built));
        let parked = if told && !state.unsaved { std::mem::take(&mut state.parked) } else { Vec::new() };
        drop(state);
        if turn.changed {
            self.cell.tell_head();
        }
        self.store.let_go(parked);
        if told {
            self.store.journal.release(self.cell.stream(), acetate_journal::Seq(turn.seq));
        }
    }
}

/// Whether nothing was written since; an unreadable tree counts as changed.
pub(super) fn same(store: &crate::store::Store, now: &Overlay, then: &Overlay) -> bool {
    now.diff_since(&store.repo, then).is_ok_and(|paths| paths.is_empty())
}

/// Refs as the catalog is told.
pub(crate) fn ref_writes(refs: &[RefMove]) -> impl Iterator<Item = Write> + '_ {
    refs.iter().map(|moved| Write::MoveRef {
        workspace: moved.workspace.id.clone(),
        name: Text(moved.name.clone().into()),
        expected: Expected::Any,
        target: moved.target,
    })
}

fn committed(cell: &SessionCell, at: i64, commit: ObjectId, turn: u32, changes: &[Change]) -> EventDraft {
    let paths: Vec<_> = changes.iter().take(20).map(|change| &change.path).collect();
    EventDraft {
        workspace: cell.workspace.id.clone(),
        kind: "session_committed".into(),
        at,
        payload: json!({
            "session": cell.id, "agent": &*cell.agent, "intent": cell.intent, "branch": &*cell.branch, "commit": commit, "turn": turn,
            "paths": paths, "path_count": changes.len(),
        }),
    }
}
