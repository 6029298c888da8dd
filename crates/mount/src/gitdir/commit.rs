//! Commits that an agent makes in its `.git`: each becomes a turn of the session, with its message.
//!
//! The turn has everything that the session has at that moment, also what the agent left out of its commit: a session has no staging
//! area. Objects of the agent's repository are only read, by a `git` that runs with the store's configuration.

use super::{GitDir, SHOWN};
use acetate_engine::api::CommitTurn;
use std::sync::atomic::Ordering;

/// Whether a path is one at which a commit shows.
pub(crate) fn shows(path: &[u8]) -> bool {
    path == b".git/HEAD" || path.starts_with(b".git/refs/heads/")
}

impl GitDir {
    /// Takes over a commit that was made since the last time, if one was.
    ///
    /// `take_in` takes a file from the scratch into the session: what the commit has and the rules ignore.
    pub(crate) fn take(&self, take_in: &dyn Fn(&[u8]) -> bool) {
        let Some(commit) = self.own.current() else { return };
        if !self.own.borrows_only_here() {
            // Objects that are borrowed from elsewhere are not for the store.
            tracing::warn!(session = %self.session.id(), "a commit is left alone: its repository borrows objects from elsewhere");
            return;
        }
        if self.shown.lock().is_some_and(|shown| shown == commit) || self.own.in_store(&commit) {
            return;
        }
        let Some(message) = self.own.message(&commit) else { return };
        let before = *self.shown.lock();
        for path in before.map(|before| self.own.added(&before, &commit)).unwrap_or_default() {
            take_in(&path);
        }
        self.taking.store(true, Ordering::Release);
        let turn = CommitTurn { message: Some(message).filter(|message| !message.trim().is_empty()) };
        let taken = self.session.commit(turn, None);
        match taken.and_then(|_| self.session.git_head()) {
            Ok(head) => {
                // The agent's own commit stays what its repository shows, until the session's head moves for another reason.
                let mut shown = self.shown.lock();
                *shown = head.commit;
                if let Some(commit) = head.commit
                    && let Err(error) = self.own.put(SHOWN, format!("{commit}\n").as_bytes())
                {
                    tracing::debug!(%error, "the shown head is not kept");
                }
            }
            Err(error) => tracing::warn!(%error, session = %self.session.id(), "a commit made in a mount is no turn"),
        }
        self.taking.store(false, Ordering::Release);
    }
}
