//! The workspace's working session: the one that is used where a caller names only the workspace (DESIGN.md §6).
//!
//! It is opened when it is first asked for and stands on the default branch; its commits land at once. Nothing of it differs from other
//! sessions: it is journaled, expires, and comes back after a restart.

use super::Workspace;
use crate::EngineError;
use crate::api::{OpenSession, Right, SessionInfo, SessionState, Sync, WorkingSession};
use crate::session::{OpenParts, Purpose, Session, open};
use acetate_overlay::Overlay;
use std::sync::Arc;

impl Workspace {
    /// The working session, and whether it had to be opened.
    pub(super) fn working(&self, asked: &WorkingSession) -> Result<(SessionInfo, bool), EngineError> {
        self.need(Right::Write)?;
        // Two that ask at once get the same one.
        let mut known = self.state.working.lock();
        let cell = known.as_ref().and_then(|id| self.store.sessions.pin().get(id).map(Arc::clone));
        if let Some(cell) = cell {
            let session = Session::new(Arc::clone(&self.store), cell, self.access.clone());
            if session.info().state == SessionState::Paused {
                session.resume()?;
            }
            let info = session.info();
            // What has nothing of its own shows the newest version, on the branch that is the default one now.
            let stale = !info.unsubmitted && info.branch != self.state.default_branch();
            if !stale {
                if !info.unsubmitted && session.standing(None).behind > 0 && self.access.may(Right::Read) {
                    session.sync(Sync::default(), None)?;
                }
                return Ok((session.info(), false));
            }
            // Ending it takes it out of here.
            *known = None;
            drop(known);
            session.close(false)?;
            known = self.state.working.lock();
        }
        let request = OpenSession {
            agent: asked.agent.clone().unwrap_or_else(|| self.access.actor.chars().take(60).collect()),
            ttl: Some(self.store.options.limits.session_ttl.as_secs()),
            ..OpenSession::default()
        };
        let (branch, base) = self.stand(&request)?;
        let overlay = Overlay::new(base.tree);
        let parts = OpenParts {
            branch,
            base,
            overlay,
            owner: self.access.actor.as_str().into(),
            opener: self.access.token,
            purpose: Purpose { working: true, merges: None },
            parked: Vec::new(),
            reached: Vec::new(),
        };
        let opened = open(&self.store, &self.state, request, parts)?;
        *known = Some(opened.id.clone());
        let cell = self.store.sessions.pin().get(&opened.id).map(Arc::clone).ok_or_else(|| crate::session::gone(&opened.id))?;
        Ok((Session::new(Arc::clone(&self.store), cell, self.access.clone()).info(), true))
    }
}
