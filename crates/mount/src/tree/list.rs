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
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

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
    fn new(key: u64, name: Bytes, kind: Kind) -> Self {
        // Places are read as signed numbers.
        let place = (xxh3_64_with_seed(&name, key) >> 1).max(DOTS + 1);
        Self { name, kind, place }
    }
}

/// The names of a directory by their places, as they were at one moment.
#[derive(Clone)]
pub(crate) struct Listing {
    entries: Arc<Vec<Entry>>,
    /// Counts listings: a later one is newer.
    number: u64,
}

/// Those that were begun last.
pub(super) struct Listings {
    kept: Vec<(u64, Listing)>,
    number: u64,
    /// Nobody who names files can know which of them stand at one place.
    key: u64,
}

impl Default for Listings {
    fn default() -> Self {
        Self { kept: Vec::new(), number: 0, key: RandomState::new().hash_one(0) }
    }
}

impl Listings {
    fn begun(&self, ino: u64) -> Option<Listing> {
        self.kept.iter().find(|(of, _)| *of == ino).map(|(_, listing)| listing.clone())
    }

    /// A number for a listing that is about to be made.
    fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Keeps a listing for who goes on. A newer one stays: whoever began with that must not go on with an older.
    fn keep(&mut self, ino: u64, listing: Listing) {
        if self.begun(ino).is_some_and(|kept| kept.number > listing.number) {
            return;
        }
        self.done(ino, listing.number);
        if self.kept.len() >= MOST {
            self.kept.remove(0);
        }
        self.kept.push((ino, listing));
    }

    /// Lets go of one, and of older ones.
    fn done(&mut self, ino: u64, number: u64) {
        self.kept.retain(|(of, kept)| *of != ino || kept.number > number);
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
        let begun = if behind > DOTS { self.listings.lock().begun(ino) } else { None };
        let listing = match begun {
            Some(listing) => listing,
            None => {
                let (number, key) = {
                    let mut listings = self.listings.lock();
                    (listings.next(), listings.key)
                };
                let mut entries = self.names(&dir, key)?;
                entries.sort_unstable_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
                Listing { entries: Arc::new(entries), number }
            }
        };
        let from = listing.entries.partition_point(|entry| entry.place <= behind);
        let mut rest = listing.entries.get(from..).unwrap_or_default().iter();
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
        if !wants_more || from < listing.entries.len() {
            self.listings.lock().keep(ino, listing.clone());
        } else {
            self.listings.lock().done(ino, listing.number);
        }
        Ok(())
    }

    /// All names of a directory, in no order.
    fn names(&self, dir: &Dir, key: u64) -> Answer<Vec<Entry>> {
        let mut entries = Vec::new();
        if let Some(names) = &dir.names {
            let listed = names.names().map_err(|error| errno::of(&error))?;
            // What no repository may hold, a hostile one does: it is not shown.
            let shown = listed.into_iter().filter(|listed| dir.may_hold(&listed.name));
            entries.extend(shown.map(|listed| Entry::new(key, listed.name, kind_of(listed.kind))));
        }
        if dir.in_scratch {
            let known: HashSet<Bytes> = entries.iter().map(|entry| entry.name.clone()).collect();
            let listed = match self.scratch.list(&dir.path) {
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Vec::new(),
                listed => listed?,
            };
            let more = listed.into_iter().map(|listed| Entry::new(key, listed.name.into(), listed.kind));
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
