//! Moving files and directories, and the record of it.
//!
//! A recorded move is a hint for merging: from where a thing stood in the base, whatever steps it took, to where it is now. It never
//! changes what is read. Of several things that stood at one path only the one from the base is recorded.

use crate::edit::{Written, check_link};
use crate::node::{Dir, Node};
use crate::overlay::MAX_DEPTH;
use crate::view::{DirRef, Spot, entries, find};
use crate::{Overlay, OverlayError};
use acetate_types::{Objects, RepoPath};
use std::sync::Arc;

/// A file or directory of the base that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where the base has it.
    pub from: RepoPath,
    /// Where it is now.
    pub to: RepoPath,
}

/// The recorded moves, at most one from each path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves {
    list: Option<Arc<Vec<Move>>>,
    bytes: usize,
}

impl Moves {
    fn iter(&self) -> impl Iterator<Item = &Move> {
        self.list.iter().flat_map(|list| list.iter())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn update(&mut self, change: impl FnOnce(&mut Vec<Move>)) {
        let list = Arc::make_mut(self.list.get_or_insert_default());
        change(list);
        list.shrink_to(list.len() + list.len() / 4);
        self.bytes = list.iter().map(|moved| size_of::<Move>() + 32 + moved.from.as_bytes().len() + moved.to.as_bytes().len()).sum();
        if list.is_empty() {
            *self = Self::default();
        }
    }

    /// Drops what was moved to this path or below it: it is gone.
    pub(crate) fn forget(&mut self, path: &RepoPath) {
        if self.iter().any(|moved| moved.to.starts_with(path)) {
            self.update(|list| list.retain(|moved| !moved.to.starts_with(path)));
        }
    }

    /// Where what is at `path` stood before all moves.
    fn origin(&self, path: &RepoPath) -> RepoPath {
        let nearest = self.iter().filter(|moved| path.starts_with(&moved.to)).max_by_key(|moved| moved.to.as_bytes().len());
        nearest.and_then(|moved| rebased(path, &moved.to, &moved.from)).unwrap_or_else(|| path.clone())
    }

    /// Records that what was at `from`, and stood at `origin` in the base if anywhere, is now at `to`.
    fn record(&mut self, from: &RepoPath, origin: Option<RepoPath>, to: &RepoPath) {
        self.update(|list| {
            for moved in list.iter_mut().filter(|moved| moved.to.starts_with(from)) {
                if let Some(target) = rebased(&moved.to, from, to) {
                    moved.to = target;
                }
            }
            if let Some(origin) = origin.filter(|origin| !list.iter().any(|moved| moved.from == *origin)) {
                list.push(Move { from: origin, to: to.clone() });
            }
            list.retain(|moved| moved.from != moved.to);
        });
    }
}

/// `path`, which is `old` or below it, as it is below `new`; `None` when that would be too long.
fn rebased(path: &RepoPath, old: &RepoPath, new: &RepoPath) -> Option<RepoPath> {
    let rest = path.as_bytes().get(old.as_bytes().len()..)?;
    RepoPath::existing([new.as_bytes(), rest].concat()).ok()
}

impl Overlay {
    /// Moves a file or a whole directory, and makes the directories above its new place that are missing. Costs what the path and
    /// the overlay's own entries below it cost: a directory of the base becomes one entry that names its tree. With `replace`
    /// a file may take a file's place and a directory an empty directory's. Moving a thing to where it is changes nothing.
    ///
    /// # Errors
    /// Nothing to move, a directory into itself, something at the new place that may not be replaced, a file among the directories
    /// above, too deep or too long a path for what the overlay holds below, a link to where Git must not find one, an unreadable tree.
    pub fn rename<O: Objects + ?Sized>(
        &mut self,
        objects: &O,
        from: &RepoPath,
        to: &RepoPath,
        replace: bool,
    ) -> Result<Written, OverlayError> {
        let (source, spot) = self.route(objects, from)?;
        let node = match spot {
            Spot::Absent => return Err(OverlayError::NotFound(from.clone())),
            Spot::File(file) => Node::File(Arc::new(file)),
            Spot::Dir(DirRef { node: Some(dir), .. }) => Node::Dir(Arc::clone(dir)),
            Spot::Dir(DirRef { base, .. }) => Node::Dir(Arc::new(Dir::new(base, true))),
        };
        if from == to {
            return Ok(Written { before: None });
        }
        if to.starts_with(from) && matches!(node, Node::Dir(_)) {
            return Err(OverlayError::IntoItself { from: from.clone(), to: to.clone() });
        }
        let (target, spot) = self.route(objects, to)?;
        let before = match (spot, &node) {
            (Spot::Absent, _) => None,
            (Spot::File(_) | Spot::Dir(_), _) if !replace => return Err(OverlayError::Exists(to.clone())),
            (Spot::File(file), Node::File(_)) => Some(file),
            (Spot::File(_), _) => return Err(OverlayError::NotADirectory(to.clone())),
            (Spot::Dir(_), Node::File(_)) => return Err(OverlayError::IsADirectory(to.clone())),
            (Spot::Dir(dir), _) if entries(objects, dir)?.is_empty() => None,
            (Spot::Dir(_), _) => return Err(OverlayError::NotEmpty(to.clone())),
        };
        match &node {
            Node::File(file) => check_link(to, file.mode, before.as_ref().map(|file| file.mode))?,
            Node::Dir(dir) => self.check_room(dir, to, to.as_bytes().len(), target.steps.len() + 1)?,
            Node::Gone => {}
        }
        let origin = self.moves.origin(from);
        let in_base = !matches!(find(objects, DirRef::tree(self.base_tree()), &origin)?, Spot::Absent);
        self.clear(&source);
        self.place(&target, node);
        self.moves.forget(to);
        self.moves.record(from, in_base.then_some(origin), to);
        Ok(Written { before })
    }

