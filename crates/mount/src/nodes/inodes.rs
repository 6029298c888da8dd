//! The inodes that the kernel knows: numbers, names, and how often each was given out.
//!
//! A number follows from the parent's number and the name, so that the same file has the same number whenever it is looked up, and no
//! table of names is needed. Where that number is taken, as after a rename or by a file that was deleted and is still open, the name
//! gets another one, which is remembered: that costs what changed.
//!
//! Invariant: a node stays as long as the kernel holds it or it is open; its number names nothing else meanwhile.
//! Invariant: a node that is not gone is found by its parent and name.

use super::table::Table;
use crate::orphan::Orphan;
use parking_lot::Mutex;
use rustix::fs::FileType;
use rustix::io::Errno;
use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Weak};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The number of the root.
pub(crate) const ROOT: u64 = 1;

/// Where a file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the session.
    Tracked,
    /// In the session's scratch on disk.
    Scratch,
}

/// One inode. There is one for each file that the kernel knows: what few nodes have is elsewhere.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: u64,
    pub(crate) name: Box<[u8]>,
    /// How often the kernel was given it; at the highest number it stays for good.
    lookups: u32,
    pub(crate) place: Place,
    /// What it is; a node never becomes another kind, for the kernel would not take that.
    pub(crate) kind: FileType,
    /// It has no name any more.
    pub(crate) gone: bool,
    extra: Option<Box<Extra>>,
}

/// What few nodes have.
#[derive(Debug, Default)]
struct Extra {
    opens: u32,
    /// How many of those were opened while it was the session's: they find its content by its name, or as an orphan.
    plain: u32,
    /// The content of a tracked file that was deleted while it was open.
    orphan: Option<Arc<Mutex<Orphan>>>,
    /// Open files of a scratch file, by which it is reached when it has no name.
    open: Vec<Weak<File>>,
    /// A scratch file whose name became another's: the kernel may still be about to open it.
    replaced: Option<Arc<File>>,
    /// Further names of a scratch file.
    aliases: Vec<(u64, Box<[u8]>)>,
    /// The number on disk of a scratch file with several names.
    on_disk: Option<u64>,
}

impl Extra {
    /// Whether nothing is kept here but counts.
    fn says_nothing(&self) -> bool {
        self.orphan.is_none() && self.replaced.is_none() && self.aliases.is_empty() && self.on_disk.is_none()
    }
}

impl Node {
    pub(super) fn new(parent: u64, name: &[u8], place: Place, kind: FileType) -> Self {
        Self { parent, name: name.into(), lookups: 0, place, kind, gone: false, extra: None }
    }

    /// How often it is open.
    pub(crate) fn opens(&self) -> u32 {
        self.extra.as_ref().map_or(0, |extra| extra.opens)
    }

    /// How many of those were opened while it was the session's.
    pub(crate) fn plain(&self) -> u32 {
        self.extra.as_ref().map_or(0, |extra| extra.plain)
    }

    fn is_named(&self, parent: u64, name: &[u8]) -> bool {
        self.parent == parent && *self.name == *name
    }
}

/// A name that has another number than the one that follows from it.
type Pin = (u64, Box<[u8]>, u64);

/// All inodes of a mount.
#[derive(Debug)]
pub(crate) struct Nodes {
    nodes: Table,
    /// By the number that would follow.
    pins: HashMap<u64, Vec<Pin>>,
    linked: HashMap<u64, u64>,
}

fn derived(parent: u64, name: &[u8], salt: u64) -> u64 {
    // 0 and 1 are taken, and some tools read numbers as signed.
    (xxh3_64_with_seed(name, parent.wrapping_add(salt << 1)) >> 1).max(ROOT + 1)
}

impl Nodes {
    pub(crate) fn new() -> Self {
        let mut nodes = Table::new();
        nodes.insert(ROOT, Node { lookups: 1, ..Node::new(ROOT, b"", Place::Tracked, FileType::Directory) });
        Self { nodes, pins: HashMap::new(), linked: HashMap::new() }
    }

