//! Writing and deleting.

use crate::content::{Body, Entry, FileView, Mark};
use crate::node::{Dir, Node};
use crate::parts::Parts;
use crate::view::Spot;
use crate::{Overlay, OverlayError};
use acetate_types::{FileMode, ObjectId, Objects, RepoPath};
use bytes::Bytes;
use std::sync::Arc;

/// What a write replaced.
#[derive(Debug, Clone)]
pub struct Written {
    /// The file that was there; `None` when nothing was.
    pub before: Option<FileView>,
}

/// What was taken away.
#[derive(Debug, Clone)]
pub struct Removed {
    /// The file or directory that was there.
    pub before: Entry,
}

impl Overlay {
    /// Writes a whole file, and makes the directories above it that are missing. Reads no blob. Without a mode an existing file
    /// keeps its own and a new one is regular; with one, whatever file is there is replaced. `Some(Symlink)` writes a link.
    ///
    /// # Errors
    /// A file among the directories above, a directory at the path, a link or submodule there and no mode, a submodule's mode, a
    /// link where Git must not find one, too deep a path, an unreadable tree.
    pub fn write<O: Objects + ?Sized>(
        &mut self,
        objects: &O,
        path: &RepoPath,
        mode: Option<FileMode>,
        bytes: Bytes,
    ) -> Result<Written, OverlayError> {
        if mode == Some(FileMode::Submodule) {
            return Err(OverlayError::NotAFile { path: path.clone(), mode: FileMode::Submodule });
        }
        self.put(objects, path, mode, |over| Body::Hot { bytes, over, tried: false, mark: Mark::new() })
    }

    /// Replaces `removed` bytes at `at` of a regular file by `zeros` zeros and then `inserted`. The content is held in parts from then on:
    /// the first time costs its length, each further one what it changes and a list of the parts.
    ///
    /// # Errors
    /// Nothing there, a directory, a link or submodule there, a range outside the content, an unreadable tree or blob.
    pub fn write_part<O: Objects + ?Sized>(
        &mut self,
        objects: &O,
        path: &RepoPath,
        (at, removed): (usize, usize),
        zeros: usize,
        inserted: &[u8],
    ) -> Result<Written, OverlayError> {
        let (route, spot) = self.route(objects, path)?;
        let before = match spot {
            Spot::Absent => return Err(OverlayError::NotFound(path.clone())),
            Spot::Dir(_) => return Err(OverlayError::IsADirectory(path.clone())),
            Spot::File(file) if !file.mode.is_file() => return Err(OverlayError::NotAFile { path: path.clone(), mode: file.mode }),
            Spot::File(file) => file,
        };
        let spliced = match &before.body {
            Body::Parts { parts, .. } => parts.spliced(at, removed, zeros, inserted),
            _ => Parts::of(&before.read(objects)?).spliced(at, removed, zeros, inserted),
        };
        let parts = Arc::new(spliced.ok_or_else(|| OverlayError::Range(path.clone()))?);
        let body = Body::Parts { parts, over: before.body.base(), tried: false, mark: Mark::new() };
        self.place(&route, Node::File(Arc::new(FileView { mode: before.mode, body })));
        Ok(Written { before: Some(before) })
    }

    /// Puts a blob that is in the object database already at a path; `size` is its size in bytes. Else as [`Overlay::write`].
    ///
    /// # Errors
    /// As [`Overlay::write`].
    pub fn write_object<O: Objects + ?Sized>(
        &mut self,
        objects: &O,
        path: &RepoPath,
        mode: Option<FileMode>,
        id: ObjectId,
        size: u64,
    ) -> Result<Written, OverlayError> {
        let size = (mode != Some(FileMode::Submodule)).then_some(size);
        self.put(objects, path, mode, |_| Body::Object { id, size, mark: None })
    }

    /// Writes a symbolic link.
    ///
    /// # Errors
    /// As [`Overlay::write`].
    pub fn symlink<O: Objects + ?Sized>(&mut self, objects: &O, path: &RepoPath, target: Bytes) -> Result<Written, OverlayError> {
        self.write(objects, path, Some(FileMode::Symlink), target)
    }

