//! How the pure layers read trees and blobs, without knowing where they are.

use crate::{ObjectId, Tree};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;

/// Why an object could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ObjectError {
    /// No such object.
    #[error("object {0} is missing")]
    Missing(ObjectId),
    /// An object of another type, or one that does not parse.
    #[error("object {id} is damaged: {why}")]
    Damaged {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        why: String,
    },
    /// It is larger than the reader takes into memory.
    #[error("object {id} has {size} bytes, more than the {limit} that are read into memory")]
    TooLarge {
        /// The object.
        id: ObjectId,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The database could not be read.
    #[error("reading object {id}: {why}")]
    Io {
        /// The object.
        id: ObjectId,
        /// The cause.
        why: String,
    },
}

/// A source of immutable trees and blobs. Cheap to call twice for one id: implementations cache.
pub trait Objects {
    /// The tree of this id. The empty tree is always there.
    ///
    /// # Errors
    /// When it is missing, damaged or can't be read.
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError>;

    /// The whole content of this blob.
    ///
    /// # Errors
    /// When it is missing, damaged, too large for memory or can't be read.
    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError>;

    /// The size of this blob in bytes.
    ///
    /// # Errors
    /// As for [`Objects::blob`].
    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError>;
}

impl<T: Objects + ?Sized> Objects for &T {
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError> {
        (**self).tree(id)
    }
    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        (**self).blob(id)
    }
    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError> {
        (**self).blob_size(id)
    }
}

/// Objects in a map: the second implementation, for tests of the pure layers. Ids are whatever the caller says they are.
#[derive(Debug, Clone, Default)]
pub struct MemoryObjects {
    trees: HashMap<ObjectId, Arc<Tree>>,
    blobs: HashMap<ObjectId, Bytes>,
}

impl MemoryObjects {
    /// No objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tree under this id.
    pub fn insert_tree(&mut self, id: ObjectId, tree: Tree) {
        self.trees.insert(id, Arc::new(tree));
    }

    /// Adds a blob under this id.
    pub fn insert_blob(&mut self, id: ObjectId, data: Bytes) {
        self.blobs.insert(id, data);
    }
}

impl Objects for MemoryObjects {
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError> {
        match self.trees.get(id) {
            Some(tree) => Ok(Arc::clone(tree)),
            None if *id == ObjectId::empty_tree(id.format()) => Ok(Arc::default()),
            None => Err(ObjectError::Missing(*id)),
        }
    }
    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        self.blobs.get(id).cloned().ok_or(ObjectError::Missing(*id))
    }
    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError> {
        self.blob(id).map(|data| data.len() as u64)
    }
}
