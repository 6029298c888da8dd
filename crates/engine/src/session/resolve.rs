//! Settling conflicts one by one; the last one moves the session.
//!
//! A resolution is kept by what it was given for: the three files of a path, or the three texts of one question of a file. When the
//! session was edited meanwhile the merge is made again, and a resolution of what is no longer the same no longer counts.

use super::cell::PendingConflicts;
use super::handle::Session;
use super::resolutions::settle;
use super::submit::merge_moves;
use super::target::Target;
use crate::api::{Resolution, Resolve, Resolved, Submit};
use crate::landing::{apply, merge};
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, Write};
use acetate_merge::SameSymbol;
use sha2::{Digest as _, Sha256};

/// Most open conflicts that an answer lists.
const REMAINING: usize = 100;

impl Session {
    pub(super) fn resolve_conflict(&self, resolve: &Resolve, once: Option<&Idempotency>) -> Result<Resolved, EngineError> {
        self.need(crate::api::Right::Write)?;
        if resolve.submit {
            self.need(crate::api::Right::Land)?;
        }
        self.need_shown()?;
        let (answer, same_symbol) = match Once::begin::<Resolved>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)? {
            Begun::Again(answer) => (answer, None),
            Begun::New(held) => self.settle_one(resolve, held.as_ref())?,
        };
        if !(resolve.submit && answer.moved) {
            return Ok(answer);
        }
        // Two effects, each stored with its own answer: a call that is repeated after a stop between the two has the second one then.
        let again = once.map(|once| Idempotency { key: submit_key(&once.key), body_hash: once.body_hash });
        let submission = self.submit_work(&Submit { same_symbol, ..Submit::default() }, again.as_ref())?;
        Ok(Resolved { submission: Some(submission), ..answer })
    }

    /// Settles what is asked, under the session's gate. Also says what the merge does with a symbol that both sides changed.
    fn settle_one(&self, resolve: &Resolve, once: Option<&Once>) -> Result<(Resolved, Option<SameSymbol>), EngineError> {
        let _gate = self.cell.gate.lock();
        self.cell.touch(self.store.now());
        let mut pending = self.pending()?;
        let target = Target::find(&pending.conflicts.listed, resolve)?;
        target.check(resolve)?;
        pending.resolutions.retain(|known| known.resolve.path != resolve.path || !target.replaces(&known.key));
        // Whether to submit is a matter of this call only.
        let kept = Resolve { submit: false, ..resolve.clone() };
        pending.resolutions.push(Resolution { resolve: kept, key: target.key() });

        // Once more, on what the session has now: it may have been edited since.
        let turn = self.end_turn(None)?;
        let same_symbol = pending.same_symbol;
        let moves = merge_moves(&self.store, &turn.snapshot)?;
        let merged = merge(&self.store, [&turn.base.tree, &pending.against.tree, &turn.tree], moves, same_symbol).and_then(|mut merge| {
            let open = settle(&mut merge, &pending.resolutions, self.store.repo.format())?;
            if open == 0 { apply(&self.store, &pending.against.tree, merge).map(Ok) } else { Ok(Err(merge)) }
        });
        match merged {
            Ok(Ok(merged)) => {
                let answer = Resolved { remaining: Vec::new(), open: 0, moved: true, submission: None };
                let write = once.map(|once| once.write(&answer)).transpose()?;
                self.move_onto(turn, &pending.against, merged, write)?;
                Ok((answer, Some(same_symbol)))
            }
            Ok(Err(merge)) => {
                let infos = self.conflict_infos(&merge, &turn.base, &pending.against, &pending.resolutions);
                self.store.repo.unstage(&turn.objects);
                pending.conflicts = infos?;
                let open = pending.conflicts.listed.iter().filter(|conflict| !conflict.resolved).take(REMAINING);
                let answer = Resolved { remaining: open.cloned().collect(), open: pending.conflicts.open, moved: false, submission: None };
                self.record_pending(&pending, once.map(|once| once.write(&answer)).transpose()?)?;
                self.cell.state.lock().conflicts = Some(Box::new(pending));
                Ok((answer, Some(same_symbol)))
            }
            Err(error) => {
                self.store.repo.unstage(&turn.objects);
                Err(error)
            }
        }
    }

    /// The conflicts that wait.
    pub(super) fn pending(&self) -> Result<PendingConflicts, EngineError> {
        let state = self.cell.state.lock();
        self.active(&state)?;
        state.conflicts.as_deref().cloned().ok_or_else(|| {
            EngineError::not_found("conflict_not_found", "no conflict waits in this session")
                .hint("submit or sync first; what they answer with can be resolved")
        })
    }

    /// What was settled so far is durable when `resolve` answers.
    fn record_pending(&self, pending: &PendingConflicts, answer: Option<Write>) -> Result<(), EngineError> {
        let record = {
            let state = self.cell.state.lock();
            let mut record = self.cell.record(&state, acetate_catalog::SessionState::Active);
            record.conflicts = pending.to_json();
            record
        };
        let mut writes = Batch { writes: vec![Write::PutSession(Box::new(record))] };
        writes.writes.extend(answer);
        self.store.pipeline.commit(Vec::new(), writes, Vec::new(), None)?;
        self.cell.state.lock().recorded = true;
        Ok(())
    }
}

/// The key of the submission that follows a resolution with this key.
fn submit_key(key: &str) -> String {
    format!("resolve-submit-{}", hex::encode(Sha256::digest(key)))
}
