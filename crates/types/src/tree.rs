//! A parsed tree object: entries in Git's order.

use crate::{EntryKind, FileMode, ObjectFormat, ObjectId};
use bytes::Bytes;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// One entry that a [`Tree`] is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// The name, one path component, as stored.
    pub name: Bytes,
    /// Directory or file mode.
    pub kind: EntryKind,
    /// The object: a tree, a blob, or a submodule's commit.
    pub id: ObjectId,
}

/// One entry of a [`Tree`], as it is read there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRef<'t> {
    /// The name, one path component, as stored.
    pub name: &'t [u8],
    /// Directory or file mode.
    pub kind: EntryKind,
    /// The object: a tree, a blob, or a submodule's commit.
    pub id: ObjectId,
}

/// Why bytes are no tree object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The bytes end within an entry.
    #[error("a tree object ends within an entry")]
    Truncated,
    /// An entry's mode is none that Git knows.
    #[error("a tree entry has the unknown mode {0:o}")]
    Mode(u32),
    /// An entry's name is empty or holds a slash.
    #[error("a tree entry has an empty name or one with a slash")]
    Name,
    /// It has more bytes than any directory needs.
    #[error("a tree object of more than 512 MiB")]
    Large,
}

/// Most bytes of a tree object.
const LARGEST: usize = 1 << 29;
/// A size that nobody asked for yet, or that does not fit.
const UNKNOWN: u32 = u32::MAX;

/// Where an entry's name is in a tree's bytes; its id follows behind a NUL. Kept small: large trees are held by the thousand.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u32,
    /// The name's length, and the kind in the upper three bits.
    len_and_kind: u32,
}

impl Place {
    fn new(at: usize, len: usize, kind: EntryKind) -> Self {
        let kind = match kind {
            EntryKind::Tree => 0,
            EntryKind::File(FileMode::Regular) => 1,
            EntryKind::File(FileMode::Executable) => 2,
            EntryKind::File(FileMode::Symlink) => 3,
            EntryKind::File(FileMode::Submodule) => 4,
        };
        let number = |value: usize| u32::try_from(value.min(LARGEST - 1)).unwrap_or_default();
        Self { at: number(at), len_and_kind: kind << 29 | number(len) }
    }

    fn len(self) -> usize {
        (self.len_and_kind & (LARGEST as u32 - 1)) as usize
    }

    fn kind(self) -> EntryKind {
        match self.len_and_kind >> 29 {
            0 => EntryKind::Tree,
            1 => EntryKind::File(FileMode::Regular),
            2 => EntryKind::File(FileMode::Executable),
            3 => EntryKind::File(FileMode::Symlink),
            _ => EntryKind::File(FileMode::Submodule),
        }
    }
}

/// A directory as Git stores it. Entries are in Git's order: by name, directories compared as if they ended in `/`.
///
/// It holds the object's bytes and where in them the entries are. The sizes of its blobs, which those bytes do not tell, are kept beside
/// them once somebody has asked for them.
#[derive(Default)]
pub struct Tree {
    data: Bytes,
    places: Box<[Place]>,
    id_len: u8,
    sizes: OnceLock<Box<[AtomicU32]>>,
}

impl Tree {
    /// A tree of these entries, put into Git's order. Names must be distinct; of several equal names the last wins.
    pub fn new(mut entries: Vec<TreeEntry>) -> Self {
        entries.sort_by(|a, b| git_order(&a.name, a.kind.is_tree(), &b.name, b.kind.is_tree()));
        // Equal names of unlike kinds need not be neighbours in Git's order; a caller that builds from a map can't have them.
        entries.dedup_by(|next, kept| {
            let same = next.name == kept.name;
            if same {
                std::mem::swap(next, kept);
            }
            same
        });
        let mut data = Vec::with_capacity(entries.iter().map(|entry| entry.name.len() + 8 + entry.id.as_bytes().len()).sum());
        let mut places = Vec::with_capacity(entries.len());
        for entry in &entries {
            put(&mut data, entry.kind, &entry.name, &entry.id);
            let id_len = entry.id.as_bytes().len();
            places.push(Place::new(data.len() - id_len - 1 - entry.name.len(), entry.name.len(), entry.kind));
        }
        let id_len = entries.first().map_or(0, |entry| entry.id.as_bytes().len());
        Self { data: data.into(), places: places.into(), id_len: u8::try_from(id_len).unwrap_or(0), sizes: OnceLock::new() }
    }

