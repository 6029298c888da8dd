//! What becomes of each kind of change that meets another: decided, and the same as Git's wherever Git merges cleanly.

use super::common::*;
use acetate_engine::Session;
use acetate_engine::api::{MoveFile, SubmissionOutcome};
use acetate_testing::GitRepo;
use acetate_types::FileMode;

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// What a case has to come to.
enum Due<'a> {
    /// It lands, and the head has these files (path, content).
    Lands(&'a [(&'a str, &'a str)]),
    /// Conflicts of these paths and kinds.
    Conflicts(&'a [(&'a str, &'a str)]),
}

fn check(name: &str, head: impl Fn(&Session), mine: impl Fn(&Session), due: &Due<'_>) {
    let repo = bare(&[
        ("a", TEXT),
        ("b", TEXT),
        ("dir/x", "first x\nsecond x\nthird x\n"),
        ("dir/y", "first y\nsecond y\nthird y\n"),
        ("dir/sub/z", "first z\nsecond z\nthird z\n"),
        ("bin", "\0one"),
    ]);
    repo.fast_commit("main", [("link", "120000", Some("a")), ("run", "100755", Some("#!/bin/sh\necho\n"))]);
    let module = "0123456789012345678901234567890123456789";
    submodule(&repo, module);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    head(&ada);
    mine(&bob);
    landed(&ada);
    let before = files(&bob);
    match (submit(&bob), due) {
        (SubmissionOutcome::Landed { .. }, Due::Lands(files)) => {
            for (at, content) in *files {
                let shown = bob.read(&path(at)).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(String::from_utf8_lossy(&shown.content.0), *content, "{name}: {at}");
            }
            let listed = bob.files(&Default::default()).expect("listed").files.len();
            assert_eq!(
                listed,
                files.len(),
                "{name}: {:?}",
                super::common::files(&bob).keys().map(|at| String::from_utf8_lossy(at).into_owned()).collect::<Vec<_>>()
            );
        }
        (SubmissionOutcome::Conflict { conflicts, .. }, Due::Conflicts(due)) => {
            let found: Vec<(String, String)> = conflicts.into_iter().map(|conflict| (conflict.path.to_string(), conflict.kind)).collect();
            let due: Vec<(String, String)> = due.iter().map(|(at, kind)| (at.to_string(), kind.to_string())).collect();
            assert_eq!(found, due, "{name}");
            assert_eq!(files(&bob), before, "{name}");
            // Taking one side throughout settles it, whichever it is.
            for (at, _) in found {
                bob.resolve(resolve(&at, "session", None), None).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            assert_eq!(bob.standing(None).behind, 0, "{name}: the last resolution moves the session");
            submit(&bob);
        }
        (outcome, _) => panic!("{name}: {outcome:?}"),
    }
    engine.shutdown();
    assert_eq!(repo.fsck(), "", "{name}");
}

fn submodule(repo: &GitRepo, commit: &str) {
    let stream = format!(
        "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nm\nfrom refs/heads/main^0\nM 160000 {commit} \"mod\"\n"
    );
    repo.git_in(&["fast-import", "--quiet", "--force"], stream.as_bytes());
}

const MODULE: &str = "0123456789012345678901234567890123456789";

/// The files of the base, with changes.
fn base<'a>(changes: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    let all = [
        ("a", TEXT),
        ("b", TEXT),
        ("bin", "\0one"),
        ("dir/sub/z", "first z\nsecond z\nthird z\n"),
        ("dir/x", "first x\nsecond x\nthird x\n"),
        ("dir/y", "first y\nsecond y\nthird y\n"),
        ("link", "a"),
        ("mod", MODULE),
        ("run", "#!/bin/sh\necho\n"),
    ];
    let mut files: std::collections::BTreeMap<&str, &str> = all.into_iter().collect();
    for (at, content) in changes {
        match content {
            Some(content) => drop(files.insert(at, content)),
            None => drop(files.remove(at)),
        }
    }
    files.into_iter().collect()
}

#[test]
fn lines() {
    let both = TEXT.replace("one\n", "ONE\n").replace("ten\n", "TEN\n");
    check("other lines", |s| edit(s, "a", "one", "ONE"), |s| edit(s, "a", "ten", "TEN"), &Due::Lands(&base(&[("a", Some(&both))])));
    check("one line", |s| edit(s, "a", "two", "2"), |s| edit(s, "a", "two", "II"), &Due::Conflicts(&[("a", "both_changed")]));
    let same = TEXT.replace("two\n", "2\n");
    check(
        "the same change",
        |s| edit(s, "a", "two", "2"),
        |s| {
            edit(s, "a", "two", "2");
            write(s, "new", "n");
        },
        &Due::Lands(&base(&[("a", Some(&same)), ("new", Some("n"))])),
    );
}

#[test]
fn added_deleted_changed() {
    check(
        "added alike",
        |s| write(s, "n", "n"),
        |s| {
            write(s, "n", "n");
            write(s, "m", "m");
        },
        &Due::Lands(&base(&[("n", Some("n")), ("m", Some("m"))])),
    );
    check("added differently", |s| write(s, "n", "1"), |s| write(s, "n", "2"), &Due::Conflicts(&[("n", "added_differently")]));
    check(
        "both deleted",
        |s| delete(s, "a"),
        |s| {
            delete(s, "a");
            write(s, "m", "m");
        },
        &Due::Lands(&base(&[("a", None), ("m", Some("m"))])),
    );
    check("changed, deleted", |s| edit(s, "a", "two", "2"), |s| delete(s, "a"), &Due::Conflicts(&[("a", "changed_deleted")]));
    check("deleted, changed", |s| delete(s, "a"), |s| edit(s, "a", "two", "2"), &Due::Conflicts(&[("a", "changed_deleted")]));
    check(
        "a folder deleted, a file in it changed",
        |s| delete(s, "dir"),
        |s| edit(s, "dir/x", "second x\n", "2\n"),
        &Due::Conflicts(&[("dir/x", "changed_deleted")]),
    );
}

