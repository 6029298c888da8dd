//! The handle of a session: what a caller can do with it. Each call is one operation; the modules beside this one do them.

use super::cell::SessionCell;
use super::opened::OpenFile;
use super::{diff, files, search, standing, status};
use crate::api::{
    Batch, BatchEdit, CheckpointInfo, CheckpointSession, Closed, CommitTurn, Edited, FileContent, FileInfo, FileList, Grep, GrepPage,
    ListFiles, ListSymbols, MoveFile, OpenSession, Opened, ReadFile, ReadMany, Resolve, Resolved, Right, SessionDiff, SessionInfo,
    SessionStatus, Standing, StringEdit, Submission, Submit, SymbolList, Sync, SyncOutcome, TurnCommit, TurnList, WriteFile, WriteStream,
    Written,
};
use crate::store::Store;
use crate::symbols::symbols_of;
use crate::{Access, BundleFile, EngineError, Idempotency};
use acetate_merge::MarkerStyle;
use acetate_overlay::{Entry, Overlay};
use acetate_types::{FileMode, RepoPath, SessionId, Text};
use bytes::Bytes;
use std::sync::Arc;

/// A session as one caller sees it.
#[derive(Clone)]
pub struct Session {
    pub(super) store: Arc<Store>,
    pub(super) cell: Arc<SessionCell>,
    pub(super) access: Access,
    /// Whether this is the handle of the session's watcher, which is not told of what it does itself.
    pub(super) quiet: bool,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.cell.id).finish_non_exhaustive()
    }
}

/// The answer for a session that is not there, or may not be known of.
pub(crate) fn gone(id: &SessionId) -> EngineError {
    EngineError::not_found("session_not_found", format!("there is no session {id}"))
        .hint("open a new one; `acetate session list` shows those that are open")
}

/// What a diff answers with.
#[derive(Debug, Clone)]
pub struct DiffOptions {
    /// Also the hunks.
    pub hunks: bool,
    /// Also a patch that `git apply` takes (sessions only).
    pub patch: bool,
    /// Also what became of each file's symbols.
    pub symbols: bool,
    /// Lines of context.
    pub context: u32,
    /// Only these paths, or what is below them; empty for all.
    pub paths: Vec<RepoPath>,
}

/// A file without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStat {
    /// The entry.
    pub info: FileInfo,
    /// The revision, as in [`FileContent::etag`]; absent for a directory.
    pub etag: Option<String>,
}

impl Session {
    pub(crate) fn new(store: Arc<Store>, cell: Arc<SessionCell>, access: Access) -> Self {
        Self { store, cell, access, quiet: false }
    }

    /// Checks a right. What the caller may not see was answered as absent before.
    pub(super) fn need(&self, right: Right) -> Result<(), EngineError> {
        self.access.need(right)
    }

    /// Checks the right to read, for a change whose answer quotes files: the closest text, the sides of a conflict.
    pub(super) fn need_shown(&self) -> Result<(), EngineError> {
        self.need(Right::Read)
    }

    /// The overlay as it is now: a copy, which costs nothing and which later edits do not touch.
    pub(super) fn look(&self) -> Result<Overlay, EngineError> {
        self.need(Right::Read)?;
        self.cell.touch(self.store.now());
        let state = self.cell.state.lock();
        self.active(&state)?;
        Ok(state.overlay.clone())
    }

