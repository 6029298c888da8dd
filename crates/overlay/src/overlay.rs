//! The overlay itself: its parts, what it amounts to, and the one way in which nodes are set.

use crate::moves::Moves;
use crate::node::{Dir, Load, Node};
use crate::route::Route;
use crate::view::DirRef;
use acetate_types::ObjectId;
use std::sync::Arc;

/// Most components of a path that is edited. Real trees nest a few dozen deep; this bounds recursion and the stack it takes.
pub const MAX_DEPTH: usize = 512;

/// The edits of a session over the tree of its base. Cloning takes constant time and shares everything: a fork, a checkpoint, an
/// undo step. Without edits it takes less than 300 bytes.
///
/// Edits never fail half-way: after an error the overlay is as it was.
#[derive(Debug, Clone)]
pub struct Overlay {
    base_tree: ObjectId,
    pub(crate) root: Arc<Dir>,
    pub(crate) load: Load,
    pub(crate) moves: Moves,
}

impl Overlay {
    /// No edits over this tree.
    pub fn new(base_tree: ObjectId) -> Self {
        Self { base_tree, root: Arc::new(Dir::new(Some(base_tree), false)), load: Load::default(), moves: Moves::default() }
    }

    /// The same base and moves with other nodes.
    pub(crate) fn with_root(&self, root: Arc<Dir>) -> Self {
        let load = Load::below(&root);
        Self { base_tree: self.base_tree, root, load, moves: self.moves.clone() }
    }

    /// The tree of the base.
    pub fn base_tree(&self) -> ObjectId {
        self.base_tree
    }

    /// Whether nothing is recorded. An overlay that is not clean may still show what the base has, since a file was written back:
    /// [`Overlay::changes`] compares.
    pub fn is_clean(&self) -> bool {
        self.root.names.is_empty()
    }

    /// How many entries the overlay holds: files, tombstones, and directories that were made or moved. In constant time.
    pub fn entry_count(&self) -> usize {
        self.load.entries
    }

    /// Bytes of memory that the overlay keeps alive, about: contents, names and nodes; what is shared with clones counts in each.
    /// A content that is a slice of a larger buffer counts by its own length until [`Overlay::settle`] copies it out. In constant time.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + Load::dir(&self.root).bytes + self.load.bytes + self.moves.bytes()
    }

    pub(crate) fn root_ref(&self) -> DirRef<'_> {
        DirRef::node(&self.root)
    }

    /// Puts a node where the route ends, or removes the one there when it says no more than the tree below does.
    pub(crate) fn place(&mut self, route: &Route<'_>, mut node: Node) {
        let needed = match &mut node {
            Node::Gone => route.base.is_some(),
            Node::File(file) => file.id().is_none_or(|id| route.base != Some((acetate_types::EntryKind::File(file.mode), id))),
            Node::Dir(dir) => {
                let own = !matches!(route.base, Some((kind, id)) if kind.is_tree() && dir.base == Some(id));
                if dir.own != own {
                    Arc::make_mut(dir).own = own;
                }
                own || !dir.names.is_empty()
            }
        };
        self.set(route, needed.then_some(node));
        if !needed {
            self.prune(route);
        }
    }

    /// Takes away what is seen where the route ends.
    pub(crate) fn clear(&mut self, route: &Route<'_>) {
        self.place(route, Node::Gone);
    }

    fn set(&mut self, route: &Route<'_>, node: Option<Node>) {
        let Self { root, load, .. } = self;
        let mut dir = Arc::make_mut(root);
        for (name, base) in &route.steps {
            if !matches!(dir.names.get(name), Some(Node::Dir(_))) {
                change(dir, load, name, Some(Node::Dir(Arc::new(Dir::new(*base, base.is_none())))));
            }
            let Some(Node::Dir(child)) = dir.names.get_mut(name) else { return };
            dir = Arc::make_mut(child);
        }
        change(dir, load, route.name, node);
    }

    /// Removes the directories on the way that lead to nothing any more.
    fn prune(&mut self, route: &Route<'_>) {
        // The first of the run of directories, each the only entry of the one above it, that ends in an empty one.
        let mut first = None;
        let mut dir = &*self.root;
        for (depth, (name, _)) in route.steps.iter().enumerate() {
            let Some(Node::Dir(child)) = dir.names.get(name) else { return };
            let is_last = depth + 1 == route.steps.len();
            first = if child.own || child.names.len() > usize::from(!is_last) { None } else { first.or(Some(depth)) };
            dir = child;
        }
        let Some(first) = first else { return };
        let Self { root, load, .. } = self;
        let mut dir = Arc::make_mut(root);
        for (depth, (name, _)) in route.steps.iter().enumerate() {
            if depth == first {
                change(dir, load, name, None);
                return;
            }
            let Some(Node::Dir(child)) = dir.names.get_mut(name) else { return };
            dir = Arc::make_mut(child);
        }
    }
}

/// Sets or removes one node, and keeps count.
fn change(dir: &mut Dir, load: &mut Load, name: &[u8], node: Option<Node>) {
    let room = dir.names.room();
    let before = match node {
        Some(node) => {
            load.add(Load::of(&node));
            load.add(Load::name(name));
            dir.names.insert(name, node)
        }
        None => dir.names.remove(name),
    };
    if let Some(before) = before {
        load.sub(Load::of(&before));
        load.sub(Load::name(name));
    }
    load.bytes = (load.bytes + dir.names.room()).saturating_sub(room);
}
