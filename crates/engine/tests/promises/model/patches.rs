//! Patches of what the model's steps make.

use super::super::common::*;
use super::step::Step;
use super::{World, git_on_index};
use acetate_types::ObjectId;

/// A patch of a session's work is one that `git apply` takes, and makes the same tree.
#[test]
fn patches_apply() {
    let mut world = World::new();
    for step in [
        Step::Write { path: 0, text: 2, executable: true },
        Step::Line { path: 2, line: 3, text: 1 },
        Step::Line { path: 2, line: 20, text: 2 },
        Step::Delete { path: 1, whole: false },
        Step::Move { from: 0, to: 5, whole: true, replace: false },
        Step::Write { path: 8, text: 3, executable: false },
        Step::Write { path: 9, text: 0, executable: false },
        Step::Link { path: 11, to: 1 },
        Step::Line { path: 7, line: 5, text: 3 },
        Step::Mode { path: 6, executable: true },
    ]
    .iter()
    {
        world.run(0, step);
        let diff = world.session(0).diff(&diff_options()).expect("a diff");
        let patch = diff.patch.expect("a patch").0;
        let base = world.sessions[0].base;
        let index = world.repo.beside("patched");
        let _ = std::fs::remove_file(&index);
        let git = |args: &[&str], input: &[u8]| git_on_index(&world.repo, &index, args, input);
        git(&["read-tree", &base.to_hex()], b"");
        if !patch.is_empty() {
            git(&["apply", "--cached", "-"], &patch);
        }
        let tree: ObjectId = git(&["write-tree"], b"").parse().expect("a tree");
        let files = world.sessions[0].files.clone();
        assert_eq!(tree, world.git_tree(&files), "after {step:?}");
    }
}
