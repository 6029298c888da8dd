//! Large contents: they go to the object database at once and the overlay and the journal only name them.

use super::cell::SessionState;
use super::handle::Session;
use super::record::EditRecord;
use super::write::Edits;
use crate::EngineError;
use crate::api::{WriteFile, WriteStream, Written};
use crate::pipeline::Projection;
use crate::store::Store;
use acetate_git::{KeptPack, ObjectBatch};
use acetate_types::{FileMode, ObjectId, RepoPath};
use std::io::Read;
use std::sync::Arc;

/// Contents above this many bytes are not kept in memory (DESIGN.md §4).
pub(super) const LARGE: usize = 1 << 20;

/// A pack with contents that the session's edits name, kept until a turn's commit reaches them. A fork shares its session's.
pub(crate) struct Parked {
    pack: KeptPack,
    /// Bytes of contents that count towards the session's quota.
    pub(super) bytes: u64,
    /// Whether it is a snapshot's, whose contents the overlay has too: the next snapshot has them again.
    pub(super) snapshot: bool,
}

impl Parked {
    /// Of a snapshot: its contents are in the overlay too, and count there.
    pub(super) fn of_snapshot(pack: KeptPack) -> Self {
        Self { pack, bytes: 0, snapshot: true }
    }
}

impl SessionState {
    /// Bytes of contents that are put aside and that no commit reaches yet.
    pub(super) fn parked_bytes(&self) -> u64 {
        self.parked.iter().map(|parked| parked.bytes).sum()
    }
}

impl Store {
    /// Lets go of packs whose contents durable commits reach now, or nothing does. Their refs were handed to the projector before: it
    /// removes a `.keep` once those are on stable storage.
    pub(super) fn let_go(&self, parked: Vec<Arc<Parked>>) {
        for parked in parked.into_iter().filter_map(Arc::into_inner) {
            self.pipeline.project(Projection::Refs { refs: Vec::new(), written: Vec::new(), kept: Some(parked.pack) });
        }
    }
}

impl Session {
    /// Writes a file whole. A large content becomes a pack of its own first, which `git gc` keeps its hands off until a turn commit
    /// reaches it.
    pub(super) fn write_whole(&self, write: &WriteFile) -> Result<Written, EngineError> {
        let content = &write.content.0;
        if content.len() <= LARGE || content.len() as u64 > self.most_file_bytes() {
            return self.change(|edits| {
                edits.expect(&write.path, write.expect.as_deref())?;
                edits.write(&write.path, write.mode, content.clone())
            });
        }
        let (id, parked) = self.park(write)?;
        let mut parked = Some(parked);
        let written = self.change_with(&mut parked, |edits| {
            edits.expect(&write.path, write.expect.as_deref())?;
            edits.write_parked(&write.path, write.mode, id, content.len() as u64)
        });
        // Nothing names what was refused.
        self.store.let_go(parked.into_iter().map(Arc::new).collect());
        written
    }

    fn park(&self, write: &WriteFile) -> Result<(ObjectId, Parked), EngineError> {
        let content = &write.content.0;
        self.may_park(&write.path, write.mode, write.expect.as_deref(), content.len() as u64)?;
        let mut batch = ObjectBatch::new(self.store.repo.format());
        let id = batch.blob(content.clone());
        Ok((id, Parked { pack: self.store.repo.write_pack(&[&batch])?, bytes: content.len() as u64, snapshot: false }))
    }

    /// Writes a file whole from a stream of so many bytes; memory holds one chunk of it.
    pub(super) fn write_streamed(&self, write: &WriteStream, size: u64, content: &mut dyn Read) -> Result<Written, EngineError> {
        if size <= LARGE as u64 {
            let mut whole = Vec::new();
            let read = content.take(size + 1).read_to_end(&mut whole);
            if read.map_err(|error| broken(&error))? as u64 != size {
                return Err(broken(&std::io::Error::other("it has not the size that was announced")));
            }
            let WriteStream { path, mode, expect } = write.clone();
            return self.write_whole(&WriteFile { path, content: whole.into(), mode, expect });
        }
        let limits = &self.store.options.limits;
        let most = self.cell.workspace.max_file_bytes().map_or(limits.stream_bytes, |own| own.min(limits.stream_bytes));
        if size > most {
            let message = format!("{} would have {size} bytes, more than {most}", write.path);
            return Err(EngineError::limit("file_too_large", message));
        }
        self.may_park(&write.path, write.mode, write.expect.as_deref(), size)?;
        let (id, pack) = self.store.repo.write_blob(size, content)?;
        let mut parked = Some(Parked { pack, bytes: size, snapshot: false });
        let written = self.change_with(&mut parked, |edits| {
            edits.expect(&write.path, write.expect.as_deref())?;
            edits.write_parked(&write.path, write.mode, id, size)
        });
        self.store.let_go(parked.into_iter().map(Arc::new).collect());
        written
    }

    /// Whether so many bytes may be put aside for a path. What will be refused must not be kept on disk: the same write with nothing in it is
    /// tried first, and not journaled.
    fn may_park(&self, path: &RepoPath, mode: Option<FileMode>, expect: Option<&str>, bytes: u64) -> Result<(), EngineError> {
        self.need(crate::api::Right::Write)?;
        self.store.check_open()?;
        super::write::workspace_there(&self.cell.workspace)?;
        self.try_out(|edits| {
            edits.expect(path, expect)?;
            edits.write_parked(path, mode, ObjectId::null(self.store.repo.format()), bytes)
        })?;
        let limit = self.store.options.limits.session_bytes;
        if self.cell.state.lock().parked_bytes() + bytes > limit {
            return Err(super::write::over_quota(limit));
        }
        match self.store.health.reason() {
            Some(reason) => Err(crate::store::Health::error(&reason)),
            None => Ok(()),
        }
    }
}

fn broken(error: &std::io::Error) -> EngineError {
    EngineError::invalid("content_truncated", format!("the content can't be read: {error}")).hint("send it again, whole")
}

impl Edits<'_> {
    /// Writes a file whose content is in the object database already.
    pub(super) fn write_parked(
        &mut self,
        path: &RepoPath,
        mode: Option<FileMode>,
        id: ObjectId,
        size: u64,
    ) -> Result<Written, EngineError> {
        if mode.is_some_and(|mode| !mode.is_file()) {
            return Err(EngineError::invalid("mode_invalid", "a link's target is not that long"));
        }
        let store = self.store();
        let before = self.before(path)?;
        let there = before.as_ref().and_then(acetate_overlay::Entry::file).map(acetate_overlay::FileView::mode);
        if mode.is_none() && there == Some(FileMode::Symlink) {
            return Err(EngineError::invalid("mode_invalid", "a link's target is not that long"));
        }
        if mode.is_none() && there == Some(FileMode::Submodule) {
            return Err(super::write::submodule(path));
        }
        let mode = mode
            .or_else(|| before.as_ref().and_then(acetate_overlay::Entry::file).map(acetate_overlay::FileView::mode))
            .unwrap_or(FileMode::Regular);
        let warning = self.check_new(path, before.is_none())?;
        self.overlay.write_object(&store.repo, path, Some(mode), id, size)?;
        self.note(EditRecord::Object { path: path.into(), mode: mode.into(), id: (&id).into() }, path);
        Ok(Written { path: path.clone(), etag: Some(id.to_hex()), size, created: before.is_none(), warning })
    }
}
