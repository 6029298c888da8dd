//! Edits of a session: checked, journaled, made visible, in that order.
//!
//! All edits of one call are applied to a copy of the overlay (a copy costs nothing); only when all went well are they journaled as one
//! record and the copy takes the overlay's place. So a call changes everything it says or nothing.

use super::cell::{Phase, SessionCell, SessionState};
use super::handle::Session;
use super::large::Parked;
use super::names::Names;
use super::record::{EditRecord, Range, Record, text_hash};
use crate::EngineError;
use crate::api::{Durability, Written};
use crate::store::Store;
use crate::workspace::WorkspaceState;
use acetate_overlay::{Entry, FileView, Overlay};
use acetate_types::{EntryKind, ErrorKind, FileMode, Objects as _, RepoPath};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Splices are written instead of whole texts from this size on; below it the whole text is as cheap.
const SPLICE_FROM: usize = 256;

/// Most paths of one session that others are told of.
const ENTERED: usize = 10_000;

/// Edits on their way: applied to a copy, not yet journaled.
pub(super) struct Edits<'a> {
    store: &'a Store,
    pub(super) overlay: Overlay,
    records: Vec<EditRecord>,
    paths: Vec<RepoPath>,
    portable: bool,
    /// The largest file that may be written, in bytes.
    most: u64,
    names: Names,
    /// For a file system, which has nobody to warn: names are not compared where that could only come to a warning.
    plain: bool,
}

impl Session {
    /// The largest file that may be written here, in bytes: what the workspace says, at most what the store takes.
    pub(super) fn most_file_bytes(&self) -> u64 {
        let most = self.store.options.limits.file_bytes;
        self.cell.workspace.max_file_bytes().map_or(most, |own| own.min(most))
    }

