//! A parsed tree object: entries in Git's order.

use crate::{EntryKind, ObjectFormat, ObjectId};
use bytes::Bytes;

/// One entry of a [`Tree`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// The name, one path component, as stored.
    pub name: Bytes,
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
}

/// A directory as Git stores it. Entries are in Git's order: by name, directories compared as if they ended in `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    entries: Vec<TreeEntry>,
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
        Self { entries }
    }

    /// The entries, in Git's order.
    pub fn entries(&self) -> &[TreeEntry] {
        &self.entries
    }

    /// The entry of this name, whether file or directory.
    pub fn get(&self, name: &[u8]) -> Option<&TreeEntry> {
        for is_tree in [false, true] {
            if let Ok(at) = self.entries.binary_search_by(|entry| git_order(&entry.name, entry.kind.is_tree(), name, is_tree)) {
                return Some(&self.entries[at]);
            }
        }
        None
    }

    /// Parses a tree object's content (without header).
    ///
    /// # Errors
    /// Truncated entries, unknown modes, names that are empty or hold a slash. Order and duplicates are accepted as stored, for
    /// such trees exist; entries are put into order.
    pub fn parse(format: ObjectFormat, data: &Bytes) -> Result<Self, TreeError> {
        let mut entries = Vec::with_capacity(data.len() / 36);
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
            let name = data.slice(name_at..name_at + len);
            if name.is_empty() || name.contains(&b'/') {
                return Err(TreeError::Name);
            }
            let id_at = name_at + len + 1;
            let raw = data.get(id_at..id_at + format.id_len()).ok_or(TreeError::Truncated)?;
            let id = ObjectId::from_bytes(raw).map_err(|_| TreeError::Truncated)?;
            at = id_at + format.id_len();
            if let Some(last) = entries.last() {
                let last: &TreeEntry = last;
                sorted &= git_order(&last.name, last.kind.is_tree(), &name, kind.is_tree()).is_lt();
            }
            entries.push(TreeEntry { name, kind, id });
        }
        Ok(if sorted { Self { entries } } else { Self::new(entries) })
    }

    /// The tree object's content (without header).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.entries.len() * 48);
        for entry in &self.entries {
            data.extend_from_slice(entry.kind.as_octal().as_bytes());
            data.push(b' ');
            data.extend_from_slice(&entry.name);
            data.push(0);
            data.extend_from_slice(entry.id.as_bytes());
        }
        data
    }
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
    use crate::FileMode;

    fn entry(name: &'static str, kind: EntryKind) -> TreeEntry {
        TreeEntry { name: Bytes::from_static(name.as_bytes()), kind, id: ObjectId::empty_tree(ObjectFormat::Sha1) }
    }

    #[test]
    fn directories_sort_as_if_they_ended_in_a_slash() {
        let file = EntryKind::File(FileMode::Regular);
        let tree = Tree::new(vec![entry("a", EntryKind::Tree), entry("a0", file), entry("a.b", file), entry("a-b", EntryKind::Tree)]);
        let names: Vec<_> = tree.entries().iter().map(|entry| &entry.name[..]).collect();
        assert_eq!(names, [&b"a-b"[..], b"a.b", b"a", b"a0"]);
        for name in ["a-b", "a.b", "a", "a0"] {
            assert_eq!(tree.get(name.as_bytes()).map(|entry| &entry.name[..]), Some(name.as_bytes()));
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
