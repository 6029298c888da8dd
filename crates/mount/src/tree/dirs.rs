//! Directories that are being looked into: what the session has there, found once for all of their names.
//!
//! Invariant: what is kept is of one view of the session and of one shape of the scratch; of others nothing is held.

use super::{Answer, Tree};
use crate::errno;
use crate::nodes::ROOT;
use acetate_engine::{Directory, View};
use acetate_types::RepoPath;
use std::collections::HashMap;
use std::sync::Arc;

/// Most directories that are kept.
const MOST: usize = 512;

/// A directory that is being looked into.
pub(super) struct Dir {
    pub(super) path: Vec<u8>,
    /// What the session has there, if it has the directory.
    pub(super) names: Option<Directory>,
    /// Whether the scratch has the directory too.
    pub(super) in_scratch: bool,
}

impl Dir {
    /// The path of a name in it.
    pub(super) fn join(&self, name: &[u8]) -> Vec<u8> {
        if self.path.is_empty() {
            return name.to_vec();
        }
        let mut path = Vec::with_capacity(self.path.len() + 1 + name.len());
        path.extend_from_slice(&self.path);
        path.push(b'/');
        path.extend_from_slice(name);
        path
    }

    /// Whether the session may have this name in it.
    pub(super) fn may_hold(&self, name: &[u8]) -> bool {
        self.names.is_some() && RepoPath::check_below(self.path.len(), name).is_ok()
    }
}

/// Those that were looked into last.
#[derive(Default)]
pub(super) struct Dirs {
    of: Option<(Arc<View>, u64)>,
    dirs: HashMap<u64, Arc<Dir>>,
}

impl Dirs {
    /// Of this view and shape; what was of others goes.
    fn at(&mut self, view: &Arc<View>, shape: u64) -> &mut HashMap<u64, Arc<Dir>> {
        let same = self.of.as_ref().is_some_and(|(of, at)| Arc::ptr_eq(of, view) && *at == shape);
        if !same || self.dirs.len() >= MOST {
            self.dirs.clear();
            self.of = Some((Arc::clone(view), shape));
        }
        &mut self.dirs
    }
}

impl Tree {
    /// A directory that the kernel holds.
    pub(super) fn dir(&self, ino: u64) -> Answer<Arc<Dir>> {
        let view = self.view()?;
        self.dir_at(&view, ino)
    }

    fn dir_at(&self, view: &Arc<View>, ino: u64) -> Answer<Arc<Dir>> {
        let shape = self.scratch.shape();
        // Up to one that is known, and from there down again. Folders can be deeper than a thread's stack allows.
        let (mut below, mut at) = (Vec::new(), ino);
        let mut dir = loop {
            if let Some(known) = self.dirs.lock().at(view, shape).get(&at) {
                break Arc::clone(known);
            }
            if at == ROOT {
                let names = view.directory(None).map_err(|error| errno::of(&error))?;
                break self.keep_dir(view, shape, ROOT, Dir { path: Vec::new(), names, in_scratch: true });
            }
            let (parent, name) = self.nodes.lock().name_of(at)?;
            below.push((at, name));
            at = parent;
        };
        for (ino, name) in below.into_iter().rev() {
            let path = dir.join(&name);
            let names = match dir.names.as_ref().filter(|_| dir.may_hold(&name)) {
                Some(names) => names.child(&name).map_err(|error| errno::of(&error))?,
                None => None,
            };
            // What the session does not have there can be nowhere else.
            let in_scratch = dir.in_scratch && (names.is_none() || self.scratch.has_dir(&path)?);
            dir = self.keep_dir(view, shape, ino, Dir { path, names, in_scratch });
        }
        Ok(dir)
    }

    fn keep_dir(&self, view: &Arc<View>, shape: u64, ino: u64, dir: Dir) -> Arc<Dir> {
        let dir = Arc::new(dir);
        self.dirs.lock().at(view, shape).insert(ino, Arc::clone(&dir));
        dir
    }
}
