//! Submitting: the turn ends, its branch's landing line takes it, and the session stands on what landed.

use super::carry::{Carried, carry_over};
use super::cell::{PendingConflicts, SessionState};
use super::handle::Session;
use super::turn::Turn;
use crate::api::{Durability, Person, Resolution, Submission, SubmissionOutcome, Submit};
use crate::error::RETRY;
use crate::landing::{Conflicts, Landing, Outcome, conflict_infos, merge_onto};
use crate::store::{Begun, Once};
use crate::workspace::{Head, Line};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, Write};
use acetate_merge::{Move, SameSymbol};
use acetate_overlay::Overlay;
use acetate_types::ErrorKind;
use crossbeam_channel::bounded;
use std::sync::Arc;

/// How often a submission is prepared again when what it stood on failed.
const ATTEMPTS: usize = 5;

impl Session {
    /// The line of the session's branch.
    pub(super) fn line(&self) -> Result<Arc<Line>, EngineError> {
        self.cell.workspace.line(&self.cell.branch).ok_or_else(|| {
            EngineError::not_found("branch_not_found", format!("the branch {} is gone", self.cell.branch))
                .hint("create it again, then submit; the session keeps its work")
        })
    }

    pub(super) fn submit_work(&self, submit: &Submit, once: Option<&Idempotency>) -> Result<Submission, EngineError> {
        self.need(crate::api::Right::Land)?;
        self.need_shown()?;
        let once = match Once::begin::<Submission>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        let line = self.line()?;
        crate::workspace::glance(&self.store, &self.cell.workspace, &line);
        let _gate = self.cell.gate.lock();
        self.cell.touch(self.store.now());
        super::write::workspace_there(&self.cell.workspace)?;
        let turn = self.end_turn(submit.message.as_deref())?;
        let same_symbol = submit.same_symbol.unwrap_or_else(|| self.cell.workspace.same_symbol());
        if submit.dry_run {
            let outcome = self.dry_run(&turn, &line, same_symbol);
            self.store.repo.unstage(&turn.objects);
            return Ok(Submission { id: None, session: self.cell.id.clone(), outcome: outcome? });
        }
        let id = format!("sub_{}", hex::encode(self.store.random::<12>()));
        let moves = merge_moves(&self.store, &turn.snapshot)?;
        let outcome = self.join(&turn, &id, moves, same_symbol, once)?;
        self.cell.state.lock().recorded = true;
        let outcome = match outcome {
            Outcome::Landed(landed) => {
                self.stand(&turn, &landed.head, &Overlay::new(landed.head.tree), None);
                SubmissionOutcome::Landed {
                    version: landed.head.version,
                    commit: landed.head.commit,
                    tree: landed.head.tree,
                    unchanged: landed.unchanged,
                    paths: landed.paths,
                    findings: landed.findings,
                }
            }
            Outcome::Conflict { conflicts, against } => {
                self.adopt(&turn, true);
                let shown =
                    SubmissionOutcome::Conflict { conflicts: conflicts.listed.clone(), open: conflicts.open, against: against.base() };
                self.keep_conflicts(conflicts, against, same_symbol);
                shown
            }
        };
        Ok(Submission { id: Some(id), session: self.cell.id.clone(), outcome })
    }