    pub(crate) fn get(&self, ino: u64) -> Result<&Node, Errno> {
        self.nodes.get(ino).ok_or(Errno::STALE)
    }

    /// The directory that a node is in, and its name there.
    pub(crate) fn name_of(&self, ino: u64) -> Result<(u64, Box<[u8]>), Errno> {
        let node = self.get(ino)?;
        if node.gone { Err(Errno::STALE) } else { Ok((node.parent, node.name.clone())) }
    }

    /// The path from the root; empty for the root itself.
    pub(crate) fn path(&self, ino: u64) -> Result<Vec<u8>, Errno> {
        let mut names = Vec::new();
        let mut at = ino;
        while at != ROOT {
            let node = self.get(at)?;
            if node.gone {
                return Err(Errno::STALE);
            }
            names.push(&*node.name);
            at = node.parent;
        }
        names.reverse();
        Ok(names.join(&b'/'))
    }

    /// The paths of all its names.
    pub(crate) fn paths(&self, ino: u64) -> Vec<Vec<u8>> {
        let Ok(node) = self.get(ino) else { return Vec::new() };
        let aliases = node.extra.iter().flat_map(|extra| &extra.aliases);
        let further = aliases.filter_map(|(parent, name)| self.path_in(*parent, name).ok());
        self.path(ino).into_iter().chain(further).collect()
    }

    /// The path of a name in a directory.
    pub(crate) fn path_in(&self, parent: u64, name: &[u8]) -> Result<Vec<u8>, Errno> {
        // In a directory that was removed nothing is, and nothing can be made.
        let mut path = self.path(parent).map_err(|error| if error == Errno::STALE { Errno::NOENT } else { error })?;
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        Ok(path)
    }

    /// The number that a name has, or would have.
    pub(crate) fn number(&self, parent: u64, name: &[u8]) -> u64 {
        self.child(parent, name).or_else(|| self.pinned(parent, name)).unwrap_or_else(|| derived(parent, name, 0))
    }

    /// The node that a name has, if the kernel knows it.
    pub(crate) fn child(&self, parent: u64, name: &[u8]) -> Option<u64> {
        let ino = self.pinned(parent, name).unwrap_or_else(|| derived(parent, name, 0));
        let node = self.nodes.get(ino)?;
        let named = |(of, alias): &(u64, Box<[u8]>)| *of == parent && **alias == *name;
        let own = !node.gone && (node.is_named(parent, name) || node.extra.as_ref().is_some_and(|extra| extra.aliases.iter().any(named)));
        own.then_some(ino)
    }

    /// The node that has a name now, made if need be. One of another kind than is there now is no longer the name's.
    pub(crate) fn enter(&mut self, parent: u64, name: &[u8], place: Place, kind: FileType, on_disk: Option<u64>) -> u64 {
        if let Some(ino) = self.child(parent, name)
            && let Some(node) = self.nodes.get_mut(ino)
        {
            // It may have gone from the session to the scratch or back.
            if node.kind == kind {
                node.place = place;
                return ino;
            }
            self.unname(parent, name);
        }
        if let Some(disk) = on_disk
            && let Some(ino) = self.linked.get(&disk).copied()
            && self.nodes.get(ino).is_some_and(|node| !node.gone)
        {
            self.alias(ino, parent, name);
            return ino;
        }
        let pinned = self.pinned(parent, name).filter(|ino| !self.nodes.contains(*ino));
        let ino = pinned.unwrap_or_else(|| {
            let free = (0..).map(|salt| derived(parent, name, salt)).find(|ino| !self.nodes.contains(*ino));
            free.unwrap_or(u64::MAX >> 1)
        });
        self.pin(parent, name, ino);
        let extra = on_disk.map(|disk| {
            self.linked.insert(disk, ino);
            Box::new(Extra { on_disk: Some(disk), ..Extra::default() })
        });
        self.nodes.insert(ino, Node { extra, ..Node::new(parent, name, place, kind) });
        ino
    }

