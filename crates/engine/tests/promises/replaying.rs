//! The law of restarts: what a session shows before one is what it shows after, whatever its journal had to say to get there.

use super::common::*;
use acetate_engine::api::{Batch, BatchEdit, CommitTurn, Fork, MoveFile, SyncOutcome};
use acetate_engine::{Engine, Points, Session};
use acetate_testing::GitRepo;
use acetate_types::{FileMode, SessionId};
use parking_lot::Mutex;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn again(engine: Engine, repo: &GitRepo) -> Engine {
    drop(engine);
    open(repo)
}

fn back(engine: &Engine, id: &SessionId) -> Session {
    engine.session(&engine.owner(), id).expect("the session is back")
}

/// Calls something once, when a point is reached.
#[derive(Default)]
struct At(Mutex<Option<(&'static str, Call)>>);

type Call = Box<dyn FnOnce() + Send>;

impl At {
    fn once(&self, name: &'static str, call: impl FnOnce() + Send + 'static) {
        *self.0.lock() = Some((name, Box::new(call)));
    }
}

impl Points for At {
    fn hit(&self, name: &'static str) {
        let mut waits = self.0.lock();
        if waits.as_ref().is_some_and(|(at, _)| *at == name)
            && let Some((_, call)) = waits.take()
        {
            drop(waits);
            call();
        }
    }
}

fn with_points(repo: &GitRepo) -> (Engine, Arc<At>) {
    let at = Arc::new(At::default());
    let mut options = options(repo);
    options.points = Arc::clone(&at) as Arc<dyn Points>;
    (start(options), at)
}

/// Names of a small tree, so that moves, deletions and writes meet each other at every depth.
const PLACES: [&str; 12] = ["d", "d/s", "d/s/x", "d/y", "e", "e/s", "e/s/x", "e/s/new", "o", "m/in", "m/in/s", "m"];

#[derive(Debug, Clone)]
enum Step {
    Write(usize),
    Delete(usize),
    Move(usize, usize, bool),
    Directory(usize),
    Land,
    Commit,
    Fork,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0..PLACES.len();
    prop_oneof![
        5 => place.clone().prop_map(Step::Write),
        4 => place.clone().prop_map(Step::Delete),
        6 => (place.clone(), place.clone(), any::<bool>()).prop_map(|(from, to, replace)| Step::Move(from, to, replace)),
        1 => place.prop_map(Step::Directory),
        1 => Just(Step::Land),
        1 => Just(Step::Commit),
        1 => Just(Step::Fork),
        2 => Just(Step::Restart),
    ]
}

/// Does a step; one that is refused changes nothing.
fn act(session: &Session, step: &Step, number: usize) {
    let place = |at: usize| path(PLACES[at]);
    match step {
        Step::Write(at) => drop(try_write(session, &place(*at), format!("text {number}\n"), Some(FileMode::Regular))),
        Step::Delete(at) => drop(session.delete(&place(*at), None)),
        Step::Move(from, to, replace) => drop(session.rename(&MoveFile { from: place(*from), to: place(*to), replace: *replace })),
        Step::Directory(at) => drop(session.batch(&Batch { edits: vec![BatchEdit::Directory { path: place(*at) }] })),
        Step::Land => drop(submit(session)),
        Step::Commit => drop(session.commit(CommitTurn::default(), None)),
        Step::Fork | Step::Restart => {}
    }
}

type Seen = BTreeMap<Vec<u8>, (FileMode, Vec<u8>)>;

fn law(steps: &[(bool, Step)]) {
    let repo = bare(&[("d/s/x", "x\n"), ("d/y", "y\n"), ("o", "o\n"), ("m/in/s/deep", "deep\n")]);
    let mut engine = open(&repo);
    let mut ids = vec![session(&engine, "ada").id().clone()];
    for (number, (newest, step)) in steps.iter().enumerate() {
        let id = if *newest { &ids[ids.len() - 1] } else { &ids[0] };
        act(&back(&engine, id), step, number);
        if matches!(step, Step::Fork) {
            ids.push(back(&engine, id).fork(named("fork")).expect("forked").id);
        }
        if matches!(step, Step::Restart) || number + 1 == steps.len() {
            let see = |engine: &Engine| ids.iter().map(|id| files(&back(engine, id))).collect::<Vec<Seen>>();
            let before = see(&engine);
            engine = again(engine, &repo);
            assert_eq!(see(&engine), before, "after {steps:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_restart_changes_nothing_that_is_seen(steps in prop::collection::vec((any::<bool>(), step()), 4..24)) {
        law(&steps);
    }
}

#[test]
fn a_snapshot_below_a_moved_directory_is_replayed_as_it_was() {
    let place = |name: &str| PLACES.iter().position(|place| *place == name).expect("a place");
    for file in ["e/s", "e/s/new"] {
        for first in [Step::Fork, Step::Land] {
            // The landing makes the next edit a snapshot; the fork is one.
            let edits = [Step::Move(place("d"), place("e"), false), Step::Delete(place("e/s")), Step::Write(place(file))];
            let mut steps = vec![Step::Write(place("o"))];
            if matches!(first, Step::Land) {
                steps.push(first.clone());
            }
            steps.extend(edits);
            steps.push(if matches!(first, Step::Land) { Step::Restart } else { first });
            law(&steps.into_iter().map(|step| (false, step)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_batch_after_a_landing_is_replayed_as_it_was() {
    let repo = bare(&[("d/s/x", "x\n"), ("d/y", "y\n"), ("o", "o\n")]);
    for file in ["e/s", "e/s/new"] {
        let engine = open(&repo);
        let ada = session(&engine, file);
        write(&ada, "landed", file);
        landed(&ada);
        let edits = vec![
            BatchEdit::Move { from: path("d"), to: path("e"), replace: false },
            BatchEdit::Delete { path: path("e/s") },
            BatchEdit::Write { path: path(file), content: b"new\n".to_vec().into(), mode: None, expect: None },
        ];
        ada.batch(&Batch { edits }).expect("taken");
        let (before, id) = (files(&ada), ada.id().clone());
        drop(ada);
        let engine = again(engine, &repo);
        assert_eq!(files(&back(&engine, &id)), before);
    }
}

#[test]
fn a_landing_that_excludes_what_was_written_meanwhile_has_landed_all_the_same() {
    let repo = bare(&[("o", "o\n"), ("p/y", "y\n")]);
    let (engine, at) = with_points(&repo);
    let (hal, sam) = (session(&engine, "hal"), session(&engine, "sam"));
    delete(&hal, "p");
    write(&hal, "p", "a file\n");
    landed(&hal);
    write(&sam, "q", "q\n");
    let meanwhile = sam.clone();
    at.once("session.before_stand", move || write(&meanwhile, "p/x", "x\n"));
    landed(&sam);
    let (before, id) = (files(&sam), sam.id().clone());
    assert_eq!(read(&sam, "p/x"), "x\n", "what was answered is there");
    drop((hal, sam));
    let engine = again(engine, &repo);
    assert_eq!(files(&back(&engine, &id)), before);
    assert!(!conflicts(&back(&engine, &id)).is_empty(), "the next submission meets it in the open");
}

fn bytes(megabytes: usize, kind: usize) -> Vec<u8> {
    (0..megabytes << 20).map(|at| (at.wrapping_mul(2_654_435_761 + kind) >> 7) as u8).collect()
}

/// Writes `count` files of a mebibyte each, which is what a session keeps in memory at most.
fn fill(session: &Session, count: usize) {
    for at in 0..count {
        write(session, format!("large/{at}"), bytes(1, at));
    }
}

#[test]
fn sessions_with_much_unsaved_fork_and_land_and_restart() {
    let repo = bare(&[("o", "o\n")]);
    let (engine, at) = with_points(&repo);
    let ada = session(&engine, "ada");
    fill(&ada, 34);
    // A fork of more than a record of the journal holds.
    let fork = ada.fork(named("fork")).expect("forked").id;
    let (before, id) = (files(&ada), ada.id().clone());
    assert_eq!(files(&back(&engine, &fork)), before);
    drop(ada);
    let engine = again(engine, &repo);
    assert_eq!(files(&back(&engine, &fork)), before);
    back(&engine, &fork).close(true).expect("closed");
    write(&back(&engine, &id), "p", "p\n");
    drop((engine, at));

    // As much written while a landing is under way.
    let (engine, at) = with_points(&repo);
    let sam = session(&engine, "sam");
    write(&sam, "q", "q\n");
    let meanwhile = sam.clone();
    at.once("session.before_stand", move || fill(&meanwhile, 34));
    landed(&sam);
    let id = sam.id().clone();
    drop(sam);
    let engine = again(engine, &repo);
    let sam = back(&engine, &id);
    for round in 0..3 {
        write(&sam, "small", format!("{round}\n"));
    }
    let before = files(&sam);
    drop(sam);
    let engine = again(engine, &repo);
    assert_eq!(files(&back(&engine, &id)), before);
}

#[test]
fn a_session_that_cannot_be_replayed_keeps_nobody_else_out() {
    use acetate_journal::{DirStorage, Journal, Options, Seq, StreamId};
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let (ada, bob, eve) = (session(&engine, "ada"), session(&engine, "bob"), session(&engine, "eve"));
    for session in [&ada, &bob, &eve] {
        write(session, "f", "unsaved\n");
    }
    bob.commit(CommitTurn::default(), None).expect("committed");
    write(&bob, "f", "later\n");
    let ids = [ada.id().clone(), bob.id().clone(), eve.id().clone()];
    drop((ada, bob, eve));
    drop(engine);

    // As a newer version may have written it.
    let state = repo.path().join("acetate/journal");
    let state = if state.exists() { state } else { repo.path().join(".git/acetate/journal") };
    // Children of tests beside this one may hold a copy of the lock for a moment.
    let storage = (0..100).find_map(|_| {
        let opened = DirStorage::open(state.clone()).ok();
        if opened.is_none() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        opened
    });
    let storage = Arc::new(storage.expect("the folder"));
    let (journal, replay) = Journal::open(storage, Options { floor: Seq(1000), ..Options::default() }).expect("the journal");
    drop(replay);
    for id in &ids[..2] {
        let mut stream = [0; 16];
        stream[..10].copy_from_slice(&id.to_random());
        journal.append(StreamId(stream), &[&[0xff, 0xff, 1, 2, 3]]).expect("appended");
    }
    journal.sync().expect("synced");
    drop(journal);

    let mut engine = open(&repo);
    for _ in 0..2 {
        assert_eq!(read(&back(&engine, &ids[2]), "f"), "unsaved\n");
        for id in &ids[..2] {
            let damaged = back(&engine, id);
            assert_eq!(damaged.info().state, acetate_engine::api::SessionState::Damaged);
            assert_eq!(code(damaged.read(&path("f"))), "session_damaged");
            assert_eq!(code(try_write(&damaged, &path("f"), "x", None)), "session_damaged");
            assert_eq!(code(damaged.commit(CommitTurn::default(), None)), "session_damaged");
            assert_eq!(code(damaged.resume()), "session_damaged");
            assert_eq!(code(damaged.close(false)), "session_damaged");
        }
        engine = again(engine, &repo);
    }
    for id in &ids[..2] {
        back(&engine, id).close(true).expect("given up");
    }
    let engine = again(engine, &repo);
    for id in &ids[..2] {
        assert_eq!(code(engine.session(&engine.owner(), id)), "session_not_found");
    }
    landed(&back(&engine, &ids[2]));
}

#[test]
fn conflicts_and_what_was_settled_of_them_survive() {
    let repo = bare(&[("a", "a\n"), ("b", "b\n"), ("c", "c\n")]);
    let mut engine = open(&repo);
    let eve = session(&engine, "eve");
    let ids: Vec<SessionId> = ["ada", "bob"]
        .iter()
        .map(|agent| {
            let session = session(&engine, agent);
            for at in ["a", "b", "c"] {
                write(&session, at, format!("{agent}\n"));
            }
            session.id().clone()
        })
        .collect();
    for at in ["a", "b", "c"] {
        write(&eve, at, "eve\n");
    }
    landed(&eve);
    drop(eve);
    assert_eq!(conflicts(&back(&engine, &ids[0])).len(), 3);
    assert!(matches!(back(&engine, &ids[1]).sync(Default::default(), None).expect("answered"), SyncOutcome::Conflict { .. }));
    engine = again(engine, &repo);
    for id in &ids {
        let session = back(&engine, id);
        assert_eq!(session.status().expect("status").conflicts.len(), 3, "found conflicts are not forgotten");
        session.resolve(resolve("a", "session", None), None).expect("settled");
        session.resolve(resolve("b", "head", None), None).expect("settled");
        // What is recorded anew later says no less.
        write(&session, "other", "x\n");
        session.commit(CommitTurn::default(), None).expect("committed");
        session.pause().expect("paused");
        session.resume().expect("resumed");
    }
    engine = again(engine, &repo);
    for id in &ids {
        let session = back(&engine, id);
        let answer = session.resolve(resolve("c", "session", None), None).expect("settled");
        assert!(answer.moved, "{answer:?}");
        assert_eq!(read(&session, "b"), "eve\n");
    }
}

fn renamed(session: &Session) -> Vec<(Option<String>, String)> {
    let changes = session.status().expect("status").changes;
    changes.iter().map(|change| (change.from.as_ref().map(ToString::to_string), change.path.to_string())).collect()
}

#[test]
fn recorded_moves_survive() {
    let repo = bare(&[("old", "a\n"), ("b", "b\n")]);
    let mut engine = open(&repo);
    let (ada, eve) = (session(&engine, "ada"), session(&engine, "eve"));
    rename(&ada, "old", "new");
    // Nothing but the record tells that it was moved.
    write(&ada, "new", "quite another text, line by line\n");
    let due = vec![(Some("old".to_owned()), "new".to_owned())];
    assert_eq!(renamed(&ada), due);
    let id = ada.id().clone();
    ada.pause().expect("paused");
    ada.resume().expect("resumed");
    assert_eq!(renamed(&ada), due);
    ada.commit(CommitTurn::default(), None).expect("committed");
    drop(ada);
    write(&eve, "b", "eve\n");
    landed(&eve);
    drop(eve);
    engine = again(engine, &repo);
    assert_eq!(renamed(&back(&engine, &id)), due);
    assert!(matches!(back(&engine, &id).sync(Default::default(), None).expect("synced"), SyncOutcome::Synced { moved: 1, .. }));
    assert_eq!(renamed(&back(&engine, &id)), due);
    engine = again(engine, &repo);
    assert_eq!(renamed(&back(&engine, &id)), due);
    back(&engine, &id).pause().expect("paused");
    engine = again(engine, &repo);
    back(&engine, &id).resume().expect("resumed");
    assert_eq!(renamed(&back(&engine, &id)), due);
}

#[test]
fn what_was_ended_stays_ended_whatever_the_journal_still_has() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let idle = session(&engine, "idle");
    let gone = session(&engine, "gone");
    // Its end comes to stand in another segment than its opening, which the idle session keeps.
    fill(&gone, 19);
    delete(&gone, "large");
    gone.close(true).expect("closed");
    let id = gone.id().clone();
    let other = session(&engine, "other");
    fill(&other, 34);
    other.close(true).expect("closed");
    drop((idle, gone, other));
    let engine = again(engine, &repo);
    assert_eq!(code(engine.session(&engine.owner(), &id)), "session_not_found");
}

#[test]
fn links_are_written_again_without_a_mode() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let target = |end: &str| format!("{}{end}", "far/".repeat(200));
    write_mode(&ada, "link", target("one"), FileMode::Symlink);
    write(&ada, "link", target("two"));
    write_mode(&ada, "link", target("three"), FileMode::Symlink);
    let (before, id) = (files(&ada), ada.id().clone());
    assert_eq!(before[&b"link"[..]], (FileMode::Symlink, target("three").into_bytes()));
    drop(ada);
    let engine = again(engine, &repo);
    assert_eq!(files(&back(&engine, &id)), before);
}

#[test]
fn names_that_fold_to_one_are_told_of() {
    let repo = bare(&[("src/lib.rs", "a\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let warned = |at: &str| try_write(&ada, &path(at), "x", None).expect("written").warning.is_some();
    assert!(warned("SRC/new.rs"), "a directory's name counts too");
    assert!(warned("src/LIB.rs"));
    assert!(!warned("src/other.rs"));
    let put = |at: &str| BatchEdit::Write { path: path(at), content: b"x".to_vec().into(), mode: None, expect: None };
    let edits = vec![put("n/a"), put("n/b"), put("n/B"), put("n/c"), put("n/A"), put("N/a"), BatchEdit::Directory { path: path("Src") }];
    let written = ada.batch(&Batch { edits }).expect("taken");
    let warnings: Vec<bool> = written.iter().map(|written| written.warning.is_some()).collect();
    assert_eq!(warnings, [false, false, true, false, true, true, true]);
}

#[test]
fn sessions_of_a_deleted_workspace_take_nothing_more() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let fork = workspace(&engine).fork(Fork { name: Some("fork".into()), at: None }, None).expect("forked");
    let space = engine.workspace(&engine.owner(), fork.id.as_str()).expect("the fork");
    let ada = opened(&engine, &space, named("ada"));
    space.delete().expect("deleted");
    assert_eq!(code(try_write(&ada, &path("a"), "x", None)), "workspace_deleted");
    assert_eq!(code(try_write(&ada, &path("a"), bytes(2, 0), None)), "workspace_deleted");
    assert_eq!(code(ada.commit(CommitTurn::default(), None)), "workspace_deleted");
    assert_eq!(code(ada.submit(Default::default(), None)), "workspace_deleted");
    assert_eq!(code(space.open_session(named("eve"))), "workspace_deleted");
    drop((ada, space));
    drop(again(engine, &repo));
}

#[test]
fn parts_of_large_files_come_back_as_they_were_written() {
    let repo = bare(&[("data", "begin\n")]);
    let engine = open(&repo);
    let writer = session(&engine, "ada");
    let at = path("data");
    let mut model = b"begin\n".to_vec();
    // A hole longer than a record of the journal may be costs nothing there.
    writer.truncate(&at, 48 << 20).expect("lengthened");
    model.resize(48 << 20, 0);
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("small") % below
    };
    for round in 0..200u8 {
        let data = vec![round; 1 + next(9_000)];
        if round.is_multiple_of(50) {
            let size = (4 << 20) + next(2 << 20);
            writer.truncate(&at, size as u64).expect("cut");
            model.resize(size, 0);
        } else if round.is_multiple_of(7) {
            assert_eq!(writer.append(&at, &data).expect("appended"), model.len() as u64);
            model.extend_from_slice(&data);
        } else {
            let from = next(model.len() + 100_000);
            writer.write_at(&at, from as u64, &data).expect("written");
            model.resize(model.len().max(from + data.len()), 0);
            model[from..from + data.len()].copy_from_slice(&data);
        }
    }
    assert!(writer.read(&at).expect("read").content.0 == model);
    let id = writer.id().clone();
    drop((writer, engine));
    let engine = open(&repo);
    let writer = engine.session(&engine.owner(), &id).expect("there");
    assert!(writer.read(&at).expect("read").content.0 == model, "after a restart");
    landed(&writer);
    engine.project_refs().expect("projected");
    let oracle = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(oracle.path(), &model).expect("written");
    assert_eq!(repo.git(&["rev-parse", "main:data"]), repo.git(&["hash-object", oracle.path().to_str().expect("text")]));
}
