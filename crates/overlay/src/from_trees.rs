//! An overlay out of two trees.

use crate::names::Names;
use crate::node::{Dir, Node};
use crate::overlay::MAX_DEPTH;
use crate::view::{DirRef, Spot, entries};
use crate::{Overlay, OverlayError};
use acetate_types::{ObjectId, Objects};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Overlay {
    /// The overlay that makes one tree look like another, as when a session stands again on its last commit. Costs what differs:
    /// subtrees of one id are not read, a subtree that only the other has becomes one entry.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn from_trees<O: Objects + ?Sized>(objects: &O, base_tree: ObjectId, other_tree: ObjectId) -> Result<Self, OverlayError> {
        let mut root = Dir::new(Some(base_tree), false);
        if base_tree != other_tree {
            root.names = compare(objects, base_tree, other_tree, 1)?;
        }
        Ok(Self::new(base_tree).with_root(Arc::new(root)))
    }
}

/// What has to be said over `base` so that `other` is seen; both at this depth.
fn compare<O: Objects + ?Sized>(objects: &O, base: ObjectId, other: ObjectId, depth: usize) -> Result<Names, OverlayError> {
    let mut names = Names::new();
    let mut gone: BTreeMap<_, _> = entries(objects, DirRef::tree(base))?.into_iter().collect();
    for (name, there) in entries(objects, DirRef::tree(other))? {
        let node = match (gone.remove(&name), there) {
            (_, Spot::Absent) => None,
            (Some(Spot::Dir(old)), Spot::Dir(new)) => match (old.base, new.base) {
                (old, new) if old == new => None,
                // Deeper than edits go: one entry for the whole subtree says it too.
                (Some(old), Some(new)) if depth < MAX_DEPTH => {
                    let names = compare(objects, old, new, depth + 1)?;
                    (!names.is_empty()).then(|| Node::Dir(Arc::new(Dir { base: Some(old), own: false, names })))
                }
                (_, new) => Some(Node::Dir(Arc::new(Dir::new(new, true)))),
            },
            (_, Spot::Dir(new)) => Some(Node::Dir(Arc::new(Dir::new(new.base, true)))),
            (old, Spot::File(new)) => {
                let same = matches!(&old, Some(Spot::File(old)) if old.mode == new.mode && old.id() == new.id());
                (!same).then(|| Node::File(Arc::new(new)))
            }
        };
        if let Some(node) = node {
            names.insert(&name, node);
        }
    }
    for name in gone.keys() {
        names.insert(name, Node::Gone);
    }
    Ok(names)
}