    /// Waits in the line until the outcome is durable.
    fn join(&self, turn: &Turn, id: &str, moves: Vec<Move>, same_symbol: SameSymbol, once: Option<Once>) -> Result<Outcome, EngineError> {
        let mut attempt = 0;
        loop {
            let (reply, end) = bounded(1);
            let landing = Landing {
                session: Arc::clone(&self.cell),
                id: id.to_owned(),
                base: turn.base.clone(),
                tree: turn.tree,
                objects: Arc::clone(&turn.objects),
                moves: moves.clone(),
                same_symbol,
                message: turn.message.clone(),
                turn: turn.number,
                record: Box::new(turn.record.clone()),
                refs: turn.refs.clone(),
                turn_event: turn.event.clone(),
                once: once.clone(),
                actor: self.access.actor.clone(),
                reply,
            };
            // Each time anew: the branch may have been deleted, or deleted and made again, since the last attempt.
            let line = self.line();
            let joined =
                line.and_then(|line| self.store.lander.join(&self.cell.workspace, &line, landing, self.store.options.limits.line_queue));
            let answer = joined.and_then(|()| end.recv().unwrap_or_else(|_| Err(crate::pipeline::closed())));
            let (outcome, durable) = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    self.store.repo.unstage(&turn.objects);
                    return Err(error);
                }
            };
            match durable.wait() {
                Ok(_) => return Ok(outcome),
                Err(error) if error.code() == RETRY && attempt < ATTEMPTS => {
                    attempt += 1;
                    self.store.repo.stage(&turn.objects)?;
                }
                Err(error) if error.code() == RETRY => {
                    return Err(EngineError::new(
                        ErrorKind::Unavailable,
                        "landing_failed",
                        "the branch failed to become durable several times",
                    )
                    .hint("try again in a moment"));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The session stands on `head` from now on, with `onto` as its overlay there and `tip` as its newest turn; edits made since the
    /// turn are carried over. The catalog says so already: nothing that goes wrong here undoes what is durable, so nothing is answered.
    pub(super) fn stand(&self, turn: &Turn, head: &Head, onto: &Overlay, tip: Option<super::cell::Tip>) {
        let cell = &self.cell;
        self.store.point("session.before_stand");
        let mut state = cell.state.lock();
        state.recorded = true;
        let (overlay, rebased) = match self.over(&mut state, turn, head, onto) {
            Ok(Carried::Nothing) => (onto.clone(), true),
            Ok(Carried::Over(overlay)) => (overlay, false),
            Ok(Carried::Conflict(path)) => {
                drop(state);
                tracing::info!(session = %cell.id, %path, "edits made meanwhile exclude the new base; the session stays on its own");
                return self.stay(turn);
            }
            Err(error) => {
                drop(state);
                tracing::warn!(session = %cell.id, %error, "edits made meanwhile can't be carried over; the session stays on its base");
                return self.stay(turn);
            }
        };
        let unsaved = !matches!(overlay.diff_since(&self.store.repo, onto), Ok(paths) if paths.is_empty());
        state.base = head.clone();
        let before = std::mem::replace(&mut state.overlay, overlay);
        let now = state.overlay.clone();
        state.tip = tip;
        state.turn = turn.number;
        state.saved_seq = turn.seq;
        state.unsaved = unsaved;
        state.conflicts = None;
        state.paused = None;
        state.rebased = rebased;
        let parked = if unsaved { Vec::new() } else { std::mem::take(&mut state.parked) };
        if !unsaved && tip.is_none() {
            let entered = std::mem::take(&mut state.entered);
            drop(state);
            cell.workspace.live.leave(&entered, &cell.id);
        } else {
            drop(state);
        }
        cell.tell_moved(&self.store, &before, &now);
        cell.tell_head();
        self.store.let_go(parked);
        self.store.journal.release(cell.stream(), acetate_journal::Seq(turn.seq));
    }

    /// Carries edits made since the turn over, and journals them as they are on the new base.
    fn over(&self, state: &mut SessionState, turn: &Turn, head: &Head, onto: &Overlay) -> Result<Carried, EngineError> {
        let carried = carry_over(&self.store, &turn.snapshot, &state.overlay, onto)?;
        if let Carried::Over(overlay) = &carried
            && self.cell.durability == Durability::Journal
        {
            self.store.append_snapshot(&self.cell, state, (head, overlay), None)?;
        }
        Ok(carried)
    }

    /// The session stays on its old base although its work landed; the catalog has to say so again. Until it does, a start carries the
    /// same edits over once more, from what the journal has.
    fn stay(&self, turn: &Turn) {
        let writes = Batch { writes: vec![Write::PutSession(Box::new(turn.record.clone()))] };
        let told = self.store.pipeline.commit(Vec::new(), writes, Vec::new(), None);
        if let Err(error) = &told {
            tracing::warn!(session = %self.cell.id, %error, "where the session stands is recorded later");
        }
        self.adopt(turn, told.is_ok());
    }

    /// What a submission would meet.
    fn dry_run(&self, turn: &Turn, line: &Line, same_symbol: SameSymbol) -> Result<SubmissionOutcome, EngineError> {
        let head = line.head.load_full();
        let moves = merge_moves(&self.store, &turn.snapshot)?;
        Ok(match merge_onto(&self.store, &turn.base.tree, &head.tree, &turn.tree, &moves, same_symbol)? {
            Ok(merged) => SubmissionOutcome::Landed {
                version: None,
                commit: None,
                tree: merged.tree,
                unchanged: merged.tree == head.tree,
                paths: merged.count.max(merged.files(&self.store, &head.tree)?.len() as u64),
                findings: merged.findings,
            },
            Err(merge) => {
                let resolutions = self.resolutions();
                let Conflicts { listed, open } = self.conflict_infos(&merge, &turn.base, &head, &resolutions)?;
                SubmissionOutcome::Conflict { conflicts: listed, open, against: head.base() }
            }
        })
    }

    /// Conflicts with `head`, as doors show them.
    pub(super) fn conflict_infos(
        &self,
        merge: &acetate_merge::TreeMerge,
        base: &Head,
        head: &Head,
        resolutions: &[Resolution],
    ) -> Result<Conflicts, EngineError> {
        let cell = &self.cell;
        let person = Person {
            name: cell.agent.to_string(),
            intent: cell.intent.as_deref().map(ToOwned::to_owned),
            session: Some(cell.id.clone()),
            version: None,
        };
        conflict_infos(&self.store, &cell.workspace, base, head, &person, &merge.conflicts, resolutions)
    }

    /// Keeps conflicts for `resolve`; resolutions given before stay as long as their texts are the same.
    pub(super) fn keep_conflicts(&self, conflicts: Conflicts, against: Head, same_symbol: SameSymbol) {
        let mut state = self.cell.state.lock();
        let resolutions = state.conflicts.take().map(|pending| pending.resolutions).unwrap_or_default();
        state.conflicts = Some(Box::new(PendingConflicts { against, conflicts, same_symbol, resolutions }));
    }

    /// The resolutions given so far.
    pub(super) fn resolutions(&self) -> Vec<Resolution> {
        self.cell.state.lock().conflicts.as_ref().map(|pending| pending.resolutions.clone()).unwrap_or_default()
    }
}

/// A session's recorded moves, as the merge takes them.
pub(super) fn merge_moves(store: &crate::store::Store, overlay: &Overlay) -> Result<Vec<Move>, EngineError> {
    Ok(overlay.moves(&store.repo)?.into_iter().map(|moved| Move { from: moved.from, to: moved.to }).collect())
}
