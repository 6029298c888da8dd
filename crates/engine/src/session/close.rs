//! Pausing, resuming, ending and expiring sessions. Nothing of a session is thrown away silently (DESIGN.md §2.8).

use super::cell::{Phase, SessionCell, Tip, turn_ref};
use super::handle::Session;
use super::record::Record;
use super::turn::{Turn, ref_writes};
use crate::api::{Closed, Durability, SessionInfo};
use crate::pipeline::RefMove;
use crate::store::{Store, session_ref};
use crate::{Access, EngineError};
use acetate_catalog::{Batch, EventDraft, SessionState as RecordState, Write};
use acetate_overlay::Overlay;
use acetate_types::ObjectId;
use serde_json::json;
use std::sync::Arc;

/// How often a pause is tried again because of edits that came in meanwhile.
const RESTS: usize = 20;

impl Session {
    /// Ends the session; see [`Session::close`].
    pub(super) fn end(&self, discard: bool) -> Result<Closed, EngineError> {
        self.need(crate::api::Right::Write)?;
        let _gate = self.cell.gate.lock();
        if discard && self.cell.state.lock().phase == Phase::Damaged {
            return self.end_damaged();
        }
        self.wake()?;
        {
            let mut state = self.cell.state.lock();
            self.active(&state)?;
            let info = super::status::info(&self.cell, &state);
            // An overlay that only looks changed is not unsubmitted work; building the tree below decides.
            if info.unsubmitted && !discard && self.differs(&state.overlay)? {
                return Err(EngineError::new(
                    acetate_types::ErrorKind::Conflict,
                    "session_unsubmitted",
                    format!("session {} has work that has not landed", self.cell.id),
                )
                .hint("submit it, archive it, or end the session with discard; its branch is kept for 30 days then"));
            }
            // From here on edits are refused: what is answered is in what is kept.
            state.ending = true;
        }
        let closed = self.end_now();
        if closed.is_err() {
            self.cell.state.lock().ending = false;
        }
        closed
    }

    fn end_now(&self) -> Result<Closed, EngineError> {
        let turn = self.end_turn(None)?;
        let cell = &self.cell;
        let recorded = cell.state.lock().recorded;
        let kept = turn.tip.map(|tip| (turn_ref(&cell.id, turn.number, tip.commit), tip.commit));
        if turn.changed || recorded {
            let mut record = turn.record.clone();
            record.state = RecordState::Closed;
            let moved = |name: String, target: Option<ObjectId>| RefMove {
                workspace: Arc::clone(&cell.workspace),
                name,
                target,
                message: "acetate: close".to_owned(),
            };
            let mut refs: Vec<RefMove> = kept.iter().map(|(name, tip)| moved(name.clone(), Some(*tip))).collect();
            refs.push(moved(session_ref(&cell.id), None));
            let mut writes = Batch { writes: vec![Write::PutSession(Box::new(record))] };
            writes.writes.extend(turn.event.clone().map(Write::AddEvent));
            writes.push(Write::AddEvent(EventDraft {
                workspace: cell.workspace.id.clone(),
                kind: "session_closed".into(),
                at: self.store.now().0,
                payload: json!({ "session": cell.id, "agent": &*cell.agent, "branch": &*cell.branch, "kept_as": kept.as_ref().map(|(name, _)| name) }),
            }));
            writes.writes.extend(ref_writes(&refs));
            self.store.pipeline.commit(vec![Arc::clone(&turn.objects)], writes, refs, None)?;
        } else {
            // Only the journal knows it.
            self.store.append(cell, &Record::Close)?;
            // Segments go one by one. Where its opening is in an older one, which may outlive the one with its end, the catalog says it.
            if self.store.journal.segments_of(cell.stream()) > 1 {
                let mut record = turn.record.clone();
                record.state = RecordState::Closed;
                let writes = Batch { writes: vec![Write::PutSession(Box::new(record))] };
                self.store.pipeline.commit(Vec::new(), writes, Vec::new(), None)?;
            }
        }
        forget(&self.store, cell);
        Ok(Closed { id: cell.id.clone(), tip: kept.as_ref().map(|(_, tip)| *tip), kept_as: kept.map(|(name, _)| name) })
    }