#[test]
fn binary_modes_links_submodules() {
    check("binary", |s| write(s, "bin", "\0two"), |s| write(s, "bin", "\0three"), &Due::Conflicts(&[("bin", "binary")]));
    check(
        "mode and text",
        |s| drop(s.set_mode(&path("a"), FileMode::Executable).expect("a mode")),
        |s| edit(s, "a", "two", "2"),
        &Due::Lands(&base(&[("a", Some(&TEXT.replace("two\n", "2\n")))])),
    );
    check(
        "links",
        |s| write_mode(s, "link", "b", FileMode::Symlink),
        |s| write_mode(s, "link", "c", FileMode::Symlink),
        &Due::Conflicts(&[("link", "symlink")]),
    );
    check(
        "submodule deleted on both sides",
        |s| delete(s, "mod"),
        |s| {
            delete(s, "mod");
            write(s, "m", "m");
        },
        &Due::Lands(&base(&[("mod", None), ("m", Some("m"))])),
    );
}

#[test]
fn moves() {
    let edited = TEXT.replace("two\n", "2\n");
    check(
        "moved, changed",
        |s| rename(s, "a", "moved/a"),
        |s| edit(s, "a", "two", "2"),
        &Due::Lands(&base(&[("a", None), ("moved/a", Some(&edited))])),
    );
    check(
        "changed, moved",
        |s| edit(s, "a", "two", "2"),
        |s| rename(s, "a", "moved/a"),
        &Due::Lands(&base(&[("a", None), ("moved/a", Some(&edited))])),
    );
    check(
        "a folder moved, a file added to it",
        |s| rename(s, "dir", "folder"),
        |s| write(s, "dir/new", "new\n"),
        &Due::Lands(&base(&[
            ("dir/x", None),
            ("dir/y", None),
            ("dir/sub/z", None),
            ("folder/x", Some("first x\nsecond x\nthird x\n")),
            ("folder/y", Some("first y\nsecond y\nthird y\n")),
            ("folder/sub/z", Some("first z\nsecond z\nthird z\n")),
            ("folder/new", Some("new\n")),
        ])),
    );
    check(
        "a file added to a folder, the folder moved",
        |s| write(s, "dir/new", "new\n"),
        |s| rename(s, "dir", "folder"),
        &Due::Lands(&base(&[
            ("dir/x", None),
            ("dir/y", None),
            ("dir/sub/z", None),
            ("folder/x", Some("first x\nsecond x\nthird x\n")),
            ("folder/y", Some("first y\nsecond y\nthird y\n")),
            ("folder/sub/z", Some("first z\nsecond z\nthird z\n")),
            ("folder/new", Some("new\n")),
        ])),
    );
}

/// Cases whose outcome is decided though Git has no verdict to hold it against: they land or conflict, by name, and never fail.
#[test]
fn files_against_directories() {
    for (name, head, mine, mode) in [
        ("a file where a folder was, which the session changed", "dir", "dir/x", FileMode::Regular),
        ("a folder where a file was, which the session changed", "a/in", "a", FileMode::Regular),
        ("a link where a folder was, which the session changed", "dir", "dir/sub/z", FileMode::Symlink),
        ("a file where the session adds a folder", "new", "new/in", FileMode::Regular),
        ("a folder where the session adds a file", "new/in", "new", FileMode::Executable),
    ] {
        let repo = bare(&[("a", TEXT), ("dir/x", "x\n"), ("dir/sub/z", "z\n")]);
        let engine = open(&repo);
        let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
        let top = path(head.split('/').next().expect("a part"));
        if ada.stat(&top).is_ok() {
            ada.delete(&top, None).expect("deleted");
        }
        write_mode(&ada, head, "target", mode);
        write(&bob, mine, "changed\n");
        landed(&ada);
        let before = files(&bob);
        let found = conflicts(&bob);
        assert!(!found.is_empty(), "{name}");
        assert_eq!(files(&bob), before);
        for conflict in &found {
            assert!(!conflict.why.is_empty());
            bob.resolve(resolve(&conflict.path.to_string(), "head", None), None).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        assert_eq!(bob.standing(None).behind, 0, "{name}");
        submit(&bob);
        engine.shutdown();
        assert_eq!(repo.fsck(), "", "{name}");
    }
}

#[test]
fn a_recorded_move_is_followed_where_similarity_would_not_see_it() {
    let repo = bare(&[("a", TEXT), ("b", "b\n")]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    edit(&ada, "a", "ten", "TEN");
    bob.rename(&MoveFile { from: path("a"), to: path("z"), replace: false }).expect("moved");
    let lines: String = (0..9).map(|line| format!("wholly different {line}\n")).collect();
    write(&bob, "z", format!("{lines}ten\n"));
    landed(&ada);
    match submit(&bob) {
        SubmissionOutcome::Landed { findings, .. } => {
            assert!(findings.iter().any(|finding| finding.starts_with("recorded_move")), "{findings:?}");
        }
        SubmissionOutcome::Conflict { conflicts, .. } => {
            assert_eq!(conflicts[0].path.to_string(), "z", "it meets the change at its new place");
        }
        SubmissionOutcome::Rejected { .. } => panic!("nothing rejects"),
    }
}
