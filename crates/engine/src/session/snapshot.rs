//! An overlay as one journal record: the edits that make it anew on its base.
//!
//! Invariant: replaying a snapshot shows what the overlay showed. It holds because the edits are replayed while they are made: what has to
//! go from a place is decided by what a replay has there, which is not always what the base has (below a moved directory it is not).
//!
//! A record is bounded, the contents of a session are less so: of a large snapshot the contents go into a kept pack, and the record
//! names them.

use super::record::{BaseRecord, EditRecord, Record, SnapshotRecord};
use super::replay::apply;
use crate::EngineError;
use crate::store::Store;
use crate::workspace::Head;
use acetate_git::{KeptPack, ObjectBatch};
use acetate_overlay::{Entry, Overlay, RootChange};
use acetate_types::{FileMode, RepoPath};

/// Snapshots with more bytes of contents than this name them; a record of the journal has room for twice as much.
pub(crate) const INLINE: usize = 16 << 20;

/// An overlay on its way into the journal.
pub(crate) struct Snapshot {
    /// What is appended.
    pub(crate) record: Record,
    /// The pack with the contents, if they are not in the record.
    pub(crate) kept: Option<KeptPack>,
}

/// The record that says all of an overlay; costs what changed. More than `inline` bytes of contents go into a pack.
pub(crate) fn snapshot(store: &Store, base: &Head, overlay: &Overlay, inline: usize) -> Result<Snapshot, EngineError> {
    let mut edits = snapshot_edits(store, overlay)?;
    let kept = put_aside(store, &mut edits, inline)?;
    Ok(Snapshot { record: Record::Snapshot(SnapshotRecord { base: BaseRecord::from(base), edits }), kept })
}

/// Puts contents into a pack where the record would be too large with them.
fn put_aside(store: &Store, edits: &mut [EditRecord], inline: usize) -> Result<Option<KeptPack>, EngineError> {
    let text = |edit: &EditRecord| if let EditRecord::Write { text, .. } = edit { text.len() } else { 0 };
    if edits.iter().map(text).sum::<usize>() <= inline {
        return Ok(None);
    }
    let mut batch = ObjectBatch::new(store.repo.format());
    for edit in edits {
        if let EditRecord::Write { path, mode, text } = edit {
            let mode = mode.unwrap_or(FileMode::Regular.into());
            *edit = EditRecord::Object { path: path.clone(), mode, id: (&batch.blob(text.clone())).into() };
        }
    }
    if let Some(reason) = store.health.reason() {
        return Err(crate::store::Health::error(&reason));
    }
    Ok(Some(store.repo.write_pack(&[&batch])?))
}

/// An overlay as edits of its base.
fn snapshot_edits(store: &Store, overlay: &Overlay) -> Result<Vec<EditRecord>, EngineError> {
    let mut made = Made { store, shown: Overlay::new(overlay.base_tree()), edits: Vec::new() };
    for root in overlay.changed_roots() {
        let path: &RepoPath = &root.path;
        let there = made.shown.get(&store.repo, path)?;
        match root.what {
            RootChange::Removed if there.is_none() => {}
            RootChange::Removed => made.push(EditRecord::Remove { path: path.into() })?,
            RootChange::Directory { tree } => {
                if there.is_some() {
                    made.push(EditRecord::Remove { path: path.into() })?;
                }
                made.push(match tree {
                    Some(id) => EditRecord::Tree { path: path.into(), id: (&id).into() },
                    None => EditRecord::Directory { path: path.into() },
                })?;
            }
            RootChange::File(file) => {
                // A file stays where a file takes its place: it is what the new text is a small difference to.
                if there.as_ref().is_some_and(Entry::is_directory) {
                    made.push(EditRecord::Remove { path: path.into() })?;
                }
                made.push(match file.id() {
                    Some(id) => EditRecord::Object { path: path.into(), mode: file.mode().into(), id: (&id).into() },
                    None => EditRecord::Write { path: path.into(), mode: Some(file.mode().into()), text: file.read(&store.repo)? },
                })?;
            }
        }
    }
    let mut edits = made.edits;
    for moved in overlay.moves(&store.repo)? {
        edits.push(EditRecord::Moved { from: (&moved.from).into(), to: (&moved.to).into() });
    }
    Ok(edits)
}

/// Edits, and what a replay of them shows so far.
struct Made<'a> {
    store: &'a Store,
    shown: Overlay,
    edits: Vec<EditRecord>,
}

impl Made<'_> {
    fn push(&mut self, edit: EditRecord) -> Result<(), EngineError> {
        apply(self.store, &mut self.shown, &edit)?;
        self.edits.push(edit);
        Ok(())
    }
}
