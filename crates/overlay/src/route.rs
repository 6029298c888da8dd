//! The way to a path that is to be edited: all that can fail is read before anything changes.

use crate::overlay::MAX_DEPTH;
use crate::view::{DirRef, Spot, base_entry, look};
use crate::{Overlay, OverlayError};
use acetate_types::{EntryKind, ObjectId, Objects, RepoPath};

/// The directories from the root down, and the name in the last of them.
#[derive(Debug)]
pub(crate) struct Route<'p> {
    /// Each with the tree that shows through it; `None` where nothing does, and a directory that has no node yet is a new one.
    pub(crate) steps: Vec<(&'p [u8], Option<ObjectId>)>,
    pub(crate) name: &'p [u8],
    /// What the tree below has at the name.
    pub(crate) base: Option<(EntryKind, ObjectId)>,
}

impl Overlay {
    /// The way to `path` and what is seen there. Directories that are missing on the way will be made.
    ///
    /// # Errors
    /// A file on the way, a path that is too deep, an unreadable tree.
    pub(crate) fn route<'p, O: Objects + ?Sized>(&self, objects: &O, path: &'p RepoPath) -> Result<(Route<'p>, Spot<'_>), OverlayError> {
        let mut steps = Vec::new();
        let mut dir = self.root_ref();
        let mut names = path.components();
        let name = names.next_back().unwrap_or_default();
        let mut len = 0;
        for name in names {
            len += name.len() + 1;
            let step = match look(objects, dir, name)? {
                Spot::Dir(child) => {
                    dir = child;
                    child.base
                }
                Spot::Absent => {
                    dir = DirRef { base: None, node: None };
                    None
                }
                Spot::File(_) => {
                    let above = path.to_bytes().slice(..len - 1);
                    return Err(OverlayError::NotADirectory(RepoPath::existing(above).unwrap_or_else(|_| path.clone())));
                }
            };
            steps.push((name, step));
        }
        if steps.len() >= MAX_DEPTH {
            return Err(OverlayError::TooDeep(path.clone()));
        }
        let base = base_entry(objects, dir.base.as_ref(), name)?;
        let spot = match dir.node.and_then(|node| node.names.get(name)) {
            Some(node) => node.into(),
            None => Spot::of_base(base),
        };
        Ok((Route { steps, name, base }, spot))
    }
}
