//! What a merge knows about the paths that are not the same in all three trees.

use crate::renames::{Directories, Source, Target};
use acetate_types::{EntryKind, FileMode, ObjectId};
use bytes::Bytes;
use std::collections::{HashMap, HashSet};

/// The places of the three trees in arrays.
pub(super) const BASE: usize = 0;
/// Our side.
pub(super) const OURS: usize = 1;
/// Their side.
pub(super) const THEIRS: usize = 2;

/// The mask of one place.
pub(super) const fn bit(place: usize) -> u8 {
    1 << place
}

/// The other side.
pub(super) const fn other(side: usize) -> usize {
    3 - side
}

/// A file: mode, object, and the bytes where a merge made them and no object has them yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub mode: FileMode,
    /// The object; meaningless where there are `bytes`.
    pub id: ObjectId,
    pub bytes: Option<Bytes>,
}

impl Version {
    pub fn new(mode: FileMode, id: ObjectId) -> Self {
        Self { mode, id, bytes: None }
    }

    /// Whether both are files, both links or both submodules.
    pub fn same_type(&self, other: &Self) -> bool {
        self.mode == other.mode || (self.mode.is_file() && other.mode.is_file())
    }
}

/// An entry of one tree: a file or a directory.
pub(super) type Named = Option<(EntryKind, ObjectId)>;

/// The file in an entry of a tree.
pub(super) fn file(named: &Named) -> Option<Version> {
    named.as_ref().and_then(|(kind, id)| Some(Version::new(kind.file()?, *id)))
}

/// What is decided about a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    /// Nothing yet.
    Open,
    /// The result has this file here, or no file.
    File(Option<Version>),
    /// The result has what one side has here, with all that is below it.
    Whole(Named),
    /// The path is part of a conflict.
    Conflict,
}

/// A path that is not the same in all three trees, or that a rename touches.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub path: Bytes,
    /// What the trees have here.
    pub named: [Named; 3],
    /// The files that are to be merged here. Renames bring them here from other paths.
    pub stages: [Option<Version>; 3],
    /// Where each of them is in its own tree.
    pub paths: [Bytes; 3],
    /// Which trees have a directory here.
    pub dirs: u8,
    /// Two places that have the same here: base and ours (3), base and theirs (5), both sides (6); else 0.
    pub same: u8,
    pub fate: Fate,
    /// A conflict about this path has been reported already; the result is not clean, whatever its contents say.
    pub reported: bool,
    /// That conflict is not about what else the other side has here, which is to be reported by itself.
    pub contested: bool,
    /// Paths of ours whose change came here, and which a conflict here concerns as well.
    pub holds: Vec<Bytes>,
    /// What theirs has elsewhere and has to get back if it is taken in a conflict here.
    pub restores: Vec<(Bytes, Version)>,
}

impl Entry {
    pub fn new(path: Bytes, named: [Named; 3]) -> Self {
        let dirs = (0..3).filter(|place| matches!(&named[*place], Some((EntryKind::Tree, _)))).map(bit).sum();
        let stages = [file(&named[BASE]), file(&named[OURS]), file(&named[THEIRS])];
        let paths = [path.clone(), path.clone(), path.clone()];
        Self {
            path,
            named,
            stages,
            paths,
            dirs,
            same: 0,
            fate: Fate::Open,
            reported: false,
            contested: false,
            holds: Vec::new(),
            restores: Vec::new(),
        }
    }

    /// Which places hold a file.
    pub fn files(&self) -> u8 {
        (0..3).filter(|place| self.stages[*place].is_some()).map(bit).sum()
    }

    pub fn is_open(&self) -> bool {
        self.fate == Fate::Open
    }
}

/// Everything the walk over the three trees found.
#[derive(Debug, Default)]
pub(super) struct Paths {
    pub entries: Vec<Entry>,
    places: HashMap<Bytes, usize>,
    /// Paths whose file has moved away with a directory.
    pub left: HashSet<Bytes>,
    /// Directories in which something is the same in all three trees, so that they stay.
    pub kept: HashSet<Bytes>,
    /// Per side: paths that are gone, in Git's order.
    pub gone: [Vec<Source>; 3],
    /// Per side: paths that are new, in Git's order.
    pub new: [Vec<Target>; 3],
    /// Per side: directories that are gone.
    pub removed: [Directories; 3],
    /// Per side: whether everything it changed was walked, since renames of it can matter.
    pub followed: [bool; 3],
}

impl Paths {
    pub fn add(&mut self, entry: Entry) -> usize {
        self.places.insert(entry.path.clone(), self.entries.len());
        self.entries.push(entry);
        self.entries.len() - 1
    }

    pub fn find(&self, path: &[u8]) -> Option<usize> {
        self.places.get(path).copied()
    }
}