    /// Sets a submodule's commit.
    ///
    /// # Errors
    /// As [`Overlay::write`].
    pub fn submodule<O: Objects + ?Sized>(&mut self, objects: &O, path: &RepoPath, commit: ObjectId) -> Result<Written, OverlayError> {
        self.write_object(objects, path, Some(FileMode::Submodule), commit, 0)
    }

    /// Makes a file executable or not. Reads no blob.
    ///
    /// # Errors
    /// Nothing there, a directory there, a link or submodule there, a mode that is no file's, an unreadable tree.
    pub fn set_mode<O: Objects + ?Sized>(&mut self, objects: &O, path: &RepoPath, mode: FileMode) -> Result<Written, OverlayError> {
        let (route, spot) = self.route(objects, path)?;
        let before = match spot {
            Spot::Absent => return Err(OverlayError::NotFound(path.clone())),
            Spot::Dir(_) => return Err(OverlayError::IsADirectory(path.clone())),
            Spot::File(file) => file,
        };
        if let Some(other) = [before.mode, mode].into_iter().find(|mode| !mode.is_file()) {
            return Err(OverlayError::NotAFile { path: path.clone(), mode: other });
        }
        if before.mode != mode {
            self.place(&route, Node::File(Arc::new(FileView { mode, body: before.body.clone() })));
        }
        Ok(Written { before: Some(before) })
    }

    /// Makes an empty directory, and those above it that are missing. It is seen, and never committed while it is empty.
    ///
    /// # Errors
    /// Something there, a file among the directories above, too deep a path, an unreadable tree.
    pub fn make_directory<O: Objects + ?Sized>(&mut self, objects: &O, path: &RepoPath) -> Result<(), OverlayError> {
        let (route, spot) = self.route(objects, path)?;
        if !matches!(spot, Spot::Absent) {
            return Err(OverlayError::Exists(path.clone()));
        }
        self.place(&route, Node::Dir(Arc::new(Dir::new(None, true))));
        Ok(())
    }

    /// Deletes a file, or a directory with all in it: one entry, whatever it held, and none when all of it came from the overlay.
    /// The directory above stays, empty as it may be. Reads the trees along the path only.
    ///
    /// # Errors
    /// Nothing there, a file among the directories above, an unreadable tree.
    pub fn remove<O: Objects + ?Sized>(&mut self, objects: &O, path: &RepoPath) -> Result<Removed, OverlayError> {
        let (route, spot) = self.route(objects, path)?;
        let before = spot.entry().ok_or_else(|| OverlayError::NotFound(path.clone()))?;
        self.clear(&route);
        self.moves.forget(path);
        Ok(Removed { before })
    }

    pub(crate) fn put<O: Objects + ?Sized>(
        &mut self,
        objects: &O,
        path: &RepoPath,
        mode: Option<FileMode>,
        body: impl FnOnce(Option<ObjectId>) -> Body,
    ) -> Result<Written, OverlayError> {
        let (route, spot) = self.route(objects, path)?;
        let before = match spot {
            Spot::Dir(_) => return Err(OverlayError::IsADirectory(path.clone())),
            Spot::File(file) => Some(file),
            Spot::Absent => None,
        };
        let there = before.as_ref().map(|file| file.mode);
        let mode = match (mode, there) {
            (Some(mode), _) => mode,
            (None, None) => FileMode::Regular,
            (None, Some(mode)) if mode.is_file() => mode,
            (None, Some(mode)) => return Err(OverlayError::NotAFile { path: path.clone(), mode }),
        };
        check_link(path, mode, there)?;
        let over = before.as_ref().filter(|file| file.mode != FileMode::Submodule).and_then(|file| file.body.base());
        self.place(&route, Node::File(Arc::new(FileView { mode, body: body(over) })));
        Ok(Written { before })
    }
}

/// A file that Git itself reads must not become a link; one that is a link already may be changed.
pub(crate) fn check_link(path: &RepoPath, mode: FileMode, before: Option<FileMode>) -> Result<(), OverlayError> {
    if mode == FileMode::Symlink && before != Some(FileMode::Symlink) {
        path.check_symlink().map_err(|why| OverlayError::Path { path: path.clone(), why })?;
    }
    Ok(())
}
