//! What others do around a store: `git gc` and `git repack` by hand, backups while it runs, a catalog that is lost.

use crate::child::{own_path, session_values};
use crate::common::{commit, edit, land, long, open, options, path, read, repository, session, workspace, write};
use acetate_engine::api::{CreateCheckpoint, SubmissionOutcome, WriteFile};
use acetate_engine::{Engine, Session};
use acetate_testing::git_command;
use acetate_types::ObjectFormat;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One client's round: two turns, a landing, some edits that stay unsaved.
fn work(session: &Session, client: usize, round: u64) {
    write(session, &own_path(client, 0), &long(&format!("a{round}")));
    commit(session);
    write(session, &own_path(client, 1), &long(&format!("b{round}")));
    commit(session);
    land(session);
    write(session, &own_path(client, 2), &long(&format!("c{round}")));
}

fn fsck(dir: &Path) -> String {
    let output = git_command(dir).args(["fsck", "--strict", "--full", "--no-dangling", "--no-progress"]).output().expect("git runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn gc_by_hand_at_any_moment_loses_nothing() {
    const CLIENTS: usize = 10;
    let repo = repository(ObjectFormat::Sha1, CLIENTS);
    let engine = open(repo.path());
    let sessions: Vec<Session> = (0..CLIENTS).map(|client| session(&engine, &format!("client {client}"))).collect();
    let (stop, runs) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let upkeep = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let run: &[&str] =
                    if runs.load(Ordering::Relaxed) % 2 == 0 { &["gc", "-q", "--prune=now"] } else { &["repack", "-q", "-a", "-d"] };
                let output = repo.try_git(run);
                // Two of them at once, or packs that came meanwhile, may make Git give up; what counts is that nothing is lost.
                if output.status.success() {
                    runs.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let clients: Vec<_> = sessions
            .iter()
            .enumerate()
            .map(|(client, session)| {
                let runs = &runs;
                scope.spawn(move || {
                    let mut round = 0;
                    while round < 10 || runs.load(Ordering::Relaxed) < 6 && round < 400 {
                        work(session, client, round);
                        let shown = session_values(session, client);
                        assert_eq!(shown.get(&own_path(client, 1)), Some(&format!("b{round}")));
                        round += 1;
                    }
                    round
                })
            })
            .collect();
        for client in clients {
            client.join().expect("a client that lost nothing");
        }
        stop.store(true, Ordering::Relaxed);
        upkeep.join().expect("upkeep");
    });
    assert!(runs.load(Ordering::Relaxed) >= 2, "git ran meanwhile");
    let ids: Vec<_> = sessions.iter().map(|session| session.id().clone()).collect();
    let shown: Vec<_> = sessions.iter().enumerate().map(|(client, session)| session_values(session, client)).collect();
    drop(sessions);
    drop(engine);
    repo.git(&["gc", "-q", "--prune=now"]);
    let engine = open(repo.path());
    for (client, (id, shown)) in ids.iter().zip(&shown).enumerate() {
        let session = engine.session(&engine.owner(), id).expect("the session");
        assert_eq!(session_values(&session, client), *shown);
    }
    assert_eq!(repo.fsck(), "");
}

/// What a client had before the backup began.
struct Before {
    id: acetate_types::SessionId,
    value: String,
    large: String,
}

