//! One directory as it is seen, taken hold of: whoever asks for many of its names walks down to it once.

use crate::content::{Body, Entry, FileView};
use crate::node::Dir;
use crate::view::{DirRef, Spot, entries, find, visible};
use crate::{Overlay, OverlayError};
use acetate_types::{EntryKind, ObjectId, Objects, RepoPath, Tree};
use bytes::Bytes;
use std::sync::Arc;

/// A directory of an overlay at one moment; later edits do not touch it. Looking up a name costs the same at any depth.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The tree that shows through, with its id.
    tree: Option<(ObjectId, Arc<Tree>)>,
    node: Option<Arc<Dir>>,
}

impl Overlay {
    /// The directory at a path, `None` if there is none; without a path the root.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn directory<O: Objects + ?Sized>(&self, objects: &O, path: Option<&RepoPath>) -> Result<Option<Directory>, OverlayError> {
        let dir = match path {
            None => self.root_ref(),
            Some(path) => match find(objects, self.root_ref(), path)? {
                Spot::Dir(dir) => dir,
                Spot::Absent | Spot::File(_) => return Ok(None),
            },
        };
        Directory::of(objects, dir).map(Some)
    }

    /// Whether this is the other one, with no edit in between. In constant time.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.root, &other.root) && self.base_tree() == other.base_tree()
    }
}

impl Directory {
    fn of<O: Objects + ?Sized>(objects: &O, dir: DirRef<'_>) -> Result<Self, OverlayError> {
        let tree = match dir.base {
            Some(id) => Some((id, objects.tree(&id)?)),
            None => None,
        };
        Ok(Self { tree, node: dir.node.map(Arc::clone) })
    }

    fn dir_ref(&self) -> DirRef<'_> {
        DirRef { base: self.tree.as_ref().map(|(id, _)| *id), node: self.node.as_ref() }
    }

    fn spot(&self, name: &[u8]) -> Spot<'_> {
        match self.node.as_ref().and_then(|node| node.names.get(name)) {
            Some(node) => node.into(),
            None => Spot::of_base(self.tree.as_ref().and_then(|(_, tree)| tree.get(name)).map(|entry| (entry.kind, entry.id))),
        }
    }

    /// What is at a name. A file's size is known then.
    ///
    /// # Errors
    /// When the object database can't tell the size.
    pub fn get<O: Objects + ?Sized>(&self, objects: &O, name: &[u8]) -> Result<Option<Entry>, OverlayError> {
        if let Some(node) = self.node.as_ref().and_then(|node| node.names.get(name)) {
            let mut entry = Spot::from(node).entry();
            if let Some(Entry::File(FileView { mode, body: Body::Object { id, size: size @ None, .. } })) = &mut entry
                && *mode != acetate_types::FileMode::Submodule
            {
                *size = Some(objects.blob_size(id)?);
            }
            return Ok(entry);
        }
        let Some((tree, number)) = self.tree.as_ref().and_then(|(_, tree)| Some((tree, tree.find(name)?))) else { return Ok(None) };
        sized(objects, tree, number)
    }

    /// The directory at a name, `None` if there is none.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn child<O: Objects + ?Sized>(&self, objects: &O, name: &[u8]) -> Result<Option<Self>, OverlayError> {
        match self.spot(name) {
            Spot::Dir(dir) => Self::of(objects, dir).map(Some),
            Spot::Absent | Spot::File(_) => Ok(None),
        }
    }

    /// All names, each with what it is.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn names<O: Objects + ?Sized>(&self, objects: &O) -> Result<Vec<(Bytes, EntryKind)>, OverlayError> {
        if let (Some((_, tree)), true) = (&self.tree, self.node.as_ref().is_none_or(|node| node.names.is_empty())) {
            let seen = tree.entries().enumerate().filter(|(_, entry)| visible(tree, entry.name, entry.kind));
            return Ok(seen.map(|(number, entry)| (tree.name_at(number), entry.kind)).collect());
        }
        let kind = |(name, spot)| match spot {
            Spot::Absent => None,
            Spot::Dir(_) => Some((name, EntryKind::Tree)),
            Spot::File(file) => Some((name, EntryKind::File(file.mode()))),
        };
        Ok(entries(objects, self.dir_ref())?.into_iter().filter_map(kind).collect())
    }
}

/// An entry of a tree with its size.
fn sized<O: Objects + ?Sized>(objects: &O, tree: &Tree, number: usize) -> Result<Option<Entry>, OverlayError> {
    let Some(entry) = tree.at(number) else { return Ok(None) };
    Ok(Some(match entry.kind {
        EntryKind::Tree => Entry::Directory(Some(entry.id)),
        EntryKind::File(mode @ acetate_types::FileMode::Submodule) => Entry::File(FileView::object(mode, entry.id, None)),
        EntryKind::File(mode) => {
            let size = tree.size_at(number, |id| objects.blob_size(id))?;
            Entry::File(FileView::object(mode, entry.id, Some(size)))
        }
    }))
}
