//! What a reader sees at a path, and how a file's bytes are held.
//!
//! Invariant: two contents with one [`Mark`] have the same bytes. A mark is made with each write and kept when the same bytes come
//! to be held in another way, so that a commit which ends late recognises what it has made durable.

use crate::OverlayError;
use crate::delta::Delta;
use crate::parts::Parts;
use acetate_types::{FileMode, ObjectId, Objects};
use bytes::Bytes;
use std::sync::Arc;

/// The identity of one write. Held by all that hold its bytes, so an address is never used twice while it matters.
#[derive(Debug, Clone)]
pub(crate) struct Mark(Arc<u8>);

impl Mark {
    pub(crate) fn new() -> Self {
        Self(Arc::new(0))
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// How the bytes are held.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// As written. `over` is the blob that was at the path before, what a delta is made against; `tried` when that did not help.
    Hot { bytes: Bytes, over: Option<ObjectId>, tried: bool, mark: Mark },
    /// As written in parts, where a part of a large content was changed.
    Parts { parts: Arc<Parts>, over: Option<ObjectId>, tried: bool, mark: Mark },
    /// As the difference to the blob `over`.
    Delta { over: ObjectId, delta: Arc<Delta>, mark: Mark },
    /// In the object database. `mark` when it was written here, `size` where it is known without asking.
    Object { id: ObjectId, size: Option<u64>, mark: Option<Mark> },
}

impl Body {
    pub(crate) fn mark(&self) -> Option<&Mark> {
        match self {
            Self::Hot { mark, .. } | Self::Parts { mark, .. } | Self::Delta { mark, .. } => Some(mark),
            Self::Object { mark, .. } => mark.as_ref(),
        }
    }

    /// The blob that a delta of the next content is best made against.
    pub(crate) fn base(&self) -> Option<ObjectId> {
        match self {
            Self::Hot { over, .. } | Self::Parts { over, .. } => *over,
            Self::Delta { over, .. } => Some(*over),
            Self::Object { id, .. } => Some(*id),
        }
    }
}

/// A file, symbolic link or submodule as a reader sees it: a snapshot, cheap to clone.
#[derive(Debug, Clone)]
pub struct FileView {
    pub(crate) mode: FileMode,
    pub(crate) body: Body,
}

impl FileView {
    pub(crate) fn object(mode: FileMode, id: ObjectId, size: Option<u64>) -> Self {
        Self { mode, body: Body::Object { id, size, mark: None } }
    }

    /// The mode.
    pub fn mode(&self) -> FileMode {
        self.mode
    }

    /// The blob that holds the content, or the submodule's commit; `None` while the content is only in the overlay.
    pub fn id(&self) -> Option<ObjectId> {
        match &self.body {
            Body::Object { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The content if the overlay holds it as written. No object is read.
    pub fn hot(&self) -> Option<&Bytes> {
        match &self.body {
            Body::Hot { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// The size in bytes where it is known without reading anything; 0 for a submodule.
    pub fn known_size(&self) -> Option<u64> {
        match &self.body {
            Body::Hot { bytes, .. } => Some(bytes.len() as u64),
            Body::Parts { parts, .. } => Some(parts.len() as u64),
            Body::Delta { delta, .. } => Some(delta.len() as u64),
            Body::Object { .. } if self.mode == FileMode::Submodule => Some(0),
            Body::Object { size, .. } => *size,
        }
    }

    /// The size in bytes, without loading a blob; 0 for a submodule.
    ///
    /// # Errors
    /// When the object database can't tell.
    pub fn size<O: Objects + ?Sized>(&self, objects: &O) -> Result<u64, OverlayError> {
        match (self.known_size(), self.id()) {
            (Some(size), _) => Ok(size),
            (None, Some(id)) => Ok(objects.blob_size(&id)?),
            (None, None) => Ok(0),
        }
    }

    /// The content: a file's bytes, a link's target; empty for a submodule, whose commit is elsewhere.
    ///
    /// # Errors
    /// When a blob can't be read, or is not the one that a delta was made against.
    pub fn read<O: Objects + ?Sized>(&self, objects: &O) -> Result<Bytes, OverlayError> {
        match &self.body {
            Body::Hot { bytes, .. } => Ok(bytes.clone()),
            Body::Parts { parts, .. } => Ok(parts.join()),
            Body::Delta { over, delta, .. } => delta.apply(&objects.blob(over)?).ok_or(OverlayError::Damaged(*over)),
            Body::Object { .. } if self.mode == FileMode::Submodule => Ok(Bytes::new()),
            Body::Object { id, .. } => Ok(objects.blob(id)?),
        }
    }

    /// At most `size` bytes of the content from `at` on, where they can be had without the rest of it.
    pub fn part(&self, at: usize, size: usize) -> Option<Bytes> {
        match &self.body {
            Body::Parts { parts, .. } => Some(parts.part(at, size)),
            _ => None,
        }
    }

    /// Whether mode and content are equal. Contents are compared only where nothing cheaper tells them apart.
    ///
    /// # Errors
    /// When a blob that has to be compared can't be read.
    pub fn same<O: Objects + ?Sized>(&self, other: &Self, objects: &O) -> Result<bool, OverlayError> {
        if self.mode != other.mode {
            return Ok(false);
        }
        if let (Some(a), Some(b)) = (self.body.mark(), other.body.mark())
            && a.same(b)
        {
            return Ok(true);
        }
        if let (Some(a), Some(b)) = (self.id(), other.id()) {
            return Ok(a == b);
        }
        Ok(self.size(objects)? == other.size(objects)? && self.read(objects)? == other.read(objects)?)
    }
}

/// What is at a path.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A file, symbolic link or submodule.
    File(FileView),
    /// A directory. The tree's id when nothing in it differs from that tree, so that caches of whole trees can serve it.
    Directory(Option<ObjectId>),
}

impl Entry {
    /// The file, unless it is a directory.
    pub fn file(&self) -> Option<&FileView> {
        match self {
            Self::File(file) => Some(file),
            Self::Directory(_) => None,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self, Self::Directory(_))
    }
}
