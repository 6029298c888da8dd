//! Checkouts move forward and never at the cost of local work.

mod common;

use acetate_git::{Advance, Dirty, GitError};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, ObjectId, RepoPath};
use common::{MINUTE, open};
use std::collections::BTreeMap;

fn path(text: &str) -> RepoPath {
    RepoPath::existing(text.as_bytes().to_vec()).expect("a path")
}

/// Two commits; the checkout stands on the first.
fn sample() -> (GitRepo, ObjectId, ObjectId) {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    for name in ["changed", "removed", "same", "dir/changed", "\u{e9} x"] {
        repo.write(name, "old\n");
    }
    let old = repo.commit("old");
    for name in ["changed", "added", "dir/changed", "new/sub/added", "\u{e9} x"] {
        repo.write(name, "new\n");
    }
    std::fs::remove_file(repo.path().join("removed")).expect("removed");
    let new = repo.commit("new");
    repo.git(&["reset", "-q", "--hard", &old.to_hex()]);
    (repo, old, new)
}

fn files(repo: &GitRepo) -> BTreeMap<String, String> {
    fn walk(root: &std::path::Path, dir: &std::path::Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let file = entry.expect("an entry").path();
            if file.is_dir() && file.file_name().is_none_or(|name| name != ".git") {
                walk(root, &file, found);
            } else if file.is_file() {
                let name = file.strip_prefix(root).expect("below").to_str().expect("UTF-8").to_owned();
                found.insert(name, std::fs::read_to_string(&file).expect("a file"));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(repo.path(), repo.path(), &mut found);
    found
}

#[test]
fn a_clean_checkout_shows_the_new_commit() {
    let (repo, old, new) = sample();
    let repository = open(&repo);
    // Same content, other times: not a change.
    repo.write("changed", "old\n");
    repo.write("same", "local\n");
    repo.write("mine", "untracked\n");
    assert_eq!(repository.advance_checkout(&old, &new, MINUTE).expect("moved"), Advance::Done);
    repo.git(&["update-ref", "refs/heads/main", &new.to_hex()]);
    assert_eq!(repo.git(&["status", "--porcelain"]), " M same\n?? mine");
    assert_eq!(std::fs::read_to_string(repo.path().join("new/sub/added")).expect("a file"), "new\n");
    let dirty = |path: &str, untracked| Dirty { path: self::path(path), untracked };
    assert_eq!(repository.dirty_paths(&new, true, MINUTE).expect("listed"), [dirty("mine", true), dirty("same", false)]);
    assert_eq!(repository.dirty_paths(&new, false, MINUTE).expect("listed"), [dirty("same", false)]);
}

fn check_blocked(touch: impl FnOnce(&GitRepo), want: &[&str]) {
    let (repo, old, new) = sample();
    touch(&repo);
    let repository = open(&repo);
    let (before, status) = (files(&repo), repo.git(&["status", "--porcelain", "--ignored"]));
    let Advance::Blocked { paths } = repository.advance_checkout(&old, &new, MINUTE).expect("answered") else {
        panic!("{want:?}: not blocked")
    };
    assert_eq!(paths, want.iter().map(|text| path(text)).collect::<Vec<_>>());
    assert_eq!(files(&repo), before);
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), status);
}

#[test]
fn local_work_blocks_and_nothing_is_touched() {
    check_blocked(|repo| repo.write("changed", "local\n"), &["changed"]);
    check_blocked(
        |repo| {
            repo.write("changed", "local\n");
            repo.write("dir/changed", "local\n");
            repo.write("same", "local\n");
            repo.write("\u{e9} x", "local\n");
        },
        &["changed", "dir/changed", "\u{e9} x"],
    );
    check_blocked(|repo| repo.write("removed", "local\n"), &["removed"]);
    check_blocked(|repo| repo.write("added", "untracked\n"), &["added"]);
    check_blocked(|repo| repo.write("new", "a file where a folder comes\n"), &["new"]);
    check_blocked(
        |repo| {
            repo.write("changed", "staged\n");
            repo.git(&["add", "changed"]);
        },
        &["changed"],
    );
}

#[test]
fn ignored_files_block_as_any_others_do() {
    let ignore = |repo: &GitRepo, rules: &str| {
        std::fs::create_dir_all(repo.path().join(".git/info")).expect("a folder");
        std::fs::write(repo.path().join(".git/info/exclude"), rules).expect("rules");
    };
    check_blocked(
        |repo| {
            ignore(repo, "added\n");
            repo.write("added", "secret\n");
        },
        &["added"],
    );
    // A folder where a file comes, and a file where a folder comes.
    check_blocked(
        |repo| {
            ignore(repo, "added/\n");
            repo.write("added/deep/one", "made\n");
            repo.write("added/two", "made\n");
        },
        &["added/deep/one", "added/two"],
    );
    check_blocked(
        |repo| {
            ignore(repo, "new\n");
            repo.write("new", "a file where a folder comes\n");
        },
        &["new"],
    );
    // Ignored files elsewhere are no matter.
    let (repo, old, new) = sample();
    ignore(&repo, "*.o\n");
    repo.write("dir/x.o", "made\n");
    repo.write("removed.o", "made\n");
    assert_eq!(open(&repo).advance_checkout(&old, &new, MINUTE).expect("moved"), Advance::Done);
    assert!(repo.path().join("dir/x.o").exists() && repo.path().join("added").exists());
}

#[test]
fn branches_that_are_checked_out_are_known() {
    let (repo, _, new) = sample();
    let repository = open(&repo);
    repo.git(&["branch", "free", &new.to_hex()]);
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().expect("UTF-8")]);
    for (branch, want) in [("refs/heads/main", true), ("refs/heads/side", true), ("refs/heads/free", false), ("main", false)] {
        assert_eq!(repository.is_checked_out(branch, MINUTE).expect("asked"), want, "{branch}");
    }
    let bare = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&bare);
    assert!(!repository.is_checked_out("refs/heads/main", MINUTE).expect("asked"));
    assert!(matches!(repository.advance_checkout(&new, &new, MINUTE), Err(GitError::NoCheckout)));
    assert!(matches!(repository.dirty_paths(&new, true, MINUTE), Err(GitError::NoCheckout)));
}

#[test]
fn a_linked_worktree_moves_by_itself() {
    let (repo, old, new) = sample();
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().expect("UTF-8"), &old.to_hex()]);
    let opened = acetate_git::Repository::open(&linked, &acetate_git::OpenOptions::default()).expect("opens");
    assert_eq!(opened.advance_checkout(&old, &new, MINUTE).expect("moved"), Advance::Done);
    assert!(linked.join("added").exists());
    assert!(!repo.path().join("added").exists());
}

#[test]
fn somebody_elses_index_lock_is_an_error() {
    let (repo, old, new) = sample();
    std::fs::write(repo.path().join(".git/index.lock"), "").expect("locked");
    let before = files(&repo);
    let error = open(&repo).advance_checkout(&old, &new, MINUTE).expect_err("locked");
    assert!(error.to_string().contains("index.lock"), "{error}");
    assert_eq!(files(&repo), before);
}
