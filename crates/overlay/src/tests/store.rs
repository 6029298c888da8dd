//! Objects in memory whose ids are hashes of their contents, and a plain writer of whole trees.

use crate::Sink;
use acetate_types::{EntryKind, FileMode, MemoryObjects, ObjectError, ObjectFormat, ObjectId, Objects, RepoPath, Tree, TreeEntry};
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Path, mode and content.
type File<'f> = (&'f [u8], FileMode, &'f [u8]);

/// Files by path.
pub(super) type Files = BTreeMap<Vec<u8>, (FileMode, Vec<u8>)>;

pub(super) fn hash(kind: u8, data: &[u8]) -> ObjectId {
    let mut raw = [kind; 20];
    raw[..16].copy_from_slice(&xxh3_128(data).to_le_bytes());
    ObjectId::from_bytes(&raw).expect("20 bytes")
}

/// What was read, by kind of call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) trees: usize,
    pub(super) blobs: usize,
    pub(super) sizes: usize,
}

/// An object database; counts what is read.
#[derive(Default)]
pub(super) struct Store {
    objects: RefCell<MemoryObjects>,
    calls: RefCell<Calls>,
}

impl Store {
    pub(super) fn blob_of(&self, data: &[u8]) -> ObjectId {
        let id = hash(1, data);
        self.objects.borrow_mut().insert_blob(id, Bytes::copy_from_slice(data));
        id
    }

    pub(super) fn tree_of(&self, tree: Tree) -> ObjectId {
        let id = if tree.is_empty() { ObjectId::empty_tree(ObjectFormat::Sha1) } else { hash(2, &tree.to_bytes()) };
        self.objects.borrow_mut().insert_tree(id, tree);
        id
    }

    /// The root tree of these files.
    pub(super) fn write(&self, files: &Files) -> ObjectId {
        let entries: Vec<_> = files.iter().map(|(path, (mode, data))| (&path[..], *mode, &data[..])).collect();
        self.write_below(&entries, 0)
    }

    fn write_below(&self, files: &[File<'_>], depth: usize) -> ObjectId {
        let mut parts: BTreeMap<&[u8], Vec<_>> = BTreeMap::new();
        for file in files {
            let name = file.0.split(|byte| *byte == b'/').nth(depth).expect("a component");
            parts.entry(name).or_default().push(*file);
        }
        let entry = |(name, files): (&[u8], Vec<File<'_>>)| {
            let (path, mode, data) = files[0];
            let is_file = path.split(|byte| *byte == b'/').count() == depth + 1;
            let (kind, id) = match mode {
                _ if !is_file => (EntryKind::Tree, self.write_below(&files, depth + 1)),
                FileMode::Submodule => (EntryKind::File(mode), hash(3, data)),
                _ => (EntryKind::File(mode), self.blob_of(data)),
            };
            TreeEntry { name: Bytes::copy_from_slice(name), kind, id }
        };
        self.tree_of(Tree::new(parts.into_iter().map(entry).collect()))
    }

    /// What was read since this was last asked.
    pub(super) fn calls(&self) -> Calls {
        self.calls.take()
    }
}

impl Objects for Store {
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError> {
        self.calls.borrow_mut().trees += 1;
        self.objects.borrow().tree(id)
    }
    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        self.calls.borrow_mut().blobs += 1;
        self.objects.borrow().blob(id)
    }
    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError> {
        self.calls.borrow_mut().sizes += 1;
        self.objects.borrow().blob_size(id)
    }
}

/// A sink that puts what it gets into a store.
pub(super) struct Into<'s>(pub(super) &'s Store);

impl Sink for Into<'_> {
    fn blob(&mut self, data: Bytes) -> ObjectId {
        self.0.blob_of(&data)
    }
    fn tree(&mut self, tree: Tree) -> ObjectId {
        self.0.tree_of(tree)
    }
}

pub(super) fn path(path: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::existing(path.as_ref().to_vec()).expect("a path")
}