    /// Its id.
    pub fn id(&self) -> &SessionId {
        &self.cell.id
    }
    /// Where it stands. Events up to `seen` are taken as known and not repeated.
    ///
    /// A caller that may not read learns nothing of what others do.
    pub fn standing(&self, seen: Option<u64>) -> Standing {
        standing::standing(&self.store, &self.cell, seen, self.access.may(Right::Read))
    }
    /// The session as listed, for whoever may read it.
    ///
    /// # Errors
    /// `right_missing`.
    pub fn show(&self) -> Result<SessionInfo, EngineError> {
        self.need(Right::Read)?;
        Ok(self.info())
    }
    /// The session as listed, for the program that embeds the engine: no right is asked for.
    pub fn info(&self) -> SessionInfo {
        status::info(&self.cell, &self.cell.state.lock())
    }
    /// Takes it out of memory, keeping its branch and its unsaved edits.
    ///
    /// # Errors
    /// Journal or disk errors.
    pub fn pause(&self) -> Result<SessionInfo, EngineError> {
        self.rest(false)
    }
    /// Brings it back.
    ///
    /// # Errors
    /// `session_closed`.
    pub fn resume(&self) -> Result<SessionInfo, EngineError> {
        self.need(Right::Write)?;
        let _gate = self.cell.gate.lock();
        self.wake()?;
        Ok(self.info())
    }
    /// A second session with the same base and the same unsaved edits.
    ///
    /// # Errors
    /// `sessions_limit`.
    pub fn fork(&self, open: OpenSession) -> Result<Opened, EngineError> {
        self.fork_with(open, None)
    }
    /// The same, safe to repeat with the same key, as [`crate::Workspace::open_session_once`] is.
    ///
    /// # Errors
    /// Also `token_shown_once`.
    pub fn fork_once(&self, open: OpenSession, once: Option<&Idempotency>) -> Result<Opened, EngineError> {
        self.fork_with(open, once)
    }
    /// Ends it. Refuses unsubmitted work unless `discard`; its branch is kept for 30 days in any case.
    ///
    /// # Errors
    /// `session_unsubmitted`.
    pub fn close(&self, discard: bool) -> Result<Closed, EngineError> {
        self.end(discard)
    }
    /// Commits what is unsaved, ends it, and gives its branch as a bundle.
    ///
    /// # Errors
    /// As for `commit` and `close`; `bundle_empty` when it never had a commit.
    pub fn archive(&self) -> Result<(Closed, BundleFile), EngineError> {
        self.archived()
    }
    /// Its files, or the changed ones.
    ///
    /// # Errors
    /// `glob_invalid`, `not_a_directory`.
    pub fn files(&self, list: &ListFiles) -> Result<FileList, EngineError> {
        files::list_overlay(&self.store, &self.look()?, list)
    }
    /// One file.
    ///
    /// # Errors
    /// `path_not_found`, `is_directory`, `file_too_large`.
    pub fn read(&self, path: &RepoPath) -> Result<FileContent, EngineError> {
        files::content_of(&self.store, &self.look()?, path)
    }
    /// One file without its content.
    ///
    /// # Errors
    /// `path_not_found`.
    pub fn stat(&self, path: &RepoPath) -> Result<FileStat, EngineError> {
        let overlay = self.look()?;
        match files::entry(&self.store, &overlay, path)? {
            Entry::Directory(_) => Ok(FileStat { info: files::directory_info(path), etag: None }),
            Entry::File(file) => {
                let mut info: FileInfo = files::info(path.clone(), &file);
                info.size = Some(file.size(&self.store.repo)?);
                Ok(FileStat { info, etag: Some(files::etag(&self.store, &file)?) })
            }
        }
    }
    /// Many files; `each` gets them one by one and ends it by answering `false`.
    ///
    /// # Errors
    /// `glob_invalid`.
    pub fn read_many(&self, read: &ReadMany, each: &mut dyn FnMut(ReadFile) -> bool) -> Result<(), EngineError> {
        if read.at.is_some() {
            return Err(EngineError::invalid("at_unexpected", "a session is read as it stands; read a version through its workspace"));
        }
        files::read_many(&self.store, &self.look()?, read, each)
    }
    /// Writes a file whole.
    ///
    /// # Errors
    /// `stale_revision`, `is_directory`, `not_a_directory`, `file_too_large`, `session_quota`, `path_…`.
    pub fn write(&self, write: WriteFile) -> Result<Written, EngineError> {
        self.write_whole(&write)
    }
    /// Writes a file whole from a stream of `size` bytes, of which memory holds one chunk at a time.
    ///
    /// # Errors
    /// Those of `write`; `content_truncated` where the stream has more or fewer bytes.
    pub fn write_stream(&self, write: &WriteStream, size: u64, content: &mut dyn std::io::Read) -> Result<Written, EngineError> {
        self.write_streamed(write, size, content)
    }
    /// A file that is to be read as a stream.
    ///
    /// # Errors
    /// `path_not_found`, `is_a_directory`.
    pub fn open_file(&self, path: &RepoPath) -> Result<OpenFile, EngineError> {
        OpenFile::of(&self.store, &self.look()?, path)
    }
    /// Whether the caller may write here; to be asked before something large is taken in.
    ///
    /// # Errors
    /// `right_missing`.
    pub fn may_write(&self) -> Result<(), EngineError> {
        self.need(Right::Write)
    }
    /// Replaces exact texts, all or none.
    ///
    /// # Errors
    /// `text_not_found` (details: the closest candidate), `text_not_unique` (details: the lines), `text_unchanged`, and those of `write`.
    pub fn edit(&self, path: &RepoPath, edits: &[StringEdit], expect: Option<&str>) -> Result<Edited, EngineError> {
        self.need_shown()?;
        let limits = &self.store.options.limits;
        self.change(|changes| {
            changes.expect(path, expect)?;
            changes.edit(path, edits, limits)
        })
    }
    /// Deletes a file or a whole directory.
    ///
    /// # Errors
    /// `path_not_found`, `stale_revision`.
    pub fn delete(&self, path: &RepoPath, expect: Option<&str>) -> Result<Written, EngineError> {
        self.change(|edits| {
            edits.expect(path, expect)?;
            edits.delete(path)
        })
    }
    /// Moves a file or a whole directory.
    ///
    /// # Errors
    /// `path_not_found`, `file_exists`, `invalid_move`.
    pub fn rename(&self, moved: &MoveFile) -> Result<Written, EngineError> {
        self.change(|edits| edits.rename(&moved.from, &moved.to, moved.replace))
    }
    /// Changes a file's mode.
    ///
    /// # Errors
    /// `path_not_found`, `mode_invalid`.
    pub fn set_mode(&self, path: &RepoPath, mode: FileMode) -> Result<Written, EngineError> {
        self.change(|edits| edits.set_mode(path, mode))
    }
    /// Several edits, all or none; the error names the step in `details.step`.
    ///
    /// # Errors
    /// Those of the steps; `batch_too_long`.
    pub fn batch(&self, batch: &Batch) -> Result<Vec<Written>, EngineError> {
        if batch.edits.iter().any(|edit| matches!(edit, BatchEdit::Edit { .. })) {
            self.need_shown()?;
        }
        let limits = &self.store.options.limits;
        if batch.edits.len() > limits.batch_edits {
            return Err(EngineError::limit("batch_too_long", format!("a batch has at most {} edits", limits.batch_edits)));
        }
        self.change(|edits| {
            let steps = batch.edits.iter().enumerate();
            steps.map(|(at, step)| edits.step(step, limits).map_err(|error| at_step(error, at))).collect()
        })
    }
    /// Searches.
    ///
    /// # Errors
    /// `pattern_invalid`, `glob_invalid`, `cursor_invalid`.
    pub fn grep(&self, grep: &Grep) -> Result<GrepPage, EngineError> {
        search::grep(&self.store, &self.look()?, grep)
    }
    /// The symbols of a file, or those with a name.
    ///
    /// # Errors
    /// `symbols_unasked`, `path_not_found`, `limit_invalid`.
    pub fn symbols(&self, list: &ListSymbols) -> Result<SymbolList, EngineError> {
        symbols_of(&self.store, &self.look()?, list)
    }
    /// The difference to the base.
    ///
    /// # Errors
    /// When objects can't be read.
    pub fn diff(&self, options: &DiffOptions) -> Result<SessionDiff, EngineError> {
        let overlay = self.look()?;
        let pairs = diff::pairs(overlay.changes(&self.store.repo)?, &overlay.moves(&self.store.repo)?);
        let (files, truncated, patch) = diff::file_diffs(&self.store, &pairs, options)?;
        Ok(SessionDiff { files, truncated, patch: patch.map(Text) })
    }
    /// What changed, and which conflicts wait.
    ///
    /// # Errors
    /// When objects can't be read.
    pub fn status(&self) -> Result<SessionStatus, EngineError> {
        self.need(Right::Read)?;
        self.cell.touch(self.store.now());
        status::status(&self.store, &self.cell)
    }
    /// A file in conflict with conflict markers, as small as they can be, for people to read. Markers are never read back.
    ///
    /// # Errors
    /// `conflict_not_found`; `no_text` where the conflict is not one between texts.
    pub fn marked(&self, path: &RepoPath, style: MarkerStyle) -> Result<Bytes, EngineError> {
        self.marked_text(path, style)
    }
    /// Ends a turn: records a turn commit on the session's own branch; a working session's lands at once. Durable when it answers.
    ///
    /// # Errors
    /// `store_read_only`, `message_too_long`; for a working session also those of `submit`.
    pub fn commit(&self, commit: CommitTurn, once: Option<&Idempotency>) -> Result<TurnCommit, EngineError> {
        if self.cell.purpose.working { self.commit_working(&commit, once) } else { self.commit_turn(&commit, once) }
    }
    /// The commits of its own branch since it stands on its base, newest first.
    ///
    /// # Errors
    /// When objects can't be read.
    pub fn turns(&self) -> Result<TurnList, EngineError> {
        self.all_turns()
    }
    /// Ends the turn and names its commit: a checkpoint of work that need not have landed.
    ///
    /// # Errors
    /// Those of `commit`; `checkpoint_exists`, `checkpoint_name_invalid`, `checkpoint_unborn`.
    pub fn checkpoint(&self, named: &CheckpointSession, once: Option<&Idempotency>) -> Result<CheckpointInfo, EngineError> {
        self.checkpoint_turn(named, once)
    }
    /// Rebases onto the head now.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn sync(&self, sync: Sync, once: Option<&Idempotency>) -> Result<SyncOutcome, EngineError> {
        self.sync_now(sync, once)
    }
    /// Ends the turn and lands the session's work on its branch. Durable when it answers.
    ///
    /// # Errors
    /// `line_full`, `branch_not_found`, `branch_diverged`, and those of `commit`. Conflicts are an outcome, not an error.
    pub fn submit(&self, submit: Submit, once: Option<&Idempotency>) -> Result<Submission, EngineError> {
        let dry_run = submit.dry_run;
        let submission = self.submit_work(&submit, once)?;
        self.end_merged(&submission, dry_run);
        Ok(submission)
    }
    /// Settles one conflict, or all of a path; the last one moves the session to the version it was computed against, with the merged
    /// texts, and lands them where `submit` says so.
    ///
    /// # Errors
    /// `conflict_not_found`, `no_proposal`, `text_missing`, `text_unexpected`, `no_text`, `resolutions_contradict`, `path_is_directory`.
    pub fn resolve(&self, resolve: Resolve, once: Option<&Idempotency>) -> Result<Resolved, EngineError> {
        let resolved = self.resolve_conflict(&resolve, once)?;
        if let Some(submission) = &resolved.submission {
            self.end_merged(submission, false);
        }
        Ok(resolved)
    }
}

/// Names the step of a batch that failed.
fn at_step(error: EngineError, step: usize) -> EngineError {
    use acetate_types::Classify as _;
    let mut problem = error.problem();
    let mut details = problem.details.take().map_or_else(|| serde_json::json!({}), |details| *details);
    if let Some(map) = details.as_object_mut() {
        map.insert("step".to_owned(), step.into());
    }
    problem.message = format!("step {step}: {}", problem.message);
    EngineError::from(problem).details(details)
}
