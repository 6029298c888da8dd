//! The commits of a session's own branch, naming one of them, and the working session's commit that lands at once.

use super::cell::Phase;
use super::handle::Session;
use crate::api::{
    CheckpointInfo, CheckpointSession, CommitTurn, CreateCheckpoint, Right, Submission, SubmissionOutcome, Submit, Timestamp, TurnCommit,
    TurnInfo, TurnList,
};
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency, Workspace};
use acetate_types::{ErrorKind, ObjectId};
use std::sync::Arc;

/// Most turns that are listed.
const MOST: usize = 1000;

/// The turn that a commit's trailer names.
fn turn_of(commit: &acetate_git::Commit) -> Option<u32> {
    let turn = commit.trailers().find(|trailer| trailer.key.eq_ignore_ascii_case(b"Acetate-Turn"))?;
    std::str::from_utf8(&turn.value).ok()?.parse().ok()
}

impl Session {
    /// From the newest turn back to the base.
    pub(super) fn all_turns(&self) -> Result<TurnList, EngineError> {
        self.need(Right::Read)?;
        let (tip, base, number) = {
            let state = self.cell.state.lock();
            (state.tip, state.base.commit, state.turn)
        };
        let mut turns = Vec::new();
        let mut next = tip.map(|tip| tip.commit);
        while let Some(id) = next.filter(|id| Some(*id) != base && turns.len() < MOST) {
            let commit = self.store.repo.commit(&id)?;
            turns.push(TurnInfo {
                commit: id,
                turn: turn_of(&commit).unwrap_or(number),
                message: String::from_utf8_lossy(commit.subject()).into_owned(),
                at: Timestamp(commit.committer.seconds.saturating_mul(1000)),
            });
            next = commit.parents.first().copied();
        }
        Ok(TurnList { turns })
    }

    /// Ends the turn and names its commit; what a session has not changed names its base.
    pub(super) fn checkpoint_turn(&self, named: &CheckpointSession, once: Option<&Idempotency>) -> Result<CheckpointInfo, EngineError> {
        self.need(Right::Land)?;
        let name = crate::workspace::checkpoint_name(&named.name)?;
        let workspace = Workspace::new(Arc::clone(&self.store), Arc::clone(&self.cell.workspace), self.access.clone());
        if let Some(Begun::Again(answer)) =
            once.map(|_| Once::begin::<CheckpointInfo>(&self.store, &self.access.actor, Some(&self.cell.workspace.id), once)).transpose()?
        {
            return Ok(answer);
        }
        // What is sure to fail makes no turn.
        if self.store.catalog.reference(&self.cell.workspace.id, name.as_bytes())?.is_some() {
            return Err(
                EngineError::new(ErrorKind::Conflict, "checkpoint_exists", format!("{name} exists already")).hint("choose another name")
            );
        }
        let turn = CommitTurn { message: named.message.clone() };
        let committed = if self.cell.purpose.working { self.commit_working(&turn, None)? } else { self.commit_turn(&turn, None)? };
        if let Some(Submission { outcome: SubmissionOutcome::Conflict { .. }, .. }) = &committed.submission {
            return Err(EngineError::new(
                ErrorKind::Conflict,
                "checkpoint_conflict",
                "what the working session has meets changes that exclude it",
            )
            .hint("settle its conflicts first; `status` shows them"));
        }
        let at = committed.commit.or_else(|| self.cell.state.lock().base.commit).map(|commit| commit.to_hex());
        workspace.name_point(&CreateCheckpoint { name: named.name.clone(), at, message: named.message.clone() }, once)
    }

    /// A commit with all that the session has done, unsaved edits included, durable but for a ref; the session itself stays as it is.
    pub(crate) fn tip_now(&self) -> Result<Option<ObjectId>, EngineError> {
        let _gate = self.cell.gate.lock();
        {
            let state = self.cell.state.lock();
            match state.phase {
                Phase::Active => {}
                Phase::Paused => return Ok(state.paused.or(state.tip).map(|tip| tip.commit)),
                Phase::Damaged | Phase::Closed => return Ok(state.tip.map(|tip| tip.commit)),
            }
        }
        let turn = self.end_turn(Some("Unsaved edits"))?;
        if turn.changed {
            self.store.pipeline.commit(vec![Arc::clone(&turn.objects)], acetate_catalog::Batch::default(), Vec::new(), None)?;
        }
        Ok(turn.tip.map(|tip| tip.commit))
    }

    /// A session that merged a branch has nothing left to do once that has landed.
    pub(super) fn end_merged(&self, submission: &Submission, dry_run: bool) {
        let landed = matches!(submission.outcome, SubmissionOutcome::Landed { .. });
        if self.cell.purpose.merges.is_some()
            && landed
            && !dry_run
            && let Err(error) = self.end(false)
        {
            tracing::debug!(session = %self.cell.id, %error, "a merge's session stays open");
        }
    }

    /// The working session's commit: it ends the turn and submits.
    pub(super) fn commit_working(&self, commit: &CommitTurn, once: Option<&Idempotency>) -> Result<TurnCommit, EngineError> {
        let submit = Submit { message: commit.message.clone(), ..Submit::default() };
        let submission: Submission = self.submit_work(&submit, once)?;
        let (turn, tip) = {
            let state = self.cell.state.lock();
            (state.turn, state.tip.map(|tip| tip.commit))
        };
        Ok(match &submission.outcome {
            SubmissionOutcome::Landed { commit, unchanged, paths, .. } => {
                // A repeat says what it was then.
                let landed = commit.filter(|_| !unchanged).map(|commit| self.store.repo.commit(&commit)).transpose()?;
                let turn = landed.as_ref().and_then(|commit| turn_of(commit)).unwrap_or(turn);
                TurnCommit { commit: *commit, turn, changed: !unchanged, paths: *paths, submission: Some(submission) }
            }
            _ => TurnCommit { commit: tip, turn, changed: true, paths: 0, submission: Some(submission) },
        })
    }
}