    /// The entries, in Git's order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = EntryRef<'_>> + ExactSizeIterator + Clone {
        self.places.iter().map(|place| self.entry(*place))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The entry of this number.
    pub fn at(&self, number: usize) -> Option<EntryRef<'_>> {
        self.places.get(number).map(|place| self.entry(*place))
    }

    /// The name of the entry of this number, sharing the tree's bytes.
    pub fn name_at(&self, number: usize) -> Bytes {
        let place = self.places.get(number).copied().unwrap_or(Place { at: 0, len_and_kind: 0 });
        self.data.slice(place.at as usize..place.at as usize + place.len())
    }

    /// The entry of this name, whether file or directory.
    pub fn get(&self, name: &[u8]) -> Option<EntryRef<'_>> {
        self.at(self.find(name)?)
    }

    /// The number of the entry of this name, whether file or directory.
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        // A file before a directory of the same name. Where the name fits, only the kind can send the search another way.
        [false, true].into_iter().find_map(|is_tree| {
            let order = |place: &Place| git_order(self.name(*place), place.kind().is_tree(), name, is_tree);
            self.places.binary_search_by(order).ok()
        })
    }

    /// The size of the blob that is the entry of this number: remembered, or asked for.
    ///
    /// # Errors
    /// What asking comes to.
    pub fn size_at<E>(&self, number: usize, ask: impl FnOnce(&ObjectId) -> Result<u64, E>) -> Result<u64, E> {
        let sizes = self.sizes.get_or_init(|| self.places.iter().map(|_| AtomicU32::new(UNKNOWN)).collect());
        let known = sizes.get(number);
        match known.map_or(UNKNOWN, |known| known.load(Ordering::Relaxed)) {
            UNKNOWN => {}
            size => return Ok(size.into()),
        }
        let id = self.at(number).map_or(ObjectId::null(ObjectFormat::Sha1), |entry| entry.id);
        let size = ask(&id)?;
        if let (Some(known), Ok(size)) = (known, u32::try_from(size)) {
            known.store(size, Ordering::Relaxed);
        }
        Ok(size)
    }

    fn name(&self, place: Place) -> &[u8] {
        self.data.get(place.at as usize..place.at as usize + place.len()).unwrap_or_default()
    }

    fn entry(&self, place: Place) -> EntryRef<'_> {
        let id_at = place.at as usize + place.len() + 1;
        let id = self.data.get(id_at..id_at + usize::from(self.id_len)).unwrap_or_default();
        // Checked when the place was noted.
        let id = ObjectId::from_bytes(id).unwrap_or(ObjectId::null(ObjectFormat::Sha1));
        EntryRef { name: self.name(place), kind: place.kind(), id }
    }

    /// Parses a tree object's content (without header).
    ///
    /// # Errors
    /// Truncated entries, unknown modes, names that are empty or hold a slash. Order and duplicates are accepted as stored, for
    /// such trees exist; entries are put into order.
    pub fn parse(format: ObjectFormat, data: &Bytes) -> Result<Self, TreeError> {
        if data.len() >= LARGEST {
            return Err(TreeError::Large);
        }
        let mut places: Vec<Place> = Vec::with_capacity(data.len() / 36);
        let mut tree = Self { data: data.clone(), id_len: u8::try_from(format.id_len()).unwrap_or(0), ..Self::default() };
        let mut at = 0;
        let mut sorted = true;
        while at < data.len() {
            let rest = &data[at..];
            let space = rest.iter().take(8).position(|byte| *byte == b' ').ok_or(TreeError::Truncated)?;
            let mut mode = 0u32;
            for digit in &rest[..space] {
                let value = digit.wrapping_sub(b'0');
                if value > 7 {
                    return Err(TreeError::Mode(mode));
                }
                mode = mode << 3 | u32::from(value);
            }
            let kind = EntryKind::from_raw(mode).ok_or(TreeError::Mode(mode))?;
            let name_at = at + space + 1;
            let len = data[name_at..].iter().position(|byte| *byte == 0).ok_or(TreeError::Truncated)?;
            let name = &data[name_at..name_at + len];
            if name.is_empty() || name.contains(&b'/') {
                return Err(TreeError::Name);
            }
            at = name_at + len + 1 + format.id_len();
            if at > data.len() {
                return Err(TreeError::Truncated);
            }
            if let Some(last) = places.last() {
                sorted &= git_order(tree.name(*last), last.kind().is_tree(), name, kind.is_tree()).is_lt();
            }
            places.push(Place::new(name_at, len, kind));
        }
        tree.places = places.into();
        if sorted {
            return Ok(tree);
        }
        Ok(Self::new((0..tree.len()).filter_map(|number| tree.owned(number)).collect()))
    }

    /// The entry of this number, sharing the tree's bytes.
    pub fn owned(&self, number: usize) -> Option<TreeEntry> {
        let EntryRef { kind, id, .. } = self.at(number)?;
        Some(TreeEntry { name: self.name_at(number), kind, id })
    }

    /// The tree object's content (without header).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.data.len());
        for entry in self.entries() {
            put(&mut data, entry.kind, entry.name, &entry.id);
        }
        data
    }

    /// Bytes that it takes in memory.
    pub fn held(&self) -> usize {
        size_of::<Self>() + self.data.len() + self.places.len() * (size_of::<Place>() + size_of::<AtomicU32>())
    }
}

