//! The engine's handle.

use super::{backup, tokens, upkeep};
use crate::api::{
    ChangeRecord, CreateToken, CreateWorkspace, Fork, NewToken, Right, SCHEMA_VERSION, StoreStatus, Submission, TokenInfo, TokenList,
    Undelete, WorkspaceInfo, WorkspaceList, WorkspaceSource,
};
use crate::session::gone;
use crate::store::{self, Store, page};
use crate::symbols::run_warmer;
use crate::workspace::{WorkspaceState, change, create, deleted, undelete};
use crate::{Access, EngineError, EngineOptions, Idempotency, Progress, Session, Workspace, landing, pipeline};
use acetate_types::{ErrorKind, ObjectId, SessionId};
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// An open store. Cheap to clone; [`Engine::shutdown`] or the last clone dropped closes it.
#[derive(Clone)]
pub struct Engine {
    store: Arc<Store>,
    running: Arc<Running>,
}

/// The store's threads.
struct Running {
    store: Arc<Store>,
    upkeep: Mutex<Option<JoinHandle<()>>>,
    warmer: Mutex<Option<JoinHandle<()>>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("git_dir", &self.store.repo.git_dir()).finish_non_exhaustive()
    }
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BackupReport {
    /// Where it is.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A workspace by id or name, if the caller may know of it.
pub(super) fn find_workspace(store: &Arc<Store>, access: &Access, id_or_name: &str) -> Result<Arc<WorkspaceState>, EngineError> {
    let missing = || {
        EngineError::not_found("workspace_not_found", format!("there is no workspace {id_or_name:?}"))
            .hint("`acetate workspace list` shows those that are there")
    };
    let workspaces = store.workspaces.pin();
    let found = match id_or_name.parse::<acetate_types::WorkspaceId>() {
        Ok(id) => workspaces.get(&id),
        Err(_) => workspaces.values().find(|workspace| workspace.record.load().name == id_or_name),
    };
    found.filter(|workspace| access.sees_workspace(&workspace.id)).map(Arc::clone).ok_or_else(missing)
}

impl Running {
    fn close(&self) {
        let store = &self.store;
        if store.closing.swap(true, Ordering::AcqRel) {
            return;
        }
        for workspace in store.workspaces.pin().values() {
            workspace.feed.wake();
        }
        if let Some(thread) = self.upkeep.lock().take() {
            let _ = thread.join();
        }
        store.landed.stop();
        if let Some(thread) = self.warmer.lock().take() {
            let _ = thread.join();
        }
        let workers = std::mem::take(&mut *self.workers.lock());
        // Submissions that wait are merged, what was sent is answered and projected; nothing new comes in.
        store.lander.stop(workers.len());
        if let Err(error) = store.pipeline.finish() {
            tracing::warn!(%error, "the last refs are brought to disk at the next start");
        }
        store.pipeline.stop();
        for worker in workers {
            let _ = worker.join();
        }
        if let Err(error) = store.journal.sync() {
            tracing::error!(%error, "the journal could not be synced");
        }
        store.lock.lock().take();
    }
}

impl Engine {
    /// Opens the store, replays the journal, checks the refs on disk, starts the background threads.
    ///
    /// # Errors
    /// `store_locked`, `not_a_repository`, `shallow`, `partial_clone`, and whatever reading meets.
    pub fn open(options: EngineOptions) -> Result<Self, EngineError> {
        let background = options.background;
        let mut workers = Vec::new();
        let mut warmer = None;
        let store = store::open(options, |store, ends| {
            let (own, requests) = (Arc::clone(store), ends.requests);
            workers.push(thread("acetate-commit", move || pipeline::run(&own, &requests))?);
            let (own, projections) = (Arc::clone(store), ends.projections);
            workers.push(thread("acetate-refs", move || pipeline::run_projector(&own, &projections))?);
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8) {
                let (own, landings) = (Arc::clone(store), ends.landings.clone());
                workers.push(thread("acetate-land", move || landing::run(&own, &landings))?);
            }
            if background {
                let (own, landed) = (Arc::clone(store), ends.landed);
                warmer = Some(thread("acetate-symbols", move || run_warmer(&own, &landed))?);
            }
            Ok(())
        })?;
        let own = Arc::clone(&store);
        let upkeep = if background { Some(thread("acetate-upkeep", move || upkeep::run(&own))?) } else { None };
        let running =
            Running { store: Arc::clone(&store), upkeep: Mutex::new(upkeep), warmer: Mutex::new(warmer), workers: Mutex::new(workers) };
        Ok(Self { running: Arc::new(running), store })
    }
    /// Access to everything: an embedding program, or the owner on the Unix socket.
    pub fn owner(&self) -> Access {
        Access::owner()
    }
    /// The access that a token gives. `denied` with code `token_unknown` for one that is unknown or ended.
    ///
    /// # Errors
    /// As said.
    pub fn authorize(&self, token: &str) -> Result<Access, EngineError> {
        tokens::authorize(&self.store, token)
    }
    /// The same where it needs no look into the catalog, so at once and without waiting; `None` says nothing, ask [`Engine::authorize`].
    pub fn known(&self, token: &str) -> Option<Access> {
        tokens::in_memory(&self.store, token)
    }
    /// The access of a token that somebody else made and the caller, a door, has checked. From then on it is known here, until it ends or
    /// the store is closed, and sessions opened with it end with it.
    ///
    /// # Errors
    /// `token_unknown` where it has ended or names a workspace that is not there.
    pub fn vouch(&self, token: &str, vouched: &crate::Vouched) -> Result<Access, EngineError> {
        tokens::vouch(&self.store, token, vouched)
    }
    /// The same access as its token gives it now, for calls that go on for long. `denied` with code `token_unknown` once it has ended.
    ///
    /// # Errors
    /// As said.
    pub fn renew(&self, access: &Access) -> Result<Access, EngineError> {
        tokens::renew(&self.store, access)
    }
    /// The store's state. Needs [`Right::Read`] on the store.
    ///
    /// # Errors
    /// `denied`.
    pub fn status(&self, access: &Access) -> Result<StoreStatus, EngineError> {
        access.need_store(Right::Read)?;
        let store = &self.store;
        let stats = store.repo.pack_stats().unwrap_or_default();
        let journal = store.journal.stats();
        let overlay_bytes = store.sessions.pin().values().map(|cell| crate::session::session_info(cell).memory).sum();
        let journal_state = match store.journal.state() {
            acetate_journal::State::Healthy => None,
            other => Some(format!("{other:?}")),
        };
        let reason = store.health.reason().or(journal_state);
        Ok(StoreStatus {
            schema: SCHEMA_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            format: store.repo.format(),
            state: if reason.is_some() { "read_only" } else { "healthy" }.to_owned(),
            reason,
            workspaces: store.workspaces.len() as u64,
            sessions: store.sessions.len() as u64,
            overlay_bytes,
            cache_bytes: store.repo.cached_bytes() + store.listings.memory() as u64 + store.syntax.bytes(),
            journal_bytes: journal.bytes,
            packs: stats.packs,
        })
    }
    /// A workspace by id or name.
    ///
    /// # Errors
    /// `workspace_not_found`, also for one the caller may not see.
    pub fn workspace(&self, access: &Access, id_or_name: &str) -> Result<Workspace, EngineError> {
        let state = find_workspace(&self.store, access, id_or_name)?;
        Ok(Workspace::new(Arc::clone(&self.store), state, access.clone()))
    }
    /// The workspaces that the caller may see, by name.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn workspaces(&self, access: &Access, after: Option<&str>, limit: Option<usize>) -> Result<WorkspaceList, EngineError> {
        access.need(Right::Read)?;
        let limit = page(limit, 100, 1000)?;
        let all: Vec<WorkspaceInfo> = {
            let workspaces = self.store.workspaces.pin();
            let seen = workspaces.values().filter(|workspace| access.sees_workspace(&workspace.id));
            let sessions = |workspace: &WorkspaceState| {
                self.store.sessions.pin().values().filter(|cell| cell.workspace.id == workspace.id).count() as u64
            };
            seen.map(|workspace| workspace.show(&self.store, sessions(workspace)))
                .filter(|info| after.is_none_or(|after| info.name.as_str() > after))
                .collect()
        };
        Ok(one_page(all, limit))
    }
    /// Deleted workspaces that can be brought back, by name. Needs [`Right::Read`] on the store.
    ///
    /// # Errors
    /// `denied`, or when the catalog can't be read.
    pub fn deleted_workspaces(&self, access: &Access, after: Option<&str>, limit: Option<usize>) -> Result<WorkspaceList, EngineError> {
        let limit = page(limit, 100, 1000)?;
        Ok(one_page(deleted(&self.store, access, after, limit)?, limit))
    }
    /// Brings a deleted workspace back, by id: its branches, checkpoints, history, and sessions at rest. Needs [`Right::Admin`] on the store.
    ///
    /// # Errors
    /// `workspace_not_found` once its time is over, `workspace_not_deleted`, `name_taken`, `name_invalid`.
    pub fn undelete(&self, access: &Access, id: &str, asked: &Undelete) -> Result<WorkspaceInfo, EngineError> {
        undelete(&self.store, access, id, asked)
    }
    /// A file in the store's own folder for a bundle that is on its way in; it goes when it is dropped.
    ///
    /// # Errors
    /// Disk errors.
    pub fn inbox(&self) -> Result<tempfile::NamedTempFile, EngineError> {
        self.store.check_open()?;
        tempfile::Builder::new().prefix(crate::store::BUNDLE).tempfile_in(&self.store.state_dir).map_err(|error| {
            EngineError::new(ErrorKind::Unavailable, "import_failed", format!("nothing can be written to the store's folder: {error}"))
        })
    }
    /// The largest bundle that is taken, in bytes.
    pub fn import_limit(&self) -> u64 {
        self.store.options.limits.import_bytes
    }
    /// Whether the caller may make workspaces; to be asked before something large is taken in for one.
    ///
    /// # Errors
    /// `denied`.
    pub fn may_create_workspaces(&self, access: &Access) -> Result<(), EngineError> {
        access.need_store(Right::Admin)
    }
    /// Makes a workspace: empty, from Git, a bundle, another workspace or a template; with a session in it where asked for. Long work reports
    /// its progress.
    ///
    /// # Errors
    /// `name_taken`, `name_invalid`, `import_failed`, …
    pub fn create_workspace(
        &self,
        access: &Access,
        create_request: CreateWorkspace,
        once: Option<&Idempotency>,
        progress: Progress<'_>,
    ) -> Result<WorkspaceInfo, EngineError> {
        access.need_store(Right::Admin)?;
        let made = self.make_workspace(access, &create_request, once, progress)?;
        let Some(open) = create_request.session else { return Ok(made) };
        // Two effects, each stored with its own answer: a repeat after a stop between the two has the second one then.
        let again = once.map(|once| Idempotency { key: format!("open-{}", hex::encode(once.body_hash)), body_hash: once.body_hash });
        let opened = self.workspace(access, made.id.as_str())?.open_session_once(open, again.as_ref())?;
        Ok(WorkspaceInfo { opened: Some(opened), sessions: made.sessions + 1, ..made })
    }

    fn make_workspace(
        &self,
        access: &Access,
        asked: &CreateWorkspace,
        once: Option<&Idempotency>,
        progress: Progress<'_>,
    ) -> Result<WorkspaceInfo, EngineError> {
        if asked.at.is_some() && !matches!(asked.from, Some(WorkspaceSource::Workspace(_))) {
            return Err(EngineError::invalid("at_unexpected", "`at` goes with `from: workspace`"));
        }
        if asked.history.is_some() && !matches!(asked.from, Some(WorkspaceSource::Template(_))) {
            return Err(EngineError::invalid("history_unexpected", "`history` goes with `from: template`"));
        }
        match &asked.from {
            Some(WorkspaceSource::Workspace(parent)) => {
                self.workspace(access, parent)?.fork(Fork { name: asked.name.clone(), at: asked.at.clone() }, once)
            }
            Some(WorkspaceSource::Template(template)) => self.workspace(access, template)?.from_template(asked, once),
            _ => create(&self.store, access, asked, once, progress),
        }
    }
    /// A session by id, resumed if it was paused by a restart.
    ///
    /// # Errors
    /// `session_not_found` (also for one the caller may not see), `session_paused`, `session_closed`, `session_lost`.
    pub fn session(&self, access: &Access, id: &SessionId) -> Result<Session, EngineError> {
        let cell = self.store.sessions.pin().get(id).map(Arc::clone);
        let Some(cell) = cell.filter(|cell| access.sees_session(id, &cell.workspace.id)) else {
            let lost = self.store.lost.pin().get(id).cloned();
            if lost.is_some_and(|workspace| access.sees_session(id, &workspace)) {
                return Err(EngineError::new(
                    ErrorKind::NotFound,
                    "session_lost",
                    format!("session {id} was kept in memory only, and the daemon was restarted"),
                )
                .hint("open a new session"));
            }
            return Err(gone(id));
        };
        Ok(Session::new(Arc::clone(&self.store), cell, access.clone()))
    }
    /// A submission by id.
    ///
    /// # Errors
    /// `submission_not_found`.
    pub fn submission(&self, access: &Access, id: &str) -> Result<Submission, EngineError> {
        access.need(Right::Read)?;
        let missing = || EngineError::not_found("submission_not_found", format!("there is no submission {id:?}"));
        let record = self.store.catalog.submission(id)?.ok_or_else(missing)?;
        if !access.sees_session(&record.session, &record.workspace) {
            return Err(missing());
        }
        serde_json::from_value(record.answer)
            .map_err(|error| EngineError::new(ErrorKind::Internal, "submission_damaged", error.to_string()))
    }
    /// What a turn or a landing changed.
    ///
    /// # Errors
    /// `change_not_found`.
    pub fn change(&self, access: &Access, commit: &ObjectId) -> Result<ChangeRecord, EngineError> {
        change(&self.store, access, commit)
    }
    /// Makes a token. Needs [`Right::Admin`].
    ///
    /// # Errors
    /// `denied`, `workspace_not_found`.
    pub fn create_token(&self, access: &Access, create: &CreateToken) -> Result<NewToken, EngineError> {
        tokens::create(&self.store, access, create, None)
    }
    /// The same, safe to repeat with the same key. A repeat gives the same token, as long as the store stays open: tokens are never stored.
    ///
    /// # Errors
    /// Also `token_shown_once`, for a repeat after that.
    pub fn create_token_once(&self, access: &Access, create: &CreateToken, once: Option<&Idempotency>) -> Result<NewToken, EngineError> {
        tokens::create(&self.store, access, create, once)
    }
    /// The tokens within the caller's scope that have not ended. Needs [`Right::Admin`].
    ///
    /// # Errors
    /// `denied`.
    pub fn tokens(&self, access: &Access) -> Result<TokenList, EngineError> {
        tokens::list(&self.store, access)
    }
    /// Ends a token at once, and with it the tokens of the sessions that it opened; the sessions stay. Needs [`Right::Admin`].
    ///
    /// # Errors
    /// `token_not_found`, `denied`.
    pub fn revoke_token(&self, access: &Access, id: &str) -> Result<TokenInfo, EngineError> {
        tokens::revoke(&self.store, access, id)
    }
    /// Copies the running store consistently into a new folder.
    ///
    /// # Errors
    /// `backup_exists`, disk errors.
    pub fn backup(&self, access: &Access, to: &Path, progress: Progress<'_>) -> Result<BackupReport, EngineError> {
        backup::backup(&self.store, access, to, progress)
    }
    /// The Git directory of the store, for the Git door.
    pub fn git_dir(&self) -> &Path {
        self.store.repo.git_dir()
    }
    /// Waits until every durable head is also a ref on disk (a Git door calls it before it advertises).
    ///
    /// # Errors
    /// When projecting fails.
    pub fn project_refs(&self) -> Result<(), EngineError> {
        self.store.pipeline.settle()
    }
    /// Does at once what upkeep does by and by: sessions expire, and what has been kept for long enough goes. For programs that run without
    /// background threads.
    pub fn upkeep_now(&self) {
        let mut repacking = None;
        upkeep::round(&self.store, &mut repacking);
        upkeep::forget(&self.store);
        upkeep::finish(repacking);
    }
    /// Stops the background threads, syncs the journal. Later calls answer `unavailable`.
    pub fn shutdown(&self) {
        self.running.close();
    }
}

/// The first of some workspaces, by name.
fn one_page(mut all: Vec<WorkspaceInfo>, limit: usize) -> WorkspaceList {
    all.sort_by(|a, b| a.name.cmp(&b.name));
    // What has one name is not parted: the name is where the next page begins.
    let mut end = limit.min(all.len());
    while end < all.len() && all.get(end).map(|next| &next.name) == end.checked_sub(1).and_then(|last| all.get(last)).map(|last| &last.name)
    {
        end += 1;
    }
    let last = end.checked_sub(1).and_then(|last| all.get(last));
    let next = last.map(|last| last.name.clone()).filter(|_| all.len() > end);
    all.truncate(end);
    WorkspaceList { workspaces: all, next }
}

/// Starts a thread of the store.
fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, EngineError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| EngineError::new(ErrorKind::Unavailable, "no_thread", format!("a thread can't be started: {error}")))
}
