//! The handle of a workspace: what a caller can do with it. The modules beside this one do it.

use super::WorkspaceState;
use crate::api::{
    BlameInfo, BranchInfo, CheckpointInfo, CreateBranch, CreateCheckpoint, CreateWorkspace, EventFilter, EventPage, FileContent, FileList,
    Fork, HistoryOf, ListFiles, Merge, OpenSession, Opened, OperationInfo, OperationPage, PathHistory, ReadFile, ReadMany, Restore, Right,
    SessionInfo, SessionList, Submission, TreeDiff, Undo, VersionInfo, VersionPage, WorkingSession, WorkspaceInfo, WorkspaceUpdate,
};
use crate::session::{OpenFile, OpenParts, Purpose, content_of, list_overlay, open_once, read_many};
use crate::store::Store;
use crate::{Access, EngineError, Idempotency, Progress};
use acetate_overlay::Overlay;
use acetate_types::{ErrorKind, ObjectId, RepoPath, WorkspaceId};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

/// A workspace as one caller sees it.
#[derive(Clone)]
pub struct Workspace {
    pub(super) store: Arc<Store>,
    pub(super) state: Arc<WorkspaceState>,
    pub(super) access: Access,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("id", &self.state.id).finish_non_exhaustive()
    }
}

/// A bundle in a temporary file, removed when dropped.
#[derive(Debug)]
pub struct BundleFile {
    /// The file, at its start.
    pub file: std::fs::File,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A ref as a Git client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvertisedRef {
    /// The full name, `refs/heads/…` or `refs/tags/…`.
    pub name: Bytes,
    /// What it names.
    pub target: ObjectId,
    /// The commit behind an annotated tag.
    pub peeled: Option<ObjectId>,
}

/// One command of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCommand {
    /// The full name of the ref.
    pub name: Bytes,
    /// What the client believes it to be; `None` for absent.
    pub old: Option<ObjectId>,
    /// What it shall be; `None` deletes it.
    pub new: Option<ObjectId>,
}

/// What became of one command of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushReport {
    /// The ref as named by the command.
    pub name: Bytes,
    /// A sentence for the person who pushed: what landed as which version; or the reason why it was refused, for `ng`.
    pub result: Result<String, String>,
}

impl Workspace {
    pub(crate) fn new(store: Arc<Store>, state: Arc<WorkspaceState>, access: Access) -> Self {
        Self { store, state, access }
    }

    /// Checks a right to change something of the workspace: one session's token only reads it, whatever it may do in its session.
    pub(super) fn need(&self, right: Right) -> Result<(), EngineError> {
        if !self.access.covers_workspace(&self.state.id) {
            return Err(EngineError::new(ErrorKind::Denied, "scope_too_small", "this call needs a token for the workspace"));
        }
        self.access.need(right)
    }

    /// The files of a point.
    fn at(&self, at: Option<&str>) -> Result<Overlay, EngineError> {
        self.access.need(Right::Read)?;
        Ok(Overlay::new(self.point(at)?.tree))
    }

