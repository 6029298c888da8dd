//! What differs: from the base, and from another overlay.

use crate::content::FileView;
use crate::node::{Dir, Node};
use crate::view::{DirRef, Spot, entries, look};
use crate::walk::{Flow, Visit, walk};
use crate::{Overlay, OverlayError};
use acetate_types::{FileMode, ObjectId, Objects, RepoPath};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file that differs from the base.
#[derive(Debug, Clone)]
pub struct Change {
    /// The path.
    pub path: RepoPath,
    /// What the base has there; `None` when no file.
    pub before: Option<(FileMode, ObjectId)>,
    /// What is there now; `None` when no file.
    pub after: Option<FileView>,
}

/// A place where the overlay says something else than the base.
#[derive(Debug, Clone)]
pub struct ChangedRoot {
    /// The path.
    pub path: RepoPath,
    /// What is there.
    pub what: RootChange,
}

/// What the overlay says at a place.
#[derive(Debug, Clone)]
pub enum RootChange {
    /// A file was written, or its mode set.
    File(FileView),
    /// The file, or the directory with all in it, is gone.
    Removed,
    /// A directory was made, moved here, or put in another's place; what differs in it follows as items of its own.
    Directory {
        /// The tree that it shows apart from those.
        tree: Option<ObjectId>,
    },
}

/// A path and the two sides at it. Directories too, where one comes or goes.
type Found<'f> = dyn FnMut(&[u8], &Spot<'_>, &Spot<'_>) + 'f;

impl Overlay {
    /// The files that differ from the base, in byte order of their paths. Costs what changed: overlay entries, the trees along
    /// them, all files of a deleted or moved directory, and contents only where size and mode are as in the base. Paths that no
    /// [`RepoPath`] can hold (a hostile base has them) are left out.
    ///
    /// # Errors
    /// An unreadable tree, or blob where contents are compared.
    pub fn changes<O: Objects + ?Sized>(&self, objects: &O) -> Result<Vec<Change>, OverlayError> {
        let mut found = Vec::new();
        diff(objects, DirRef::tree(self.base_tree()), self.root_ref(), &mut |path, old, new| {
            let before = if let Spot::File(file) = old { file.id().map(|id| (file.mode, id)) } else { None };
            let after = if let Spot::File(file) = new { Some(file.clone()) } else { None };
            if (before.is_some() || after.is_some())
                && let Ok(path) = RepoPath::existing(path.to_vec())
            {
                found.push(Change { path, before, after });
            }
        })?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// The entries of the overlay, in order of their names from the root down: a deleted or moved directory is one item. Reads
    /// nothing, so a file that was written back to what the base has is among them.
    pub fn changed_roots(&self) -> Vec<ChangedRoot> {
        let mut roots = Vec::new();
        collect(&self.root, &mut Vec::new(), &mut roots);
        roots
    }

    /// The paths at which this overlay shows other than an `older` one, sorted: files whose mode or content differ, files and
    /// directories that came or went. What the two share is skipped, so with one base it costs what differs.
    ///
    /// # Errors
    /// An unreadable tree, or blob where contents are compared.
    pub fn diff_since<O: Objects + ?Sized>(&self, objects: &O, older: &Self) -> Result<Vec<RepoPath>, OverlayError> {
        let mut paths = BTreeSet::new();
        diff(objects, older.root_ref(), self.root_ref(), &mut |path, _, _| {
            paths.insert(path.to_vec());
        })?;
        Ok(paths.into_iter().filter_map(|path| RepoPath::existing(Bytes::from(path)).ok()).collect())
    }
}

fn collect(dir: &Dir, path: &mut Vec<u8>, roots: &mut Vec<ChangedRoot>) {
    for (name, node) in dir.names.iter() {
        let len = path.len();
        path.extend_from_slice(name);
        let what = match node {
            Node::Gone => Some(RootChange::Removed),
            Node::File(file) => Some(RootChange::File(FileView::clone(file))),
            Node::Dir(below) => below.own.then_some(RootChange::Directory { tree: below.base }),
        };
        if let (Some(what), Ok(path)) = (what, RepoPath::existing(path.clone())) {
            roots.push(ChangedRoot { path, what });
        }
        if let Node::Dir(below) = node {
            path.push(b'/');
            collect(below, path, roots);
        }
        path.truncate(len);
    }
}

/// Finds all that differs between two directories, in no order.
fn diff<'a, O: Objects + ?Sized>(objects: &O, old: DirRef<'a>, new: DirRef<'a>, found: &mut Found<'_>) -> Result<(), OverlayError> {
    let mut pairs = vec![(Vec::new(), old, new)];
    while let Some((path, old, new)) = pairs.pop() {
        if same(old, new) {
            continue;
        }
        for (name, old, new) in both(objects, old, new)? {
            let path = [&path[..], &name].concat();
            match (old, new) {
                (Spot::Absent, Spot::Absent) => {}
                (Spot::Dir(old), Spot::Dir(new)) => pairs.push(([&path[..], b"/"].concat(), old, new)),
                (Spot::File(old), Spot::File(new)) => {
                    if !old.same(&new, objects)? {
                        found(&path, &Spot::File(old), &Spot::File(new));
                    }
                }
                (old, new) => {
                    found(&path, &old, &new);
                    for (spot, is_new) in [(old, false), (new, true)] {
                        let Spot::Dir(dir) = spot else { continue };
                        walk(objects, dir, path.clone(), &mut |visit| {
                            let (path, here) = match visit {
                                Visit::File { path, file } => (path, Spot::File(file)),
                                Visit::Directory { path, tree } => (path, Spot::Dir(DirRef { base: tree, node: None })),
                            };
                            if is_new {
                                found(path, &Spot::Absent, &here)
                            } else {
                                found(path, &here, &Spot::Absent)
                            }
                            Flow::Continue
                        })?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Whether two directories are known to be equal without looking into them.
fn same(old: DirRef<'_>, new: DirRef<'_>) -> bool {
    let shared = matches!((old.node, new.node), (Some(a), Some(b)) if Arc::ptr_eq(a, b));
    shared || (old.whole().is_some() && old.whole() == new.whole())
}

/// The names at which two directories may differ, with both sides.
fn both<'a, O: Objects + ?Sized>(objects: &O, old: DirRef<'a>, new: DirRef<'a>) -> Result<Vec<(Bytes, Spot<'a>, Spot<'a>)>, OverlayError> {
    if old.base == new.base {
        // One tree shows through both: only what the overlays say can differ.
        let said = |dir: DirRef<'a>| dir.node.into_iter().flat_map(|node| node.names.iter());
        let names: BTreeSet<_> = said(old).chain(said(new)).map(|(name, _)| &name[..]).collect();
        return names
            .into_iter()
            .map(|name| Ok((Bytes::copy_from_slice(name), look(objects, old, name)?, look(objects, new, name)?)))
            .collect();
    }
    let mut sides = BTreeMap::new();
    for (name, spot) in entries(objects, old)? {
        sides.insert(name, (spot, Spot::Absent));
    }
    for (name, spot) in entries(objects, new)? {
        sides.entry(name).or_insert((Spot::Absent, Spot::Absent)).1 = spot;
    }
    Ok(sides.into_iter().map(|(name, (old, new))| (name, old, new)).collect())
}
