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
        // What is written here lands with the next commit, whoever makes that.
        self.need(Right::Land)?;
        if let Some(info) = self.present_working()? {
            return Ok((info, false));
        }
        // Who asks while it is being opened waits for it: held over the writing of the session's record, taken by nobody else.
        let _opening = self.state.opening_working.lock();
        if let Some(info) = self.present_working()? {
            return Ok((info, false));
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
        let cell = self.store.sessions.pin().get(&opened.id).map(Arc::clone).ok_or_else(|| crate::session::gone(&opened.id))?;
        *self.state.working.lock() = Some(opened.id);
        Ok((Session::new(Arc::clone(&self.store), cell, self.access.clone()).info(), true))
    }

    /// The working session that is there: awake, and on the newest version where it has nothing of its own.
    fn present_working(&self) -> Result<Option<SessionInfo>, EngineError> {
        let Some(id) = self.state.working.lock().clone() else { return Ok(None) };
        let Some(cell) = self.store.sessions.pin().get(&id).map(Arc::clone) else { return Ok(None) };
        // Whoever was given it just now has its whole time before it.
        cell.touch(self.store.now());
        let session = Session::new(Arc::clone(&self.store), cell, self.access.clone());
        match self.freshen(&session) {
            // It ended meanwhile: the next one is opened.
            Err(error) if error.code() == "session_not_found" => Ok(None),
            other => other,
        }
    }

    /// Resumes a working session, and ends it or moves it where it has nothing of its own and stands where nothing is any more.
    fn freshen(&self, session: &Session) -> Result<Option<SessionInfo>, EngineError> {
        if session.info().state == SessionState::Paused {
            session.resume()?;
        }
        let info = session.info();
        if !info.unsubmitted && info.branch != self.state.default_branch() {
            return match session.close(false) {
                // Somebody has written into it meanwhile: it stays theirs to land.
                Err(error) if error.code() == "session_unsubmitted" => Ok(Some(session.info())),
                other => other.map(|_| None),
            };
        }
        if !info.unsubmitted && session.standing(None).behind > 0 && self.access.may(Right::Read) {
            session.sync(Sync::default(), None)?;
            return Ok(Some(session.info()));
        }
        Ok(Some(info))
    }
}
