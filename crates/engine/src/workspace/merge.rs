//! Merging one branch into another: a session that stands on what both have in common, with the one branch's files, is submitted to the
//! other. So it is merged by symbols, in line with all other landings, and its conflicts are settled as those of any session.
//!
//! The landed commit has the other branch's head as its second parent, as `git merge` makes it.

use super::{Head, Workspace, branch_name};
use crate::api::{Merge, OpenSession, Right, Submission, SubmissionOutcome, Submit};
use crate::session::{OpenParts, Purpose, Session, open};
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::Batch;
use acetate_overlay::Overlay;
use acetate_types::{ErrorKind, SessionId};
use std::sync::Arc;

impl Workspace {
    pub(super) fn merge_branch(&self, merge: &Merge, once: Option<&Idempotency>) -> Result<Submission, EngineError> {
        self.need(Right::Land)?;
        self.access.need(Right::Write)?;
        // The submission stores the answer; a repeat finds it before a session is opened.
        let begun = match Once::begin::<Submission>(&self.store, &self.access.actor, Some(&self.state.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(begun) => begun,
        };
        self.store.check_message(merge.message.as_deref())?;
        let from = branch_name(&merge.from)?;
        let into = merge.into.as_deref().map_or_else(|| Ok(self.state.default_branch()), branch_name)?;
        let missing = |name: &str| EngineError::not_found("branch_not_found", format!("there is no branch {name}"));
        let source = (**self.state.line(&from).ok_or_else(|| missing(&from))?.head.load()).clone();
        let line = self.state.line(&into).ok_or_else(|| missing(&into))?;
        let head = line.head.load_full();
        let Some(wanted) = source.commit else {
            return Err(EngineError::invalid("branch_unborn", format!("{from} has no commit to merge")));
        };
        if from == into {
            return Err(EngineError::invalid("merge_itself", "a branch can't be merged into itself"));
        }
        if let Some(head_commit) = &head.commit
            && self.store.repo.is_ancestor(&wanted, head_commit)?
        {
            let answer = unchanged(&head);
            if let Some(begun) = begun {
                let writes = Batch { writes: vec![begun.write(&answer)?] };
                self.store.pipeline.commit(Vec::new(), writes, Vec::new(), None)?;
            }
            return Ok(answer);
        }
        // The submission takes the key up again.
        drop(begun);
        let base = match &head.commit {
            None => super::unborn(&self.store),
            Some(head_commit) => {
                let bases = self.store.repo.merge_bases(head_commit, &wanted)?;
                let base = match bases.as_slice() {
                    [] => return Err(EngineError::invalid("unrelated_history", "the branches share no history")),
                    [base] => *base,
                    // Which of them is taken would decide what is kept of either branch.
                    several => return Err(criss_cross(&from, &into, several.len())),
                };
                if base == *head_commit {
                    (*head).clone()
                } else {
                    Head { position: head.position, ..self.state.commit_point(&self.store, &base)? }
                }
            }
        };
        let short = |name: &str| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
        let title = format!("Merge {} into {}", short(&from), short(&into));
        let parts = OpenParts {
            branch: Arc::clone(&line.name),
            overlay: Overlay::from_trees(&self.store.repo, base.tree, source.tree)?,
            base,
            owner: self.access.actor.as_str().into(),
            opener: self.access.token,
            purpose: Purpose { working: false, merges: Some(wanted) },
            parked: Vec::new(),
            reached: vec![wanted],
        };
        let request =
            OpenSession { agent: self.access.actor.chars().take(60).collect(), intent: Some(title.clone()), ..OpenSession::default() };
        let opened = open(&self.store, &self.state, request, parts)?;
        let cell = self.store.sessions.pin().get(&opened.id).map(Arc::clone).ok_or_else(|| crate::session::gone(&opened.id))?;
        let session = Session::new(Arc::clone(&self.store), cell, self.access.clone());
        let submit = Submit { message: Some(merge.message.clone().unwrap_or(title)), dry_run: false, same_symbol: merge.same_symbol };
        match session.submit(submit, once) {
            // What conflicts waits in its session.
            Ok(submission) if !matches!(submission.outcome, SubmissionOutcome::Landed { .. }) => Ok(submission),
            // One that landed has ended already.
            Ok(landed) => Ok(landed),
            Err(error) => {
                if let Err(stays) = session.close(true) {
                    tracing::warn!(session = %opened.id, error = %stays, "a merge that failed leaves its session");
                }
                Err(error)
            }
        }
    }
}

/// Each branch was merged into the other before: they have more than one newest common commit.
fn criss_cross(from: &str, into: &str, bases: usize) -> EngineError {
    EngineError::new(
        ErrorKind::Conflict,
        "merge_bases_several",
        format!("{from} and {into} were merged into each other before, and have {bases} newest commits in common"),
    )
    .hint("merge them with git in a clone, which makes one base of these, and push the result")
}

/// The answer where there is nothing to merge; no session was needed.
fn unchanged(head: &Head) -> Submission {
    let outcome = SubmissionOutcome::Landed {
        version: head.version,
        commit: head.commit,
        tree: head.tree,
        unchanged: true,
        paths: 0,
        findings: Vec::new(),
    };
    Submission { id: None, session: SessionId::from_random([0; 10]), outcome }
}
