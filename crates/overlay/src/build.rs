//! Making trees of an overlay, and taking over what a commit has made durable.

use crate::content::{Body, FileView};
use crate::names::Names;
use crate::node::{Dir, Node};
use crate::{Overlay, OverlayError};
use acetate_types::{EntryKind, ObjectId, Objects, Tree, TreeEntry};
use bytes::Bytes;
use std::sync::Arc;

/// Where new objects go. Ids are those under which [`Objects`] will have them.
pub trait Sink {
    /// Takes a blob and gives its id.
    fn blob(&mut self, data: Bytes) -> ObjectId;
    /// Takes a tree and gives its id. Its subtrees were given before, or are in the object database.
    fn tree(&mut self, tree: Tree) -> ObjectId;
}

/// What building made.
#[derive(Debug, Clone)]
pub struct Built {
    /// The root tree of what the overlay shows. Empty directories are not in it.
    pub tree: ObjectId,
    /// The same view over the same base, every content named by its object id. For [`Overlay::adopt`] once the objects are durable.
    pub overlay: Overlay,
}

impl Overlay {
    /// Makes the trees and blobs of what is seen. Reads the trees along changed paths, and the base blobs of contents that are
    /// held as deltas; subtrees without changes keep their ids, and a directory that comes out as it was costs no new object.
    ///
    /// # Errors
    /// An unreadable tree, or base blob of a delta.
    pub fn build<O: Objects + ?Sized, S: Sink + ?Sized>(&self, objects: &O, sink: &mut S) -> Result<Built, OverlayError> {
        let (tree, root) = build(objects, sink, &self.root)?;
        let tree = tree.unwrap_or_else(|| sink.tree(Tree::default()));
        Ok(Built { tree, overlay: self.with_root(root) })
    }

    /// Takes over the object ids of a [`Built::overlay`] that was made of this overlay or of an ancestor of it, for every path whose
    /// content has not been written since. Newer edits stay as they are. Only after the objects are durable.
    pub fn adopt(&mut self, built: &Self) {
        if let Some(root) = adopt(&self.root, &built.root) {
            *self = self.with_root(Arc::new(root));
        }
    }
}

/// The tree of a directory, `None` when nothing of it is committed, and the directory with contents by id.
fn build<O: Objects + ?Sized, S: Sink + ?Sized>(
    objects: &O,
    sink: &mut S,
    dir: &Arc<Dir>,
) -> Result<(Option<ObjectId>, Arc<Dir>), OverlayError> {
    if dir.names.is_empty() {
        return Ok((dir.base, Arc::clone(dir)));
    }
    let base = dir.base.as_ref().map(|id| objects.tree(id)).transpose()?.unwrap_or_default();
    let mut entries: Vec<TreeEntry> = Vec::with_capacity(base.len() + dir.names.len());
    let kept = base.entries().enumerate().filter(|(_, entry)| dir.names.get(entry.name).is_none());
    entries.extend(kept.filter_map(|(number, _)| base.owned(number)));
    let mut names = Names::new();
    for (name, node) in dir.names.iter() {
        let (entry, kept) = match node {
            Node::Gone => (None, Some(Node::Gone)),
            Node::File(file) => {
                let (id, file) = store(objects, sink, file)?;
                let entry = (EntryKind::File(file.mode), id);
                let is_base = base.get(name).is_some_and(|base| (base.kind, base.id) == entry);
                (Some(entry), (!is_base).then_some(Node::File(file)))
            }
            Node::Dir(below) => {
                let (id, below) = build(objects, sink, below)?;
                let kept = below.own || !below.names.is_empty();
                (id.map(|id| (EntryKind::Tree, id)), kept.then_some(Node::Dir(below)))
            }
        };
        if let Some((kind, id)) = entry {
            entries.push(TreeEntry { name: Bytes::copy_from_slice(name), kind, id });
        }
        if let Some(node) = kept {
            names.insert(name, node);
        }
    }
    let tree = Tree::new(entries);
    let id = match dir.base {
        _ if tree.is_empty() => None,
        Some(id) if *base == tree => Some(id),
        _ => Some(sink.tree(tree)),
    };
    Ok((id, Arc::new(Dir { base: dir.base, own: dir.own, names })))
}

/// Gives a content to the sink, unless it has an id already.
fn store<O: Objects + ?Sized, S: Sink + ?Sized>(
    objects: &O,
    sink: &mut S,
    file: &Arc<FileView>,
) -> Result<(ObjectId, Arc<FileView>), OverlayError> {
    if let Some(id) = file.id() {
        return Ok((id, Arc::clone(file)));
    }
    let bytes = file.read(objects)?;
    let size = Some(bytes.len() as u64);
    let id = sink.blob(bytes);
    let body = Body::Object { id, size, mark: file.body.mark().cloned() };
    Ok((id, Arc::new(FileView { mode: file.mode, body })))
}

/// A directory with contents by id where `built` knows them; `None` when nothing is to be taken over.
fn adopt(mine: &Arc<Dir>, built: &Arc<Dir>) -> Option<Dir> {
    let mut taken: Option<Dir> = None;
    for (name, made) in built.names.iter() {
        let node = match (mine.names.get(name), made) {
            (Some(Node::File(file)), Node::File(made)) if file.id().is_none() && made.id().is_some() => {
                let one_write = matches!((file.body.mark(), made.body.mark()), (Some(a), Some(b)) if a.same(b));
                one_write.then(|| Node::File(Arc::new(FileView { mode: file.mode, body: made.body.clone() })))
            }
            (Some(Node::Dir(below)), Node::Dir(made)) if !Arc::ptr_eq(below, made) => {
                adopt(below, made).map(|dir| Node::Dir(Arc::new(dir)))
            }
            _ => None,
        };
        if let Some(node) = node {
            taken.get_or_insert_with(|| Dir::clone(mine)).names.insert(name, node);
        }
    }
    taken
}
