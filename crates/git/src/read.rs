//! Reading objects: cached ones first, then staged ones, then those on disk.
//!
//! The order does not matter for what is read, for an id names one content only; it is the order of cost.

use crate::batch::{NewObject, Parsed};
use crate::cache::Cached;
use crate::{Commit, GitError, Repository, Tag, odb};
use acetate_types::{ObjectError, ObjectId, Objects, RepoPath, Tree, TreeEntry};
use bytes::Bytes;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// The longest that copying one large blob may take.
const COPY_TIMEOUT: Duration = Duration::from_secs(3600);
/// Annotated tags that name annotated tags: more in a row are an attack.
const TAG_DEPTH: usize = 16;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A directory.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// The name Git uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag].into_iter().find(|kind| kind.as_str().as_bytes() == name)
    }
}

impl Objects for Repository {
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError> {
        if *id == self.shared.empty_tree {
            return Ok(Arc::default());
        }
        match self.load(id, ObjectKind::Tree)? {
            Cached::Tree(tree) => Ok(tree),
            other => Err(wrong_kind(id, other.kind(), ObjectKind::Tree)),
        }
    }

    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        match self.load(id, ObjectKind::Blob)? {
            Cached::Blob(data) => Ok(data),
            other => Err(wrong_kind(id, other.kind(), ObjectKind::Blob)),
        }
    }

    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError> {
        let (kind, size) = match self.at_hand(id) {
            Some(Cached::Blob(data)) => return Ok(data.len() as u64),
            Some(other) => return Err(wrong_kind(id, other.kind(), ObjectKind::Blob)),
            None => self.header(id)?.ok_or(ObjectError::Missing(*id))?,
        };
        if kind == ObjectKind::Blob { Ok(size) } else { Err(wrong_kind(id, kind, ObjectKind::Blob)) }
    }
}

