//! The model of one session: a map of files.

use acetate_types::{FileMode, ObjectId, SessionId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Files = BTreeMap<Vec<u8>, (FileMode, Vec<u8>)>;

pub(super) struct Live {
    pub(super) id: SessionId,
    pub(super) branch: usize,
    pub(super) base: ObjectId,
    pub(super) files: Files,
    /// Directories that may exist without a file in them: a move that meets one may be refused.
    pub(super) hollow: BTreeSet<Vec<u8>>,
    /// Whether moves were recorded since the base; then Acetate may know better than Git.
    pub(super) moved: bool,
}

impl Live {
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.files.keys().any(|file| below(file, path))
    }

    /// Whether a file can be written here: no file is below it, and none where one of its folders would be. Folders that are empty make way.
    pub(super) fn writable(&self, path: &[u8]) -> bool {
        !self.files.keys().any(|file| file != path && (below(file, path) || below(path, file)))
    }

    /// Whether something can surely be moved here.
    pub(super) fn free(&self, path: &[u8]) -> bool {
        let hollow = self.hollow.iter().any(|dir| below(path, dir) || below(dir, path));
        self.writable(path) && !hollow
    }

    pub(super) fn put(&mut self, path: &[u8], mode: FileMode, data: Vec<u8>) {
        self.files.insert(path.to_vec(), (mode, data));
    }

    pub(super) fn hollow(&mut self, path: &[u8], itself: bool) {
        if itself {
            self.hollow.insert(path.to_vec());
        }
        for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            self.hollow.insert(path[..at].to_vec());
        }
    }

    pub(super) fn forget_hollow(&mut self) {
        // Carrying over may keep empty directories or not; both are right, for they are never committed.
    }

    pub(super) fn remove(&mut self, path: &[u8]) {
        self.files.retain(|file, _| !below(file, path));
        self.hollow(path, false);
    }

    pub(super) fn rename(&mut self, from: &[u8], to: &[u8]) {
        let moving: Vec<Vec<u8>> = self.files.keys().filter(|file| below(file, from)).cloned().collect();
        if from != to {
            self.files.retain(|file, _| !below(file, to) || moving.contains(file));
        }
        let taken: Vec<_> = moving.iter().map(|file| (file.clone(), self.files.remove(file).expect("there"))).collect();
        for (file, entry) in taken {
            self.files.insert([to, &file[from.len()..]].concat(), entry);
        }
        self.hollow(from, false);
        self.hollow(to, true);
        self.moved = true;
    }
}

/// Whether a path is another one or lies below it.
pub(super) fn below(path: &[u8], above: &[u8]) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

pub(super) fn show(files: &Files) -> Vec<String> {
    files.iter().map(|(path, (mode, data))| format!("{} {mode} {} bytes", String::from_utf8_lossy(path), data.len())).collect()
}
