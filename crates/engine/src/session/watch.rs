//! Doors that keep copies of a session's files, such as a mount: they are told of what others change, before the call that changed it
//! answers.
//!
//! Invariant: a watcher is called without any lock of the session but its gate.
//! Invariant: what a watcher's own handle writes is not told to it: it knows, and its caller may hold locks.

use super::cell::SessionCell;
use super::handle::Session;
use super::view::View;
use crate::EngineError;
use crate::store::Store;
use acetate_overlay::Overlay;
use acetate_types::{ErrorKind, RepoPath};
use std::sync::Arc;

/// A door that keeps copies of a session's files.
pub trait Watcher: Send + Sync {
    /// What is at these paths, or whether anything is, may have changed; a directory stands for all below it. `before` is how it was.
    fn changed(&self, before: &View, paths: &[RepoPath]);
    /// A turn is about to end: what is held back is written now.
    fn flush(&self);
    /// The session's newest commit is another one, or it stands on another base; what changed with that was told before.
    fn moved(&self) {}
    /// The session left memory: it was paused or has ended, and answers nothing more.
    fn closed(&self);
}

/// Keeps a [`Watcher`] told; dropping it ends that.
pub struct Watching {
    cell: Arc<SessionCell>,
    watcher: Arc<dyn Watcher>,
}

impl std::fmt::Debug for Watching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watching").field("session", &self.cell.id).finish_non_exhaustive()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watcher = self.cell.watcher.lock();
        if watcher.as_ref().is_some_and(|other| Arc::ptr_eq(other, &self.watcher)) {
            *watcher = None;
        }
    }
}

impl Session {
    /// Has a door told of changes that other doors make, until what is given back is dropped, and gives the handle through which that
    /// door makes its own. A session has one watcher at most.
    ///
    /// # Errors
    /// `session_watched`, `right_missing`.
    pub fn watched_by(&self, watcher: Arc<dyn Watcher>) -> Result<(Self, Watching), EngineError> {
        self.need(crate::api::Right::Read)?;
        let mut place = self.cell.watcher.lock();
        if place.is_some() {
            return Err(EngineError::new(ErrorKind::Conflict, "session_watched", format!("session {} is mounted already", self.cell.id))
                .hint("`acetate mount --list` shows where; unmount it there first"));
        }
        *place = Some(Arc::clone(&watcher));
        drop(place);
        let own = Self { quiet: true, ..self.clone() };
        Ok((own, Watching { cell: Arc::clone(&self.cell), watcher }))
    }

    /// Tells the watcher, unless it is the one who calls.
    pub(super) fn tell(&self, before: Option<Overlay>, paths: &[RepoPath]) {
        if let (Some(before), Some(watcher), false) = (before, self.cell.watching(), paths.is_empty()) {
            watcher.changed(&View::of(&self.store, before), paths);
        }
    }

    /// Has the watcher write what it holds back.
    pub(super) fn flush_watcher(&self) {
        if !self.quiet
            && let Some(watcher) = self.cell.watching()
        {
            watcher.flush();
        }
    }
}

impl SessionCell {
    pub(super) fn is_watched(&self) -> bool {
        self.watcher.lock().is_some()
    }

    pub(super) fn watching(&self) -> Option<Arc<dyn Watcher>> {
        self.watcher.lock().clone()
    }

    /// Tells the watcher of all that differs between two overlays, whatever they stand on; to be called without the state's lock.
    pub(super) fn tell_moved(&self, store: &Arc<Store>, before: &Overlay, now: &Overlay) {
        let Some(watcher) = self.watching() else { return };
        match now.diff_since(&store.repo, before) {
            Ok(paths) if paths.is_empty() => {}
            Ok(paths) => watcher.changed(&View::of(store, before.clone()), &paths),
            Err(error) => tracing::warn!(session = %self.id, %error, "a mount may show what was before until it is mounted anew"),
        }
    }

    /// Tells the watcher that the session's head is another one; to be called without the state's lock.
    pub(super) fn tell_head(&self) {
        if let Some(watcher) = self.watching() {
            watcher.moved();
        }
    }

    pub(super) fn tell_closed(&self) {
        if let Some(watcher) = self.watching() {
            watcher.closed();
        }
    }
}
