//! Forking a session with its unsaved edits, and archiving one.

use super::handle::Session;
use super::open::{OpenParts, open_once};
use super::purpose::Purpose;
use crate::api::{Closed, OpenSession, Opened, Right};
use crate::{BundleFile, EngineError, Idempotency, Scope};
use std::sync::Arc;

impl Session {
    /// A second session with the same base and the same edits; costs what changed.
    pub(super) fn fork_with(&self, request: OpenSession, once: Option<&Idempotency>) -> Result<Opened, EngineError> {
        self.need(Right::Write)?;
        if request.branch.is_some() || request.at.is_some() {
            return Err(EngineError::invalid("fork_base_unexpected", "a fork stands where its session stands"));
        }
        self.cell.touch(self.store.now());
        let parts = |_: &OpenSession| {
            let (overlay, base, parked, reached) = {
                let state = self.cell.state.lock();
                self.active(&state)?;
                let reached = [state.tip, state.paused].into_iter().flatten().map(|tip| tip.commit).collect();
                (state.overlay.clone(), state.base.clone(), state.parked.clone(), reached)
            };
            // A session's token is no token to stand on: what opened that session is.
            let opener = if matches!(self.access.scope, Scope::Session { .. }) { self.cell.opener } else { self.access.token };
            let owner = self.access.actor.as_str().into();
            // What it does is its own: no working session, and no merge, whose landing would say that all of a branch is in it.
            let purpose = Purpose::default();
            Ok(OpenParts { branch: Arc::clone(&self.cell.branch), base, overlay, owner, opener, purpose, parked, reached })
        };
        open_once(&self.store, &self.cell.workspace, request, parts, &self.access.actor, once)
    }

    /// Commits what is unsaved, writes the session's branch into a bundle, then ends the session.
    pub(super) fn archived(&self) -> Result<(Closed, BundleFile), EngineError> {
        self.need(Right::Write)?;
        {
            let mut state = self.cell.state.lock();
            self.active(&state)?;
            // From here on edits are refused: what is answered is in the bundle.
            state.ending = true;
        }
        let archived = self.archive_now();
        if archived.is_err() {
            self.cell.state.lock().ending = false;
        }
        archived
    }

    fn archive_now(&self) -> Result<(Closed, BundleFile), EngineError> {
        let committed = self.commit_turn(&crate::api::CommitTurn::default(), None)?;
        let Some(tip) = committed.commit else {
            return Err(EngineError::invalid("bundle_empty", "the session has no commit to archive").hint("end it without archiving"));
        };
        let base = self.cell.state.lock().base.commit;
        let name = format!("refs/heads/session-{}", self.cell.id);
        let bundle = crate::workspace::bundle_commits(&self.store, &[(tip, name)], base.into_iter().collect())?;
        Ok((self.end(true)?, bundle))
    }
}
