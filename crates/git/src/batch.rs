//! New objects in memory, named and ready to be written as one pack.
//!
//! Invariant: an id in a batch is the hash of its content under the batch's hash function, computed with collision detection for
//! SHA-1. Content that the detection takes for an attack poisons the batch: it can't be staged or written.

use crate::odb::{hash_kind, own_id};
use crate::read::ObjectKind;
use crate::tag::Tag;
use crate::{Commit, WriteError};
use acetate_types::{ObjectFormat, ObjectId, Tree};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;

/// What an object is, parsed where readers want it parsed.
#[derive(Debug, Clone)]
pub(crate) enum Parsed {
    Blob,
    Tree(Arc<Tree>),
    Commit(Arc<Commit>),
    Tag,
}

/// One new object.
#[derive(Debug, Clone)]
pub(crate) struct NewObject {
    pub(crate) data: Bytes,
    pub(crate) parsed: Parsed,
}

impl NewObject {
    pub(crate) fn kind(&self) -> ObjectKind {
        match self.parsed {
            Parsed::Blob => ObjectKind::Blob,
            Parsed::Tree(_) => ObjectKind::Tree,
            Parsed::Commit(_) => ObjectKind::Commit,
            Parsed::Tag => ObjectKind::Tag,
        }
    }
}

/// A set of new objects, each once, in the order they were added.
#[derive(Debug, Clone)]
pub struct ObjectBatch {
    format: ObjectFormat,
    order: Vec<ObjectId>,
    objects: HashMap<ObjectId, NewObject>,
    bytes: u64,
    poison: Option<ObjectId>,
}

impl ObjectBatch {
    /// An empty batch for repositories of this format.
    pub fn new(format: ObjectFormat) -> Self {
        Self { format, order: Vec::new(), objects: HashMap::new(), bytes: 0, poison: None }
    }

    /// The hash function of the ids.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Adds a file's content and gives its id. Costs one hash of the content.
    pub fn blob(&mut self, data: Bytes) -> ObjectId {
        self.add(data, ObjectKind::Blob, || Parsed::Blob)
    }

    /// Adds a directory and gives its id. Objects it names are not looked for.
    pub fn tree(&mut self, tree: Tree) -> ObjectId {
        self.add(tree.to_bytes().into(), ObjectKind::Tree, || Parsed::Tree(Arc::new(tree)))
    }

    /// Adds a commit and gives its id.
    pub fn commit(&mut self, commit: &Commit) -> ObjectId {
        self.add(commit.to_bytes().into(), ObjectKind::Commit, || Parsed::Commit(Arc::new(commit.clone())))
    }

    /// Adds an annotated tag and gives its id.
    pub fn tag(&mut self, tag: &Tag) -> ObjectId {
        self.add(tag.to_bytes().into(), ObjectKind::Tag, || Parsed::Tag)
    }

    /// How many objects.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The contents' bytes before compression.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The ids, in the order they were added.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.order.iter().copied()
    }

    /// Whether the batch holds this object.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.objects.contains_key(id)
    }

    /// Takes over the objects of another batch of the same format; of another format, the batch is poisoned.
    pub fn merge(&mut self, other: Self) {
        if other.format != self.format {
            self.poison = self.poison.or(Some(ObjectId::null(other.format)));
            return;
        }
        self.poison = self.poison.or(other.poison);
        let mut objects = other.objects;
        for id in other.order {
            if let Some(object) = objects.remove(&id) {
                self.insert(id, object);
            }
        }
    }

    /// The objects, in the order they were added.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (ObjectId, &NewObject)> + '_ {
        self.order.iter().filter_map(|id| self.objects.get(id).map(|object| (*id, object)))
    }

    /// Refuses a batch of another format, or with content that attacks the hash.
    pub(crate) fn check(&self, format: ObjectFormat) -> Result<(), WriteError> {
        if self.format != format {
            return Err(WriteError::Format);
        }
        match self.poison {
            Some(id) if id.format() != self.format => Err(WriteError::Format),
            Some(id) => Err(WriteError::Collision(id)),
            None => Ok(()),
        }
    }

    fn add(&mut self, data: Bytes, kind: ObjectKind, parsed: impl FnOnce() -> Parsed) -> ObjectId {
        let (id, attack) = name(self.format, kind, &data);
        if attack {
            self.poison = self.poison.or(Some(id));
        }
        if !self.objects.contains_key(&id) {
            self.insert(id, NewObject { data, parsed: parsed() });
        }
        id
    }

    fn insert(&mut self, id: ObjectId, object: NewObject) {
        let bytes = object.data.len() as u64;
        if let std::collections::hash_map::Entry::Vacant(place) = self.objects.entry(id) {
            place.insert(object);
            self.order.push(id);
            self.bytes += bytes;
        }
    }
}

/// The id that a file's content has as a blob. The null id for content that attacks the hash, which no batch takes.
pub fn blob_id(format: ObjectFormat, content: &[u8]) -> ObjectId {
    name(format, ObjectKind::Blob, content).0
}

/// The id of an object, and whether its content is an attack on the hash.
fn name(format: ObjectFormat, kind: ObjectKind, data: &[u8]) -> (ObjectId, bool) {
    let mut hasher = gix::hash::hasher(hash_kind(format));
    hasher.update(format!("{} {}\0", kind.as_str(), data.len()).as_bytes());
    hasher.update(data);
    match hasher.try_finalize() {
        Ok(id) => (own_id(&id), false),
        Err(_) => (ObjectId::null(format), true),
    }
}
