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
use bytes::Bytes;
use std::sync::Arc;

/// A file or directory of the base that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where the base has it.
    pub from: RepoPath,
    /// Where it is now.
    pub to: RepoPath,
}

/// The recorded moves, at most one from each path. Persistent maps: a copy costs nothing and a change what its paths cost, however many
/// there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves {
    by_from: imbl::OrdMap<Bytes, Recorded>,
    /// `to`, a NUL, `from`: no path holds one, so that what is at a path and what is below it are two ranges.
    by_to: imbl::OrdSet<Bytes>,
    /// How many were ever recorded.
    count: u64,
    bytes: usize,
}

/// A recorded move and its place in the order of all.
#[derive(Debug, Clone)]
struct Recorded {
    moved: Move,
    number: u64,
}

/// The key of a move in `by_to`.
fn key(moved: &Move) -> Bytes {
    [moved.to.as_bytes(), b"\0", moved.from.as_bytes()].concat().into()
}

/// The bytes of memory that a move takes, about.
fn cost(moved: &Move) -> usize {
    size_of::<Recorded>() + 2 * size_of::<Bytes>() + 64 + 2 * (moved.from.as_bytes().len() + moved.to.as_bytes().len())
}

impl Moves {
    /// In the order in which they were made.
    fn list(&self) -> Vec<&Move> {
        let mut all: Vec<&Recorded> = self.by_from.values().collect();
        all.sort_unstable_by_key(|recorded| recorded.number);
        all.into_iter().map(|recorded| &recorded.moved).collect()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn insert(&mut self, moved: Move, number: u64) {
        self.bytes += cost(&moved);
        self.by_to.insert(key(&moved));
        self.by_from.insert(moved.from.to_bytes(), Recorded { moved, number });
    }

    fn remove(&mut self, from: &[u8]) -> Option<Recorded> {
        let recorded = self.by_from.remove(from)?;
        self.by_to.remove(&key(&recorded.moved));
        self.bytes -= cost(&recorded.moved);
        if self.by_from.is_empty() {
            *self = Self { count: self.count, ..Self::default() };
        }
        Some(recorded)
    }

    /// What was moved to a path.
    fn at(&self, path: &RepoPath) -> Vec<&Recorded> {
        self.range(path, b'\0')
    }

    /// The moves whose target is `path` followed by `next`.
    fn range(&self, path: &RepoPath, next: u8) -> Vec<&Recorded> {
        if self.by_to.is_empty() {
            return Vec::new();
        }
        let bound = |byte: u8| Bytes::from([path.as_bytes(), &[byte]].concat());
        let keys = self.by_to.range(bound(next)..bound(next + 1));
        let from = |key: &Bytes| memchr_nul(key).and_then(|at| self.by_from.get(key.get(at + 1..)?));
        keys.filter_map(from).collect()
    }

    /// Takes out what was moved to a path or below it.
    fn take(&mut self, path: &RepoPath) -> Vec<Recorded> {
        let mut found = self.at(path);
        found.extend(self.range(path, b'/'));
        let found: Vec<Bytes> = found.into_iter().map(|recorded| recorded.moved.from.to_bytes()).collect();
        found.iter().filter_map(|from| self.remove(from)).collect()
    }

    /// Drops what was moved to this path or below it: it is gone.
    pub(crate) fn forget(&mut self, path: &RepoPath) {
        self.take(path);
    }

    /// Where what is at `path` stood before all moves.
    fn origin(&self, path: &RepoPath) -> RepoPath {
        if self.by_from.is_empty() {
            return path.clone();
        }
        let above = std::iter::successors(Some(path.clone()), RepoPath::parent);
        let nearest = above.filter_map(|to| self.at(&to).into_iter().max_by_key(|recorded| recorded.number).cloned()).next();
        nearest.and_then(|recorded| rebased(path, &recorded.moved.to, &recorded.moved.from)).unwrap_or_else(|| path.clone())
    }

    /// Records that what was at `from`, and stood at `origin` in the base if anywhere, is now at `to`.
    fn record(&mut self, from: &RepoPath, origin: Option<RepoPath>, to: &RepoPath) {
        for Recorded { moved, number } in self.take(from) {
            let to = rebased(&moved.to, from, to).unwrap_or(moved.to);
            if moved.from != to {
                self.insert(Move { from: moved.from, to }, number);
            }
        }
        if let Some(from) = origin.filter(|origin| origin != to && !self.by_from.contains_key(origin.as_bytes())) {
            self.append(Move { from, to: to.clone() });
        }
    }

    /// Records a move as the last one.
    fn append(&mut self, moved: Move) {
        self.remove(moved.from.as_bytes());
        self.count += 1;
        self.insert(moved, self.count);
    }
}

fn memchr_nul(key: &[u8]) -> Option<usize> {
    key.iter().position(|byte| *byte == 0)
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
        for moved in self.moves.list() {
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
        self.moves.list().into_iter().cloned().collect()
    }

    /// Records a move that was made elsewhere, as when edits are carried to another base. Nothing is moved.
    pub fn hint_move(&mut self, moved: Move) {
        self.moves.append(moved);
    }
}

/// Most bytes of a path; what [`RepoPath`] allows.
const MAX_PATH: usize = 3584;