    /// Applies edits to a copy of the overlay, journals them, and puts the copy in place. What `edit` answers with is given back.
    pub(super) fn change<T>(&self, edit: impl FnOnce(&mut Edits<'_>) -> Result<T, EngineError>) -> Result<T, EngineError> {
        self.change_with(&mut None, edit)
    }

    /// The same with a pack that holds contents which the edits name: it is the session's as soon as they are journaled.
    pub(super) fn change_with<T>(
        &self,
        parked: &mut Option<Parked>,
        edit: impl FnOnce(&mut Edits<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.need(crate::api::Right::Write)?;
        self.store.check_open()?;
        let cell = &self.cell;
        workspace_there(&cell.workspace)?;
        if cell.durability == Durability::Journal {
            self.store.journal_room();
        }
        cell.touch(self.store.now());
        let mut state = cell.state.lock();
        self.active(&state)?;
        if state.ending {
            return Err(super::gone(&cell.id));
        }
        let portable = cell.workspace.flag("portable_paths");
        let most = self.most_file_bytes();
        let mut edits = Edits::of(&self.store, state.overlay.clone(), portable, most);
        edits.plain = self.quiet;
        let answer = edit(&mut edits)?;
        let Edits { overlay, records, paths, .. } = edits;
        if records.is_empty() {
            return Ok(answer);
        }
        let limits = &self.store.options.limits;
        if overlay.entry_count() > limits.session_entries && overlay.entry_count() > state.overlay.entry_count() {
            return Err(EngineError::limit(
                "session_quota",
                format!("the session would have more than {} changed entries", limits.session_entries),
            )
            .hint("submit what is done, or work on less at a time"));
        }
        let (before, after) = (state.overlay.memory_bytes() as u64, overlay.memory_bytes() as u64);
        let (aside, more) = (state.parked_bytes(), parked.as_ref().map_or(0, |parked| parked.bytes));
        if after + aside + more > limits.session_bytes && after + more > before {
            return Err(over_quota(limits.session_bytes));
        }
        match cell.durability {
            Durability::Memory => {}
            Durability::Journal if state.rebased => {
                let base = state.base.clone();
                self.store.append_snapshot(cell, &mut state, (&base, &overlay), None)?;
            }
            Durability::Journal => state.seq = self.store.append(cell, &Record::Edits(records))?,
        }
        self.store.point("session.after_journal");
        state.parked.extend(parked.take().map(Arc::new));
        state.rebased = false;
        let before = std::mem::replace(&mut state.overlay, overlay);
        let before_all = (!self.quiet && cell.is_watched()).then_some(before);
        state.unsaved = true;
        cell.edits.fetch_add(1, Ordering::AcqRel);
        // Conflicts were computed for what the session had then; their resolutions name the texts and stay where they still fit.
        let told = if before_all.is_some() { paths.clone() } else { Vec::new() };
        let entered = enter(&mut state, paths);
        drop(state);
        self.tell(before_all, &told);
        if !cell.hot.swap(true, Ordering::AcqRel) {
            self.store.hot.lock().push(cell.id.clone());
        }
        self.announce(&entered);
        Ok(answer)
    }

    /// Whether an edit would be taken: applies it to a copy that is thrown away.
    pub(super) fn try_out<T>(&self, edit: impl FnOnce(&mut Edits<'_>) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let overlay = {
            let state = self.cell.state.lock();
            self.active(&state)?;
            state.overlay.clone()
        };
        let portable = self.cell.workspace.flag("portable_paths");
        edit(&mut Edits::of(&self.store, overlay, portable, self.most_file_bytes()))
    }

    /// Has the sessions that edit the same paths look out for each other. Hints: a session that goes meanwhile is simply not told.
    fn announce(&self, paths: &[RepoPath]) {
        let cell = &self.cell;
        for path in paths {
            for other in cell.workspace.live.enter(path, &cell.id) {
                let Some(other) = self.store.sessions.pin().get(&other).map(Arc::clone) else { continue };
                if other.branch != cell.branch {
                    continue;
                }
                cell.look_out(path, &other.id);
                other.look_out(path, &cell.id);
            }
        }
    }

    pub(super) fn active(&self, state: &SessionState) -> Result<(), EngineError> {
        match state.phase {
            Phase::Active => Ok(()),
            Phase::Paused => Err(EngineError::new(ErrorKind::Conflict, "session_paused", format!("session {} is paused", self.cell.id))
                .hint("resume it with POST /sessions/{id}/resume or `acetate session resume`")),
            Phase::Damaged => Err(super::revive::damage(&self.cell.id)),
            Phase::Closed => Err(super::gone(&self.cell.id)),
        }
    }
}

/// Notes the paths of an edit; gives those that are new.
fn enter(state: &mut SessionState, paths: Vec<RepoPath>) -> Vec<RepoPath> {
    let mut new = Vec::new();
    for path in paths {
        // Overlap notices are advice; a session that changes more than this is told of the first ones.
        if state.entered.len() >= ENTERED {
            break;
        }
        if state.entered.insert(path.clone()) {
            new.push(path);
        }
    }
    new
}

impl<'a> Edits<'a> {
    fn of(store: &'a Store, overlay: Overlay, portable: bool, most: u64) -> Self {
        Self { store, overlay, records: Vec::new(), paths: Vec::new(), portable, most, names: Names::default(), plain: false }
    }

    /// Checks a path that is to be written: one that the base has may stay, whatever it is called.
    fn check(&self, path: &RepoPath) -> Result<Option<String>, EngineError> {
        let exists = || self.overlay.get(&self.store.repo, path).map(|entry| entry.is_some());
        if let Err(error) = RepoPath::new(path.to_bytes())
            && !exists()?
        {
            return Err(error.into());
        }
        let Some(warning) = path.portability() else { return Ok(None) };
        if self.portable && !exists()? {
            return Err(acetate_types::PathError::NotPortable(warning).into());
        }
        Ok(Some(warning.to_string()))
    }

    /// Refuses, or warns of, a new name that another one of its directory equals but for case or normal form: the file's, or that of
    /// the first directory on the way to it that is new.
    fn check_collision(&mut self, path: &RepoPath, goes: Option<&RepoPath>) -> Result<Option<String>, EngineError> {
        if self.plain && !self.portable {
            return Ok(None);
        }
        let mut place = path.clone();
        while let Some(parent) = place.parent() {
            if self.overlay.get(&self.store.repo, &parent)?.is_some() {
                break;
            }
            place = parent;
        }
        // What is moved away in the same step is in nobody's way.
        let goes = goes.filter(|goes| goes.parent() == place.parent()).map(RepoPath::file_name);
        let Some(other) = self.names.meets(self.store, &self.overlay, &place, goes) else { return Ok(None) };
        let other = String::from_utf8_lossy(&other);
        let text = format!("on file systems that fold case or normal form this is the same name as {other:?}");
        if self.portable { Err(EngineError::invalid("path_collision", text)) } else { Ok(Some(text)) }
    }

    /// Checks a path that is written, and a new one for collisions.
    pub(super) fn check_new(&mut self, path: &RepoPath, new: bool) -> Result<Option<String>, EngineError> {
        let warning = self.check(path)?;
        Ok(if new { warning.or(self.check_collision(path, None)?) } else { warning })
    }

    /// Compares a file with the revision that the caller expects.
    pub(super) fn expect(&self, path: &RepoPath, expect: Option<&str>) -> Result<(), EngineError> {
        let Some(expect) = expect else { return Ok(()) };
        let now = match self.overlay.get(&self.store.repo, path)? {
            Some(Entry::File(file)) => Some(super::files::etag(self.store, &file)?),
            _ => None,
        };
        let holds = match (expect, &now) {
            ("*", now) => now.is_some(),
            ("", now) => now.is_none(),
            (expect, Some(now)) => expect == now,
            (_, None) => false,
        };
        if holds {
            return Ok(());
        }
        Err(EngineError::new(ErrorKind::Stale, "stale_revision", format!("{path} is not at the expected revision"))
            .hint("read it again and base the edit on what is there")
            .details(serde_json::json!({ "path": path, "found": now })))
    }

    /// What is at a path where a file is to be. A folder without a file in it is seen by nobody who sees files: it makes way.
    pub(super) fn before(&mut self, path: &RepoPath) -> Result<Option<Entry>, EngineError> {
        let before = self.overlay.get(&self.store.repo, path)?;
        if before.as_ref().is_some_and(Entry::is_directory) && self.is_bare(path)? {
            self.delete(path)?;
            return Ok(None);
        }
        Ok(before)
    }

    /// Whether a folder has no file in it, however deep. One that the base has has some: only those that edits emptied are walked.
    fn is_bare(&self, folder: &RepoPath) -> Result<bool, EngineError> {
        for listed in self.overlay.list(&self.store.repo, Some(folder))? {
            let below = match listed.kind {
                EntryKind::Tree => folder.join(&listed.name).ok(),
                EntryKind::File(_) => None,
            };
            match below {
                Some(below) if self.is_bare(&below)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Writes a file whole.
    pub(super) fn write(&mut self, path: &RepoPath, mode: Option<FileMode>, text: Bytes) -> Result<Written, EngineError> {
        let limit = self.most;
        if text.len() as u64 > limit {
            return Err(over_large(path, text.len() as u64, limit));
        }
        if mode == Some(FileMode::Submodule) {
            return Err(EngineError::invalid("mode_invalid", "a submodule's commit can't be written as a file"));
        }
        if mode == Some(FileMode::Symlink) {
            path.check_symlink()?;
            check_target(path, &text)?;
        }
        let before = self.before(path)?;
        // Without a mode the one that is there stays, and what it asks of a text.
        let mode = match before.as_ref().and_then(Entry::file).map(FileView::mode).filter(|_| mode.is_none()) {
            Some(FileMode::Symlink) => {
                check_target(path, &text)?;
                Some(FileMode::Symlink)
            }
            Some(FileMode::Submodule) => return Err(submodule(path)),
            _ => mode,
        };
        let warning = self.check_new(path, before.is_none())?;
        // A request's body is one large buffer; what is kept must not keep all of it alive.
        let text = Bytes::copy_from_slice(&text);
        self.overlay.write(&self.store.repo, path, mode, text.clone())?;
        let record = match before.as_ref().and_then(Entry::file) {
            Some(file) => self.record_write(path, file, mode, &text)?,
            None => EditRecord::Write { path: path.into(), mode: mode.map(Into::into), text: text.clone() },
        };
        self.note(record, path);
        let etag = Some(acetate_git::blob_id(self.store.repo.format(), &text).to_hex());
        Ok(Written { path: path.clone(), etag, size: text.len() as u64, created: before.is_none(), warning })
    }

    /// The smaller of a splice and the whole text. The text before is used only if it is in memory already.
    fn record_write(&self, path: &RepoPath, before: &FileView, mode: Option<FileMode>, text: &Bytes) -> Result<EditRecord, EngineError> {
        let whole = || EditRecord::Write { path: path.into(), mode: mode.map(Into::into), text: text.clone() };
        let Some(old) =
            before.hot().filter(|_| text.len() >= SPLICE_FROM && before.mode().is_file() && mode.is_none_or(|mode| mode == before.mode()))
        else {
            return Ok(whole());
        };
        let front = old.iter().zip(text.iter()).take_while(|(a, b)| a == b).count();
        let room = old.len().min(text.len()) - front;
        let back = old.iter().rev().zip(text.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
        let inserted = text.slice(front..text.len() - back);
        if inserted.len() + SPLICE_FROM > text.len() {
            return Ok(whole());
        }
        let range = Range { at: front as u64, removed: (old.len() - back - front) as u64, inserted };
        Ok(EditRecord::Splice { path: path.into(), before: text_hash(old), ranges: vec![range] })
    }

    /// Replaces ranges of a file whose text before is known.
    pub(super) fn splice(&mut self, path: &RepoPath, before: &Bytes, after: Bytes, ranges: Vec<Range>) -> Result<Written, EngineError> {
        let warning = self.check(path)?;
        self.overlay.write(&self.store.repo, path, None, after.clone())?;
        let spliced: usize = ranges.iter().map(|range| range.inserted.len() + 16).sum();
        let record = if spliced + SPLICE_FROM > after.len() {
            EditRecord::Write { path: path.into(), mode: None, text: after.clone() }
        } else {
            EditRecord::Splice { path: path.into(), before: text_hash(before), ranges }
        };
        self.note(record, path);
        let etag = Some(acetate_git::blob_id(self.store.repo.format(), &after).to_hex());
        Ok(Written { path: path.clone(), etag, size: after.len() as u64, created: false, warning })
    }

    /// Deletes a file or a whole directory.
    pub(super) fn delete(&mut self, path: &RepoPath) -> Result<Written, EngineError> {
        self.overlay.remove(&self.store.repo, path)?;
        self.names.forget();
        self.note(EditRecord::Remove { path: path.into() }, path);
        Ok(Written { path: path.clone(), etag: None, size: 0, created: false, warning: None })
    }

    /// Moves a file or a whole directory.
    pub(super) fn rename(&mut self, from: &RepoPath, to: &RepoPath, replace: bool) -> Result<Written, EngineError> {
        let warning = self.check_place(from, to)?;
        let moved = self.overlay.rename(&self.store.repo, from, to, replace)?;
        self.note_move(from, to, replace);
        let file = self.overlay.get(&self.store.repo, to)?;
        let etag = file.as_ref().and_then(Entry::file).map(|file| super::files::etag(self.store, file)).transpose()?;
        let size = file.as_ref().and_then(Entry::file).map(|file| file.size(&self.store.repo)).transpose()?.unwrap_or(0);
        Ok(Written { path: to.clone(), etag, size, created: moved.before.is_none() && from != to, warning })
    }

    /// Checks where something is to be moved to; gives what is odd about it.
    pub(super) fn check_place(&mut self, from: &RepoPath, to: &RepoPath) -> Result<Option<String>, EngineError> {
        let warning = self.check(to)?.or(self.check_collision(to, Some(from))?);
        self.names.forget();
        if let Some(Entry::File(file)) = self.overlay.get(&self.store.repo, from)?
            && file.mode() == FileMode::Symlink
        {
            to.check_symlink()?;
        }
        Ok(warning)
    }

    /// Notes that something was moved.
    pub(super) fn note_move(&mut self, from: &RepoPath, to: &RepoPath, replace: bool) {
        self.note(EditRecord::Rename { from: from.into(), to: to.into(), replace }, to);
        self.paths.push(from.clone());
    }

    /// The largest file that may be written, in bytes.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Makes a file executable or not.
    pub(super) fn set_mode(&mut self, path: &RepoPath, mode: FileMode) -> Result<Written, EngineError> {
        if !mode.is_file() {
            return Err(EngineError::invalid("mode_invalid", "a file's mode is 100644 or 100755; write a link with its target instead"));
        }
        self.overlay.set_mode(&self.store.repo, path, mode)?;
        self.note(EditRecord::SetMode { path: path.into(), mode: mode.into() }, path);
        let file = self.overlay.file(&self.store.repo, path)?;
        let etag = Some(super::files::etag(self.store, &file)?);
        Ok(Written { path: path.clone(), etag, size: file.size(&self.store.repo)?, created: false, warning: None })
    }

    /// Makes an empty directory.
    pub(super) fn directory(&mut self, path: &RepoPath) -> Result<Written, EngineError> {
        let warning = self.check_new(path, true)?;
        self.overlay.make_directory(&self.store.repo, path)?;
        self.note(EditRecord::Directory { path: path.into() }, path);
        Ok(Written { path: path.clone(), etag: None, size: 0, created: true, warning })
    }

    /// The current text of a regular file that is to be edited.
    pub(super) fn text(&self, path: &RepoPath) -> Result<Bytes, EngineError> {
        let file = self.overlay.file(&self.store.repo, path)?;
        if !file.mode().is_file() {
            return Err(EngineError::invalid("not_a_file", format!("{path} is no regular file but has mode {}", file.mode())));
        }
        let limit = self.store.options.limits.file_bytes;
        if file.size(&self.store.repo)? > limit {
            return Err(EngineError::limit("file_too_large", format!("{path} has more than {limit} bytes")));
        }
        Ok(file.read(&self.store.repo)?)
    }

    pub(super) fn note(&mut self, record: EditRecord, path: &RepoPath) {
        self.records.push(record);
        self.paths.push(path.clone());
    }

    /// The store.
    pub(super) fn store(&self) -> &'a Store {
        self.store
    }
}

/// The answer to an edit that would make a file too large.
pub(super) fn over_large(path: &RepoPath, size: u64, most: u64) -> EngineError {
    EngineError::limit("file_too_large", format!("{path} would have {size} bytes, more than {most}"))
}

/// The answer to an edit that would make a session too large.
pub(super) fn over_quota(limit: u64) -> EngineError {
    EngineError::limit("session_quota", format!("the session's unsaved content would exceed {limit} bytes"))
        .hint("commit the turn: committed content does not count")
}

/// Refuses to change a session whose workspace was deleted: nothing of it would be there after a restart.
pub(crate) fn workspace_there(workspace: &WorkspaceState) -> Result<(), EngineError> {
    if workspace.record.load().deleted.is_none() && !workspace.going.load(Ordering::SeqCst) {
        return Ok(());
    }
    Err(EngineError::new(ErrorKind::Conflict, "workspace_deleted", format!("the workspace {} was deleted", workspace.id))
        .hint("work in another workspace; this one's refs and commits are there until it is purged"))
}

/// A submodule names a commit and has no text.
pub(super) fn submodule(path: &RepoPath) -> EngineError {
    EngineError::invalid("not_a_file", format!("{path} is a submodule")).hint("name a mode to write a file in its place")
}

/// A link's target stays within the repository as far as its text says; Acetate never follows links, checkouts might.
fn check_target(path: &RepoPath, target: &Bytes) -> Result<(), EngineError> {
    if target.is_empty() || target.len() > 4095 || target.contains(&0) {
        return Err(EngineError::invalid("symlink_target_invalid", format!("{path}: a link's target has 1 to 4,095 bytes and no NUL")));
    }
    Ok(())
}

/// Keeps memory bounded: contents at rest become deltas. Called after a turn and by upkeep.
pub(crate) fn settle(store: &Store, cell: &SessionCell, budget: usize) -> Result<bool, EngineError> {
    let mut state = cell.state.lock();
    if state.phase != Phase::Active {
        return Ok(true);
    }
    Ok(state.overlay.settle(&store.repo, budget)?.done)
}

/// The blob's size without reading it, for stats.
pub(crate) fn size_of(store: &Store, file: &FileView) -> Result<u64, EngineError> {
    match (file.known_size(), file.id()) {
        (Some(size), _) => Ok(size),
        (None, Some(id)) => Ok(store.repo.blob_size(&id)?),
        (None, None) => Ok(0),
    }
}
