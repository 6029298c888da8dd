//! The laws of cost, and single cases worth reading.

use super::store::{Calls, Files, Into, Store, path};
use crate::{Entry, Flow, Overlay, RootChange, Sink, Visit};
use acetate_types::{FileMode, ObjectId, Tree};
use bytes::Bytes;

/// `count` files in folders of a hundred below `big`, and one file at the end of a path beside it.
fn large(store: &Store, count: usize) -> ObjectId {
    let file = |n: usize| (format!("big/{:03}/{n}.txt", n / 100).into_bytes(), (FileMode::Regular, n.to_string().into_bytes()));
    let mut files: Files = (0..count).map(file).collect();
    files.insert(b"a/b/c".into(), (FileMode::Regular, b"c\n".to_vec()));
    store.write(&files)
}

#[test]
fn deleting_and_moving_a_large_folder_is_one_entry_and_reads_the_trees_along_the_path() {
    let store = Store::default();
    let overlay = Overlay::new(large(&store, 50_000));
    let trees = |calls: Calls| {
        assert_eq!((calls.blobs, calls.sizes), (0, 0));
        calls.trees
    };
    store.calls();

    let mut removed = overlay.clone();
    removed.remove(&store, &path("big")).expect("removed");
    assert_eq!(removed.entry_count(), 1);
    assert!(trees(store.calls()) <= 2);
    assert!(matches!(removed.changed_roots()[..], [ref root] if matches!(root.what, RootChange::Removed)));
    removed.build(&store, &mut Into(&store)).expect("a tree");
    assert!(trees(store.calls()) <= 1);
    assert_eq!(removed.changes(&store).expect("changes").len(), 50_000);

    store.calls();
    let mut moved = overlay.clone();
    moved.rename(&store, &path("big"), &path("a/huge"), false).expect("moved");
    assert_eq!(moved.entry_count(), 2, "what is gone here, and what is there");
    assert!(trees(store.calls()) <= 12);
    let (mut files, mut whole) = (0, 0);
    let mut count = |visit: Visit<'_>| match visit {
        Visit::Directory { path, tree: Some(_) } if path == b"a/huge" => {
            whole += 1;
            Flow::Skip
        }
        Visit::Directory { .. } => Flow::Continue,
        Visit::File { .. } => {
            files += 1;
            Flow::Continue
        }
    };
    moved.walk(&store, None, &mut count).expect("a walk");
    assert_eq!((files, whole), (1, 1));
    assert!(trees(store.calls()) <= 4);
    moved.write(&store, &path("a/huge/007/700.txt"), None, Bytes::from_static(b"new")).expect("written");
    assert!(trees(store.calls()) <= 4);
    moved.build(&store, &mut Into(&store)).expect("a tree");
    assert!(trees(store.calls()) <= 4);

    let mut stopped = 0;
    overlay
        .walk(&store, Some(&path("big")), &mut |_| {
            stopped += 1;
            if stopped == 5 { Flow::Stop } else { Flow::Continue }
        })
        .expect("a walk");
    assert_eq!(stopped, 5);
    assert!(trees(store.calls()) <= 4);
}

#[test]
fn writing_reads_no_blob_and_reading_sizes_neither() {
    let store = Store::default();
    let mut overlay = Overlay::new(large(&store, 200));
    store.calls();
    overlay.write(&store, &path("big/001/100.txt"), None, Bytes::from_static(b"new")).expect("written");
    overlay.set_mode(&store, &path("big/001/101.txt"), FileMode::Executable).expect("set");
    overlay.rename(&store, &path("big/001/102.txt"), &path("x"), false).expect("renamed");
    overlay.size(&store, &path("big/001/103.txt")).expect("a size");
    overlay.list(&store, Some(&path("big/001"))).expect("a list");
    let calls = store.calls();
    assert_eq!((calls.blobs, calls.sizes), (0, 1));
}