    fn pinned(&self, parent: u64, name: &[u8]) -> Option<u64> {
        if self.pins.is_empty() {
            return None;
        }
        let pins = self.pins.get(&derived(parent, name, 0))?;
        pins.iter().find(|(of, pinned, _)| *of == parent && **pinned == *name).map(|(.., ino)| *ino)
    }

    fn unpin(&mut self, parent: u64, name: &[u8]) {
        if self.pins.is_empty() {
            return;
        }
        let derived = derived(parent, name, 0);
        if let Some(pins) = self.pins.get_mut(&derived) {
            pins.retain(|(of, pinned, _)| *of != parent || **pinned != *name);
            if pins.is_empty() {
                self.pins.remove(&derived);
            }
        }
    }

    fn pin(&mut self, parent: u64, name: &[u8], ino: u64) {
        self.unpin(parent, name);
        let derived = derived(parent, name, 0);
        if derived != ino {
            self.pins.entry(derived).or_default().push((parent, name.into(), ino));
        }
    }

    /// A further name of a scratch file, whose number on disk is known.
    pub(crate) fn link(&mut self, ino: u64, on_disk: u64, parent: u64, name: &[u8]) {
        if let Some(node) = self.nodes.get_mut(ino) {
            node.extra.get_or_insert_default().on_disk = Some(on_disk);
            self.linked.insert(on_disk, ino);
        }
        self.alias(ino, parent, name);
    }

    fn alias(&mut self, ino: u64, parent: u64, name: &[u8]) {
        let Some(node) = self.nodes.get_mut(ino) else { return };
        let first = node.is_named(parent, name);
        let aliases = &mut node.extra.get_or_insert_default().aliases;
        if !first && !aliases.iter().any(|(of, alias)| *of == parent && **alias == *name) {
            aliases.push((parent, name.into()));
        }
        self.pin(parent, name, ino);
    }

    /// A name is gone. Gives the node that had it, if the kernel knows it.
    pub(crate) fn unname(&mut self, parent: u64, name: &[u8]) -> Option<u64> {
        let ino = self.child(parent, name);
        self.unpin(parent, name);
        let ino = ino?;
        let node = self.nodes.get_mut(ino)?;
        let first = node.is_named(parent, name);
        let aliases = node.extra.as_mut().map(|extra| &mut extra.aliases);
        match (first, aliases) {
            (true, Some(aliases)) if !aliases.is_empty() => (node.parent, node.name) = aliases.remove(0),
            (true, _) => node.gone = true,
            (false, Some(aliases)) => aliases.retain(|(of, alias)| *of != parent || **alias != *name),
            (false, None) => {}
        }
        self.drop_unused(ino);
        Some(ino)
    }

    /// A node moves to another name; what had that name is gone before.
    pub(crate) fn rename(&mut self, from: (u64, &[u8]), to: (u64, &[u8]), place: Place) {
        let Some(ino) = self.child(from.0, from.1) else { return };
        self.unpin(from.0, from.1);
        let Some(node) = self.nodes.get_mut(ino) else { return };
        node.place = place;
        if node.is_named(from.0, from.1) {
            (node.parent, node.name) = (to.0, to.1.into());
        } else if let Some(extra) = node.extra.as_mut() {
            for alias in &mut extra.aliases {
                if alias.0 == from.0 && *alias.1 == *from.1 {
                    *alias = (to.0, to.1.into());
                }
            }
        }
        self.pin(to.0, to.1, ino);
    }

