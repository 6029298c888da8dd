//! One bounded cache of parsed objects for everybody.
//!
//! Objects never change, so nothing is ever invalidated. What would fill more than a sixteenth of a shard is not taken in.

use crate::Commit;
use crate::read::ObjectKind;
use acetate_types::{ObjectId, Tree};
use bytes::Bytes;
use quick_cache::{OptionsBuilder, Weighter, sync};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// What an entry costs besides its content, in bytes: keys, pointers, the cache's own bookkeeping.
const ENTRY: u64 = 160;

/// An object as readers want it.
#[derive(Debug, Clone)]
pub(crate) enum Cached {
    Blob(Bytes),
    Tree(Arc<Tree>),
    Commit(Arc<Commit>),
}

impl Cached {
    pub(crate) fn kind(&self) -> ObjectKind {
        match self {
            Self::Blob(_) => ObjectKind::Blob,
            Self::Tree(_) => ObjectKind::Tree,
            Self::Commit(_) => ObjectKind::Commit,
        }
    }

    fn weight(&self) -> u64 {
        let content = match self {
            Self::Blob(data) => data.len(),
            Self::Tree(tree) => tree.held(),
            Self::Commit(commit) => size_of::<Commit>() + commit.message.len() + 512 + commit.parents.len() * size_of::<ObjectId>(),
        };
        content as u64 + ENTRY
    }
}

/// Ids are hashes already.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        // Spread over all bits: the cache takes its shard from some of them and its slot from others.
        self.0 = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<ObjectId, Cached> for ByBytes {
    fn weight(&self, _: &ObjectId, value: &Cached) -> u64 {
        value.weight()
    }
}

/// The cache of one repository.
pub(crate) struct ObjectCache {
    entries: sync::Cache<ObjectId, Cached, ByBytes, BuildHasherDefault<IdHasher>>,
    largest: u64,
}

impl ObjectCache {
    /// A cache of at most `bytes`.
    pub(crate) fn new(bytes: usize) -> Self {
        const SHARDS: usize = 8;
        let options = OptionsBuilder::new()
            .estimated_items_capacity((bytes / 4096).max(64))
            .weight_capacity(bytes as u64)
            .shards(SHARDS)
            .build()
            .expect("both capacities are given");
        let entries = sync::Cache::with_options(options, ByBytes, BuildHasherDefault::default(), sync::DefaultLifecycle::default());
        Self { entries, largest: (bytes / SHARDS / 16) as u64 }
    }

    pub(crate) fn get(&self, id: &ObjectId) -> Option<Cached> {
        self.entries.get(id)
    }

    pub(crate) fn insert(&self, id: ObjectId, object: Cached) {
        if object.weight() <= self.largest {
            self.entries.insert(id, object);
        }
    }

    /// Bytes held now.
    pub(crate) fn bytes(&self) -> u64 {
        self.entries.weight()
    }
}

impl std::fmt::Debug for ObjectCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectCache").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