#[test]
fn a_backup_of_a_running_store_opens_and_has_everything() {
    const CLIENTS: usize = 3;
    let repo = repository(ObjectFormat::Sha1, CLIENTS);
    let engine = open(repo.path());
    let sessions: Vec<Session> = (0..CLIENTS).map(|client| session(&engine, &format!("client {client}"))).collect();
    let before: Vec<Before> = sessions
        .iter()
        .enumerate()
        .map(|(client, session)| {
            work(session, client, 0);
            let large = format!("large {client}\n").repeat(120_000);
            session
                .write(WriteFile { path: path("large"), content: large.clone().into_bytes().into(), mode: None, expect: None })
                .expect("written");
            write(session, "mine", &long("unsaved"));
            Before { id: session.id().clone(), value: "unsaved".into(), large }
        })
        .collect();
    let (version, landed) = {
        let other = session(&engine, "other");
        write(&other, "other", "other\n");
        land(&other)
    };
    let tag = workspace(&engine)
        .create_checkpoint(CreateCheckpoint { name: "before".into(), at: None, message: None }, None)
        .expect("a checkpoint")
        .tag;
    let stop = AtomicBool::new(false);
    for attempt in 0..2 {
        let to = repo.beside(&format!("backup{attempt}"));
        std::thread::scope(|scope| {
            for (client, session) in sessions.iter().enumerate() {
                let stop = &stop;
                scope.spawn(move || {
                    let mut round = 1;
                    while !stop.load(Ordering::Relaxed) {
                        write(session, &own_path(client, 0), &long(&format!("a{round}")));
                        match client % 3 {
                            0 => drop(commit(session)),
                            1 if round % 2 == 0 => drop(session.sync(Default::default(), None).expect("synced")),
                            // Its own copy of `large` and the others' exclude each other: a conflict, or it lands first.
                            1 => {}
                            _ => {
                                let other = session.fork(acetate_engine::api::OpenSession { agent: "x".into(), ..Default::default() });
                                drop(other.expect("forked"));
                            }
                        }
                        round += 1;
                        std::thread::sleep(std::time::Duration::from_millis(3));
                    }
                });
            }
            scope.spawn(|| {
                let lander = session(&engine, "lander");
                let mut round = 0;
                while !stop.load(Ordering::Relaxed) {
                    write(&lander, "landing", &long(&round.to_string()));
                    land(&lander);
                    edit(&lander, "landing", &format!("value {round}"), &format!("value {round} again"));
                    round += 1;
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(100));
            engine.backup(&engine.owner(), &to, &|_| {}).expect("a backup");
            stop.store(true, Ordering::Relaxed);
        });
        stop.store(false, Ordering::Relaxed);
        check_backup(&to, &before, version, &landed.to_hex(), &tag.to_hex());
    }
    drop(sessions);
    drop(engine);
    assert_eq!(repo.fsck(), "");
}

fn check_backup(to: &Path, before: &[Before], version: u64, landed: &str, tag: &str) {
    let held = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = std::sync::Arc::clone(&held);
    let mut options = options(to);
    options.underneath.catalog =
        Some(std::sync::Arc::new(move |catalog| *keep.lock().expect("lock") = Some(std::sync::Arc::clone(catalog))));
    let engine = Engine::open(options).expect("the backup opens");
    let own = workspace(&engine);
    let versions = own.versions(None, Some(1000), None).expect("versions").versions;
    assert!(versions.iter().any(|found| found.version == version && found.commit.to_hex() == landed));
    assert_eq!(versions.len() as u64, versions.first().expect("a version").version, "no gap");
    for found in &versions {
        let body = git_command(to).args(["log", "-1", "--format=%B", &found.commit.to_hex()]).output().expect("git runs").stdout;
        let body = String::from_utf8_lossy(&body).into_owned();
        let trailer = format!("Acetate-Version: v{}", found.version);
        assert!(found.kind == "import" || body.contains(&trailer), "v{} is {body}", found.version);
    }
    assert!(own.checkpoints().expect("checkpoints").iter().any(|found| found.tag.to_hex() == tag));
    for was in before {
        let session = engine.session(&engine.owner(), &was.id).expect("the session");
        assert_eq!(read(&session, "mine"), long(&was.value));
        assert_eq!(read(&session, "large"), was.large, "large contents that no commit reaches yet");
        session.commit(acetate_engine::api::CommitTurn::default(), None).expect("it goes on");
    }
    let catalog: std::sync::Arc<acetate_catalog::SqliteCatalog> = held.lock().expect("lock").take().expect("the catalog");
    drop(catalog);
    engine.project_refs().expect("projected");
    drop(engine);
    assert_eq!(fsck(to), "");
}

#[test]
fn a_lost_catalog_is_rebuilt_from_refs_and_trailers() {
    let repo = repository(ObjectFormat::Sha1, 2);
    let engine = open(repo.path());
    let own = workspace(&engine);
    let ada = session(&engine, "ada");
    for round in 0..4 {
        work(&ada, 0, round);
    }
    own.create_checkpoint(CreateCheckpoint { name: "four".into(), at: Some("v4".into()), message: None }, None).expect("a checkpoint");
    let fork = own.fork(acetate_engine::api::Fork { name: Some("fork".into()), at: Some("v3".into()) }, None).expect("a fork");
    let forked = engine.workspace(&engine.owner(), fork.id.as_str()).expect("the fork");
    let opened = forked.open_session(acetate_engine::api::OpenSession { agent: "bob".into(), ..Default::default() }).expect("a session");
    let bob = engine.session(&engine.owner(), &opened.id).expect("the session");
    write(&bob, "of-bob", "x");
    land(&bob);
    let versions = |workspace: &acetate_engine::Workspace| -> Vec<(u64, String, String)> {
        let page = workspace.versions(None, Some(1000), None).expect("versions");
        page.versions.into_iter().map(|version| (version.version, version.commit.to_hex(), version.message)).collect()
    };
    let (was, fork_was) = (versions(&own), versions(&forked));
    // Checkpoints reach the disk a moment after they are answered.
    engine.project_refs().expect("projected");
    let refs = repo.git(&["for-each-ref", "refs/heads", "refs/tags"]);
    let turn = bob.commit(acetate_engine::api::CommitTurn::default(), None).expect("committed");
    assert!(turn.commit.is_none() || !turn.changed);
    engine.project_refs().expect("projected");
    let keeps = repo.git(&["for-each-ref", "--format=%(refname)", "refs/acetate"]);
    drop((own, forked, ada, bob));
    engine.shutdown();
    drop(engine);
    for file in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(repo.path().join("acetate").join(file));
    }
    let engine = open(repo.path());
    let own = workspace(&engine);
    assert_eq!(versions(&own), was);
    assert_eq!(repo.git(&["for-each-ref", "refs/heads", "refs/tags"]), refs);
    let four = own.checkpoints().expect("checkpoints").remove(0);
    assert_eq!((four.name.as_str(), four.version), ("four", Some(4)));
    assert_eq!(repo.git(&["for-each-ref", "--format=%(refname)", "refs/acetate"]), keeps, "what sessions had is not thrown away");
    let forked = engine.workspace(&engine.owner(), fork.id.as_str()).expect("the fork is back under its id");
    assert_eq!(versions(&forked).first(), fork_was.first());
    let carol = session(&engine, "carol");
    write(&carol, "of-carol", "x");
    let SubmissionOutcome::Landed { version, .. } = crate::common::submit(&carol).outcome else { panic!("it lands") };
    assert_eq!(version, Some(was.first().expect("a version").0 + 1), "numbers go on where they were");
    drop((own, forked, carol));
    drop(engine);
    assert_eq!(repo.fsck(), "");
}
