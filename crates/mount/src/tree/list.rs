//! Directories: the session's names and the scratch's as one.

use super::look::{Found, tracked};
use super::{Answer, Attr, Kind, Tree};
use crate::errno;
use crate::nodes::ROOT;
use acetate_types::{EntryKind, FileMode};
use rustix::io::Errno;
use std::collections::HashSet;

/// One name of a directory that is being read.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: Kind,
}

fn kind_of(kind: EntryKind) -> Kind {
    match kind {
        EntryKind::Tree | EntryKind::File(FileMode::Submodule) => Kind::Directory,
        EntryKind::File(FileMode::Symlink) => Kind::Symlink,
        EntryKind::File(_) => Kind::RegularFile,
    }
}

impl Tree {
    /// All names of a directory but `.` and `..`.
    pub(crate) fn list(&self, ino: u64) -> Answer<Vec<Entry>> {
        let path = {
            let nodes = self.nodes.lock();
            if nodes.get(ino)?.gone {
                return Ok(Vec::new());
            }
            nodes.path(ino)?
        };
        self.list_path(&path)
    }

    pub(super) fn list_path(&self, path: &[u8]) -> Answer<Vec<Entry>> {
        let view = self.view()?;
        let mut entries = Vec::new();
        let in_session = match self.find(&view, path)? {
            None => return Err(Errno::NOENT),
            Some(Found::Directory) => true,
            Some(Found::File(file)) if file.mode() == FileMode::Submodule => false,
            Some(Found::Scratch(_)) => false,
            Some(Found::File(_)) => return Err(Errno::NOTDIR),
        };
        if in_session {
            let listed = view.list(tracked(path).as_ref()).map_err(|error| errno::of(&error))?;
            entries.extend(listed.into_iter().filter_map(|listed| {
                // What no repository may hold, a hostile one does: it is not shown.
                tracked(&listed.name)?;
                Some(Entry { name: listed.name.to_vec(), kind: kind_of(listed.kind) })
            }));
        }
        let names: HashSet<Vec<u8>> = entries.iter().map(|entry| entry.name.clone()).collect();
        match self.scratch.list(path) {
            Ok(listed) => entries.extend(
                listed
                    .into_iter()
                    .filter(|listed| !names.contains(&listed.name))
                    .map(|listed| Entry { name: listed.name, kind: listed.kind }),
            ),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            Err(error) => return Err(error),
        }
        Ok(entries)
    }

    /// The number under which a name of a directory is known, or a stand-in.
    pub(crate) fn number(&self, parent: u64, name: &[u8]) -> u64 {
        self.nodes.lock().child(parent, name).unwrap_or(u64::MAX >> 1)
    }

    /// The directory above.
    pub(crate) fn above(&self, ino: u64) -> u64 {
        self.nodes.lock().get(ino).map_or(ROOT, |node| node.parent)
    }

    /// The attributes of a name, which the kernel holds from then on; `None` if it is gone since the directory was read.
    pub(crate) fn listed(&self, parent: u64, name: &[u8]) -> Option<Attr> {
        self.lookup(parent, name).ok().flatten()
    }
}
