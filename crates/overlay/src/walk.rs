//! Walking everything below a directory, lazily and in path order.

use crate::content::FileView;
use crate::view::{DirRef, Spot, entries, find, path_order, visible};
use crate::{Overlay, OverlayError};
use acetate_types::{ObjectId, Objects, RepoPath, Tree};
use bytes::Bytes;
use std::sync::Arc;

/// What a walk comes upon.
#[derive(Debug)]
pub enum Visit<'a> {
    /// A file, symbolic link or submodule.
    File {
        /// The whole path from the root. Shorter-lived and not checked as a [`RepoPath`] is: use [`RepoPath::existing`] to keep it.
        path: &'a [u8],
        /// The file.
        file: FileView,
    },
    /// A directory, before what is in it.
    Directory {
        /// The whole path from the root.
        path: &'a [u8],
        /// The tree that this directory is exactly: the visitor may serve all of it from a cache and skip it.
        tree: Option<ObjectId>,
    },
}

/// How a walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// On to the next, and into a directory.
    Continue,
    /// On to the next, past all of a directory.
    Skip,
    /// No further.
    Stop,
}

/// What is still to come of one directory.
enum Rest<'a> {
    /// A plain tree is in path order already, so nothing of it is copied.
    Tree(Arc<Tree>, usize),
    Seen(std::vec::IntoIter<(Bytes, Spot<'a>)>),
}

impl<'a> Rest<'a> {
    fn of<O: Objects + ?Sized>(objects: &O, dir: DirRef<'a>) -> Result<Self, OverlayError> {
        if let Some(id) = dir.whole() {
            return Ok(Self::Tree(objects.tree(&id)?, 0));
        }
        let mut seen = entries(objects, dir)?;
        seen.sort_by(|(a, at_a), (b, at_b)| path_order((a, at_a.is_dir()), (b, at_b.is_dir())));
        Ok(Self::Seen(seen.into_iter()))
    }

    fn next(&mut self, path: &mut Vec<u8>) -> Option<Spot<'a>> {
        match self {
            Self::Tree(tree, at) => loop {
                let entry = tree.at(*at)?;
                *at += 1;
                if visible(tree, entry.name, entry.kind) {
                    path.extend_from_slice(entry.name);
                    return Some(Spot::of_base(Some((entry.kind, entry.id))));
                }
            },
            Self::Seen(rest) => {
                let (name, spot) = rest.next()?;
                path.extend_from_slice(&name);
                Some(spot)
            }
        }
    }
}

impl Overlay {
    /// Visits all that is below a directory, or the one file that `prefix` names, in byte order of the whole paths (Git's order).
    /// Trees are read as the walk comes to them. A prefix that names nothing is an empty walk.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn walk<O: Objects + ?Sized>(
        &self,
        objects: &O,
        prefix: Option<&RepoPath>,
        visitor: &mut dyn FnMut(Visit<'_>) -> Flow,
    ) -> Result<(), OverlayError> {
        let spot = match prefix {
            None => Spot::Dir(self.root_ref()),
            Some(path) => find(objects, self.root_ref(), path)?,
        };
        let path = prefix.map_or(Vec::new(), |path| path.as_bytes().to_vec());
        match spot {
            Spot::Absent => {}
            Spot::File(file) => {
                visitor(Visit::File { path: &path, file });
            }
            Spot::Dir(dir) => walk(objects, dir, path, visitor)?,
        }
        Ok(())
    }
}

/// Visits all below a directory whose path is given, empty for the root.
pub(crate) fn walk<O: Objects + ?Sized>(
    objects: &O,
    dir: DirRef<'_>,
    mut path: Vec<u8>,
    visitor: &mut dyn FnMut(Visit<'_>) -> Flow,
) -> Result<(), OverlayError> {
    // A stack of our own: trees come from outside, and may nest deeper than a thread's stack.
    if !path.is_empty() {
        path.push(b'/');
    }
    let mut stack = vec![(path.len(), Rest::of(objects, dir)?)];
    while let Some((len, rest)) = stack.last_mut() {
        path.truncate(*len);
        let Some(spot) = rest.next(&mut path) else {
            stack.pop();
            continue;
        };
        let (flow, below) = match spot {
            Spot::Absent => (Flow::Continue, None),
            Spot::File(file) => (visitor(Visit::File { path: &path, file }), None),
            Spot::Dir(dir) => (visitor(Visit::Directory { path: &path, tree: dir.whole() }), Some(dir)),
        };
        match (flow, below) {
            (Flow::Stop, _) => return Ok(()),
            (Flow::Continue, Some(dir)) => {
                path.push(b'/');
                stack.push((path.len(), Rest::of(objects, dir)?));
            }
            _ => {}
        }
    }
    Ok(())
}
