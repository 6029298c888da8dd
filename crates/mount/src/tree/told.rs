//! What other doors changed, as the kernel has to be told of it.

use super::look::{shown_as, tracked};
use super::make::parent_of;
use super::{Answer, Tree};
use crate::errno;
use crate::nodes::{Place, ROOT};
use crate::orphan::Orphan;
use crate::rules::Rules;
use acetate_engine::{Node, View};
use acetate_types::{EntryKind, FileMode, RepoPath};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;

/// What the kernel's copies are no longer good for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Stale {
    /// Attributes and content of a node.
    Node(u64),
    /// What a name of a directory means.
    Name(u64, Vec<u8>),
}

fn is_dir(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode).is_dir()
}

impl Tree {
    /// Notes that others changed what is at these paths; gives what the kernel has to drop, directories first.
    pub(crate) fn changed(&self, before: &View, paths: &[RepoPath]) -> Vec<Stale> {
        let _names = self.changing();
        let Ok(view) = self.session.view() else { return Vec::new() };
        let edits = view.edits();
        let mut stale = Vec::new();
        let mut times = self.times.lock();
        times.based(&view.base_tree());
        let is_dir = |view: &View, path: &RepoPath| matches!(view.get(path), Ok(Some(Node::Directory)));
        for path in paths {
            times.touch(path.as_bytes(), edits);
            times.touch(parent_of(path.as_bytes()), edits);
            // A directory that came or went with it is a name of the one above.
            let above = std::iter::successors(path.parent(), RepoPath::parent);
            for came in above.take_while(|above| is_dir(before, above) != is_dir(&view, above)) {
                times.touch(parent_of(came.as_bytes()), edits);
            }
        }
        drop(times);
        if paths.iter().any(|path| Rules::is_rules(path.as_bytes())) {
            self.rules.forget();
            self.unignored.store(true, Ordering::Release);
        }
        for path in paths {
            // A directory stands for all below it.
            self.note_folder(before, path.as_bytes());
            self.note_folder(&view, path.as_bytes());
        }
        let mut seen = HashSet::new();
        for path in paths {
            self.make_way(&view, path);
            self.stale_along(before, &view, path, &mut |new: Stale| {
                if seen.insert(new.clone()) {
                    stale.push(new);
                }
            });
        }
        stale
    }

    /// What the scratch has at a path makes way for what the session has there now: a file that was written over is not to come back when
    /// that one goes.
    fn make_way(&self, view: &View, path: &RepoPath) {
        let stat = match self.scratch.stat_strictly(path.as_bytes()) {
            Ok(stat) => stat,
            Err(Errno::LOOP | Errno::NOTDIR) => {
                // The highest above it that is no directory here is the one.
                let above: Vec<_> = std::iter::successors(path.parent(), RepoPath::parent).collect();
                let is_dir = |path: &RepoPath| self.scratch.stat(path.as_bytes()).is_ok_and(|stat| stat.is_some_and(|stat| is_dir(&stat)));
                return above.iter().rev().find(|above| !is_dir(above)).into_iter().for_each(|above| self.make_way(view, above));
            }
            Err(_) => return,
        };
        match view.get(path) {
            // What the scratch had of a directory, for ignored files that are gone, is not a directory of its own.
            Ok(None) => self.scratch.prune(path.as_bytes()),
            Ok(Some(_)) if !is_dir(&stat) => drop(self.scratch.unlink(path.as_bytes())),
            Ok(Some(Node::File(_))) => self.scratch.prune(path.as_bytes()),
            Ok(Some(Node::Directory)) => {
                for listed in self.scratch.list(path.as_bytes()).unwrap_or_default() {
                    let below = path.join(&listed.name).ok().filter(|below| matches!(view.get(below), Ok(Some(_))));
                    if let Some(below) = below {
                        self.make_way(view, &below);
                    }
                }
            }
            Err(_) => {}
        }
    }