impl Repository {
    /// What this object is, `None` if there is no such object.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn kind(&self, id: &ObjectId) -> Result<Option<ObjectKind>, ObjectError> {
        if *id == self.shared.empty_tree {
            return Ok(Some(ObjectKind::Tree));
        }
        if let Some(object) = self.shared.cache.get(id) {
            return Ok(Some(object.kind()));
        }
        if let Some(object) = self.shared.staged.get(id) {
            return Ok(Some(object.kind()));
        }
        Ok(self.header(id)?.map(|(kind, _)| kind))
    }

    /// The commit of this id. Cached.
    ///
    /// # Errors
    /// When it is missing, damaged, no commit, or can't be read.
    pub fn commit(&self, id: &ObjectId) -> Result<Arc<Commit>, ObjectError> {
        match self.load(id, ObjectKind::Commit)? {
            Cached::Commit(commit) => Ok(commit),
            other => Err(wrong_kind(id, other.kind(), ObjectKind::Commit)),
        }
    }

    /// The annotated tag of this id.
    ///
    /// # Errors
    /// When it is missing, damaged, no tag, or can't be read.
    pub fn tag(&self, id: &ObjectId) -> Result<Tag, ObjectError> {
        let data = match self.shared.staged.get(id) {
            Some(object) if object.kind() == ObjectKind::Tag => object.data,
            Some(object) => return Err(wrong_kind(id, object.kind(), ObjectKind::Tag)),
            None => match self.find(id)? {
                (ObjectKind::Tag, data) => data,
                (kind, _) => return Err(wrong_kind(id, kind, ObjectKind::Tag)),
            },
        };
        Tag::parse(self.shared.format, &data).map_err(|error| ObjectError::Damaged { id: *id, why: error.to_string() })
    }

    /// Follows annotated tags to what they name in the end.
    ///
    /// # Errors
    /// When an object on the way is missing, damaged or can't be read, or there are more than 16 tags in a row.
    pub fn peel(&self, id: &ObjectId) -> Result<(ObjectId, ObjectKind), ObjectError> {
        let mut at = *id;
        for _ in 0..TAG_DEPTH {
            match self.kind(&at)?.ok_or(ObjectError::Missing(at))? {
                ObjectKind::Tag => at = self.tag(&at)?.target,
                kind => return Ok((at, kind)),
            }
        }
        Err(ObjectError::Damaged { id: *id, why: "too many tags of tags".to_owned() })
    }

    /// Writes a blob's content to `out` and gives its size in bytes. A blob over [`OpenOptions::max_blob_bytes`] never is in this
    /// process's memory as a whole: it comes through `git cat-file`, which itself streams what is stored without a delta.
    ///
    /// [`OpenOptions::max_blob_bytes`]: crate::OpenOptions::max_blob_bytes
    ///
    /// # Errors
    /// When it is missing, damaged or can't be read, or `out` fails.
    pub fn copy_blob(&self, id: &ObjectId, out: &mut dyn Write) -> Result<u64, ObjectError> {
        let io_error = |why: String| ObjectError::Io { id: *id, why };
        let size = self.blob_size(id)?;
        if size <= self.shared.max_blob_bytes {
            out.write_all(&self.blob(id)?).map_err(|error| io_error(error.to_string()))?;
            return Ok(size);
        }
        let git = self.git("cat-file").arg("blob").arg(id.to_hex()).limit(size).timeout(COPY_TIMEOUT);
        git.output_to(out).map_err(|error: GitError| io_error(error.to_string()))?;
        Ok(size)
    }

    /// The entry at a path below a tree, `None` if there is none.
    ///
    /// # Errors
    /// When a tree on the way is missing, damaged or can't be read.
    pub fn entry_at(&self, tree: &ObjectId, path: &RepoPath) -> Result<Option<TreeEntry>, ObjectError> {
        let mut dir = *tree;
        let mut names = path.as_bytes().split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            let tree = self.tree(&dir)?;
            let Some(number) = tree.find(name) else { return Ok(None) };
            if names.peek().is_none() {
                return Ok(tree.owned(number));
            }
            match tree.at(number) {
                Some(entry) if entry.kind.is_tree() => dir = entry.id,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// An object that is in memory already.
    fn at_hand(&self, id: &ObjectId) -> Option<Cached> {
        self.shared.cache.get(id).or_else(|| self.shared.staged.get(id).and_then(|object| cacheable(&object)))
    }

    fn load(&self, id: &ObjectId, wanted: ObjectKind) -> Result<Cached, ObjectError> {
        if let Some(object) = self.at_hand(id) {
            return Ok(object);
        }
        let (kind, data) = self.find(id)?;
        let damaged = |why: String| ObjectError::Damaged { id: *id, why };
        let object = match kind {
            ObjectKind::Blob => Cached::Blob(data),
            ObjectKind::Tree => Cached::Tree(Arc::new(Tree::parse(self.shared.format, &data).map_err(|error| damaged(error.to_string()))?)),
            ObjectKind::Commit => {
                Cached::Commit(Arc::new(Commit::parse(self.shared.format, &data).map_err(|error| damaged(error.to_string()))?))
            }
            ObjectKind::Tag => return Err(wrong_kind(id, kind, wanted)),
        };
        self.shared.cache.insert(*id, object.clone());
        Ok(object)
    }

    /// Reads an object from disk.
    fn find(&self, id: &ObjectId) -> Result<(ObjectKind, Bytes), ObjectError> {
        if id.format() != self.shared.format {
            return Err(ObjectError::Missing(*id));
        }
        let limit = self.shared.max_blob_bytes;
        match self.shared.odb.find(id) {
            Ok(Some((ObjectKind::Blob, data))) if data.len() as u64 > limit => {
                Err(ObjectError::TooLarge { id: *id, size: data.len() as u64, limit })
            }
            Ok(Some((kind, data))) => Ok((kind, data.into())),
            Ok(None) => Err(ObjectError::Missing(*id)),
            Err(why) if why == odb::TOO_LARGE => {
                let size = self.header(id)?.map_or(0, |(_, size)| size);
                Err(ObjectError::TooLarge { id: *id, size, limit })
            }
            Err(why) => Err(ObjectError::Io { id: *id, why }),
        }
    }

    fn header(&self, id: &ObjectId) -> Result<Option<(ObjectKind, u64)>, ObjectError> {
        if id.format() != self.shared.format {
            return Ok(None);
        }
        self.shared.odb.header(id).map_err(|why| ObjectError::Io { id: *id, why })
    }
}

/// The object as the cache holds it; tags are not cached.
pub(crate) fn cacheable(object: &NewObject) -> Option<Cached> {
    match &object.parsed {
        Parsed::Blob => Some(Cached::Blob(object.data.clone())),
        Parsed::Tree(tree) => Some(Cached::Tree(Arc::clone(tree))),
        Parsed::Commit(commit) => Some(Cached::Commit(Arc::clone(commit))),
        Parsed::Tag => None,
    }
}

fn wrong_kind(id: &ObjectId, found: ObjectKind, wanted: ObjectKind) -> ObjectError {
    ObjectError::Damaged { id: *id, why: format!("it is a {}, not a {}", found.as_str(), wanted.as_str()) }
}
