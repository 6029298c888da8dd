//! Trees that Git would not write, and paths at the bounds.

use super::store::{Files, Into, Store, path};
use crate::{Flow, MAX_DEPTH, Overlay, OverlayError, Visit};
use acetate_types::{Classify, EntryKind, ErrorKind, FileMode, ObjectFormat, ObjectId, RepoPath, Tree, TreeEntry};
use bytes::Bytes;

const REGULAR: EntryKind = EntryKind::File(FileMode::Regular);

fn entry(name: &[u8], kind: EntryKind, id: ObjectId) -> TreeEntry {
    TreeEntry { name: Bytes::copy_from_slice(name), kind, id }
}

fn names(store: &Store, overlay: &Overlay) -> Vec<String> {
    let mut seen = Vec::new();
    overlay
        .walk(store, None, &mut |visit| {
            if let Visit::File { path, .. } = visit {
                seen.push(String::from_utf8_lossy(path).into_owned());
            }
            Flow::Continue
        })
        .expect("a walk");
    seen
}

#[test]
fn a_file_hides_a_directory_of_its_name_and_both_survive_edits_beside_them() {
    let store = Store::default();
    let (one, two) = (store.blob_of(b"one"), store.blob_of(b"two"));
    let below = store.tree_of(Tree::new(vec![entry(b"x", REGULAR, two)]));
    let twice = vec![entry(b"a", REGULAR, one), entry(b"a.b", REGULAR, one), entry(b"a", EntryKind::Tree, below)];
    let base = store.tree_of(Tree::new([twice.clone(), vec![entry(b"..", REGULAR, two), entry(b".", EntryKind::Tree, below)]].concat()));
    let mut overlay = Overlay::new(base);
    assert_eq!(names(&store, &overlay), ["a", "a.b"]);
    assert_eq!(overlay.list(&store, None).expect("the root").len(), 2);
    assert!(overlay.get(&store, &path("a/x")).expect("a look").is_none());
    overlay.write(&store, &path("new"), None, Bytes::from_static(b"new")).expect("written");
    let built = overlay.build(&store, &mut Into(&store)).expect("a tree");
    let tree = acetate_types::Objects::tree(&store, &built.tree).expect("the tree");
    assert_eq!(tree.len(), 6, "what is not seen is not thrown away");
    overlay.remove(&store, &path("a")).expect("removed");
    assert_eq!(names(&store, &overlay), ["a.b", "new"], "with the file goes what it hid");
    assert_eq!(overlay.changes(&store).expect("changes").len(), 2);
    let again = Overlay::from_trees(&store, base, store.tree_of(Tree::new(twice))).expect("an overlay");
    assert!(again.is_clean());
}

#[test]
fn what_only_a_base_may_have_stays_editable() {
    let files: Files = [".git/config", "a/.GIT/x", ".gitmodules"].map(|at| (at.into(), (FileMode::Regular, b"x\n".to_vec()))).into();
    let mut files = files;
    files.insert(b".gitignore".into(), (FileMode::Symlink, b"elsewhere".to_vec()));
    let store = Store::default();
    let mut overlay = Overlay::new(store.write(&files));
    let at = RepoPath::existing(&b".git/config"[..]).expect("a shape");
    overlay.write(&store, &at, None, Bytes::from_static(b"y\n")).expect("written");
    assert_eq!(overlay.read(&store, &at).expect("read"), "y\n");
    overlay.symlink(&store, &path(".gitignore"), Bytes::from_static(b"else")).expect("it was a link before");
    let refused = overlay.symlink(&store, &path(".gitmodules"), Bytes::from_static(b"else")).expect_err("no link");
    assert_eq!(refused.problem().code, "path_special_symlink");
    overlay.symlink(&store, &path("link"), Bytes::from_static(b"else")).expect("a link");
    let refused = overlay.rename(&store, &path("link"), &path("a/.gitattributes"), false).expect_err("no link");
    assert_eq!(refused.problem().kind, ErrorKind::Invalid);
    assert_eq!(overlay.changes(&store).expect("changes").len(), 3);
}

