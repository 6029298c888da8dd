//! Settling conflicts one by one; the last one moves the session.
//!
//! A resolution names the three texts it was given for. When the session was edited meanwhile the merge is made again, and a resolution
//! whose texts are no longer the same no longer counts.

use super::cell::PendingConflicts;
use super::handle::Session;
use super::submit::merge_moves;
use crate::api::{ConflictInfo, ConflictSide, Resolution, Resolve, Resolved, Take};
use crate::landing::apply;
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, Write};
use acetate_merge::{Conflict, Edit, MergedContent, MergedEntry, Side, TreeMerge, TreeOptions, merge_trees};
use acetate_types::{FileMode, ObjectId, RepoPath};

impl Session {
    pub(super) fn resolve_conflict(&self, resolve: &Resolve, once: Option<&Idempotency>) -> Result<Resolved, EngineError> {
        self.need(crate::api::Right::Write)?;
        let once = match Once::begin::<Resolved>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        let _gate = self.cell.gate.lock();
        self.cell.touch(self.store.now());
        let mut pending = self.pending()?;
        let conflict = pending
            .conflicts
            .iter()
            .find(|conflict| conflict.path == resolve.path && (resolve.symbol.is_none() || conflict.symbol == resolve.symbol))
            .ok_or_else(|| {
                EngineError::not_found("conflict_not_found", format!("{} is not in conflict", resolve.path))
                    .hint("`status` lists the conflicts that wait")
            })?;
        check(conflict, resolve)?;
        let sides = info_sides(conflict);
        pending.resolutions.retain(|known| known.resolve.path != resolve.path || known.resolve.symbol != resolve.symbol);
        pending.resolutions.push(Resolution { resolve: resolve.clone(), sides });

        // Once more, on what the session has now: it may have been edited since.
        let turn = self.end_turn(None)?;
        let moves = merge_moves(&self.store, &turn.snapshot)?;
        let options = TreeOptions { their_moves: moves, ..TreeOptions::default() };
        let merged = merge_trees(&self.store.repo, &turn.base.tree, &pending.against.tree, &turn.tree, &options)
            .map_err(EngineError::from)
            .and_then(|mut merge| {
                let open = settle(&mut merge, &pending.resolutions);
                if open == 0 { apply(&self.store, &pending.against.tree, merge).map(Ok) } else { Ok(Err(merge)) }
            });
        match merged {
            Ok(Ok(merged)) => {
                let answer = Resolved { remaining: Vec::new(), moved: true };
                let write = once.map(|once| once.write(&answer)).transpose()?;
                self.move_onto(turn, &pending.against, merged, write)?;
                Ok(answer)
            }
            Ok(Err(merge)) => {
                let infos = self.conflict_infos(&merge, &turn.base, &pending.against);
                self.store.repo.unstage(&turn.objects);
                pending.conflicts = infos?;
                for conflict in &mut pending.conflicts {
                    conflict.resolved =
                        pending.resolutions.iter().any(|known| known.resolve.path == conflict.path && known.sides == info_sides(conflict));
                }
                let remaining = pending.conflicts.iter().filter(|conflict| !conflict.resolved).cloned().collect();
                let answer = Resolved { remaining, moved: false };
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
        Take::Text if resolve.text.is_none() => Err(EngineError::invalid("text_missing", "`take: text` needs the text")),
        Take::Text => Ok(()),
        _ if resolve.text.is_some() => Err(EngineError::invalid("text_unexpected", "a text goes with `take: text` only")),
        _ => Ok(()),
    }
}

fn info_sides(conflict: &ConflictInfo) -> [Option<ObjectId>; 3] {
    let id = |side: &Option<ConflictSide>| side.as_ref().map(|side| side.id);
    [id(&conflict.base), id(&conflict.head), id(&conflict.session)]
}

fn merge_sides(conflict: &Conflict) -> [Option<ObjectId>; 3] {
    let id = |side: &Option<Side>| side.as_ref().map(|side| side.id);
    [id(&conflict.base), id(&conflict.ours), id(&conflict.theirs)]
}

/// Turns conflicts that have a resolution into edits; gives how many are left.
fn settle(merge: &mut TreeMerge, resolutions: &[Resolution]) -> usize {
    let mut removals = Vec::new();
    let mut puts = Vec::new();
    let mut open = 0;
    for conflict in &merge.conflicts {
        match resolutions.iter().find(|known| known.resolve.path == conflict.path && known.sides == merge_sides(conflict)) {
            Some(known) => edits(conflict, &known.resolve, &mut removals, &mut puts),
            None => open += 1,
        }
    }
    if open == 0 {
        merge.conflicts.clear();
        // Removals first, as the merge itself orders its edits.
        let at = merge.edits.iter().take_while(|edit| edit.entry.is_none()).count();
        removals.retain(|edit: &Edit| !merge.edits.iter().any(|known| known.path == edit.path));
        merge.edits.splice(at..at, removals);
        merge.edits.extend(puts);
    }
    open
}

fn edits(conflict: &Conflict, resolve: &Resolve, removals: &mut Vec<Edit>, puts: &mut Vec<Edit>) {
    let remove = |removals: &mut Vec<Edit>, path: &RepoPath| {
        if !removals.iter().any(|edit| edit.path == *path) {
            removals.push(Edit { path: path.clone(), entry: None });
        }
    };
    let put = |path: &RepoPath, mode: FileMode, content: MergedContent| Edit {
        path: path.clone(),
        entry: Some(MergedEntry::File { mode, content }),
    };
    // Paths in conflict are as the head has them.
    let head_path = conflict.ours.as_ref().map(|side| side.path.clone());
    match resolve.take {
        Take::Head => {}
        Take::Delete => removals.extend(head_path.map(|path| Edit { path, entry: None })),
        Take::Session => match &conflict.theirs {
            None => removals.extend(head_path.map(|path| Edit { path, entry: None })),
            Some(side) => {
                if let Some(path) = head_path.filter(|path| *path != side.path) {
                    remove(removals, &path);
                }
                puts.push(put(&side.path, side.mode, MergedContent::Object(side.id)));
            }
        },
        Take::Proposal | Take::Text => {
            let text = match resolve.take {
                Take::Text => resolve.text.as_ref().map(|text| text.0.clone()),
                _ => conflict.proposal.as_ref().map(|proposal| proposal.text.0.clone()),
            };
            let mode =
                [&conflict.theirs, &conflict.ours, &conflict.base].into_iter().flatten().map(|side| side.mode).find(|mode| mode.is_file());
            if let Some(path) = head_path.filter(|path| *path != conflict.path) {
                remove(removals, &path);
            }
            puts.push(put(&conflict.path, mode.unwrap_or(FileMode::Regular), MergedContent::Bytes(text.unwrap_or_default())));
        }
    }
}