    /// Two names change their nodes.
    pub(crate) fn exchange(&mut self, one: (u64, &[u8]), other: (u64, &[u8])) {
        let (a, b) = (self.child(one.0, one.1), self.child(other.0, other.1));
        for (name, ino) in [(other, a), (one, b)] {
            match ino {
                Some(ino) => {
                    if let Some(node) = self.nodes.get_mut(ino) {
                        (node.parent, node.name) = (name.0, name.1.into());
                    }
                    self.pin(name.0, name.1, ino);
                }
                None => self.unpin(name.0, name.1),
            }
        }
    }

    /// The kernel was given the node once more.
    pub(crate) fn given(&mut self, ino: u64) {
        if let Some(node) = self.nodes.get_mut(ino) {
            node.lookups = node.lookups.saturating_add(1);
        }
    }

    /// The kernel lets go of a node so many times.
    pub(crate) fn forget(&mut self, ino: u64, times: u64) {
        if let Some(node) = self.nodes.get_mut(ino)
            && node.lookups < u32::MAX
        {
            node.lookups = node.lookups.saturating_sub(u32::try_from(times).unwrap_or(u32::MAX));
        }
        self.drop_unused(ino);
    }

    pub(crate) fn opened(&mut self, ino: u64, file: Option<&Arc<File>>) {
        if let Some(node) = self.nodes.get_mut(ino) {
            let extra = node.extra.get_or_insert_default();
            extra.opens += 1;
            match file {
                Some(file) => {
                    extra.open.retain(|file| file.strong_count() > 0);
                    extra.open.push(Arc::downgrade(file));
                }
                None => extra.plain += 1,
            }
        }
    }

    pub(crate) fn released(&mut self, ino: u64, plain: bool) {
        if let Some(node) = self.nodes.get_mut(ino)
            && let Some(extra) = node.extra.as_mut()
        {
            extra.opens = extra.opens.saturating_sub(1);
            extra.plain = extra.plain.saturating_sub(u32::from(plain));
            if extra.opens == 0 && extra.says_nothing() {
                node.extra = None;
            }
        }
        self.drop_unused(ino);
    }

    fn drop_unused(&mut self, ino: u64) {
        let unused = self.nodes.get(ino).is_some_and(|node| node.lookups == 0 && node.opens() == 0 && ino != ROOT);
        if unused
            && let Some(node) = self.nodes.remove(ino)
            && let Some(disk) = node.extra.and_then(|extra| extra.on_disk)
        {
            self.linked.remove(&disk);
        }
    }

    /// The content of a tracked file that has no name any more.
    pub(crate) fn orphan(&self, ino: u64) -> Option<Arc<Mutex<Orphan>>> {
        self.nodes.get(ino)?.extra.as_ref()?.orphan.clone()
    }

    /// Keeps the content of an open tracked file that is about to lose its name.
    pub(crate) fn keep(&mut self, ino: u64, orphan: Orphan) {
        if let Some(node) = self.nodes.get_mut(ino) {
            node.extra.get_or_insert_default().orphan = Some(Arc::new(Mutex::new(orphan)));
        }
    }

    /// Keeps a scratch file whose name is about to become another's, until the kernel forgets it.
    pub(crate) fn keep_file(&mut self, ino: u64, file: File) {
        if let Some(node) = self.nodes.get_mut(ino) {
            node.extra.get_or_insert_default().replaced = Some(Arc::new(file));
        }
    }

    /// An open file of a scratch file.
    pub(crate) fn open_file(&self, ino: u64) -> Option<Arc<File>> {
        let extra = self.nodes.get(ino)?.extra.as_ref()?;
        extra.open.iter().find_map(Weak::upgrade).or_else(|| extra.replaced.clone())
    }

    /// Whether anything below a path is open. Looks at all nodes.
    pub(crate) fn any_open_below(&self, path: &[u8]) -> bool {
        let below = |at: &[u8]| at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        self.nodes.iter().any(|(ino, node)| node.opens() > node.plain() && !node.kind.is_dir() && self.path(ino).is_ok_and(|at| below(&at)))
    }

    /// How many nodes the kernel knows.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}
