//! What changed, as it is noted for Git's question after it, and the answer.

use super::look::tracked;
use super::{Answer, Tree};
use acetate_engine::View;
use rustix::io::Errno;
use std::collections::HashSet;

/// Most directories that are noted one by one.
const MOST: usize = 10_000;
/// Stands for any name of a directory.
const ANY: &[u8] = b"acetate-any";
/// Below this directory Git does not ask.
const GIT: &[u8] = b".git";

fn is_git(path: &[u8]) -> bool {
    path.strip_prefix(GIT).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

impl Tree {
    /// Something at a path, or below it, changed. To be called once it did, and before whoever changed it is answered.
    pub(super) fn note(&self, path: &[u8]) {
        if !is_git(path) && !path.is_empty() {
            self.changes.lock().note(path);
        }
    }

    /// The same for a directory that came, went or moved with all in it, as a view has it. What Git remembers of a directory it only looks
    /// at again when a name in it is told.
    pub(super) fn note_folder(&self, view: &View, path: &[u8]) {
        self.note(path);
        let mut open = vec![path.to_vec()];
        let mut left = MOST;
        while let Some(path) = open.pop() {
            self.note(&[&path[..], b"/", ANY].concat());
            let names = match tracked(&path).map(|path| view.directory(Some(&path))) {
                Some(Ok(Some(directory))) => directory.names(),
                _ => continue,
            };
            let Ok(names) = names else { return self.changes.lock().forget() };
            for name in names.iter().filter(|name| name.kind.is_tree()) {
                open.push([&path[..], b"/", &name.name].concat());
            }
            left = match left.checked_sub(1) {
                Some(left) => left,
                None => return self.changes.lock().forget(),
            };
        }
    }

    /// The same for what is on disk: of an ignored directory Git only has to know which it is.
    pub(super) fn note_on_disk(&self, path: &[u8]) -> Answer<()> {
        if !is_git(path) {
            let ignored = self.rules.ignored_above(&*self.view()?, path);
            self.note(ignored.unwrap_or(path));
        }
        Ok(())
    }

    /// A file on disk was opened for writing: what is written may never come by here.
    pub(super) fn note_writer(&self, ino: u64) {
        self.changes.lock().opened(ino);
    }

    /// It is closed again.
    pub(super) fn note_written(&self, ino: u64) {
        self.note_names(ino);
        self.changes.lock().closed(ino);
    }

    /// A file on disk changed under all its names.
    pub(super) fn note_names(&self, ino: u64) {
        let paths = self.nodes.lock().paths(ino);
        for path in paths {
            if self.note_on_disk(&path).is_err() {
                self.note(&path);
            }
        }
    }

    /// The answer to Git's question what changed since a mark: the mark to ask with next time, and the paths, each ended by a NUL.
    pub(crate) fn changed_since(&self, mark: &str) -> Vec<u8> {
        let writing = self.changes.lock().writing();
        for ino in writing {
            self.note_names(ino);
        }
        let changes = self.changes.lock();
        let mut answer = changes.mark().into_bytes();
        answer.push(0);
        match changes.since(mark) {
            Some(paths) => paths.iter().for_each(|path| {
                answer.extend_from_slice(path);
                answer.push(0);
            }),
            // Everything may have changed.
            None => answer.extend_from_slice(b"/\0"),
        }
        answer
    }

    /// Whether a node is the directory of the session's `.git`.
    pub(crate) fn is_git_dir(&self, ino: u64) -> bool {
        self.git.is_some() && self.dir(ino).is_ok_and(|dir| dir.path == GIT)
    }

    /// The session's directories in which the scratch has something too.
    pub(super) fn mixed(&self, view: &View) -> Answer<HashSet<Vec<u8>>> {
        let mut mixed = HashSet::new();
        let mut open = vec![Vec::new()];
        while let Some(path) = open.pop() {
            let listed = match self.scratch.list(&path) {
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                listed => listed?,
            };
            for listed in listed {
                let below = if path.is_empty() { listed.name } else { [&path[..], b"/", &listed.name].concat() };
                if below == GIT {
                    continue;
                }
                mixed.insert(path.clone());
                if listed.kind.is_dir() && matches!(self.find(view, &below)?, Some(super::look::Found::Directory)) {
                    open.push(below);
                }
            }
        }
        Ok(mixed)
    }
}
