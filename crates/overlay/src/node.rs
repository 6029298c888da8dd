//! The tree of entries: what an overlay says about each name of a directory.
//!
//! Nodes are shared between overlays and copied where one of them writes. Each directory knows the tree that shows through it, so
//! that a moved directory is one node, whatever it holds.
//!
//! Invariant: no node says what the tree below says anyway, as far as that is known without comparing contents.
//! Invariant: nodes nest at most [`MAX_DEPTH`](crate::MAX_DEPTH) deep, so recursion over nodes is bounded. Trees may nest deeper;
//! what walks trees does not recurse.

use crate::content::{Body, FileView};
use crate::names::Names;
use acetate_types::ObjectId;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(crate) enum Node {
    File(Arc<FileView>),
    Dir(Arc<Dir>),
    /// The tree below has this name; nothing is there any more.
    Gone,
}

#[derive(Debug, Clone)]
pub(crate) struct Dir {
    /// The tree that shows through where `names` says nothing; `None` when nothing does.
    pub(crate) base: Option<ObjectId>,
    /// Whether it is a change by itself (made, moved, or in the place of something else), rather than the way to changes below.
    pub(crate) own: bool,
    pub(crate) names: Names,
}

impl Dir {
    pub(crate) const fn new(base: Option<ObjectId>, own: bool) -> Self {
        Self { base, own, names: Names::new() }
    }
}

/// What nodes amount to. Kept by the overlay as nodes come and go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Bytes of memory.
    pub(crate) bytes: usize,
    /// Nodes that say something: all but directories on the way.
    pub(crate) entries: usize,
    /// Contents that [`settle`](crate::Overlay::settle) has not looked at.
    pub(crate) hot: usize,
}

/// What an allocation costs beyond its size, roughly, whatever the allocator.
const ALLOCATION: usize = 8;
/// The two counters of an `Arc`.
const COUNTERS: usize = 16;

impl Load {
    pub(crate) fn add(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.entries += other.entries;
        self.hot += other.hot;
    }

    pub(crate) fn sub(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_sub(other.bytes);
        self.entries = self.entries.saturating_sub(other.entries);
        self.hot = self.hot.saturating_sub(other.hot);
    }

    /// A name in a directory.
    pub(crate) fn name(name: &[u8]) -> Self {
        Self { bytes: ALLOCATION + COUNTERS + name.len(), ..Self::default() }
    }

    /// A directory without what it holds.
    pub(crate) fn dir(dir: &Dir) -> Self {
        Self { bytes: ALLOCATION + COUNTERS + size_of::<Dir>(), entries: usize::from(dir.own), hot: 0 }
    }

    fn file(file: &FileView) -> Self {
        let (content, hot) = match &file.body {
            // `Bytes` keeps a shared vector behind two more words and a counter.
            Body::Hot { bytes, tried, .. } => (2 * ALLOCATION + 24 + bytes.len(), !tried),
            Body::Parts { parts, tried, .. } => (ALLOCATION + COUNTERS + size_of_val(&**parts) + parts.room() + parts.len(), !tried),
            Body::Delta { delta, .. } => (2 * ALLOCATION + COUNTERS + size_of_val(&**delta) + delta.held(), false),
            Body::Object { .. } => (0, false),
        };
        let mark = if file.body.mark().is_some() { ALLOCATION + COUNTERS + 8 } else { 0 };
        let bytes = ALLOCATION + COUNTERS + size_of::<FileView>() + mark + content;
        Self { bytes, entries: 1, hot: usize::from(hot) }
    }

    /// A node with all below it.
    pub(crate) fn of(node: &Node) -> Self {
        match node {
            Node::Gone => Self { entries: 1, ..Self::default() },
            Node::File(file) => Self::file(file),
            Node::Dir(dir) => {
                let mut load = Self::dir(dir);
                load.add(Self::below(dir));
                load
            }
        }
    }

    /// All that a directory holds.
    pub(crate) fn below(dir: &Dir) -> Self {
        let mut load = Self { bytes: dir.names.room(), ..Self::default() };
        for (name, node) in dir.names.iter() {
            load.add(Self::name(name));
            load.add(Self::of(node));
        }
        load
    }
}
