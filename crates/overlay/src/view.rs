//! What is seen: nodes over trees, one directory at a time.
//!
//! Trees come from outside. Where one holds a file and a directory of one name, the file is what is seen; names `.` and `..` are
//! never seen. Both stay in the tree as long as nobody replaces them.

use crate::OverlayError;
use crate::content::{Entry, FileView};
use crate::node::{Dir, Node};
use acetate_types::{EntryKind, ObjectId, Objects, RepoPath, Tree};
use bytes::Bytes;
use std::cmp::Ordering;
use std::sync::Arc;

/// A directory as seen: a tree, with nodes over it or without.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DirRef<'a> {
    pub(crate) base: Option<ObjectId>,
    pub(crate) node: Option<&'a Arc<Dir>>,
}

impl<'a> DirRef<'a> {
    pub(crate) const fn tree(id: ObjectId) -> Self {
        Self { base: Some(id), node: None }
    }

    pub(crate) fn node(dir: &'a Arc<Dir>) -> Self {
        Self { base: dir.base, node: Some(dir) }
    }

    /// The tree that this is exactly, if it is one.
    pub(crate) fn whole(&self) -> Option<ObjectId> {
        if self.node.is_some_and(|dir| !dir.names.is_empty()) { None } else { self.base }
    }
}

/// What is seen at a name.
#[derive(Debug, Clone)]
pub(crate) enum Spot<'a> {
    Absent,
    File(FileView),
    Dir(DirRef<'a>),
}

impl Spot<'_> {
    pub(crate) fn of_base(entry: Option<(EntryKind, ObjectId)>) -> Self {
        match entry {
            None => Self::Absent,
            Some((EntryKind::Tree, id)) => Self::Dir(DirRef::tree(id)),
            Some((EntryKind::File(mode), id)) => Self::File(FileView::object(mode, id, None)),
        }
    }

    pub(crate) fn is_dir(&self) -> bool {
        matches!(self, Self::Dir(_))
    }

    pub(crate) fn entry(self) -> Option<Entry> {
        match self {
            Self::Absent => None,
            Self::File(file) => Some(Entry::File(file)),
            Self::Dir(dir) => Some(Entry::Directory(dir.whole())),
        }
    }
}

impl<'a> From<&'a Node> for Spot<'a> {
    fn from(node: &'a Node) -> Self {
        match node {
            Node::Gone => Self::Absent,
            Node::File(file) => Self::File(FileView::clone(file)),
            Node::Dir(dir) => Self::Dir(DirRef::node(dir)),
        }
    }
}

/// The entry of a name in the tree that shows through a directory.
pub(crate) fn base_entry<O: Objects + ?Sized>(
    objects: &O,
    base: Option<&ObjectId>,
    name: &[u8],
) -> Result<Option<(EntryKind, ObjectId)>, OverlayError> {
    let Some(id) = base else { return Ok(None) };
    Ok(objects.tree(id)?.get(name).map(|entry| (entry.kind, entry.id)))
}

/// What is seen at a name of a directory.
pub(crate) fn look<'a, O: Objects + ?Sized>(objects: &O, dir: DirRef<'a>, name: &[u8]) -> Result<Spot<'a>, OverlayError> {
    match dir.node.and_then(|node| node.names.get(name)) {
        Some(node) => Ok(node.into()),
        None => Ok(Spot::of_base(base_entry(objects, dir.base.as_ref(), name)?)),
    }
}

/// What is seen at a path below a directory.
pub(crate) fn find<'a, O: Objects + ?Sized>(objects: &O, root: DirRef<'a>, path: &RepoPath) -> Result<Spot<'a>, OverlayError> {
    let mut spot = Spot::Dir(root);
    for name in path.components() {
        let Spot::Dir(dir) = spot else { return Ok(Spot::Absent) };
        spot = look(objects, dir, name)?;
    }
    Ok(spot)
}

/// All that is seen in a directory, in byte order of the names.
pub(crate) fn entries<'a, O: Objects + ?Sized>(objects: &O, dir: DirRef<'a>) -> Result<Vec<(Bytes, Spot<'a>)>, OverlayError> {
    let names = dir.node.map(|node| &node.names);
    let mut seen = Vec::new();
    if let Some(id) = &dir.base {
        let tree = objects.tree(id)?;
        for (number, entry) in tree.entries().enumerate() {
            if visible(&tree, entry.name, entry.kind) && names.is_none_or(|names| names.get(entry.name).is_none()) {
                seen.push((tree.name_at(number), Spot::of_base(Some((entry.kind, entry.id)))));
            }
        }
    }
    for (name, node) in names.into_iter().flat_map(|names| names.iter()) {
        if !matches!(node, Node::Gone) {
            seen.push((Bytes::copy_from_slice(name), node.into()));
        }
    }
    seen.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(seen)
}

/// Whether an entry of a tree is seen under its name.
pub(crate) fn visible(tree: &Tree, name: &[u8], kind: EntryKind) -> bool {
    // Only a directory can hide behind a file: files of one name are neighbours, and of those a tree keeps one.
    name != b"." && name != b".." && (!kind.is_tree() || tree.get(name).is_some_and(|entry| entry.kind.is_tree()))
}

/// The order of whole paths, and so of Git's trees: a directory's name counts as if it ended in a slash.
pub(crate) fn path_order((a, a_is_dir): (&[u8], bool), (b, b_is_dir): (&[u8], bool)) -> Ordering {
    let slash = |is_dir: bool| is_dir.then_some(&b'/');
    a.iter().chain(slash(a_is_dir)).cmp(b.iter().chain(slash(b_is_dir)))
}
