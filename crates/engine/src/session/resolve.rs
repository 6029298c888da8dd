//! Settling conflicts one by one; the last one moves the session.
//!
//! A resolution names the three texts it was given for. When the session was edited meanwhile the merge is made again, and a resolution
//! whose texts are no longer the same no longer counts.

use super::cell::PendingConflicts;
use super::handle::Session;
use super::resolutions::{Sides, settle};
use super::submit::merge_moves;
use crate::api::{ConflictInfo, ConflictSide, Resolution, Resolve, Resolved, Take};
use crate::landing::apply;
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, Write};
use acetate_merge::{TreeOptions, merge_trees};
use acetate_types::RepoPath;
use std::collections::HashSet;

/// Most open conflicts that an answer lists.
const REMAINING: usize = 100;

impl Session {
    pub(super) fn resolve_conflict(&self, resolve: &Resolve, once: Option<&Idempotency>) -> Result<Resolved, EngineError> {
        self.need(crate::api::Right::Write)?;
        self.need_shown()?;
        let once = match Once::begin::<Resolved>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        let _gate = self.cell.gate.lock();
        self.cell.touch(self.store.now());
        let mut pending = self.pending()?;
        let asked = |conflict: &&ConflictInfo| {
            conflict.path == resolve.path
                && (resolve.symbol.is_none() || conflict.symbol == resolve.symbol)
                && resolve.kind.as_ref().is_none_or(|kind| conflict.kind == *kind)
        };
        // Several conflicts can be at one path: they are settled one after the other, and the first one anew when all are.
        let found = pending.conflicts.iter().filter(asked).find(|conflict| !conflict.resolved);
        let conflict = found.or_else(|| pending.conflicts.iter().find(asked)).ok_or_else(|| {
            EngineError::not_found("conflict_not_found", format!("{} is not in conflict", resolve.path))
                .hint("`status` lists the conflicts that wait")
        })?;
        check(conflict, resolve)?;
        let sides = info_sides(conflict);
        pending.resolutions.retain(|known| (&known.resolve.path, &known.sides) != (&resolve.path, &sides));
        pending.resolutions.push(Resolution { resolve: resolve.clone(), sides });

        // Once more, on what the session has now: it may have been edited since.
        let turn = self.end_turn(None)?;
        let moves = merge_moves(&self.store, &turn.snapshot)?;
        let options = TreeOptions { their_moves: moves, ..TreeOptions::default() };
        let merged = merge_trees(&self.store.repo, &turn.base.tree, &pending.against.tree, &turn.tree, &options)
            .map_err(EngineError::from)
            .and_then(|mut merge| {
                let open = settle(&mut merge, &pending.resolutions)?;
                if open == 0 { apply(&self.store, &pending.against.tree, merge).map(Ok) } else { Ok(Err(merge)) }
            });
        match merged {
            Ok(Ok(merged)) => {
                let answer = Resolved { remaining: Vec::new(), open: 0, moved: true };
                let write = once.map(|once| once.write(&answer)).transpose()?;
                self.move_onto(turn, &pending.against, merged, write)?;
                Ok(answer)
            }
            Ok(Err(merge)) => {
                let infos = self.conflict_infos(&merge, &turn.base, &pending.against);
                self.store.repo.unstage(&turn.objects);
                pending.conflicts = infos?;
                let known: HashSet<(&RepoPath, &Sides)> =
                    pending.resolutions.iter().map(|known| (&known.resolve.path, &known.sides)).collect();
                for conflict in &mut pending.conflicts {
                    conflict.resolved = known.contains(&(&conflict.path, &info_sides(conflict)));
                }
                let open = pending.conflicts.iter().filter(|conflict| !conflict.resolved);
                let answer =
                    Resolved { remaining: open.clone().take(REMAINING).cloned().collect(), open: open.count() as u64, moved: false };
                self.record_pending(&pending, once.map(|once| once.write(&answer)).transpose()?)?;
                self.cell.state.lock().conflicts = Some(Box::new(pending));
                Ok(answer)
            }
            Err(error) => {
                self.store.repo.unstage(&turn.objects);
                Err(error)
            }
        }
    }

    fn pending(&self) -> Result<PendingConflicts, EngineError> {
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

fn check(conflict: &ConflictInfo, resolve: &Resolve) -> Result<(), EngineError> {
    match resolve.take {
        Take::Proposal if conflict.proposal.is_none() => {
            Err(EngineError::invalid("no_proposal", format!("the conflict at {} has no proposal", resolve.path))
                .hint("take head, session or text"))
        }
        Take::Text if info_sides(conflict) == [None; 3] => {
            Err(EngineError::invalid("no_text", format!("the conflict at {} is about where files belong, not about a text", resolve.path))
                .hint("take head or session: every file stays where its side has it, and can be moved or edited then"))
        }
        Take::Text if resolve.text.is_none() => Err(EngineError::invalid("text_missing", "`take: text` needs the text")),
        Take::Text => Ok(()),
        _ if resolve.text.is_some() => Err(EngineError::invalid("text_unexpected", "a text goes with `take: text` only")),
        _ => Ok(()),
    }
}

fn info_sides(conflict: &ConflictInfo) -> Sides {
    let id = |side: &Option<ConflictSide>| side.as_ref().map(|side| side.id);
    [id(&conflict.base), id(&conflict.head), id(&conflict.session)]
}
