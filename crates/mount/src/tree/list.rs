//! Directories: the session's names and the scratch's as one.
//!
//! A listing is read in parts, and nobody says when he begins or ends. So a name's place in it follows from the name, and whoever goes on
//! behind a place finds every name that was there all the time, whatever came and went meanwhile.

use super::dirs::Dir;
use super::look::{Found, tracked};
use super::{Answer, Attr, Kind, Tree};
use crate::errno;
use crate::nodes::ROOT;
use acetate_types::{EntryKind, FileMode};
use bytes::Bytes;
use rustix::io::Errno;
use std::collections::HashSet;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Most listings that are kept for who goes on reading.
const MOST: usize = 16;
/// The places of `.` and `..`.
pub(crate) const DOTS: u64 = 2;

/// One name of a directory that is being read.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: Bytes,
    pub(crate) kind: Kind,
    /// Where it stands.
    pub(crate) place: u64,
}

impl Entry {
    fn new(name: Bytes, kind: Kind) -> Self {
        // Places are read as signed numbers.
        let place = (xxh3_64(&name) >> 1).max(DOTS + 1);
        Self { name, kind, place }
    }
}

/// The names of a directory by their places.
pub(crate) type Listing = Arc<Vec<Entry>>;

/// Those that were begun last.
#[derive(Default)]
pub(super) struct Listings(Vec<(u64, Listing)>);

impl Listings {
    fn take(&mut self, ino: u64) -> Option<Listing> {
        let at = self.0.iter().position(|(of, _)| *of == ino)?;
        Some(self.0.remove(at).1)
    }

    fn keep(&mut self, ino: u64, listing: Listing) {
        self.take(ino);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((ino, listing));
    }
}

fn kind_of(kind: EntryKind) -> Kind {
    match kind {
        EntryKind::Tree | EntryKind::File(FileMode::Submodule) => Kind::Directory,
        EntryKind::File(FileMode::Symlink) => Kind::Symlink,
        EntryKind::File(_) => Kind::RegularFile,
    }
}

impl Tree {
    /// The names of a directory but `.` and `..`, each with its attributes where these are wanted, from behind a place on and as long as
    /// `each` wants more. Of a node that `each` is given the attributes of, the kernel holds one more, unless `each` does not take it.
    pub(crate) fn read_dir(&self, ino: u64, behind: u64, attrs: bool, mut each: impl FnMut(&Entry, Option<Attr>) -> bool) -> Answer<()> {
        if self.nodes.lock().get(ino)?.gone {
            return Ok(());
        }
        let dir = self.dir(ino)?;
        let begun = if behind > DOTS { self.listings.lock().take(ino) } else { None };
        let listing = match begun {
            Some(listing) => listing,
            None => {
                let mut entries = self.names(&dir)?;
                entries.sort_unstable_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
                Arc::new(entries)
            }
        };
        let from = listing.partition_point(|entry| entry.place <= behind);
        let mut rest = listing.get(from..).unwrap_or_default().iter();
        let wants_more = rest.all(|entry| {
            if !attrs {
                return each(entry, None);
            }
            // What is gone since is left out.
            let Ok(Some(attr)) = self.lookup_in(&dir, ino, &entry.name) else { return true };
            let taken = each(entry, Some(attr));
            if !taken {
                self.forget(attr.ino, 1);
            }
            taken
        });
        if !wants_more || from < listing.len() {
            self.listings.lock().keep(ino, listing);
        }
        Ok(())
    }

    /// All names of a directory, in no order.
    fn names(&self, dir: &Dir) -> Answer<Vec<Entry>> {
        let mut entries = Vec::new();
        if let Some(names) = &dir.names {
            let listed = names.names().map_err(|error| errno::of(&error))?;
            // What no repository may hold, a hostile one does: it is not shown.
            let shown = listed.into_iter().filter(|listed| dir.may_hold(&listed.name));
            entries.extend(shown.map(|listed| Entry::new(listed.name, kind_of(listed.kind))));
        }
        if dir.in_scratch {
            let known: HashSet<Bytes> = entries.iter().map(|entry| entry.name.clone()).collect();
            let listed = match self.scratch.list(&dir.path) {
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Vec::new(),
                listed => listed?,
            };
            let more = listed.into_iter().map(|listed| Entry::new(listed.name.into(), listed.kind));
            entries.extend(more.filter(|entry| !known.contains(&entry.name)));
        }
        Ok(entries)
    }

    /// Whether there is nothing in a directory.
    pub(super) fn is_empty(&self, path: &[u8]) -> Answer<bool> {
        let view = self.view()?;
        let in_session = match self.find(&view, path)? {
            None => return Err(Errno::NOENT),
            Some(Found::Directory) => true,
            Some(Found::File(file)) if file.mode() == FileMode::Submodule => false,
            Some(Found::Scratch(_)) => false,
            Some(Found::File(_)) => return Err(Errno::NOTDIR),
        };
        if in_session {
            let listed = view.list(tracked(path).as_ref()).map_err(|error| errno::of(&error))?;
            if listed.iter().any(|listed| acetate_types::RepoPath::check_below(path.len(), &listed.name).is_ok()) {
                return Ok(false);
            }
        }
        match self.scratch.list(path) {
            Ok(listed) => Ok(listed.is_empty()),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The number that a name of a directory has.
    pub(crate) fn number(&self, parent: u64, name: &[u8]) -> u64 {
        self.nodes.lock().number(parent, name)
    }

    /// The directory above.
    pub(crate) fn above(&self, ino: u64) -> u64 {
        self.nodes.lock().get(ino).map_or(ROOT, |node| node.parent)
    }
}
