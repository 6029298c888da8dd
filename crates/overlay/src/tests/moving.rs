//! What is recorded of moves.

use super::store::{Files, Store, path};
use crate::{Move, Overlay};
use acetate_types::FileMode;
use bytes::Bytes;

/// Does edits over a base of `d/x`, `d/y`, `f` and `g`: `from > to` moves, `+path` writes, `-path` deletes.
fn check(edits: &str, expect: &[(&str, &str)]) {
    let store = Store::default();
    let files: Files = ["d/x", "d/y", "f", "g"].map(|at| (at.into(), (FileMode::Regular, at.into()))).into();
    let mut overlay = Overlay::new(store.write(&files));
    for edit in edits.split(", ") {
        if let Some(at) = edit.strip_prefix('+') {
            overlay.write(&store, &path(at), None, Bytes::from_static(b"new")).expect(edit);
        } else if let Some(at) = edit.strip_prefix('-') {
            overlay.remove(&store, &path(at)).expect(edit);
        } else {
            let (from, to) = edit.split_once(" > ").expect("a move");
            overlay.rename(&store, &path(from), &path(to), true).expect(edit);
        }
    }
    let moves: Vec<_> = expect.iter().map(|(from, to)| Move { from: path(from), to: path(to) }).collect();
    assert_eq!(overlay.moves(&store).expect("moves"), moves, "{edits}");
    // Recorded or not, forgetting everything leaves nothing behind.
    if moves.is_empty() && overlay.changes(&store).expect("changes").is_empty() && overlay.is_clean() {
        assert_eq!(overlay.memory_bytes(), Overlay::new(overlay.base_tree()).memory_bytes(), "{edits}");
    }
}

#[test]
fn a_move_leads_from_the_base_to_where_the_thing_is() {
    check("f > h", &[("f", "h")]);
    check("f > h, h > i/j", &[("f", "i/j")]);
    check("f > h, h > f", &[]);
    check("f > h, +f", &[]);
    check("f > h, +f, -f", &[("f", "h")]);
    check("f > h, -h", &[]);
    check("f > h, -h, +h", &[]);
    check("f > g", &[("f", "g")]);
    check("f > h, g > h", &[("g", "h")]);
    check("+n, n > h", &[]);
    check("+n, n > f", &[]);
    check("f > t, g > f, t > g", &[]);
    check("f > h, +f, f > k", &[("f", "h")]);
    check("+f, f > h", &[("f", "h")]);
}

#[test]
fn a_directory_takes_along_what_was_moved_into_and_within_it() {
    check("d > e", &[("d", "e")]);
    check("d > e, e > d", &[]);
    check("d > e, e/x > e/z", &[("d", "e"), ("d/x", "e/z")]);
    check("d > e, e/x > z", &[("d", "e"), ("d/x", "z")]);
    check("d/x > d/z, d > e", &[("d/x", "e/z"), ("d", "e")]);
    check("d/x > d/z, d > e, e > d", &[("d/x", "d/z")]);
    check("f > d/f, d > a/b/c", &[("f", "a/b/c/f"), ("d", "a/b/c")]);
    check("f > d/f, d > e, -e", &[]);
    check("d > e, +d/new", &[("d", "e")]);
    check("d/x > x, d/y > y, -d, x > d", &[("d/x", "d"), ("d/y", "y")]);
    check("d > e, +e/new, e/new > n", &[("d", "e")]);
    check("f > n/f, -n", &[]);
}

#[test]
fn a_hint_from_elsewhere_counts_like_any() {
    let store = Store::default();
    let file = (FileMode::Regular, b"text".to_vec());
    let mut overlay = Overlay::new(store.write(&[(b"f".to_vec(), file)].into()));
    let moved = Move { from: path("f"), to: path("h") };
    overlay.hint_move(moved.clone());
    assert_eq!(overlay.moves(&store).expect("moves"), []);
    overlay.remove(&store, &path("f")).expect("removed");
    overlay.write(&store, &path("h"), None, Bytes::from_static(b"text!")).expect("written");
    assert_eq!(overlay.moves(&store).expect("moves"), [moved]);
}

#[test]
fn many_moves_cost_what_each_costs() {
    let store = Store::default();
    let files: Files = (0..10_000).map(|at| (format!("d/{at}").into_bytes(), (FileMode::Regular, b"text".to_vec()))).collect();
    let mut overlay = Overlay::new(store.write(&files));
    let empty = overlay.memory_bytes();
    for at in 0..10_000 {
        let before = overlay.clone();
        overlay.rename(&store, &path(format!("d/{at}")), &path(format!("e/{at}")), false).expect("moved");
        drop(before);
    }
    assert_eq!(overlay.moves(&store).expect("moves").len(), 10_000);
    for at in 0..10_000 {
        overlay.rename(&store, &path(format!("e/{at}")), &path(format!("d/{at}")), false).expect("moved back");
    }
    assert_eq!(overlay.moves(&store).expect("moves"), []);
    assert!(overlay.memory_bytes() < empty + 10_000_000);
}
