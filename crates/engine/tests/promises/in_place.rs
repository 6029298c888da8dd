//! A repository that is served in place: its branches and its checkout follow, and what others do with plain Git is taken in.

use super::common::*;
use acetate_engine::api::{CreateBranch, Submit};
use acetate_engine::{Engine, Session, Workspace};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use std::time::{Duration, Instant};

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

fn note(engine: &Engine) -> Option<String> {
    workspace(engine).info().expect("info").diverged
}

fn catch_up(engine: &Engine) -> Option<String> {
    workspace(engine).catch_up().expect("caught up").diverged
}

fn commit(repo: &GitRepo, at: &str, text: &str) {
    repo.write(at, text);
    repo.commit(at);
}

fn show(repo: &GitRepo, at: &str) -> String {
    repo.git(&["show", at])
}

fn change(session: &Session, at: &str, text: &str) -> u64 {
    write(session, at, text);
    landed(session)
}

#[test]
fn a_clean_checkout_follows() {
    let repo = checkout(&[("a", LINES), ("d/b", "b\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    delete(&ada, "d");
    change(&ada, "n/new", "new\n");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!((repo.path().join("n/new").exists(), repo.path().join("d").exists()), (true, false));
    assert_eq!(note(&engine), None);
}

#[test]
fn what_was_just_committed_is_what_comes_next_stands_on() {
    let repo = checkout(&[("a", LINES), ("b", "b\n")]);
    let engine = open(&repo);
    let before = session(&engine, "ada");
    write(&before, "b", "hers\n");
    commit(&repo, "mine", "1\n");
    // Nobody waits for the follower: neither who opens …
    let after = session(&engine, "bob");
    assert_eq!(read(&after, "mine"), "1\n");
    // … nor who lands.
    commit(&repo, "mine", "2\n");
    let version = landed(&before);
    assert_eq!(repo.git(&["log", "--format=%s", "-2", "main"]).lines().nth(1), Some("mine"), "one line of history");
    assert_eq!((show(&repo, "main:b"), show(&repo, "main:mine")), ("hers".to_owned(), "2".to_owned()));
    assert_eq!((version, note(&engine)), (4, None));
}

#[test]
fn a_checkout_with_changes_on_landed_paths_is_never_touched() {
    let repo = checkout(&[("a", LINES), ("b", "b\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    repo.write("a", "mine\n");
    let before = repo.id("main");
    change(&ada, "a", "landed\n");
    assert_eq!(std::fs::read_to_string(repo.path().join("a")).expect("read"), "mine\n");
    assert_eq!(repo.id("main"), before, "the branch lags");
    let why = note(&engine).expect("it says so");
    assert!(why.contains("uncommitted changes in a;") && why.contains("catch-up"), "{why}");
    // Landing goes on, and nothing of it is lost to git.
    change(&ada, "b", "more\n");
    assert!(catch_up(&engine).is_some(), "nothing was done about it");
    repo.git(&["gc", "-q", "--prune=now"]);
    repo.git(&["checkout", "-q", "--", "a"]);
    assert_eq!(catch_up(&engine), None);
    assert_eq!((show(&repo, "main:a"), show(&repo, "main:b")), ("landed".into(), "more".into()));
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // An untracked file in the way counts as well.
    repo.write("new", "untracked\n");
    change(&ada, "new", "landed\n");
    assert!(note(&engine).is_some());
    assert_eq!(std::fs::read_to_string(repo.path().join("new")).expect("read"), "untracked\n");
    std::fs::remove_file(repo.path().join("new")).expect("removed");
    assert_eq!(catch_up(&engine), None);
    assert_eq!(repo.fsck(), "");
}

#[test]
fn changes_elsewhere_in_the_checkout_are_kept() {
    let repo = checkout(&[("a", LINES), ("b", "b\n"), ("c", "c\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    repo.write("b", "mine\n");
    repo.write("untracked", "mine\n");
    repo.write("c", "staged\n");
    repo.git(&["add", "c"]);
    change(&ada, "a", "landed\n");
    assert_eq!(note(&engine), None);
    assert_eq!(repo.git(&["status", "--porcelain"]), " M b\nM  c\n?? untracked");
    assert_eq!(std::fs::read_to_string(repo.path().join("a")).expect("read"), "landed\n");
}

/// Each case is done to a running store that is asked to look, to one that is started afterwards, and to one that looks by itself.
fn outside(files: &[(&str, &str)], before: impl Fn(&Session), act: impl Fn(&GitRepo), check: impl Fn(&GitRepo, &Engine, &Workspace)) {
    for how in ["catch up", "restart", "background"] {
        let repo = checkout(files);
        let mut engine = {
            let mut options = options(&repo);
            options.background = how == "background";
            super::common::start(options)
        };
        {
            let ada = session(&engine, "ada");
            before(&ada);
            ada.close(true).expect("closed");
        }
        if how == "restart" {
            drop(engine);
            act(&repo);
            engine = open(&repo);
        } else {
            act(&repo);
        }
        if how == "catch up" {
            workspace(&engine).catch_up().expect("caught up");
        }
        if how == "background" {
            let began = Instant::now();
            let space = workspace(&engine);
            let start = (space.info().expect("info"), space.branches().expect("branches"));
            while (space.info().expect("info"), space.branches().expect("branches")) == start && began.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(50));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        check(&repo, &engine, &workspace(&engine));
        engine.shutdown();
        assert_eq!(repo.fsck(), "", "{how}");
    }
}

#[test]
fn commits_made_outside_land_unchanged() {
    outside(
        &[("a", LINES)],
        |_| {},
        |repo| {
            commit(repo, "x", "1\n");
            commit(repo, "y", "2\n");
        },
        |repo, engine, space| {
            let head = space.info().expect("info").head;
            assert_eq!(head.commit, Some(repo.id("main")), "unchanged");
            let version = gap_free(space).len() as u64;
            assert_eq!(head.version, Some(version));
            assert!(version == 2 || version == 3, "one version for what one look found");
            let ada = session(engine, "ada");
            assert_eq!(read(&ada, "y"), "2\n");
            assert_eq!(change(&ada, "z", "3\n"), version + 1);
            assert_eq!(repo.git(&["rev-list", "--count", "main"]), "4");
            assert_eq!(repo.git(&["status", "--porcelain"]), "");
        },
    );
}

#[test]
fn a_divergence_becomes_a_merge_with_two_parents() {
    let repo = checkout(&[("a", LINES), ("b", "b\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    // The branch lags, and somebody commits on what the disk has.
    repo.write("a", "mine\n");
    edit(&ada, "a", "seven", "SEVEN");
    landed(&ada);
    assert!(note(&engine).is_some());
    repo.write("a", LINES.replace("one", "ONE"));
    let outside = repo.commit("outside");
    assert_eq!(catch_up(&engine), None);
    let head = workspace(&engine).info().expect("info").head.commit.expect("a commit");
    assert_eq!(repo.id("main"), head, "the branch follows");
    let parents = repo.git(&["rev-list", "--parents", "-n1", "main"]);
    assert_eq!(parents.split(' ').count(), 3);
    assert!(parents.ends_with(&outside.to_hex()));
    assert_eq!(show(&repo, "main:a") + "\n", LINES.replace("one", "ONE").replace("seven", "SEVEN"));
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(gap_free(&workspace(&engine)).last().map(|version| version.kind.clone()).as_deref(), Some("merge"));
    change(&ada, "b", "on\n");
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_merge_that_the_checkout_can_not_follow_is_made_once() {
    let repo = checkout(&[("a", LINES), ("b", "b\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    repo.write("b", "mine\n");
    change(&ada, "b", "landed\n");
    repo.write("x", "x\n");
    repo.git(&["add", "x"]);
    repo.git(&["commit", "-q", "-m", "outside", "--", "x"]);
    for _ in 0..3 {
        assert!(catch_up(&engine).is_some(), "b is still in the way");
        assert_eq!(gap_free(&workspace(&engine)).len(), 3);
    }
    repo.git(&["checkout", "-q", "--", "b"]);
    assert_eq!(catch_up(&engine), None);
    assert_eq!((show(&repo, "main:b"), show(&repo, "main:x")), ("landed".into(), "x".into()));
    assert_eq!(gap_free(&workspace(&engine)).len(), 3);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_divergence_that_conflicts_stops_landing_until_it_is_merged_by_hand() {
    let repo = checkout(&[("a", LINES), ("b", "b\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    space.create_branch(CreateBranch { name: "side".into(), at: None }, None).expect("created");
    let (ada, side) = (session(&engine, "ada"), opened(&engine, &space, on("sid", "side")));
    repo.write("a", "mine\n");
    edit(&ada, "a", "one", "landed");
    landed(&ada);
    let head = space.info().expect("info").head.commit.expect("a commit").to_hex();
    repo.write("a", LINES.replace("one", "outside"));
    let outside = repo.commit("outside");
    let why = catch_up(&engine).expect("diverged");
    assert!(why.contains("conflict") && why.contains(&head), "{why}");
    write(&ada, "b", "x\n");
    let view = showing(&space);
    assert_eq!(code(ada.submit(Submit::default(), None)), "branch_diverged");
    assert_eq!(showing(&space), view);
    assert_eq!(repo.id("main"), outside);
    assert_eq!(read(&ada, "b"), "x\n");
    // Another branch is not concerned.
    write(&side, "s", "s\n");
    landed(&side);
    assert_eq!(code(ada.submit(Submit::default(), None)), "branch_diverged", "a landing elsewhere settles nothing");
    // A person merges.
    assert!(!repo.try_git(&["merge", "-q", &head]).status.success());
    repo.write("a", LINES.replace("one", "both"));
    repo.commit("merged by hand");
    assert_eq!(catch_up(&engine), None);
    landed(&ada);
    assert_eq!((show(&repo, "main:b"), show(&repo, "main:a") + "\n"), ("x".into(), LINES.replace("one", "both")));
    gap_free(&space);
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_rewind_stops_landing_until_it_is_put_back() {
    outside(
        &[("a", LINES)],
        |ada| {
            change(ada, "x", "1\n");
            change(ada, "x", "2\n");
        },
        |repo| drop(repo.git(&["reset", "-q", "--hard", "HEAD~1"])),
        |repo, engine, space| {
            let head = space.info().expect("info");
            assert_eq!(head.head.version, Some(3), "the head stays");
            assert!(head.diverged.expect("it says so").contains("moved back"), "");
            let ada = session(engine, "ada");
            write(&ada, "y", "y\n");
            assert_eq!(code(ada.submit(Submit::default(), None)), "branch_diverged");
            assert_eq!(show(repo, "main:x"), "1", "nobody's decision is overruled");
            repo.git(&["reset", "-q", "--hard", &head.head.commit.expect("a commit").to_hex()]);
            assert_eq!(catch_up(engine), None);
            assert_eq!(landed(&ada), 4);
            assert_eq!(show(repo, "main:y"), "y");
        },
    );
}

#[test]
fn a_landing_never_overrules_a_rewind_that_nobody_has_seen_yet() {
    let repo = checkout(&[("a", LINES)]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    change(&ada, "x", "1\n");
    change(&ada, "x", "2\n");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let rewound = repo.id("main");
    write(&ada, "y", "y\n");
    let _ = ada.submit(Submit::default(), None);
    assert_eq!(repo.id("main"), rewound, "the branch is moved only from where Acetate put it");
    assert!(note(&engine).is_some());
    assert!(catch_up(&engine).is_some());
    assert_eq!(repo.id("main"), rewound);
}

#[test]
fn branches_made_outside_are_taken_in() {
    outside(
        &[("a", LINES)],
        |_| {},
        |repo| drop(repo.git(&["branch", "topic/one"])),
        |repo, engine, space| {
            let names: Vec<String> = space.branches().expect("branches").into_iter().map(|branch| branch.name).collect();
            assert_eq!(names, ["refs/heads/main", "refs/heads/topic/one"]);
            let ada = opened(engine, space, on("ada", "topic/one"));
            change(&ada, "t", "t\n");
            assert_eq!(show(repo, "topic/one:t"), "t");
            assert_eq!(repo.git(&["status", "--porcelain"]), "", "the checkout is on another branch");
        },
    );
}

#[test]
fn a_branch_deleted_outside_is_gone_here_too_and_can_be_had_back() {
    outside(
        &[("a", LINES)],
        |ada| {
            let _ = ada;
        },
        |repo| {
            repo.git(&["branch", "topic"]);
        },
        |repo, engine, space| {
            let ada = opened(engine, space, on("ada", "topic"));
            change(&ada, "t", "t\n");
            let tip = repo.id("topic");
            repo.git(&["branch", "-q", "-D", "topic"]);
            space.catch_up().expect("caught up");
            write(&ada, "u", "u\n");
            let answer = ada.submit(Submit::default(), None);
            if space.branches().expect("branches").len() == 1 {
                assert_eq!(code(answer), "branch_not_found");
                assert!(!repo.try_git(&["rev-parse", "--verify", "-q", "refs/heads/topic"]).status.success());
                space.undo(Default::default(), None).expect("undone");
                assert_eq!(repo.id("topic"), tip);
                landed(&ada);
            }
            assert_eq!(show(repo, "topic:u"), "u", "the session's work is there");
        },
    );
}

#[test]
fn a_branch_in_a_linked_worktree_lags_and_says_so() {
    let repo = checkout(&[("a", LINES)]);
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().expect("utf-8")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let side = opened(&engine, &space, on("sid", "side"));
    let before = repo.id("side");
    change(&side, "s", "s\n");
    assert_eq!(repo.id("side"), before);
    assert!(note(&engine).expect("it says so").contains("worktree"));
    // The main branch goes on, and does not silence it.
    let ada = session(&engine, "ada");
    change(&ada, "m", "m\n");
    assert_eq!(show(&repo, "main:m"), "m");
    repo.git(&["worktree", "remove", linked.to_str().expect("utf-8")]);
    assert_eq!(catch_up(&engine), None);
    assert_eq!(show(&repo, "side:s"), "s");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_detached_head_and_a_head_elsewhere_leave_the_checkout_alone() {
    for elsewhere in [&["checkout", "-q", "--detach"][..], &["checkout", "-q", "-b", "other"][..]] {
        let repo = checkout(&[("a", LINES)]);
        repo.git(elsewhere);
        let engine = open(&repo);
        let space = workspace(&engine);
        let ada = opened(&engine, &space, on("ada", "main"));
        repo.write("a", "dirty\n");
        change(&ada, "a", "landed\n");
        assert_eq!(show(&repo, "main:a"), "landed");
        assert_eq!(repo.git(&["status", "--porcelain"]), " M a");
        assert_eq!(note(&engine), None);
        assert_eq!(show(&repo, "HEAD:a") + "\n", LINES);
    }
}

#[test]
fn the_first_landing_makes_an_unborn_branch() {
    for bare in [true, false] {
        let repo = if bare { GitRepo::bare(ObjectFormat::Sha1) } else { GitRepo::new(ObjectFormat::Sha1) };
        let engine = open(&repo);
        let ada = session(&engine, "ada");
        assert_eq!(ada.info().base.commit, None);
        assert_eq!(change(&ada, "first", "1\n"), 1);
        assert_eq!(show(&repo, "main:first"), "1", "bare: {bare}");
        assert_eq!(repo.git(&["rev-list", "--count", "main"]), "1");
        if !bare {
            assert_eq!(repo.git(&["status", "--porcelain"]), "");
        }
        assert_eq!(change(&ada, "second", "2\n"), 2);
        assert_eq!(note(&engine), None);
        assert_eq!(repo.fsck(), "");
    }
    // Born outside.
    let repo = GitRepo::new(ObjectFormat::Sha1);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    write(&ada, "mine", "m\n");
    commit(&repo, "a", "a\n");
    assert_eq!(catch_up(&engine), None);
    landed(&ada);
    assert_eq!((show(&repo, "main:a"), show(&repo, "main:mine")), ("a".into(), "m".into()));
    // What lies in the way of the first landing is not overwritten.
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.write("first", "untracked\n");
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    change(&ada, "first", "1\n");
    assert_eq!(std::fs::read_to_string(repo.path().join("first")).expect("read"), "untracked\n");
    assert!(note(&engine).is_some());
}

#[test]
fn commits_outside_and_landings_at_once_lose_nothing() {
    let repo = checkout(&[("a", LINES)]);
    let mut options = options(&repo);
    options.background = true;
    let engine = super::common::start(options);
    let ada = session(&engine, "ada");
    let mut outside = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for at in 0..12 {
                change(&ada, &format!("landed/{at}"), "x\n");
                std::thread::sleep(Duration::from_millis(40));
            }
        });
        for at in 0..12 {
            repo.write(format!("outside/{at}"), "x\n");
            // A race for the index is the person's to repeat.
            let name = format!("outside/{at}");
            let done = repo.try_git(&["add", &name]).status.success()
                && repo.try_git(&["commit", "-q", "-m", &name, "--", &name]).status.success();
            outside += usize::from(done);
            std::thread::sleep(Duration::from_millis(30));
        }
    });
    let began = Instant::now();
    while catch_up(&engine).is_some() && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = workspace(&engine).catch_up();
    let files = repo.git(&["ls-tree", "-r", "--name-only", "main"]);
    assert_eq!(files.lines().filter(|file| file.starts_with("landed/")).count(), 12, "{:?}", note(&engine));
    assert!(outside > 0 && files.lines().filter(|file| file.starts_with("outside/")).count() >= outside);
    assert_eq!(repo.id("main"), workspace(&engine).info().expect("info").head.commit.expect("a commit"));
    gap_free(&workspace(&engine));
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}
