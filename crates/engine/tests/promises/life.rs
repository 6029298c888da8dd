//! The life of sessions over time: expiry, many of them, and what is left when they end.

use super::common::*;
use acetate_engine::Clock;
use acetate_engine::api::{CommitTurn, OpenSession, SessionState};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn until(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn expired_sessions_vanish_when_empty_and_rest_with_all_they_have_when_not() {
    let repo = bare(&[("a", "a\n")]);
    let clock = HandClock::new();
    let start = || {
        let mut options = options(&repo);
        options.background = true;
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        super::common::start(options)
    };
    let mut engine = start();
    let brief = |agent: &str| opened(&engine, &workspace(&engine), OpenSession { ttl: Some(60), ..named(agent) });
    let (empty, unsaved, saved, busy) = (brief("empty"), brief("unsaved"), brief("saved"), brief("busy"));
    let long = session(&engine, "long");
    write(&unsaved, "u", "unsaved\n");
    write(&saved, "s", "saved\n");
    saved.commit(CommitTurn::default(), None).expect("committed");
    clock.pass(40);
    assert!(busy.read(&path("a")).is_ok());
    clock.pass(40);
    until("expiry", || {
        engine.session(&engine.owner(), empty.id()).is_err()
            && unsaved.info().state == SessionState::Paused
            && saved.info().state == SessionState::Paused
    });
    assert_eq!(code(engine.session(&engine.owner(), empty.id())), "session_not_found");
    assert_eq!((busy.info().state, long.info().state), (SessionState::Active, SessionState::Active), "a call puts expiry off");
    assert_eq!(code(unsaved.read(&path("u"))), "session_paused");
    assert_eq!((unsaved.info().turn, unsaved.info().unsaved), (1, false), "expiry commits");
    let ids = (unsaved.id().clone(), saved.id().clone(), empty.id().clone());
    drop((empty, unsaved, saved, busy, long));
    drop(engine);
    engine = start();
    let (unsaved, saved) = (engine.session(&engine.owner(), &ids.0).expect("kept"), engine.session(&engine.owner(), &ids.1).expect("kept"));
    assert_eq!(code(engine.session(&engine.owner(), &ids.2)), "session_not_found");
    unsaved.resume().expect("resumed");
    saved.resume().expect("resumed");
    assert_eq!((read(&unsaved, "u"), read(&saved, "s")), ("unsaved\n".into(), "saved\n".into()));
    landed(&unsaved);
    landed(&saved);
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn ten_thousand_sessions_opened_and_abandoned() {
    let repo = bare(&[("a", "a\n")]);
    let clock = HandClock::new();
    let start = |background| {
        let mut options = options(&repo);
        options.background = background;
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        options.limits.sessions = 10_000;
        super::common::start(options)
    };
    let engine = start(true);
    let space = workspace(&engine);
    for _ in 0..10_000 {
        space.open_session(OpenSession { ttl: Some(60), ..named("gone") }).expect("opened");
    }
    assert_eq!(code(space.open_session(named("one more"))), "sessions_limit");
    let status = engine.status(&engine.owner()).expect("status");
    assert_eq!(status.sessions, 10_000);
    assert!(status.overlay_bytes < 10_000 * 4096, "{} bytes", status.overlay_bytes);
    clock.pass(61);
    until("10,000 sessions expire", || engine.status(&engine.owner()).expect("status").sessions == 0);
    space.open_session(named("again")).expect("there is room again");
    assert_eq!(space.events(0, None).expect("events").events.len(), 0, "an abandoned empty session is no event");
    drop(space);
    drop(engine);
    let engine = start(false);
    assert_eq!(engine.status(&engine.owner()).expect("status").sessions, 1);
}

#[test]
fn a_session_over_its_limits_is_refused_and_stays_as_it_was() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open_limited(&repo, |limits| {
        limits.file_bytes = 3 << 20;
        limits.session_bytes = 2_500_000;
        limits.session_entries = 30;
        limits.batch_edits = 10;
        limits.call_paths = 10;
        limits.message_bytes = 100;
    });
    let ada = session(&engine, "ada");
    let text = |len: usize| (0..len).map(|at| (at * 7 % 251) as u8).collect::<Vec<u8>>();
    write(&ada, "some", text(1_000_000));
    write(&ada, "some more", text(1_000_000));
    let before = state(&ada);
    assert_eq!(code(try_write(&ada, &path("more"), text(600_000), None)), "session_quota");
    assert_eq!(code(try_write(&ada, &path("large"), text(2 << 20), None)), "session_quota");
    assert_eq!(code(try_write(&ada, &path("huge"), text((3 << 20) + 1), None)), "file_too_large");
    assert_eq!(state(&ada), before);
    ada.commit(CommitTurn::default(), None).expect("committed");
    write(&ada, "more", text(200_000));
    // Contents above a mebibyte go to the object database at once, and count as others do.
    write(&ada, "large", text(2 << 20));
    let packs = engine.status(&engine.owner()).expect("status").packs;
    assert_eq!(code(try_write(&ada, &path("large"), text(2 << 20), None)), "session_quota");
    assert_eq!(engine.status(&engine.owner()).expect("status").packs, packs, "what is refused is not kept");
    assert_eq!(ada.read(&path("large")).expect("read").content.0.len(), 2 << 20);
    for at in 0..25 {
        write(&ada, format!("n{at}"), "x");
    }
    let before = state(&ada);
    let over = (0..10).map(|at| path(format!("m{at}"))).find_map(|at| try_write(&ada, &at, "x", None).err()).expect("a limit");
    assert_eq!(over.code(), "session_quota");
    assert_ne!(state(&ada), before, "up to the limit writes are taken");
    let before = state(&ada);
    let edits = (0..11).map(|at| acetate_engine::api::BatchEdit::Delete { path: path(format!("n{at}")) }).collect();
    assert_eq!(code(ada.batch(&acetate_engine::api::Batch { edits })), "batch_too_long");
    let paths = (0..11).map(|at| path(format!("n{at}"))).collect();
    let many = acetate_engine::api::ReadMany { paths, ..Default::default() };
    assert_eq!(code(ada.read_many(&many, &mut |_| true)), "too_many_paths");
    assert_eq!(code(ada.commit(CommitTurn { message: Some("m".repeat(101)) }, None)), "message_too_long");
    assert_eq!(code(ada.commit(CommitTurn { message: Some("m\0".into()) }, None)), "message_invalid");
    assert_eq!(state(&ada), before);
    // A session at its limits can still land.
    landed(&ada);
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
    assert_eq!(repo.git(&["cat-file", "-s", "main:large"]), (2 << 20).to_string());
}

#[test]
fn a_refused_large_write_leaves_nothing_on_disk() {
    let repo = bare(&[("a", "a\n"), ("dir/x", "x\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let large = vec![7; 2 << 20];
    let packs = || engine.status(&engine.owner()).expect("status").packs;
    let before = packs();
    for (at, expect) in [("dir", None), ("a/below", None), ("a", Some("0000000000000000000000000000000000000000"))] {
        let write =
            acetate_engine::api::WriteFile { path: path(at), content: large.clone().into(), mode: None, expect: expect.map(Into::into) };
        assert!(ada.write(write).is_err(), "{at}");
    }
    let hostile = acetate_types::RepoPath::existing(b".git/config".to_vec()).expect("a shape");
    assert!(try_write(&ada, &hostile, &large, None).is_err());
    assert_eq!(packs(), before, "what is refused is not kept");
}

#[test]
fn deleting_a_folder_of_fifty_thousand_files_costs_one_entry() {
    let repo = acetate_testing::GitRepo::bare(acetate_types::ObjectFormat::Sha1);
    repo.fast_commit(
        "main",
        (0..50_000).map(|at| (format!("big/{}/{}", at / 500, at), "100644", Some("same\n"))).chain([(
            "keep".to_owned(),
            "100644",
            Some("k\n"),
        )]),
    );
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let idle = ada.info().memory;
    delete(&ada, "big");
    assert!(ada.info().memory < idle + 4096, "{} bytes", ada.info().memory - idle);
    assert_eq!(ada.files(&Default::default()).expect("listed").files.len(), 1);
    let status = ada.status().expect("status");
    assert_eq!((status.changed, status.changes.len()), (50_000, 1000));
    landed(&ada);

    engine.shutdown();
    assert_eq!(repo.git(&["ls-tree", "--name-only", "main"]), "keep");
}

/// Packs that no repack may touch.
fn kept(repo: &acetate_testing::GitRepo) -> usize {
    let packs = std::fs::read_dir(repo.path().join("objects/pack")).expect("packs");
    packs.filter(|entry| entry.as_ref().expect("an entry").path().extension().is_some_and(|extension| extension == "keep")).count()
}

#[test]
fn packs_of_large_contents_are_let_go_when_a_commit_reaches_them() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    for round in 0..5u8 {
        write(&ada, "large", vec![round; 2 << 20]);
    }
    assert!(kept(&repo) >= 5);
    let fork = ada.fork(named("fork")).expect("forked").id;
    ada.commit(CommitTurn::default(), None).expect("committed");
    until("as long as a fork needs them they stay", || kept(&repo) == 5);
    let fork = engine.session(&engine.owner(), &fork).expect("the fork");
    fork.close(true).expect("closed");
    until("all are let go", || kept(&repo) == 0);
    write(&ada, "large", vec![9; 2 << 20]);
    landed(&ada);
    until("all are let go", || kept(&repo) == 0);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(read(&ada, "large").len(), 2 << 20);
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_fork_keeps_what_it_names_when_its_session_is_forgotten() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    write(&ada, "f", "committed\n");
    ada.commit(CommitTurn::default(), None).expect("committed");
    let fork = ada.fork(named("fork")).expect("forked").id;
    ada.close(true).expect("closed");
    let id = ada.id().to_string();
    drop(ada);
    engine.project_refs().expect("projected");
    drop(engine);
    // As forgetting it after its time leaves it.
    let refs = repo.git(&["for-each-ref", "--format=%(refname)", &format!("refs/acetate/keep/{id}")]);
    assert!(!refs.is_empty());
    for name in refs.lines() {
        repo.git(&["update-ref", "-d", name]);
    }
    repo.git(&["gc", "-q", "--prune=now"]);
    let engine = open(&repo);
    assert_eq!(read(&engine.session(&engine.owner(), &fork).expect("the fork"), "f"), "committed\n");
}

#[test]
fn sessions_that_rest_take_no_room_and_end_when_nobody_comes_back() {
    let repo = bare(&[("a", "a\n")]);
    let clock = HandClock::new();
    let mut options = options(&repo);
    options.background = true;
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    options.limits.sessions = 2;
    let engine = super::common::start(options);
    let brief = |agent: &str| opened(&engine, &workspace(&engine), OpenSession { ttl: Some(60), ..named(agent) });
    let (ada, bob) = (brief("ada"), brief("bob"));
    write(&ada, "f", "unsaved\n");
    write(&bob, "g", "unsaved\n");
    assert_eq!(code(workspace(&engine).open_session(named("eve"))), "sessions_limit");
    clock.pass(61);
    until("both rest", || [&ada, &bob].iter().all(|session| session.info().state == SessionState::Paused));
    let eve = brief("eve");
    drop(eve);
    clock.pass(31 * 24 * 3600);
    until("both end", || [&ada, &bob].iter().all(|session| engine.session(&engine.owner(), session.id()).is_err()));
    engine.project_refs().expect("projected");
    let kept = repo.git(&["for-each-ref", &format!("refs/acetate/keep/{}", ada.id())]);
    assert!(!kept.is_empty(), "its branch is kept from then on");
}