#[test]
fn the_deepest_paths_fit_a_threads_stack() {
    let store = Store::default();
    let deep = |depth: usize| path(vec!["d"; depth].join("/"));
    let mut overlay = Overlay::new(ObjectId::empty_tree(ObjectFormat::Sha1));
    let refused = overlay.write(&store, &deep(MAX_DEPTH + 1), None, Bytes::new()).expect_err("too deep");
    assert!(matches!(refused, OverlayError::TooDeep(_)));
    overlay.write(&store, &deep(MAX_DEPTH), None, Bytes::from(vec![b'x'; 500])).expect("written");
    let other = overlay.clone();
    assert!(matches!(overlay.rename(&store, &path("d"), &path("e/d"), false), Err(OverlayError::TooDeep(_))));
    overlay.rename(&store, &path("d"), &path("e"), false).expect("renamed");
    overlay.rename(&store, &path("e"), &path("d"), false).expect("renamed");
    overlay.settle(&store, usize::MAX).expect("settled");
    let built = overlay.build(&store, &mut Into(&store)).expect("a tree");
    overlay.adopt(&built.overlay);
    assert_eq!(overlay.file(&store, &deep(MAX_DEPTH)).expect("a file").id(), Some(store.blob_of(&[b'x'; 500])));
    assert_eq!(overlay.diff_since(&store, &other).expect("paths"), []);
    assert_eq!(overlay.changed_roots().len(), MAX_DEPTH);
    let again = Overlay::from_trees(&store, overlay.base_tree(), built.tree).expect("an overlay");
    assert_eq!(names(&store, &again), names(&store, &overlay));
    let mut edited = Overlay::new(built.tree);
    edited.write(&store, &deep(MAX_DEPTH), None, Bytes::from_static(b"y")).expect("written");
    let changed = edited.build(&store, &mut Into(&store)).expect("a tree");
    let compared = Overlay::from_trees(&store, built.tree, changed.tree).expect("an overlay");
    assert_eq!(compared.entry_count(), 1);
    assert_eq!(compared.read(&store, &deep(MAX_DEPTH)).expect("read"), "y");
}

#[test]
fn trees_deeper_than_any_path_are_walked_and_compared() {
    let store = Store::default();
    let bottom = |data: &[u8]| {
        let mut id = store.tree_of(Tree::new(vec![entry(b"x", REGULAR, store.blob_of(data))]));
        for _ in 0..5000 {
            id = store.tree_of(Tree::new(vec![entry(b"d", EntryKind::Tree, id)]));
        }
        id
    };
    let (old, new) = (bottom(b"old"), bottom(b"new"));
    let overlay = Overlay::from_trees(&store, old, new).expect("an overlay");
    assert_eq!(overlay.entry_count(), 1, "one entry where edits can't go");
    assert_eq!(names(&store, &overlay).len(), 1);
    assert_eq!(overlay.changes(&store).expect("changes").len(), 0, "no path can name it");
    assert_eq!(overlay.build(&store, &mut Into(&store)).expect("a tree").tree, new);
    let mut moved = Overlay::new(old);
    moved.rename(&store, &path("d"), &path("e"), false).expect("renamed");
    moved.remove(&store, &path("e/d/d")).expect("removed");
    assert!(moved.changes(&store).expect("changes").is_empty());
}

#[test]
fn a_missing_or_changed_object_is_an_error_and_changes_nothing() {
    let store = Store::default();
    let mut files = Files::new();
    files.insert(b"a/x".into(), (FileMode::Regular, b"line of a text\n".repeat(40)));
    let base = store.write(&files);
    let text = Bytes::from([b"first\n".to_vec(), b"line of a text\n".repeat(40)].concat());
    let mut overlay = Overlay::new(base);
    overlay.write(&store, &path("a/x"), None, text.clone()).expect("written");
    overlay.settle(&store, usize::MAX).expect("settled");
    let empty = Store::default();
    empty.tree_of(acetate_types::Objects::tree(&store, &base).expect("the root").as_ref().clone());
    let before = overlay.clone();
    for refused in [
        overlay.read(&empty, &path("a/x")).map(drop),
        overlay.write(&empty, &path("a/y"), None, Bytes::new()).map(drop),
        overlay.rename(&empty, &path("a"), &path("b"), false).and_then(|_| overlay.build(&empty, &mut Into(&empty))).map(drop),
    ] {
        assert_eq!(refused.expect_err("missing").problem().code, "object_missing");
    }
    overlay.rename(&store, &path("b"), &path("a"), false).expect("renamed");
    assert_eq!(overlay.diff_since(&store, &before).expect("paths"), []);
    assert_eq!(overlay.read(&store, &path("a/x")).expect("read"), text);
}