    /// Whether the overlay's entries below a directory still have paths when it is at `to`, of `len` bytes and `depth` components.
    fn check_room(&self, dir: &Dir, to: &RepoPath, len: usize, depth: usize) -> Result<(), OverlayError> {
        for (name, node) in dir.names.iter() {
            let len = len + 1 + name.len();
            if depth >= MAX_DEPTH || len > MAX_PATH {
                return Err(OverlayError::TooDeep(to.clone()));
            }
            if let Node::Dir(below) = node {
                self.check_room(below, to, len, depth + 1)?;
            }
        }
        Ok(())
    }

    /// The moves that still hold: the base has the source, as a file or as a directory, and the same kind is at the target; a
    /// file's source is gone, and at a directory's nothing of the base shows any more. In the order in which they were made.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn moves<O: Objects + ?Sized>(&self, objects: &O) -> Result<Vec<Move>, OverlayError> {
        let base = DirRef::tree(self.base_tree());
        let mut live = Vec::new();
        for moved in self.moves.iter() {
            let was = find(objects, base, &moved.from)?;
            let left = find(objects, self.root_ref(), &moved.from)?;
            let holds = match (was, left, find(objects, self.root_ref(), &moved.to)?) {
                (Spot::File(_), Spot::Absent | Spot::Dir(_), Spot::File(_))
                | (Spot::Dir(_), Spot::Absent | Spot::File(_), Spot::Dir(_)) => true,
                (Spot::Dir(was), Spot::Dir(left), Spot::Dir(_)) => left.base != was.base,
                _ => false,
            };
            if holds {
                live.push(moved.clone());
            }
        }
        Ok(live)
    }

    /// The moves as they were recorded, whether or not they hold now. Reads nothing.
    pub fn recorded_moves(&self) -> Vec<Move> {
        self.moves.iter().cloned().collect()
    }

    /// Records a move that was made elsewhere, as when edits are carried to another base. Nothing is moved.
    pub fn hint_move(&mut self, moved: Move) {
        let Move { from, to } = moved;
        self.moves.update(|list| {
            list.retain(|known| known.from != from);
            list.push(Move { from, to });
        });
    }
}

/// Most bytes of a path; what [`RepoPath`] allows.
const MAX_PATH: usize = 3584;