    /// Ends a session whose unsaved edits can't be read: they go, its last turn is kept.
    fn end_damaged(&self) -> Result<Closed, EngineError> {
        let cell = &self.cell;
        let (record, tip) = {
            let state = cell.state.lock();
            (cell.record(&state, RecordState::Closed), state.tip)
        };
        self.store.pipeline.commit(Vec::new(), Batch { writes: vec![Write::PutSession(Box::new(record.clone()))] }, Vec::new(), None)?;
        forget(&self.store, cell);
        let kept_as = tip.map(|tip| turn_ref(&cell.id, record.turn, tip.commit));
        Ok(Closed { id: cell.id.clone(), tip: tip.map(|tip| tip.commit), kept_as })
    }

    fn differs(&self, overlay: &Overlay) -> Result<bool, EngineError> {
        Ok(!overlay.changes(&self.store.repo)?.is_empty())
    }

    /// Takes the session out of memory.
    pub(super) fn rest(&self, commit: bool) -> Result<SessionInfo, EngineError> {
        self.need(crate::api::Right::Write)?;
        let _gate = self.cell.gate.lock();
        let cell = &self.cell;
        {
            let state = cell.state.lock();
            if state.phase == Phase::Paused {
                return Ok(super::status::info(cell, &state));
            }
        }
        // An edit that comes in meanwhile was answered and must not be lost: once more, with it.
        for _ in 0..RESTS {
            let before = cell.state.lock().tip;
            let turn = self.end_turn(commit.then_some("Save the session before it rests"))?;
            // Edits that no turn has ended stay unsaved: the tree that holds them is kept beside the tip, not as the tip.
            let paused = turn.tip.filter(|_| turn.changed && !commit);
            let mut record = turn.record.clone();
            record.state = RecordState::Paused;
            if let Some(paused) = paused {
                record.tip_commit = before.map(|tip| tip.commit);
                record.tip_tree = before.map(|tip| tip.tree);
                record.turn = turn.number - 1;
                record.extra = cell.extra(Some(paused));
            }
            let mut writes = Batch { writes: vec![Write::PutSession(Box::new(record))] };
            writes.writes.extend(turn.event.clone().filter(|_| commit).map(Write::AddEvent));
            writes.writes.extend(ref_writes(&turn.refs));
            self.store.pipeline.commit(vec![Arc::clone(&turn.objects)], writes, turn.refs.clone(), None)?;
            if let Some(info) = self.lay_down(&turn, paused, before) {
                return Ok(info);
            }
        }
        Err(EngineError::new(acetate_types::ErrorKind::Conflict, "session_busy", format!("session {} is being edited", cell.id))
            .hint("pause it when its agent is done"))
    }

    /// The session is at rest in the catalog; it leaves memory, unless it was edited meanwhile.
    fn lay_down(&self, turn: &Turn, paused: Option<Tip>, before: Option<Tip>) -> Option<SessionInfo> {
        let cell = &self.cell;
        let mut state = cell.state.lock();
        if state.seq > turn.seq
            || (cell.durability == Durability::Memory && !super::turn::same(&self.store, &state.overlay, &turn.snapshot))
        {
            if paused.is_none() {
                state.tip = turn.tip;
                state.turn = turn.number;
            }
            state.recorded = true;
            return None;
        }
        state.recorded = true;
        state.phase = Phase::Paused;
        state.overlay = Overlay::new(state.base.tree);
        // They are kept where they cost least: in an overlay without anything else.
        super::moves::hint(&mut state.overlay, &turn.snapshot);
        state.tip = if paused.is_some() { before } else { turn.tip };
        state.turn = if paused.is_some() { turn.number - 1 } else { turn.number };
        state.paused = paused;
        state.saved_seq = turn.seq;
        state.unsaved = paused.is_some();
        let parked = std::mem::take(&mut state.parked);
        let entered = std::mem::take(&mut state.entered);
        let info = super::status::info(cell, &state);
        drop(state);
        cell.tell_closed();
        cell.workspace.live.leave(&entered, &cell.id);
        self.store.let_go(parked);
        self.store.journal.release(cell.stream(), acetate_journal::Seq(turn.seq));
        Some(info)
    }

