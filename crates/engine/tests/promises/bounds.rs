//! Many at once: a thousand sessions, a hundred submissions at one moment.

use super::common::*;
use acetate_engine::api::{CommitTurn, SubmissionOutcome, Submit};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_thousand_sessions_write_and_submit_and_none_is_lost() {
    let base: Vec<(String, String)> = (0..300)
        .map(|at| (format!("src/m{}/f{at}.rs", at % 10), (0..30).map(|line| format!("fn f{at}_{line}() {{}}\n")).collect()))
        .collect();
    let base: Vec<(&str, &str)> = base.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    let repo = bare(&base);
    let engine = open(&repo);
    let space = workspace(&engine);
    let sessions: Vec<_> = (0..1000).map(|at| opened(&engine, &space, named(&format!("agent{at}")))).collect();
    let (next, landed, conflicts) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(session) = sessions.get(at) else { return };
                    for file in 0..13 {
                        write(session, format!("agents/{}/{at}/{file}", at % 32), format!("{at} {file}\n"));
                    }
                    // Files that others change too, at other places mostly, sometimes at the same.
                    for step in 0..2 {
                        let file = (at * 7 + step * 131) % 300;
                        let line = (at / 3) % 30;
                        edit(
                            session,
                            &format!("src/m{}/f{file}.rs", file % 10),
                            &format!("fn f{file}_{line}() {{"),
                            &format!("fn f{file}_{line}() {{{at}"),
                        );
                    }
                    match submit(session) {
                        SubmissionOutcome::Landed { version, .. } => {
                            assert!(version.is_some());
                            landed.fetch_add(1, Ordering::Relaxed);
                        }
                        SubmissionOutcome::Conflict { conflicts: found, .. } => {
                            assert!(found.iter().all(|conflict| !conflict.why.is_empty()) && !found.is_empty());
                            conflicts.fetch_add(1, Ordering::Relaxed);
                        }
                        SubmissionOutcome::Rejected { .. } => panic!("nothing rejects"),
                    }
                }
            });
        }
    });
    let (landed, conflicts) = (landed.into_inner(), conflicts.into_inner());
    assert_eq!(landed + conflicts, 1000);
    assert!(landed > 500, "{landed} landed");
    assert_eq!(gap_free(&space).len(), landed + 1);
    all_events(&space);
    engine.project_refs().expect("projected");
    let files = repo.git(&["ls-tree", "-r", "--name-only", "main", "agents/"]);
    assert_eq!(files.lines().count(), landed * 13, "each landed whole or not at all");
    assert_eq!(repo.git(&["rev-list", "--count", "--first-parent", "main"]), (landed + 1).to_string());
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_hundred_submissions_at_one_moment_cost_about_one_group() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let sessions: Vec<_> = (0..100).map(|at| session(&engine, &format!("agent{at}"))).collect();
    for (at, session) in sessions.iter().enumerate() {
        write(session, format!("f{at}"), "x\n");
    }
    // Packs on disk are groups: each group writes one.
    let packs = || engine.status(&engine.owner()).expect("status").packs;
    let before = packs();
    let barrier = Barrier::new(sessions.len());
    std::thread::scope(|scope| {
        for session in &sessions {
            scope.spawn(|| {
                barrier.wait();
                session.submit(Submit::default(), None).expect("submitted")
            });
        }
    });
    let groups = packs() - before;
    // How many wait at one moment is the machine's affair: on one that is busy with something else it is fewer.
    assert!(groups <= 50, "{groups} groups for 100 submissions");
    assert_eq!(gap_free(&workspace(&engine)).len(), 101);
    // The same for commits.
    for (at, session) in sessions.iter().enumerate() {
        write(session, format!("g{at}"), "x\n");
    }
    let before = packs();
    std::thread::scope(|scope| {
        for session in &sessions {
            scope.spawn(|| {
                barrier.wait();
                session.commit(CommitTurn::default(), None).expect("committed")
            });
        }
    });
    assert!(packs() - before <= 50, "{} groups for 100 commits", packs() - before);
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn many_moves_and_many_files_cost_what_they_are() {
    let base: Vec<(String, &str)> = (0..2000).map(|at| (format!("old/{at}"), "text\n")).collect();
    let repo = bare(&base.iter().map(|(at, text)| (at.as_str(), *text)).collect::<Vec<_>>());
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    for part in 0..2 {
        let edits = (0..1000)
            .map(|at| acetate_engine::api::BatchEdit::Move {
                from: path(format!("old/{}", part * 1000 + at)),
                to: path(format!("new/{}", part * 1000 + at)),
                replace: false,
            })
            .collect();
        ada.batch(&acetate_engine::api::Batch { edits }).expect("moved");
    }
    let status = ada.status().expect("status");
    assert_eq!(status.changed, 2000);
    landed(&ada);
}

