//! Large contents: they go to the object database at once and the overlay and the journal only name them.

use super::handle::Session;
use super::record::EditRecord;
use super::write::Edits;
use crate::EngineError;
use crate::api::{WriteFile, Written};
use acetate_git::ObjectBatch;
use acetate_types::{FileMode, ObjectId, RepoPath};

/// Contents above this many bytes are not kept in memory (DESIGN.md §4).
pub(super) const LARGE: usize = 1 << 20;

impl Session {
    /// Writes a large content as a pack of its own, which `git gc` keeps its hands off until a turn commit reaches it.
    pub(super) fn park(&self, write: &WriteFile) -> Result<Option<ObjectId>, EngineError> {
        self.need(crate::api::Right::Write)?;
        self.store.check_open()?;
        let content = &write.content.0;
        if content.len() <= LARGE || content.len() as u64 > self.store.options.limits.file_bytes {
            return Ok(None);
        }
        // What will be refused must not be kept on disk: the same write with nothing in it is tried first, and not journaled.
        self.try_out(|edits| {
            edits.expect(&write.path, write.expect.as_deref())?;
            edits.write_parked(&write.path, write.mode, ObjectId::null(self.store.repo.format()), content.len())
        })?;
        if let Some(reason) = self.store.health.reason() {
            return Err(crate::store::Health::error(&reason));
        }
        let mut batch = ObjectBatch::new(self.store.repo.format());
        let id = batch.blob(content.clone());
        let kept = self.store.repo.write_pack(&[&batch])?;
        self.cell.state.lock().parked.push(kept);
        Ok(Some(id))
    }
}

impl Edits<'_> {
    /// Writes a file whose content is in the object database already.
    pub(super) fn write_parked(
        &mut self,
        path: &RepoPath,
        mode: Option<FileMode>,
        id: ObjectId,
        size: usize,
    ) -> Result<Written, EngineError> {
        if mode.is_some_and(|mode| !mode.is_file()) {
            return Err(EngineError::invalid("mode_invalid", "a link's target is not that long"));
        }
        let store = self.store();
        let before = self.overlay.get(&store.repo, path)?;
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
        self.overlay.write_object(&store.repo, path, Some(mode), id, size as u64)?;
        self.note(EditRecord::Object { path: path.into(), mode: mode.into(), id: (&id).into() }, path);
        Ok(Written { path: path.clone(), etag: Some(id.to_hex()), size: size as u64, created: before.is_none(), warning })
    }
}
