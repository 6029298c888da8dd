//! Reading: one path, or one directory.

use crate::content::{Entry, FileView};
use crate::view::{Spot, entries, find};
use crate::{Overlay, OverlayError};
use acetate_types::{EntryKind, ObjectId, Objects, RepoPath};
use bytes::Bytes;

/// One name of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, one path component.
    pub name: Bytes,
    /// Directory or file mode.
    pub kind: EntryKind,
    /// The blob, the submodule's commit, or the tree of an unchanged directory; `None` for what is only in the overlay.
    pub id: Option<ObjectId>,
    /// The size in bytes where it is known without asking the object database; `None` for directories.
    pub size: Option<u64>,
}

impl Overlay {
    /// What is at a path: the overlay's entry if there is one, else the base's. `None` also where a file is among the directories above.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn get<O: Objects + ?Sized>(&self, objects: &O, path: &RepoPath) -> Result<Option<Entry>, OverlayError> {
        Ok(find(objects, self.root_ref(), path)?.entry())
    }

    /// The file at a path, its content not yet read.
    ///
    /// # Errors
    /// Nothing there, a directory there, an unreadable tree.
    pub fn file<O: Objects + ?Sized>(&self, objects: &O, path: &RepoPath) -> Result<FileView, OverlayError> {
        match find(objects, self.root_ref(), path)? {
            Spot::Absent => Err(OverlayError::NotFound(path.clone())),
            Spot::Dir(_) => Err(OverlayError::IsADirectory(path.clone())),
            Spot::File(file) => Ok(file),
        }
    }

    /// The content of the file at a path; see [`FileView::read`].
    ///
    /// # Errors
    /// As [`Overlay::file`], and an unreadable blob.
    pub fn read<O: Objects + ?Sized>(&self, objects: &O, path: &RepoPath) -> Result<Bytes, OverlayError> {
        self.file(objects, path)?.read(objects)
    }

    /// The size in bytes of the file at a path, without loading a blob.
    ///
    /// # Errors
    /// As [`Overlay::file`], and when the object database can't tell.
    pub fn size<O: Objects + ?Sized>(&self, objects: &O, path: &RepoPath) -> Result<u64, OverlayError> {
        self.file(objects, path)?.size(objects)
    }

    /// All that is seen in a directory, in byte order of the names; `None` is the root.
    ///
    /// # Errors
    /// Nothing there, a file there, an unreadable tree.
    pub fn list<O: Objects + ?Sized>(&self, objects: &O, directory: Option<&RepoPath>) -> Result<Vec<Listed>, OverlayError> {
        let dir = match directory {
            None => self.root_ref(),
            Some(path) => match find(objects, self.root_ref(), path)? {
                Spot::Absent => return Err(OverlayError::NotFound(path.clone())),
                Spot::File(_) => return Err(OverlayError::NotADirectory(path.clone())),
                Spot::Dir(dir) => dir,
            },
        };
        let listed = |(name, spot)| match spot {
            Spot::Absent => None,
            Spot::Dir(dir) => Some(Listed { name, kind: EntryKind::Tree, id: dir.whole(), size: None }),
            Spot::File(file) => Some(Listed { name, kind: EntryKind::File(file.mode), id: file.id(), size: file.known_size() }),
        };
        Ok(entries(objects, dir)?.into_iter().filter_map(listed).collect())
    }
}