#[test]
fn upkeep_leaves_few_packs_and_few_loose_refs() {
    let repo = bare(&[("a", "a\n")]);
    let mut options = options(&repo);
    options.background = true;
    options.limits.upkeep_packs = 10;
    options.limits.upkeep_refs = 10;
    let engine = start(options);
    let ada = session(&engine, "ada");
    for turn in 0..30 {
        write(&ada, "a", format!("{turn}\n"));
        ada.commit(CommitTurn::default(), None).expect("committed");
    }
    let since = std::time::Instant::now();
    let few = || {
        let packs = std::fs::read_dir(repo.path().join("objects/pack")).expect("packs").count();
        let packed = std::fs::read_to_string(repo.path().join("packed-refs")).unwrap_or_default();
        packs < 20 && packed.matches("refs/acetate/keep/").count() >= 30
    };
    while !few() {
        assert!(since.elapsed().as_secs() < 60, "upkeep does nothing");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(read(&ada, "a"), "29\n");
    landed(&ada);
    assert_eq!(repo.fsck(), "");
}

#[test]
fn contents_larger_than_memory_takes_go_in_and_out_as_streams() {
    use acetate_engine::api::WriteStream;
    use std::io::Read as _;
    let repo = bare(&[]);
    let engine = open_limited(&repo, |limits| limits.file_bytes = 1 << 20);
    let ada = session(&engine, "ada");
    let size: u64 = 40 << 20;
    let target = |at: &str| WriteStream { path: path(at), mode: None, expect: None };
    let mut content = std::io::repeat(b'x').take(size);
    let written = ada.write_stream(&target("large"), size, &mut content).expect("written");
    assert_eq!((written.size, written.created), (size, true));
    // What is announced is what has to come.
    for announced in [size - 1, size + 1] {
        let mut content = std::io::repeat(b'y').take(size);
        let refused = ada.write_stream(&target("other"), announced, &mut content);
        assert!(refused.is_err(), "{announced}");
    }
    assert_eq!(code(ada.stat(&path("other"))), "path_not_found");
    assert_eq!(code(ada.read(&path("large"))), "file_too_large", "not as a whole");
    let file = ada.open_file(&path("large")).expect("opened");
    let mut part = Vec::new();
    file.copy(size - 3..size + 10, &mut part).expect("copied");
    assert_eq!((part.as_slice(), file.size()), (&b"xxx"[..], size));
    let mut middle = Vec::new();
    file.copy(1000..1005, &mut middle).expect("copied");
    assert_eq!(middle, b"xxxxx");
    assert_eq!(landed(&ada), 2);
    engine.project_refs().expect("projected");
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(repo.git(&["cat-file", "-s", "main:large"]), size.to_string());
    assert_eq!(repo.git(&["rev-parse", "main:large"]), written.etag.expect("an id"));
    assert_eq!(repo.git(&["fsck", "--full", "--strict", "--no-dangling"]), "");
    let space = workspace(&engine);
    space.update(acetate_engine::api::WorkspaceUpdate { max_file_bytes: Some(100), ..Default::default() }).expect("set");
    let bob = session(&engine, "bob");
    assert_eq!(code(try_write(&bob, &path("a"), "x".repeat(101), None)), "file_too_large");
    write(&bob, "a", "x".repeat(100));
    let mut content = std::io::repeat(b'x').take(size);
    assert_eq!(code(bob.write_stream(&target("large"), size, &mut content)), "file_too_large");
}

#[test]
fn writers_that_fill_the_journal_make_room_in_it_themselves() {
    let repo = bare(&[("a", "a\n")]);
    // No upkeep runs by itself here, as if it came too late.
    let limit = |limits: &mut acetate_engine::Limits| limits.journal_bytes = 64 << 20;
    let engine = open_limited(&repo, limit);
    let sessions: Vec<_> = (0..4).map(|at| session(&engine, &format!("agent{at}"))).collect();
    let text = |at: usize, round: usize| format!("{at} {round}\n").repeat(50_000);
    std::thread::scope(|scope| {
        for (at, session) in sessions.iter().enumerate() {
            scope.spawn(move || {
                // Together some three times what the journal may take, and one that is written to but once.
                for round in 0..if at == 0 { 1 } else { 240 } {
                    write(session, format!("f{}", round % 2), text(at, round));
                }
            });
        }
    });
    engine.shutdown();
    drop((sessions, engine));
    let engine = open_limited(&repo, limit);
    for info in workspace(&engine).sessions().expect("listed").sessions {
        let at: usize = info.agent.trim_start_matches("agent").parse().expect("a number");
        let session = engine.session(&engine.owner(), &info.id).expect("there");
        for round in if at == 0 { 0..1 } else { 238..240 } {
            assert_eq!(read(&session, format!("f{}", round % 2)), text(at, round), "{at} {round}");
        }
    }
}

#[test]
fn snapshots_of_large_contents_do_not_pile_up_on_disk() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open_limited(&repo, |limits| limits.journal_bytes = 64 << 20);
    let writer = session(&engine, "ada");
    let at = path("a");
    // More than a record of the journal takes.
    writer.truncate(&at, 20 << 20).expect("lengthened");
    for round in 0..240u64 {
        writer.write_at(&at, (round % 20) << 20, &vec![round as u8; 1 << 20]).expect("written");
    }
    let kept = || {
        engine.project_refs().expect("projected");
        let packs = std::fs::read_dir(repo.path().join("objects/pack")).expect("listed").flatten();
        packs.filter(|file| file.path().extension().is_some_and(|end| end == "keep")).count()
    };
    // Upkeep may be at a snapshot still: the one before it goes behind it.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while kept() > 1 && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(kept() <= 1, "{} packs are kept for one session", kept());
    let id = writer.id().clone();
    let content = writer.read(&at).expect("read").content.0;
    drop((writer, engine));
    let engine = open(&repo);
    let back = engine.session(&engine.owner(), &id).expect("there").read(&at).expect("read").content.0;
    assert!(back == content, "after a restart");
}
