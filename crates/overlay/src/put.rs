//! Putting what is in the object database already: blobs of unknown size, and whole directories.

use crate::content::{Body, FileView};
use crate::edit::Written;
use crate::node::{Dir, Node};
use crate::{Overlay, OverlayError};
use acetate_types::{FileMode, ObjectId, Objects, RepoPath};
use std::sync::Arc;

impl Overlay {
    /// Puts an object at a path, in whatever mode, replacing a file there: a blob, a link's target, or a submodule's commit. Its size is
    /// not looked up.
    ///
    /// # Errors
    /// As [`Overlay::write`].
    pub fn put_object<O: Objects + ?Sized>(
        &mut self,
        objects: &O,
        path: &RepoPath,
        mode: FileMode,
        id: ObjectId,
    ) -> Result<Written, OverlayError> {
        self.put(objects, path, Some(mode), |_| Body::Object { id, size: None, mark: None })
    }

    /// Puts a whole directory at a path, replacing whatever is there: one entry, whatever it holds. The tree is not read.
    ///
    /// # Errors
    /// A file among the directories above, too deep a path, an unreadable tree above.
    pub fn put_tree<O: Objects + ?Sized>(&mut self, objects: &O, path: &RepoPath, tree: ObjectId) -> Result<(), OverlayError> {
        let (route, _) = self.route(objects, path)?;
        self.place(&route, Node::Dir(Arc::new(Dir::new(Some(tree), true))));
        Ok(())
    }
}

impl FileView {
    /// An object of the database as a file of this mode.
    pub fn of_object(mode: FileMode, id: ObjectId) -> Self {
        Self::object(mode, id, None)
    }
}
