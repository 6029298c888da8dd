//! Finding what a name means: the session's own file first, else the scratch's.

use super::{Answer, Attr, Tree};
use crate::errno;
use crate::nodes::Place;
use acetate_engine::{FileNode, Node, View};
use acetate_types::{FileMode, RepoPath};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

/// What is at a path.
pub(super) enum Found {
    Directory,
    File(FileNode),
    Scratch(Box<Stat>),
}

impl Found {
    pub(super) fn place(&self) -> Place {
        if matches!(self, Self::Scratch(_)) { Place::Scratch } else { Place::Tracked }
    }

    /// What it is shown as; a submodule is an empty directory.
    pub(super) fn kind(&self) -> FileType {
        match self {
            Self::Directory => FileType::Directory,
            Self::File(file) => shown_as(file.mode()),
            Self::Scratch(stat) => FileType::from_raw_mode(stat.st_mode),
        }
    }

    /// Whether it is shown as a directory.
    pub(super) fn is_dir(&self) -> bool {
        self.kind().is_dir()
    }

    /// The number on disk of a scratch file that has several names.
    pub(super) fn on_disk(&self) -> Option<u64> {
        match self {
            Self::Scratch(stat) if stat.st_nlink > 1 && !self.is_dir() => Some(stat.st_ino),
            _ => None,
        }
    }
}

/// What an entry of a tree is shown as.
pub(super) fn shown_as(mode: FileMode) -> FileType {
    match mode {
        FileMode::Submodule => FileType::Directory,
        FileMode::Symlink => FileType::Symlink,
        FileMode::Regular | FileMode::Executable => FileType::RegularFile,
    }
}

/// A path as the session has it, unless no repository may hold it.
pub(super) fn tracked(path: &[u8]) -> Option<RepoPath> {
    RepoPath::new(path.to_vec()).ok()
}

/// Whether no name of a path is longer than names may be.
pub(super) fn check_name(name: &[u8]) -> Answer<()> {
    if name.len() > 255 { Err(Errno::NAMETOOLONG) } else { Ok(()) }
}

impl Tree {
    pub(super) fn view(&self) -> Answer<View> {
        self.session.view().map_err(|error| errno::of(&error))
    }

    pub(super) fn find(&self, view: &View, path: &[u8]) -> Answer<Option<Found>> {
        if path.is_empty() {
            return Ok(Some(Found::Directory));
        }
        if let Some(path) = tracked(path) {
            match view.get(&path).map_err(|error| errno::of(&error))? {
                Some(Node::Directory) => return Ok(Some(Found::Directory)),
                Some(Node::File(file)) => return Ok(Some(Found::File(file))),
                None => {}
            }
        }
        let mut found = self.scratch.stat(path)?;
        if found.is_none() && path == b".git/index" && self.prepare_index(view) {
            found = self.scratch.stat(path)?;
        }
        Ok(found.map(|stat| Found::Scratch(Box::new(stat))))
    }

    /// Makes the index when somebody first looks for it: most sessions never ask Git anything.
    fn prepare_index(&self, view: &View) -> bool {
        let Some(git) = &self.git else { return false };
        git.make_index(view, &self.times).unwrap_or_else(|error| {
            tracing::warn!(%error, "git has to read the files to make its index");
            false
        })
    }

    /// Where something new is to be kept.
    pub(super) fn place_of(&self, view: &View, path: &[u8], dir: bool) -> Answer<Place> {
        let Some(repo) = tracked(path) else { return Ok(Place::Scratch) };
        if let Some(parent) = repo.parent() {
            match view.get(&parent).map_err(|error| errno::of(&error))? {
                Some(Node::Directory) => {}
                // A submodule's folder is empty in the session.
                Some(Node::File(_)) => return Ok(Place::Scratch),
                // A directory that only ignored files are left in is still one for others.
                None if self.scratch.stat(parent.as_bytes())?.is_some() => {}
                None => return Err(Errno::NOENT),
            }
        }
        if view.base_has(&repo).map_err(|error| errno::of(&error))? || !self.rules.ignored(view, path, dir) {
            return Ok(Place::Tracked);
        }
        Ok(Place::Scratch)
    }

    /// What a name of a directory means. The kernel holds the node from then on.
    pub(crate) fn lookup(&self, parent: u64, name: &[u8]) -> Answer<Option<Attr>> {
        check_name(name)?;
        let path = self.nodes.lock().path_in(parent, name)?;
        let view = self.view()?;
        match self.find(&view, &path)? {
            Some(found) => self.give(&view, parent, name, &path, &found).map(Some),
            None => Ok(None),
        }
    }

    /// Enters what was found, and gives it to the kernel.
    pub(super) fn give(&self, view: &View, parent: u64, name: &[u8], path: &[u8], found: &Found) -> Answer<Attr> {
        let ino = {
            let mut nodes = self.nodes.lock();
            let ino = nodes.enter(parent, name, found.place(), found.kind(), found.on_disk());
            nodes.given(ino);
            ino
        };
        self.attr_of(view, ino, path, found).inspect_err(|_| self.nodes.lock().forget(ino, 1))
    }

    /// The same for what was just made at a path.
    pub(super) fn give_new(&self, parent: u64, name: &[u8], path: &[u8]) -> Answer<Attr> {
        let view = self.view()?;
        let found = self.find(&view, path)?.ok_or(Errno::NOENT)?;
        self.give(&view, parent, name, path, &found)
    }

    pub(crate) fn forget(&self, ino: u64, times: u64) {
        self.nodes.lock().forget(ino, times);
    }
}
