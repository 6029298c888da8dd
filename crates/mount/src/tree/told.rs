//! What other doors changed, as the kernel has to be told of it.

use super::Tree;
use super::look::{shown_as, tracked};
use super::make::parent_of;
use crate::nodes::{Place, ROOT};
use crate::rules::Rules;
use acetate_engine::{Node, View};
use acetate_types::RepoPath;
use std::collections::HashSet;

/// What the kernel's copies are no longer good for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Stale {
    /// Attributes and content of a node.
    Node(u64),
    /// What a name of a directory means.
    Name(u64, Vec<u8>),
}

impl Tree {
    /// Notes that others changed what is at these paths; gives what the kernel has to drop, directories first.
    pub(crate) fn changed(&self, paths: &[RepoPath]) -> Vec<Stale> {
        let Ok(view) = self.session.view() else { return Vec::new() };
        let edits = view.edits();
        let mut stale = Vec::new();
        let mut times = self.times.lock();
        times.based(&view.base_tree());
        for path in paths {
            times.touch(path.as_bytes(), edits);
            times.touch(parent_of(path.as_bytes()), edits);
        }
        drop(times);
        if paths.iter().any(|path| Rules::is_rules(path.as_bytes())) {
            self.rules.forget();
        }
        let mut seen = HashSet::new();
        for path in paths {
            if matches!(view.get(path), Ok(None)) {
                // What the scratch had of a directory, for ignored files that are gone, is not a directory of its own.
                self.scratch.prune(path.as_bytes());
            }
            self.stale_along(&view, path, &mut |new: Stale| {
                if seen.insert(new.clone()) {
                    stale.push(new);
                }
            });
        }
        stale
    }

    /// Scratch files that were written on disk, past the mount: their names mean other nodes now.
    pub(crate) fn rewritten(&self, paths: &[Vec<u8>]) -> Vec<Stale> {
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
    fn stale_along(&self, view: &View, path: &RepoPath, stale: &mut impl FnMut(Stale)) {
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
        stale(Stale::Node(parent));
    }
}
