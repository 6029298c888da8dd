//! Runs of `git`: bounded in time and output, deaf to the machine, and nothing from outside becomes an option.

mod common;

use acetate_git::{GitError, process};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use common::{MINUTE, open};
use std::time::{Duration, Instant};

#[test]
fn the_version_is_known() {
    assert!(process::version().expect("git").starts_with(|ch: char| ch.is_ascii_digit()));
}

#[test]
fn failures_say_what_git_said_without_control_characters() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let error = repository.git("cat-file").args(["-p", "--end-of-options", "no\u{1b}[31msuch"]).output().expect_err("fails");
    let GitError::Failed { command, code, message } = error else { panic!("{error}") };
    assert_eq!((command.as_str(), code), ("cat-file", Some(128)));
    assert!(!message.is_empty() && !message.contains('\u{1b}'), "{message:?}");
}

#[test]
fn a_repository_that_vanished_is_told_from_a_missing_git() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    drop(repo);
    assert!(matches!(repository.git("version").output(), Err(GitError::Io { .. })));
}

#[test]
fn output_is_bounded_and_input_arrives_whole() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let data = vec![b'x'; 3 << 20];
    let id = repository.git("hash-object").args(["-w", "--stdin"]).input(data.clone()).output().expect("written");
    let id = String::from_utf8(id).expect("an id");
    let cat = || repository.git("cat-file").arg("blob").arg(id.trim());
    assert_eq!(cat().output().expect("read"), data);
    assert!(matches!(cat().limit(1 << 20).output(), Err(GitError::TooMuchOutput { limit, .. }) if limit == 1 << 20));
}

#[test]
fn what_takes_too_long_is_ended_with_all_its_children() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let started = Instant::now();
    let marker = repo.beside("late");
    // An alias of the repository's own configuration runs a shell; its child outlives a shell that is killed alone.
    repo.git(&["config", "alias.hang", &format!("!(sleep 4; touch {}) & sleep 60", marker.display())]);
    let error = repository.git("hang").timeout(Duration::from_millis(300)).output().expect_err("ended");
    assert!(matches!(error, GitError::TimedOut { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(30));
    std::thread::sleep(Duration::from_secs(5).saturating_sub(started.elapsed()));
    assert!(!marker.exists(), "the child is gone too");
}

#[test]
fn hooks_and_settings_of_the_repository_do_not_run() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.write("f", "1");
    let first = repo.commit("one");
    repo.write("f", "2");
    let second = repo.commit("two");
    let ran = repo.beside("ran");
    let script = repo.beside("script");
    std::fs::write(&script, format!("#!/bin/sh\ntouch {}\n", ran.display())).expect("written");
    std::process::Command::new("chmod").arg("+x").arg(&script).status().expect("chmod");
    for hook in ["reference-transaction", "post-index-change", "pre-auto-gc", "post-checkout"] {
        std::fs::create_dir_all(repo.path().join(".git/hooks")).expect("made");
        std::fs::copy(&script, repo.path().join(".git/hooks").join(hook)).expect("copied");
    }
    let script = script.to_str().expect("UTF-8");
    repo.git(&["config", "core.fsmonitor", script]);
    repo.git(&["config", "core.hooksPath", repo.path().join(".git/hooks").to_str().expect("UTF-8")]);
    // The fixture's own git obeys the repository.
    std::fs::remove_file(&ran).ok();
    let repository = open(&repo);
    repository.git("update-ref").args(["refs/heads/x", &first.to_hex()]).output().expect("moved");
    repository.advance_checkout(&second, &first, MINUTE).expect("moved");
    repository.dirty_paths(&first, true, MINUTE).expect("listed");
    repository.fsck(true, MINUTE).expect("checked");
    assert!(!ran.exists());
}
