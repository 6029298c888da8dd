//! What opens, and what is refused with which code.

mod common;

use acetate_git::{OpenError, OpenOptions, Repository};
use acetate_testing::GitRepo;
use acetate_types::{Classify, ObjectFormat};
use common::FORMATS;
use std::path::Path;

fn check_refused(path: &Path, code: &str) {
    let error = Repository::open(path, &OpenOptions::default()).expect_err("refused");
    assert_eq!(error.problem().code, code, "{error}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn bare_checkout_and_linked_worktree_open() {
    for format in FORMATS {
        let repo = GitRepo::new(format);
        repo.write("a/f", "1");
        let commit = repo.commit("m");
        let opened = Repository::open(repo.path(), &OpenOptions::default()).expect("opens");
        let real = repo.path().canonicalize().expect("a path");
        assert_eq!((opened.format(), opened.work_tree(), opened.git_dir()), (format, Some(&*real), &*real.join(".git")));
        let opened = Repository::open(&repo.path().join(".git"), &OpenOptions::default()).expect("opens");
        assert_eq!((opened.work_tree(), opened.git_dir()), (Some(&*real), &*real.join(".git")));

        let linked = repo.beside("linked");
        repo.git(&["worktree", "add", "-q", "-b", "side", text(&linked)]);
        let opened = Repository::open(&linked, &OpenOptions::default()).expect("opens");
        assert_eq!((opened.work_tree(), opened.git_dir()), (Some(&*linked.canonicalize().expect("a path")), &*real.join(".git")));
        assert_eq!(opened.default_branch().expect("a head").as_deref(), Some("side"));
        assert_eq!(opened.resolve_ref("HEAD").expect("a head"), Some(commit));

        let bare = repo.beside("bare.git");
        repo.git(&["clone", "-q", "--bare", text(repo.path()), text(&bare)]);
        let opened = Repository::open(&bare, &OpenOptions::default()).expect("opens");
        assert_eq!((opened.format(), opened.work_tree(), opened.git_dir()), (format, None, &*bare.canonicalize().expect("a path")));
        assert_eq!(opened.commit(&commit).expect("a commit").message, "m\n");
    }
}

#[test]
fn what_is_made_is_a_bare_repository_without_hooks() {
    let dir = tempfile::tempdir().expect("a folder");
    for format in FORMATS {
        let path = dir.path().join("new").join(format.as_str());
        let made = Repository::init(&path, format, "trunk", &OpenOptions::default()).expect("made");
        assert_eq!(made.format(), format);
        assert_eq!(made.default_branch().expect("a head").as_deref(), Some("trunk"));
        assert!(!path.join("hooks").exists());
        let again = Repository::init(&path, format, "trunk", &OpenOptions::default()).expect_err("refused");
        assert!(matches!(again, OpenError::NotEmpty(_)), "{again}");
    }
    for branch in ["-x", "a..b", "", "a\nb", "HEAD", "x.lock"] {
        let refused =
            Repository::init(&dir.path().join("other"), ObjectFormat::Sha1, branch, &OpenOptions::default()).expect_err("refused");
        assert!(matches!(refused, OpenError::Branch(_)), "{branch:?}");
    }
}

#[test]
fn what_lacks_objects_or_is_not_understood_is_refused() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.write("a/f", "1");
    repo.commit("one");
    repo.write("a/f", "2");
    repo.commit("two");
    check_refused(&repo.beside("nothing"), "not_a_repository");
    check_refused(&repo.path().join("a"), "not_a_repository");
    check_refused(&repo.path().join("a/f"), "not_a_repository");
    check_refused(&repo.path().join(".git/refs"), "not_a_repository");

    let url = format!("file://{}", text(repo.path()));
    let shallow = repo.beside("shallow");
    repo.git(&["clone", "-q", "--depth=1", &url, text(&shallow)]);
    check_refused(&shallow, "repository_shallow");
    let partial = repo.beside("partial");
    repo.git(&["-c", "uploadpack.allowFilter=true", "clone", "-q", "--no-checkout", "--filter=blob:none", &url, text(&partial)]);
    check_refused(&partial, "repository_partial");

    let config = "[core]\nrepositoryformatversion=1\n[extensions]\ncompatobjectformat=sha256\n";
    std::fs::write(repo.path().join(".git/config"), config).expect("written");
    check_refused(repo.path(), "repository_extension");
    std::fs::write(repo.path().join(".git/config"), "[core]\nrepositoryformatversion=1\n[extensions]\nfuture=1\n").expect("written");
    check_refused(repo.path(), "repository_extension");
}

#[test]
fn refs_as_tables_are_refused() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let path = repo.beside("tables");
    // Git before 2.45 has no such format; then there is nothing to refuse.
    if repo.try_git(&["init", "-q", "--bare", "--ref-format=reftable", text(&path)]).status.success() {
        check_refused(&path, "repository_ref_format");
    }
}

#[test]
fn a_repository_of_somebody_else_is_left_to_gits_rules() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    // Only root can give a folder away.
    if std::os::unix::fs::chown(repo.path(), Some(65_534), None).is_err() {
        return;
    }
    let git_dir = repo.path().join(".git");
    std::os::unix::fs::chown(&git_dir, Some(65_534), None).expect("given away");
    let opened = Repository::open(repo.path(), &OpenOptions::default());
    // Unless this machine's own configuration trusts every folder.
    let trusted = std::process::Command::new("git").args(["config", "--get-all", "safe.directory"]).output().expect("git");
    if !String::from_utf8_lossy(&trusted.stdout).lines().any(|line| line == "*") {
        assert_eq!(opened.expect_err("refused").problem().code, "repository_unsafe");
    }
}