    /// Its id.
    pub fn id(&self) -> &WorkspaceId {
        &self.state.id
    }
    /// The namespace in the Git directory that holds the refs which Git clients are served: durable heads and checkpoints, and no others.
    ///
    /// # Errors
    /// `right_missing`.
    pub fn git_namespace(&self) -> Result<Option<String>, EngineError> {
        self.access.need(Right::Read)?;
        Ok(Some(if self.state.in_place() { crate::store::IN_PLACE.to_owned() } else { self.state.id.to_string() }))
    }
    /// Name, head, state.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn info(&self) -> Result<WorkspaceInfo, EngineError> {
        self.access.need(Right::Read)?;
        Ok(self.show())
    }
    /// Changes name, description, default branch, settings.
    ///
    /// # Errors
    /// `name_taken`, `branch_not_found`, `denied`.
    pub fn update(&self, update: WorkspaceUpdate) -> Result<WorkspaceInfo, EngineError> {
        self.change_record(&update)
    }
    /// Deletes it: it is not found any more, and its sessions rest. Until its time is over [`crate::Engine::undelete`] brings it back.
    ///
    /// # Errors
    /// `workspace_in_place`, `denied`, `session_busy` while one of its sessions is edited all the time.
    pub fn delete(&self) -> Result<WorkspaceInfo, EngineError> {
        self.delete_workspace()
    }
    /// The branches by name.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn branches(&self) -> Result<Vec<BranchInfo>, EngineError> {
        self.access.need(Right::Read)?;
        Ok(self.all_branches())
    }
    /// Makes a branch.
    ///
    /// # Errors
    /// `branch_exists`, `branch_name_invalid`, `point_not_found`.
    pub fn create_branch(&self, create: CreateBranch, once: Option<&Idempotency>) -> Result<BranchInfo, EngineError> {
        self.add_branch(&create, once)
    }
    /// Deletes a branch; its tip is kept.
    ///
    /// # Errors
    /// `branch_not_found`, `branch_default`.
    pub fn delete_branch(&self, name: &str, once: Option<&Idempotency>) -> Result<(), EngineError> {
        self.remove_branch(name, once)
    }
    /// History, newest first.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn versions(&self, before: Option<u64>, limit: Option<usize>, branch: Option<&str>) -> Result<VersionPage, EngineError> {
        self.access.need(Right::Read)?;
        self.version_page(before, limit, branch)
    }
    /// The difference between two points (`v12`, full ref, commit).
    ///
    /// # Errors
    /// `point_not_found`.
    pub fn diff(&self, from: &str, to: &str, options: &crate::DiffOptions) -> Result<TreeDiff, EngineError> {
        self.access.need(Right::Read)?;
        self.diff_between(from, to, options)
    }
    /// The files of a point, of the head without one.
    ///
    /// # Errors
    /// `point_not_found`, `glob_invalid`.
    pub fn files(&self, at: Option<&str>, list: &ListFiles) -> Result<FileList, EngineError> {
        list_overlay(&self.store, &self.at(at)?, list)
    }
    /// One file of a point.
    ///
    /// # Errors
    /// `point_not_found`, `not_found`, `is_directory`.
    pub fn read(&self, at: Option<&str>, path: &RepoPath) -> Result<FileContent, EngineError> {
        content_of(&self.store, &self.at(at)?, path)
    }
    /// A file of a point that is to be read as a stream.
    ///
    /// # Errors
    /// `point_not_found`, `path_not_found`, `is_a_directory`.
    pub fn open_file(&self, at: Option<&str>, path: &RepoPath) -> Result<OpenFile, EngineError> {
        OpenFile::of(&self.store, &self.at(at)?, path)
    }
    /// Many files; `each` gets them one by one and ends it by answering `false`.
    ///
    /// # Errors
    /// `point_not_found`, `glob_invalid`.
    pub fn read_many(&self, read: &ReadMany, each: &mut dyn FnMut(ReadFile) -> bool) -> Result<(), EngineError> {
        read_many(&self.store, &self.at(read.at.as_deref())?, read, each)
    }
    /// The checkpoints by name.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn checkpoints(&self) -> Result<Vec<CheckpointInfo>, EngineError> {
        self.access.need(Right::Read)?;
        self.all_checkpoints()
    }
    /// Makes a checkpoint: an annotated tag.
    ///
    /// # Errors
    /// `checkpoint_exists`, `checkpoint_name_invalid`, `point_not_found`.
    pub fn create_checkpoint(&self, create: CreateCheckpoint, once: Option<&Idempotency>) -> Result<CheckpointInfo, EngineError> {
        self.add_checkpoint(&create, once)
    }
    /// Forks it: objects are shared, refs are the fork's own.
    ///
    /// # Errors
    /// `name_taken`, `point_not_found`.
    pub fn fork(&self, fork: Fork, once: Option<&Idempotency>) -> Result<WorkspaceInfo, EngineError> {
        self.fork_off(&fork, once)
    }
    /// Makes a workspace from this one, which is a template.
    ///
    /// # Errors
    /// `not_a_template`, `name_taken`.
    pub fn from_template(&self, create: &CreateWorkspace, once: Option<&Idempotency>) -> Result<WorkspaceInfo, EngineError> {
        self.access.need_store(Right::Admin)?;
        self.instance(create, once)
    }
    /// A standard Git bundle of branches, checkpoints and settings, whole or since a point; with `sessions` also the work of live sessions,
    /// unsaved edits included, as branches.
    ///
    /// # Errors
    /// `point_not_found`, `bundle_empty`.
    pub fn bundle(&self, since: Option<&str>, sessions: bool, progress: Progress<'_>) -> Result<BundleFile, EngineError> {
        self.need(Right::Read)?;
        progress("writing the bundle");
        self.write_bundle(since, sessions)
    }
    /// Makes the files of an earlier point the newest version. Nothing is lost by it.
    ///
    /// # Errors
    /// `point_not_found`, `branch_not_found`, `restore_nothing` where the head has those files.
    pub fn restore(&self, restore: &Restore, once: Option<&Idempotency>) -> Result<VersionInfo, EngineError> {
        self.restore_point(restore, once)
    }
    /// Merges one branch into another. What conflicts waits in the session that the answer names.
    ///
    /// # Errors
    /// `branch_not_found`, `unrelated_history`, `merge_itself`, and those of a submission.
    pub fn merge(&self, merge: &Merge, once: Option<&Idempotency>) -> Result<Submission, EngineError> {
        self.merge_branch(merge, once)
    }
    /// The commits that changed what is at or below a path, newest first.
    ///
    /// # Errors
    /// `point_not_found`, `limit_invalid`.
    pub fn history(&self, path: &RepoPath, asked: &HistoryOf) -> Result<PathHistory, EngineError> {
        self.path_history(path, asked)
    }
    /// Where each line of a file comes from.
    ///
    /// # Errors
    /// `point_not_found`, `path_not_found`, `not_a_file`, `file_too_large`.
    pub fn blame(&self, path: &RepoPath, at: Option<&str>) -> Result<BlameInfo, EngineError> {
        self.path_blame(path, at)
    }
    /// The working session, opened if there is none, and whether it was opened now. Its commits land at once.
    ///
    /// # Errors
    /// Those of opening a session.
    pub fn working_session(&self, asked: &WorkingSession) -> Result<(SessionInfo, bool), EngineError> {
        self.working(asked)
    }
    /// The operation log, newest first.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn operations(&self, before: Option<u64>, limit: Option<usize>) -> Result<OperationPage, EngineError> {
        self.access.need(Right::Read)?;
        self.operation_page(before, limit)
    }
    /// Undoes an operation by a further one.
    ///
    /// # Errors
    /// `operation_not_found`, `operation_not_undoable`, `conflict` where later work stands on it.
    pub fn undo(&self, undo: Undo, once: Option<&Idempotency>) -> Result<OperationInfo, EngineError> {
        self.undo_operation(&undo, once)
    }
    /// Events after a number, at once.
    /// Landings have the symbols they changed, at most so many as one page makes.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn events(&self, after: u64, limit: Option<usize>) -> Result<EventPage, EngineError> {
        self.access.need(Right::Read)?;
        self.events_after(after, limit, &EventFilter::default())
    }
    /// The number of the newest event: what comes after it is news.
    ///
    /// # Errors
    /// `right_missing`.
    pub fn last_event(&self) -> Result<u64, EngineError> {
        self.access.need(Right::Read)?;
        Ok(self.state.feed.last())
    }
    /// Events after a number; waits until there is one or the time is over.
    ///
    /// # Errors
    /// When the catalog can't be read, or the engine shuts down.
    pub fn watch(&self, after: u64, limit: Option<usize>, wait: Duration) -> Result<EventPage, EngineError> {
        self.access.need(Right::Read)?;
        self.watch_after(after, limit, &EventFilter::default(), wait)
    }
    /// The same for those events that a filter takes; the page's `next` lies behind the others too.
    ///
    /// # Errors
    /// As for `watch`.
    pub fn watch_for(&self, after: u64, limit: Option<usize>, filter: &EventFilter, wait: Duration) -> Result<EventPage, EngineError> {
        self.access.need(Right::Read)?;
        self.watch_after(after, limit, filter, wait)
    }
    /// Opens a session.
    ///
    /// # Errors
    /// `branch_not_found`, `point_not_found`, `sessions_limit`, `denied`.
    pub fn open_session(&self, open_request: OpenSession) -> Result<Opened, EngineError> {
        self.open_session_once(open_request, None)
    }
    /// The same, safe to repeat with the same key. A repeat gives the same session with its token, as long as the store stays open: tokens
    /// are never stored.
    ///
    /// # Errors
    /// Also `token_shown_once`, for a repeat after that.
    pub fn open_session_once(&self, open_request: OpenSession, once: Option<&Idempotency>) -> Result<Opened, EngineError> {
        self.need(Right::Write)?;
        let parts = |request: &OpenSession| {
            let (branch, base) = self.stand(request)?;
            let overlay = Overlay::new(base.tree);
            let owner = self.access.actor.as_str().into();
            Ok(OpenParts {
                branch,
                base,
                overlay,
                owner,
                opener: self.access.token,
                purpose: Purpose::default(),
                parked: Vec::new(),
                reached: Vec::new(),
            })
        };
        open_once(&self.store, &self.state, open_request, parts, &self.access.actor, once)
    }
    /// The sessions that are not closed, newest first.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn sessions(&self) -> Result<SessionList, EngineError> {
        self.access.need(Right::Read)?;
        Ok(self.live_sessions())
    }
    /// Where the branch on disk or its checkout lags behind or stands apart: the paths that block it, empty when all is well.
    ///
    /// # Errors
    /// When the repository can't be read.
    pub fn catch_up(&self) -> Result<WorkspaceInfo, EngineError> {
        self.catch_up_now()
    }
    /// The refs that Git clients may see: durable heads and checkpoints, by name, annotated tags with what they peel to.
    ///
    /// # Errors
    /// When the catalog can't be read.
    pub fn advertised_refs(&self) -> Result<Vec<AdvertisedRef>, EngineError> {
        self.access.need(Right::Read)?;
        self.advertised()
    }
    /// Takes a push: the pack into quarantine with fsck, then each command. A fast-forward lands unchanged as one version; `refs/for/<branch>`
    /// is a submission; tags become checkpoints; anything else is refused by name with a reason. `pack` is absent when only deletions are asked for.
    ///
    /// # Errors
    /// `denied`, `pack_rejected`, `pack_too_large`. What concerns a single ref is in its report.
    pub fn push(&self, commands: &[PushCommand], pack: Option<&mut (dyn std::io::Read + Send)>) -> Result<Vec<PushReport>, EngineError> {
        self.take_push(commands, pack)
    }
}
