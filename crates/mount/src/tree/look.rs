//! Finding what a name means: the session's own file first, else the scratch's.

use super::dirs::Dir;
use super::{Answer, Attr, Tree};
use crate::errno;
use crate::gitdir::Known;
use crate::nodes::{Place, ROOT};
use crate::owner::Owner;
use acetate_engine::{EngineError, FileNode, Node, View};
use acetate_types::{ErrorKind, FileMode, RepoPath};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;
use std::sync::Arc;

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
    /// The session's files as they are now.
    pub(super) fn view(&self) -> Answer<Arc<View>> {
        let seen = Arc::clone(&self.seen.read());
        if self.session.is_at(&seen).map_err(|error| errno::of(&error))? {
            return Ok(seen);
        }
        let view = Arc::new(self.session.view().map_err(|error| errno::of(&error))?);
        *self.seen.write() = Arc::clone(&view);
        Ok(view)
    }

    /// What a name of a directory means.
    pub(super) fn find_in(&self, dir: &Dir, name: &[u8]) -> Answer<Option<Found>> {
        if let Some(names) = dir.names.as_ref().filter(|_| dir.may_hold(name)) {
            match names.get(name).map_err(|error| errno::of(&error))? {
                Some(Node::Directory) => return Ok(Some(Found::Directory)),
                Some(Node::File(file)) => return Ok(Some(Found::File(file))),
                None => {}
            }
        }
        if !dir.in_scratch {
            return Ok(None);
        }
        let found = self.scratch.stat(&dir.join(name))?;
        Ok(found.map(|stat| Found::Scratch(Box::new(stat))))
    }

    /// What a node is that the kernel holds, and its path.
    pub(super) fn found(&self, ino: u64) -> Answer<(Vec<u8>, Option<Found>)> {
        if ino == ROOT {
            return Ok((Vec::new(), Some(Found::Directory)));
        }
        let (parent, name) = self.nodes.lock().name_of(ino)?;
        let dir = self.dir(parent)?;
        Ok((dir.join(&name), self.find_in(&dir, &name)?))
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
        Ok(self.scratch.stat(path)?.map(|stat| Found::Scratch(Box::new(stat))))
    }

    /// Makes the index when somebody first looks for it: most sessions never ask Git anything. No lock is held over it: what changes
    /// meanwhile is told after its mark.
    pub(crate) fn prepare_index(&self) {
        let Some(git) = self.git.as_ref().filter(|git| git.wants_index()) else { return };
        let mark = self.changes.lock().mark();
        let made = self.view().and_then(|view| Ok((self.mixed(&view)?, view)));
        let made = made.map_err(|error| EngineError::new(ErrorKind::Unavailable, "git_dir_unusable", error.to_string())).and_then(
            |(mixed, view)| {
                let owner = Owner { user: self.user, group: self.group };
                let number = |parent: u64, name: &[u8]| self.number(parent, name);
                git.make_index(&view, &Known { times: &self.times, number: &number, owner, mark, mixed })
            },
        );
        if let Err(error) = made {
            tracing::warn!(%error, "git has to read the files to make its index");
        }
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
        // In a directory that was removed nothing is.
        let dir = self.dir(parent).map_err(|error| if error == Errno::STALE { Errno::NOENT } else { error })?;
        self.lookup_in(&dir, parent, name)
    }

    /// The same in a directory that was taken hold of.
    pub(super) fn lookup_in(&self, dir: &Dir, parent: u64, name: &[u8]) -> Answer<Option<Attr>> {
        match self.find_in(dir, name)? {
            Some(found) => self.give(parent, name, &dir.join(name), &found, dir.in_scratch).map(Some),
            None => Ok(None),
        }
    }

    /// Enters what was found, and gives it to the kernel. `in_scratch` unless it is known that nothing of the scratch is in its directory.
    fn give(&self, parent: u64, name: &[u8], path: &[u8], found: &Found, in_scratch: bool) -> Answer<Attr> {
        let ino = {
            let mut nodes = self.nodes.lock();
            let ino = nodes.enter(parent, name, found.place(), found.kind(), found.on_disk());
            nodes.given(ino);
            ino
        };
        self.attr_of(ino, path, found, in_scratch).inspect_err(|_| self.nodes.lock().forget(ino, 1))
    }

    /// The same for what was just made at a path.
    pub(super) fn give_new(&self, parent: u64, name: &[u8], path: &[u8]) -> Answer<Attr> {
        let view = self.view()?;
        let found = self.find(&view, path)?.ok_or(Errno::NOENT)?;
        self.give(parent, name, path, &found, true)
    }

    pub(crate) fn forget(&self, ino: u64, times: u64) {
        self.nodes.lock().forget(ino, times);
    }
}
