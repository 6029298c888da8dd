//! Compares all that an overlay shows with a plain model of it.

use super::store::{Files, Store, hash, path};
use crate::node::{Dir, Load, Node};
use crate::{Entry, Flow, Overlay, Visit};
use acetate_types::{EntryKind, FileMode, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Files and directories as a file system would have them. The root is no member of `dirs`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) files: Files,
    pub(super) dirs: BTreeSet<Vec<u8>>,
}

/// The paths above a path, nearest to the root first.
pub(super) fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at])
}

pub(super) fn is_below(path: &[u8], dir: &[u8]) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.first() == Some(&b'/'))
}

impl Model {
    pub(super) fn of(files: Files) -> Self {
        let dirs = files.keys().flat_map(|path| above(path).map(<[u8]>::to_vec)).collect();
        Self { files, dirs }
    }

    /// The id that a content has, or would have.
    fn id(mode: FileMode, data: &[u8]) -> ObjectId {
        hash(if mode == FileMode::Submodule { 3 } else { 1 }, data)
    }

    fn children(&self, dir: &[u8]) -> BTreeMap<Vec<u8>, EntryKind> {
        let name = |path: &[u8]| {
            let parent = path.iter().rposition(|byte| *byte == b'/').map_or(&b""[..], |at| &path[..at]);
            (parent == dir).then(|| path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec())
        };
        let files = self.files.iter().filter_map(|(path, (mode, _))| Some((name(path)?, EntryKind::File(*mode))));
        files.chain(self.dirs.iter().filter_map(|path| Some((name(path)?, EntryKind::Tree)))).collect()
    }
}

/// Asserts that the overlay shows exactly the model, in every way in which it can be asked.
pub(super) fn shows(store: &Store, overlay: &Overlay, base: &Files, model: &Model) {
    for (at, (mode, data)) in &model.files {
        let file = overlay.file(store, &path(at)).expect("a file");
        assert_eq!(file.mode(), *mode);
        let (id, content) = (Model::id(*mode, data), if *mode == FileMode::Submodule { &[] } else { &data[..] });
        assert_eq!(file.read(store).expect("a content"), content);
        assert_eq!(file.size(store).expect("a size"), content.len() as u64);
        assert_eq!(file.id().unwrap_or(id), id);
    }
    for dir in std::iter::once(None).chain(model.dirs.iter().map(Some)) {
        let at = dir.map(path);
        let list = overlay.list(store, at.as_ref()).expect("a directory");
        let seen: Vec<_> = list.iter().map(|listed| (listed.name.to_vec(), listed.kind)).collect();
        assert_eq!(seen, model.children(dir.map_or(b"", |dir| dir)).into_iter().collect::<Vec<_>>(), "{at:?}");
        for listed in list.iter().filter(|listed| listed.kind.is_tree()) {
            // What is handed over as a whole tree must be all of the directory, and nothing else.
            let below = [dir.map_or(&b""[..], |dir| dir), if dir.is_some() { b"/" } else { b"" }, &listed.name[..], b"/"].concat();
            let files = model.files.iter().filter_map(|(path, file)| Some((path.strip_prefix(&below[..])?.to_vec(), file.clone())));
            assert!(listed.id.is_none_or(|id| id == store.write(&files.collect())), "{below:?}");
        }
        if let Some(at) = &at {
            assert!(matches!(overlay.get(store, at), Ok(Some(Entry::Directory(_)))));
        }
    }
    walks(store, overlay, model);
    changes(store, overlay, base, model);
    invariants(overlay);
}

fn walks(store: &Store, overlay: &Overlay, model: &Model) {
    let mut expect: Vec<_> = model.files.keys().cloned().collect();
    expect.extend(model.dirs.iter().map(|dir| [dir, &b"/"[..]].concat()));
    expect.sort();
    let mut seen = Vec::new();
    overlay
        .walk(store, None, &mut |visit| {
            seen.push(match visit {
                Visit::File { path, .. } => path.to_vec(),
                Visit::Directory { path, .. } => [path, b"/"].concat(),
            });
            Flow::Continue
        })
        .expect("a walk");
    assert_eq!(seen, expect);
}

fn changes(store: &Store, overlay: &Overlay, base: &Files, model: &Model) {
    let paths: BTreeSet<_> = base.keys().chain(model.files.keys()).collect();
    let expect: Vec<_> = paths.into_iter().filter(|path| base.get(*path) != model.files.get(*path)).collect();
    let changes = overlay.changes(store).expect("changes");
    assert_eq!(changes.iter().map(|change| change.path.as_bytes()).collect::<Vec<_>>(), expect);
    for change in &changes {
        let before = base.get(change.path.as_bytes()).map(|(mode, data)| (*mode, Model::id(*mode, data)));
        assert_eq!(change.before, before);
        let after = change.after.as_ref().map(|file| (file.mode(), file.read(store).expect("a content")));
        let there = model.files.get(change.path.as_bytes());
        assert_eq!(after.as_ref().map(|(mode, _)| *mode), there.map(|(mode, _)| *mode));
        if let (Some((mode, data)), Some((_, there))) = (after, there) {
            assert!(mode == FileMode::Submodule || data == there[..]);
        }
    }
    // Unexpanded, everything that changed is at or below a root.
    let roots: BTreeSet<_> = overlay.changed_roots().into_iter().map(|root| root.path.to_bytes().to_vec()).collect();
    for change in &changes {
        let path = change.path.as_bytes();
        assert!(roots.contains(path) || above(path).any(|dir| roots.contains(dir)), "{:?}", change.path);
    }
    assert_eq!(roots.len(), overlay.entry_count());
    assert!(!overlay.is_clean() || changes.is_empty());
}

/// The counts are what counting anew gives, and no node stands without a reason.
fn invariants(overlay: &Overlay) {
    assert_eq!(overlay.load, Load::below(&overlay.root));
    fn needed(dir: &Dir) {
        for (_, node) in dir.names.iter() {
            if let Node::Dir(below) = node {
                assert!(below.own || !below.names.is_empty());
                needed(below);
            }
        }
    }
    needed(&overlay.root);
    assert_eq!(overlay.is_clean(), overlay.entry_count() == 0);
}