    /// The same for all that was changed while nothing was mounted.
    pub(crate) fn begin(&self) -> Answer<()> {
        let view = self.view()?;
        for path in view.changed().map_err(|error| errno::of(&error))? {
            self.make_way(&view, &path);
        }
        Ok(())
    }

    /// The paths of these that somebody has open.
    pub(crate) fn open_among(&self, paths: &[RepoPath]) -> Vec<RepoPath> {
        let nodes = self.nodes.lock();
        let open = |path: &RepoPath| {
            let mut at = ROOT;
            for name in path.components() {
                at = nodes.child(at, name)?;
            }
            nodes.get(at).ok().filter(|node| node.opens() > 0)
        };
        paths.iter().filter(|path| open(path).is_some()).take(1_000).cloned().collect()
    }

    /// A turn is about to end: where rules changed, takes files into the session that are in the scratch and no longer ignored, and puts
    /// those out that were made meanwhile and are ignored by now. Gives what the kernel has to drop.
    pub(crate) fn settle(&self) -> Vec<Stale> {
        let _names = self.changing();
        let rules = self.unignored.swap(false, Ordering::AcqRel);
        let mut taken = self.put_ignored(rules);
        if !rules {
            return taken;
        }
        if let Err(error) = self.take_all(&mut taken) {
            tracing::warn!(%error, "files that are no longer ignored stay in the scratch");
        }
        taken
    }

    /// Takes one scratch file into the session, whatever the rules say: Git was told to track it.
    pub(crate) fn take_path(&self, path: &[u8]) -> bool {
        let _names = self.changing();
        self.made.lock().remove(path);
        self.take_one(path).unwrap_or(false)
    }

    fn take_one(&self, path: &[u8]) -> Answer<bool> {
        let Some(repo) = tracked(path) else { return Ok(false) };
        if self.scratch.stat(path)?.is_none_or(|stat| FileType::from_raw_mode(stat.st_mode).is_dir()) {
            return Ok(false);
        }
        if self.open_on_disk(path) {
            // What is still written to it would go to a file without a name.
            self.unignored.store(true, Ordering::Release);
            return Ok(false);
        }
        let Some((mode, content)) = self.read_in(path)? else { return Ok(false) };
        if self.view()?.get(&repo).map_err(|error| errno::of(&error))?.is_some() {
            return Ok(false);
        }
        self.session.put_file(&repo, mode, content).map_err(|error| errno::of(&error))?;
        self.noted(path, false)?;
        self.scratch.unlink(path)?;
        Ok(true)
    }

    fn open_on_disk(&self, path: &[u8]) -> bool {
        let nodes = self.nodes.lock();
        let mut at = ROOT;
        for name in path.split(|byte| *byte == b'/') {
            let Some(child) = nodes.child(at, name) else { return false };
            at = child;
        }
        nodes.get(at).is_ok_and(|node| node.opens() > node.plain())
    }

    fn take_all(&self, taken: &mut Vec<Stale>) -> Answer<()> {
        let mut open = vec![Vec::new()];
        while let Some(folder) = open.pop() {
            for listed in self.scratch.list(&folder)? {
                let path = if folder.is_empty() { listed.name.clone() } else { [&folder[..], b"/", &listed.name].concat() };
                let view = self.view()?;
                // No directory above it is ignored.
                if tracked(&path).is_none() || self.rules.says(&*view, &path, listed.kind.is_dir()) {
                    continue;
                }
                if listed.kind.is_dir() {
                    open.push(path);
                } else if self.take_one(&path)? {
                    taken.extend(self.name_of(&path));
                }
            }
        }
        Ok(())
    }

