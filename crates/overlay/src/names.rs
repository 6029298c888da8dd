//! A sorted map from names to nodes that is small when it holds little and still cheap to copy when it holds much.
//!
//! Most directories of an overlay hold a handful of entries: a sorted vector is the smallest form of those. Beyond [`FEW`] entries
//! a persistent B-tree takes over, so that a write after a fork copies one path of it rather than a directory of 10,000 names.

use crate::node::Node;
use std::sync::Arc;

/// A path component.
pub(crate) type Name = Arc<[u8]>;

/// Most entries that are held as a vector.
const FEW: usize = 64;

#[derive(Debug, Clone)]
pub(crate) enum Names {
    Few(Vec<(Name, Node)>),
    Many(imbl::OrdMap<Name, Node>),
}

impl Names {
    pub(crate) const fn new() -> Self {
        Self::Few(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(many) => many.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&Node> {
        match self {
            Self::Few(few) => few.get(find(few, name).ok()?).map(|(_, node)| node),
            Self::Many(many) => many.get(name),
        }
    }

    pub(crate) fn get_mut(&mut self, name: &[u8]) -> Option<&mut Node> {
        match self {
            Self::Few(few) => {
                let at = find(few, name).ok()?;
                few.get_mut(at).map(|(_, node)| node)
            }
            Self::Many(many) => many.get_mut(name),
        }
    }

    /// Sets the node of a name and gives the one before.
    pub(crate) fn insert(&mut self, name: &[u8], node: Node) -> Option<Node> {
        if let Some(place) = self.get_mut(name) {
            return Some(std::mem::replace(place, node));
        }
        if let Self::Few(few) = self
            && few.len() >= FEW
        {
            *self = Self::Many(few.drain(..).collect());
        }
        match self {
            Self::Few(few) => {
                if few.len() == few.capacity() {
                    // Doubling would leave half of the room unused for good: sessions rest much longer than they grow.
                    few.reserve_exact((few.len() / 4).max(1));
                }
                let at = find(few, name).unwrap_or_else(|at| at);
                few.insert(at, (name.into(), node));
                None
            }
            Self::Many(many) => many.insert(name.into(), node),
        }
    }

    pub(crate) fn remove(&mut self, name: &[u8]) -> Option<Node> {
        match self {
            Self::Few(few) => {
                let at = find(few, name).ok()?;
                let (_, node) = few.remove(at);
                Some(node)
            }
            Self::Many(many) => {
                let node = many.remove(name);
                if many.len() <= FEW / 2 {
                    *self = Self::Few(std::mem::take(many).into_iter().collect());
                }
                node
            }
        }
    }

    /// All names with their nodes, in byte order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &Node)> {
        let (few, many) = match self {
            Self::Few(few) => (&few[..], None),
            Self::Many(many) => (&[][..], Some(many)),
        };
        few.iter().map(|(name, node)| (name, node)).chain(many.into_iter().flat_map(|many| many.iter()))
    }

    /// Bytes that the map itself takes for so many entries, without what names and nodes point to. A function of the number alone:
    /// what is added on insertion is what is taken off on removal, whatever copies were made between.
    pub(crate) fn room(&self) -> usize {
        let len = self.len();
        let slot = size_of::<(Name, Node)>();
        // A vector has up to a quarter to spare; a B-tree's leaves are about two thirds full, its inner nodes a tenth on top.
        if len > FEW { len * slot * 8 / 5 } else { len * slot * 9 / 8 }
    }
}

fn find(few: &[(Name, Node)], name: &[u8]) -> Result<usize, usize> {
    few.binary_search_by(|(have, _)| have[..].cmp(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_is_a_sorted_set_of_names_in_both_forms() {
        let mut names = Names::new();
        let mut model = BTreeSet::new();
        for round in 0..400u32 {
            let name = (round.wrapping_mul(0x9e37_79b9) % 300).to_string();
            if round % 5 == 4 || round > 250 {
                assert_eq!(names.remove(name.as_bytes()).is_some(), model.remove(&name));
            } else {
                assert_eq!(names.insert(name.as_bytes(), Node::Gone).is_some(), !model.insert(name.clone()));
            }
            assert_eq!(names.get(name.as_bytes()).is_some(), model.contains(&name));
            assert!(names.iter().map(|(name, _)| &name[..]).eq(model.iter().map(String::as_bytes)));
            assert_eq!(names.len(), model.len());
        }
        assert!(!names.is_empty());
    }
}