#[test]
fn what_was_added_leaves_no_trace_when_it_goes() {
    let store = Store::default();
    let clean = Overlay::new(large(&store, 200));
    let mut overlay = clean.clone();
    overlay.write(&store, &path("big/000/new"), None, Bytes::from_static(b"new")).expect("written");
    overlay.write(&store, &path("n/e/w"), None, Bytes::from_static(b"new")).expect("written");
    overlay.remove(&store, &path("n")).expect("removed");
    overlay.remove(&store, &path("big/000/new")).expect("removed");
    overlay.rename(&store, &path("big/001"), &path("q"), false).expect("moved");
    overlay.rename(&store, &path("q"), &path("big/001"), false).expect("moved back");
    overlay.set_mode(&store, &path("a/b/c"), FileMode::Executable).expect("set");
    overlay.set_mode(&store, &path("a/b/c"), FileMode::Regular).expect("set");
    assert!(overlay.is_clean());
    assert_eq!(overlay.memory_bytes(), clean.memory_bytes());
}

/// A sink that is not to get any tree.
struct BlobsOnly<'s>(&'s Store);

impl Sink for BlobsOnly<'_> {
    fn blob(&mut self, data: Bytes) -> ObjectId {
        self.0.blob_of(&data)
    }
    fn tree(&mut self, tree: Tree) -> ObjectId {
        panic!("a tree that the base has: {tree:?}")
    }
}

#[test]
fn a_file_written_back_is_no_change_and_costs_nothing_once_settled() {
    let store = Store::default();
    let base = large(&store, 200);
    let text = Bytes::from(b"c\n".repeat(100));
    let mut overlay = Overlay::new(base);
    overlay.write(&store, &path("a/b/c"), None, text.clone()).expect("written");
    let base = overlay.build(&store, &mut Into(&store)).expect("a tree").tree;
    let mut overlay = Overlay::new(base);
    overlay.write(&store, &path("a/b/c"), None, text.clone()).expect("written");
    assert!(!overlay.is_clean());
    assert!(overlay.changes(&store).expect("changes").is_empty());
    let mut sink = BlobsOnly(&store);
    let built = overlay.build(&store, &mut sink).expect("a tree");
    assert_eq!(built.tree, base);
    assert!(built.overlay.is_clean());
    overlay.settle(&store, usize::MAX).expect("settled");
    assert!(overlay.is_clean());
}

#[test]
fn a_commit_that_ends_late_takes_nothing_back() {
    let store = Store::default();
    let mut overlay = Overlay::new(large(&store, 200));
    for name in ["one", "two", "three"] {
        overlay.write(&store, &path(name), None, Bytes::from(name.repeat(100))).expect("written");
    }
    let built = overlay.build(&store, &mut Into(&store)).expect("a tree");
    overlay.write(&store, &path("two"), None, Bytes::from_static(b"newer")).expect("written");
    overlay.set_mode(&store, &path("three"), FileMode::Executable).expect("set");
    overlay.write(&store, &path("four"), None, Bytes::from_static(b"4")).expect("written");
    overlay.settle(&store, usize::MAX).expect("settled");
    overlay.adopt(&built.overlay);
    let seen = ["one", "two", "three", "four"].map(|name| {
        let file = overlay.file(&store, &path(name)).expect("a file");
        (file.id().is_some(), file.mode() == FileMode::Executable, file.read(&store).expect("read").len())
    });
    assert_eq!(seen, [(true, false, 300), (false, false, 5), (true, true, 500), (false, false, 1)]);
}

#[test]
fn a_content_edited_again_is_a_delta_against_what_was_committed() {
    let store = Store::default();
    let text = |changed: &str| {
        Bytes::from((0..200).map(|n| if n == 7 { format!("{changed}\n") } else { format!("line {n} of it\n") }).collect::<String>())
    };
    let mut overlay = Overlay::new(large(&store, 10));
    overlay.write(&store, &path("new"), None, text("first")).expect("written");
    let built = overlay.build(&store, &mut Into(&store)).expect("a tree");
    overlay.adopt(&built.overlay);
    overlay.rename(&store, &path("new"), &path("moved"), false).expect("moved");
    let committed = overlay.memory_bytes();
    overlay.write(&store, &path("moved"), None, text("second")).expect("written");
    overlay.write(&store, &path("moved"), None, text("third")).expect("written");
    assert!(overlay.memory_bytes() > committed + 2500);
    overlay.settle(&store, usize::MAX).expect("settled");
    assert!(overlay.memory_bytes() < committed + 250, "{} {committed}", overlay.memory_bytes());
    assert_eq!(overlay.read(&store, &path("moved")).expect("read"), text("third"));
    assert!(matches!(overlay.get(&store, &path("moved")), Ok(Some(Entry::File(file))) if file.hot().is_none() && file.id().is_none()));
}