    pub(super) fn name_of(&self, path: &[u8]) -> Option<Stale> {
        let nodes = self.nodes.lock();
        let mut parent = ROOT;
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                return Some(Stale::Name(parent, name.to_vec()));
            }
            parent = nodes.child(parent, name)?;
        }
        None
    }

    /// Scratch files that were written on disk, past the mount: their names mean other nodes now.
    pub(crate) fn rewritten(&self, paths: &[Vec<u8>]) -> Vec<Stale> {
        self.scratch.reshaped();
        let mut nodes = self.nodes.lock();
        let mut stale = Vec::new();
        'paths: for path in paths {
            let mut parent = ROOT;
            let mut names = path.split(|byte| *byte == b'/').peekable();
            while let Some(name) = names.next() {
                if names.peek().is_none() {
                    nodes.unname(parent, name);
                    stale.extend([Stale::Name(parent, name.to_vec()), Stale::Node(parent)]);
                    break;
                }
                match nodes.child(parent, name) {
                    Some(child) => parent = child,
                    None => {
                        stale.push(Stale::Name(parent, name.to_vec()));
                        continue 'paths;
                    }
                }
            }
        }
        stale
    }

    /// What of a path the kernel may know wrongly: names that came or went, down to the first that it can't know, and the node at the end.
    fn stale_along(&self, before: &View, view: &View, path: &RepoPath, stale: &mut dyn FnMut(Stale)) {
        let mut nodes = self.nodes.lock();
        let mut parent = ROOT;
        let mut at = Vec::new();
        for name in path.components() {
            if !at.is_empty() {
                at.push(b'/');
            }
            at.extend_from_slice(name);
            let child = nodes.child(parent, name);
            let is = tracked(&at).and_then(|path| view.get(&path).ok().flatten());
            let known = child.and_then(|ino| nodes.get(ino).ok()).map(|node| (node.place, node.kind));
            let same = match (&is, known) {
                (Some(Node::Directory), Some((Place::Tracked, kind))) => kind.is_dir(),
                (Some(Node::File(file)), Some((Place::Tracked, kind))) => kind == shown_as(file.mode()),
                _ => false,
            };
            if !same {
                // The listing of the directory is another one, and so is what the name means.
                stale(Stale::Node(parent));
                stale(Stale::Name(parent, name.to_vec()));
                if is.is_some() || matches!(known, Some((Place::Tracked, _))) {
                    // What is open under that name stays what it is, without a name.
                    if let Some(child) = child {
                        stale(Stale::Node(child));
                        let open = nodes.get(child).is_ok_and(|node| node.plain() > 0);
                        let was = tracked(&at).filter(|_| open).and_then(|path| before.get(&path).ok().flatten());
                        if let Some(Node::File(file)) = was
                            && let Ok(content) = before.content(&file)
                        {
                            let stamp = self.times.lock().get(&at);
                            nodes.keep(child, Orphan::new(content.to_vec(), file.mode() == FileMode::Executable, stamp));
                        }
                        nodes.unname(parent, name);
                    }
                    return;
                }
            }
            match child {
                Some(child) => parent = child,
                // What the kernel does not know has nothing in it that it knows.
                None => return,
            }
        }
        drop(nodes);
        stale(Stale::Node(parent));
        if matches!(view.get(path), Ok(Some(Node::Directory))) {
            self.stale_below(before, view, path, parent, stale);
        }
    }

    /// The same for all below a directory that is still one, but maybe another: as far down as the kernel may know it.
    fn stale_below(&self, before: &View, view: &View, path: &RepoPath, ino: u64, stale: &mut dyn FnMut(Stale)) {
        let names = |view: &View| -> BTreeMap<_, _> {
            let listed = view.list(Some(path)).unwrap_or_default();
            listed.into_iter().map(|listed| (listed.name.to_vec(), listed.kind)).collect()
        };
        let (was, is) = (names(before), names(view));
        for name in was.keys().chain(is.keys().filter(|name| !was.contains_key(*name))) {
            let Ok(below) = path.join(name) else { continue };
            let known = self.nodes.lock().child(ino, name);
            match (was.get(name), is.get(name), known) {
                (Some(EntryKind::Tree), Some(EntryKind::Tree), Some(known)) => {
                    stale(Stale::Node(known));
                    self.stale_below(before, view, &below, known, stale);
                }
                // What was there and is not known, nobody has looked for.
                (Some(_), _, None) => {}
                _ => self.stale_along(before, view, &below, stale),
            }
        }
    }
}
