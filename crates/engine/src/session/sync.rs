//! Rebasing a session onto the head now.

use super::cell::{PendingConflicts, Tip, turn_refs};
use super::handle::Session;
use super::standing::behind;
use super::submit::merge_moves;
use super::turn::{Turn, ref_writes};
use crate::api::{Sync, SyncOutcome};
use crate::landing::{MergedTree, agent_commit, commit_message, merge_onto};
use crate::store::{Begun, Once};
use crate::workspace::Head;
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, SessionState as RecordState, Write};
use acetate_types::ErrorKind;
use std::sync::Arc;

impl Session {
    pub(super) fn sync_now(&self, sync: Sync, once: Option<&Idempotency>) -> Result<SyncOutcome, EngineError> {
        self.need(crate::api::Right::Write)?;
        self.need_shown()?;
        let once = match Once::begin::<SyncOutcome>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        let line = self.line()?;
        crate::workspace::glance(&self.store, &self.cell.workspace, &line);
        let _gate = self.cell.gate.lock();
        self.cell.touch(self.store.now());
        let head = line.head.load_full();
        let base = self.cell.state.lock().base.clone();
        if head.commit == base.commit {
            let outcome = SyncOutcome::Synced { moved: 0, findings: Vec::new() };
            if let Some(once) = once {
                let writes = Batch { writes: vec![once.write(&outcome)?] };
                self.store.pipeline.commit(Vec::new(), writes, Vec::new(), None)?;
            }
            return Ok(outcome);
        }
        let turn = self.end_turn(None)?;
        let moves = merge_moves(&self.store, &turn.snapshot)?;
        let same_symbol = sync.same_symbol.unwrap_or_else(|| self.cell.workspace.same_symbol());
        let merged = match merge_onto(&self.store, &base.tree, &head.tree, &turn.tree, &moves, same_symbol) {
            Ok(merged) => merged,
            Err(error) => {
                self.store.repo.unstage(&turn.objects);
                return Err(error);
            }
        };
        match merged {
            Ok(merged) => {
                let outcome = SyncOutcome::Synced { moved: behind(&base, &head), findings: merged.findings.clone() };
                let answer = once.map(|once| once.write(&outcome)).transpose()?;
                self.move_onto(turn, &head, merged, answer)?;
                Ok(outcome)
            }
            Err(merge) => {
                let conflicts = self.conflict_infos(&merge, &base, &head, &self.resolutions());
                self.store.repo.unstage(&turn.objects);
                let conflicts = conflicts?;
                let outcome = SyncOutcome::Conflict { conflicts: conflicts.listed.clone(), open: conflicts.open, against: head.base() };
                let record = {
                    let state = self.cell.state.lock();
                    let mut record = self.cell.record(&state, RecordState::Active);
                    record.conflicts =
                        PendingConflicts::renewed(&record.conflicts, conflicts.clone(), (*head).clone(), same_symbol).to_json();
                    record
                };
                let mut writes = Batch { writes: vec![Write::PutSession(Box::new(record))] };
                writes.writes.extend(once.map(|once| once.write(&outcome)).transpose()?);
                self.store.pipeline.commit(Vec::new(), writes, Vec::new(), None)?;
                self.cell.state.lock().recorded = true;
                self.keep_conflicts(conflicts, (*head).clone(), same_symbol);
                Ok(outcome)
            }
        }
    }

    /// Makes the merged tree the session's own on `head`, durable, with the turn before it kept.
    pub(super) fn move_onto(&self, turn: Turn, head: &Head, merged: MergedTree, answer: Option<Write>) -> Result<(), EngineError> {
        let cell = &self.cell;
        super::write::workspace_there(&cell.workspace)?;
        let MergedTree { tree, mut overlay, mut objects, .. } = merged;
        super::moves::hint(&mut overlay, &turn.snapshot);
        let tip = (tree != head.tree).then(|| {
            let number = turn.number.to_string();
            let trailers = [
                ("Acetate-Session", cell.id.as_str()),
                ("Acetate-Agent", &*cell.agent),
                ("Acetate-Turn", number.as_str()),
                ("Acetate-Intent", cell.intent.as_deref().unwrap_or_default()),
            ];
            let message = commit_message(&turn.message, &trailers);
            Tip {
                commit: objects.commit(&agent_commit(&cell.agent, self.store.now(), tree, head.commit.into_iter().collect(), message)),
                tree,
            }
        });
        let (mut record, mut refs) = super::stand_on(&cell.workspace, &turn.record, head);
        record.tip_commit = tip.map(|tip| tip.commit);
        record.tip_tree = tip.map(|tip| tip.tree);
        if tip.is_some() {
            record.moves = super::moves::to_json(&overlay);
        }
        if let Some(tip) = tip {
            // The turn before it stays kept; the branch goes on from the new one.
            refs.retain(|moved| moved.target.is_some());
            refs.extend(turn_refs(&cell.workspace, &cell.id, turn.number, tip.commit));
        }
        let mut writes = Batch { writes: vec![Write::PutSession(Box::new(record))] };
        writes.writes.extend(turn.event.clone().map(Write::AddEvent));
        writes.writes.extend(ref_writes(&refs));
        writes.writes.extend(answer);
        let objects = Arc::new(objects);
        self.store.repo.stage(&objects).map_err(|error| EngineError::new(ErrorKind::Internal, "stage", error.to_string()))?;
        self.store.pipeline.commit(vec![Arc::clone(&turn.objects), objects], writes, refs, None)?;
        self.stand(&turn, head, &overlay, tip);
        Ok(())
    }
}