    /// Brings a paused session back, durable: its record says active again.
    pub(super) fn wake(&self) -> Result<(), EngineError> {
        let cell = &self.cell;
        if cell.state.lock().phase == Phase::Paused {
            super::write::workspace_there(&cell.workspace)?;
        }
        let record = {
            let state = cell.state.lock();
            match state.phase {
                Phase::Active => return Ok(()),
                Phase::Damaged => return Err(super::revive::damage(&cell.id)),
                Phase::Closed => return Err(super::gone(&cell.id)),
                Phase::Paused => cell.record(&state, RecordState::Active),
            }
        };
        let tree = {
            let state = cell.state.lock();
            state.paused.map_or_else(|| state.saved_tree(), |paused: Tip| paused.tree)
        };
        let mut overlay = Overlay::from_trees(&self.store.repo, record.base_tree, tree)?;
        super::moves::hint_json(&mut overlay, &record.moves);
        self.store.pipeline.commit(Vec::new(), Batch { writes: vec![Write::PutSession(Box::new(record))] }, Vec::new(), None)?;
        let mut state = cell.state.lock();
        state.overlay = overlay;
        state.phase = Phase::Active;
        drop(state);
        cell.touch(self.store.now());
        Ok(())
    }
}

/// Drops a session from memory and from the journal.
pub(super) fn forget(store: &Store, cell: &Arc<SessionCell>) {
    let mut state = cell.state.lock();
    state.phase = Phase::Closed;
    state.overlay = Overlay::new(state.base.tree);
    let parked = std::mem::take(&mut state.parked);
    let entered = std::mem::take(&mut state.entered);
    let seq = state.seq.max(state.saved_seq);
    drop(state);
    cell.tell_closed();
    cell.workspace.live.leave(&entered, &cell.id);
    store.sessions.pin().remove(&cell.id);
    if cell.purpose.working {
        cell.workspace.not_working(&cell.id);
    }
    let tokens = store.session_tokens.pin();
    // A repeated opening may have given the same token to another session.
    if tokens.get(&cell.token_hash) == Some(&cell.id) {
        tokens.remove(&cell.token_hash);
    }
    store.let_go(parked);
    store.journal.release(cell.stream(), acetate_journal::Seq(seq.max(store.journal.last_seq().0)));
}

/// What expiry does: an empty session vanishes, another is committed and paused, and ended when it has rested for as long as the branches
/// of ended sessions are kept.
pub(crate) fn expire(store: &Arc<Store>, cell: &Arc<SessionCell>, access: Access) -> Result<(), EngineError> {
    let session = Session::new(Arc::clone(store), Arc::clone(cell), access);
    let (phase, empty) = {
        let state = cell.state.lock();
        (state.phase, state.tip.is_none() && state.overlay.is_clean() && state.paused.is_none())
    };
    match phase {
        Phase::Active if empty => session.end(true).map(|_| ()),
        Phase::Active => session.rest(true).map(|_| ()),
        // What nobody came back for ends at last; from then on its branch is kept as that of any ended session.
        Phase::Paused => {
            let kept = i64::try_from(store.options.limits.keep_ended.as_millis()).unwrap_or(i64::MAX);
            if cell.expires().plus_millis(kept) <= store.now() { session.end(true).map(|_| ()) } else { Ok(()) }
        }
        Phase::Damaged | Phase::Closed => Ok(()),
    }
}