impl Clone for Tree {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), places: self.places.clone(), id_len: self.id_len, sizes: OnceLock::new() }
    }
}

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        // Modes can be spelled in several ways.
        self.data == other.data || self.entries().eq(other.entries())
    }
}

impl Eq for Tree {}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}

/// Appends an entry as Git stores it.
fn put(data: &mut Vec<u8>, kind: EntryKind, name: &[u8], id: &ObjectId) {
    data.extend_from_slice(kind.as_octal().as_bytes());
    data.push(b' ');
    data.extend_from_slice(name);
    data.push(0);
    data.extend_from_slice(id.as_bytes());
}

/// Git's order of tree entries (`base_name_compare` in its `read-cache.c`).
fn git_order(a: &[u8], a_tree: bool, b: &[u8], b_tree: bool) -> std::cmp::Ordering {
    let common = a.len().min(b.len());
    a[..common].cmp(&b[..common]).then_with(|| {
        let next = |name: &[u8], tree: bool| name.get(common).copied().unwrap_or(if tree { b'/' } else { 0 });
        next(a, a_tree).cmp(&next(b, b_tree)).then_with(|| a.len().cmp(&b.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &'static str, kind: EntryKind) -> TreeEntry {
        TreeEntry { name: Bytes::from_static(name.as_bytes()), kind, id: ObjectId::empty_tree(ObjectFormat::Sha1) }
    }

    #[test]
    fn directories_sort_as_if_they_ended_in_a_slash() {
        let file = EntryKind::File(FileMode::Regular);
        let tree = Tree::new(vec![entry("a", EntryKind::Tree), entry("a0", file), entry("a.b", file), entry("a-b", EntryKind::Tree)]);
        let names: Vec<_> = tree.entries().map(|entry| entry.name).collect();
        assert_eq!(names, [&b"a-b"[..], b"a.b", b"a", b"a0"]);
        for name in ["a-b", "a.b", "a", "a0"] {
            assert_eq!(tree.get(name.as_bytes()).map(|entry| entry.name), Some(name.as_bytes()));
        }
        assert_eq!(tree.get(b"a1"), None);
        assert_eq!(Tree::parse(ObjectFormat::Sha1, &tree.to_bytes().into()), Ok(tree));
    }

    #[test]
    fn bad_trees_are_refused() {
        for bad in [
            &b"100644"[..],
            b"100644 a",
            b"100644 a\0abc",
            b"999999 a\0aaaaaaaaaaaaaaaaaaaa",
            b"100644 \0aaaaaaaaaaaaaaaaaaaa",
            b"100644 a/b\0aaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(Tree::parse(ObjectFormat::Sha1, &Bytes::copy_from_slice(bad)).is_err(), "{bad:?}");
        }
    }
}
