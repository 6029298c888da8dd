//! A table of nodes by their numbers that stays small: nodes do not move as it grows, and what is forgotten together is given back.
//!
//! Nodes stand in pages; beside them an index of four bytes each. Invariant: a page without nodes takes no room.

use super::inodes::Node;
use hashbrown::HashTable;
use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};

/// Nodes of one page.
const PAGE: usize = 256;

type Slot = Option<(u64, Node)>;

struct Page {
    slots: Box<[Slot]>,
    used: usize,
    /// Before this one none is free.
    free: usize,
}

/// Nodes by their numbers.
pub(super) struct Table {
    pages: Vec<Option<Page>>,
    /// Pages with room, the first first: so that the last become empty.
    roomy: BTreeSet<usize>,
    index: HashTable<u32>,
    key: u64,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("len", &self.len()).finish_non_exhaustive()
    }
}

fn slot(pages: &[Option<Page>], at: u32) -> Option<&(u64, Node)> {
    pages.get(at as usize / PAGE)?.as_ref()?.slots.get(at as usize % PAGE)?.as_ref()
}

impl Table {
    pub(super) fn new() -> Self {
        let key = RandomState::new().hash_one(0) | 1;
        Self { pages: Vec::new(), roomy: BTreeSet::new(), index: HashTable::new(), key }
    }

    /// Numbers are hashes already, but of names that somebody may have chosen: a key of each table's own spreads them.
    fn hash(key: u64, ino: u64) -> u64 {
        let product = u128::from(ino ^ key) * u128::from(key);
        (product >> 64) as u64 ^ product as u64
    }

    fn find(&self, ino: u64) -> Option<u32> {
        self.index.find(Self::hash(self.key, ino), |at| slot(&self.pages, *at).is_some_and(|(of, _)| *of == ino)).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn contains(&self, ino: u64) -> bool {
        self.find(ino).is_some()
    }

    pub(super) fn get(&self, ino: u64) -> Option<&Node> {
        slot(&self.pages, self.find(ino)?).map(|(_, node)| node)
    }

    pub(super) fn get_mut(&mut self, ino: u64) -> Option<&mut Node> {
        let at = self.find(ino)? as usize;
        let (_, node) = self.pages.get_mut(at / PAGE)?.as_mut()?.slots.get_mut(at % PAGE)?.as_mut()?;
        Some(node)
    }

    /// Enters a node under a number that has none.
    pub(super) fn insert(&mut self, ino: u64, node: Node) {
        let page = self.roomy.first().copied().unwrap_or_else(|| self.add_page());
        let Some(Some(Page { slots, used, free: from })) = self.pages.get_mut(page) else { return };
        let Some(free) = (*from..PAGE).find(|at| matches!(slots.get(*at), Some(None))) else { return };
        let Ok(at) = u32::try_from(page * PAGE + free) else { return };
        if let Some(slot) = slots.get_mut(free) {
            *slot = Some((ino, node));
        }
        (*used, *from) = (*used + 1, free + 1);
        if *used == PAGE {
            self.roomy.remove(&page);
        }
        let (pages, key) = (&self.pages, self.key);
        let hash = |at: &u32| Self::hash(key, slot(pages, *at).map_or(0, |(ino, _)| *ino));
        self.index.insert_unique(Self::hash(key, ino), at, hash);
    }

    fn add_page(&mut self) -> usize {
        let page = Page { slots: (0..PAGE).map(|_| None).collect(), used: 0, free: 0 };
        let at = self.pages.iter().position(Option::is_none).unwrap_or(self.pages.len());
        if at == self.pages.len() {
            self.pages.push(None);
        }
        if let Some(place) = self.pages.get_mut(at) {
            *place = Some(page);
        }
        self.roomy.insert(at);
        at
    }

    pub(super) fn remove(&mut self, ino: u64) -> Option<Node> {
        let found = self.index.find_entry(Self::hash(self.key, ino), |at| slot(&self.pages, *at).is_some_and(|(of, _)| *of == ino));
        let at = found.ok()?.remove().0 as usize;
        let number = at / PAGE;
        let place = self.pages.get_mut(number)?;
        let page = place.as_mut()?;
        let (_, node) = page.slots.get_mut(at % PAGE)?.take()?;
        page.used -= 1;
        page.free = page.free.min(at % PAGE);
        if page.used == 0 {
            *place = None;
            self.roomy.remove(&number);
            while matches!(self.pages.last(), Some(None)) {
                self.pages.pop();
            }
        } else {
            self.roomy.insert(number);
        }
        if self.index.capacity() > 1024 && self.index.len() * 8 < self.index.capacity() {
            let (pages, key, len) = (&self.pages, self.key, self.index.len());
            self.index.shrink_to(len * 2, |at| Self::hash(key, slot(pages, *at).map_or(0, |(ino, _)| *ino)));
        }
        Some(node)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Node)> {
        self.pages.iter().flatten().flat_map(|page| page.slots.iter()).flatten().map(|(ino, node)| (*ino, node))
    }
}

#[cfg(test)]
mod tests {
    use super::super::inodes::Place;
    use super::*;
    use rustix::fs::FileType;
    use std::collections::HashSet;

    #[test]
    fn it_holds_what_was_entered_and_gives_back_what_was_forgotten() {
        let mut table = Table::new();
        let mut known = HashSet::new();
        let number = |round: u64| round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44;
        for round in 0..40_000u64 {
            let ino = number(round);
            if round % 3 == 2 || round > 30_000 {
                assert_eq!(table.remove(ino).is_some(), known.remove(&ino));
            } else if known.insert(ino) {
                table.insert(ino, Node::new(ino / 2, b"name", Place::Tracked, FileType::RegularFile));
            }
            assert_eq!(table.get(ino).map(|node| node.parent), known.contains(&ino).then_some(ino / 2));
            assert_eq!(table.len(), known.len());
        }
        assert_eq!(table.iter().map(|(ino, _)| ino).collect::<HashSet<_>>(), known);
        for ino in known {
            assert!(table.get_mut(ino).is_some());
            assert!(table.remove(ino).is_some());
            assert!(table.remove(ino).is_none());
        }
        assert_eq!((table.len(), table.pages.len()), (0, 0));
        assert!(table.index.capacity() < 4096);
    }
}
