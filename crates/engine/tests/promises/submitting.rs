//! Submitting, syncing, resolving: what each answer means, and what happens to whoever is busy meanwhile.

use super::common::*;
use acetate_engine::api::{CommitTurn, Durability, OpenSession, SubmissionOutcome, Submit, SyncOutcome};
use acetate_types::FileMode;
use std::sync::Barrier;

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

#[test]
fn writes_made_while_a_submission_is_under_way_are_carried_over() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    let mut bobs = 0;
    let rounds = 15;
    let barrier = Barrier::new(2);
    // Ada writes without pause while the same session submits again and again, onto a head that Bob moves.
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            for _ in 0..rounds {
                barrier.wait();
                for _ in 0..20 {
                    write(&ada, format!("ada/{written}"), format!("text {written}\n"));
                    assert_eq!(read(&ada, format!("ada/{written}")), format!("text {written}\n"));
                    written += 1;
                }
            }
            written
        });
        for _ in 0..rounds {
            write(&bob, format!("bob/{bobs}"), "bob\n");
            landed(&bob);
            bobs += 1;
            barrier.wait();
            landed_or_unchanged(&ada);
        }
        let written = writer.join().expect("the writer ends");
        landed_or_unchanged(&ada);
        let files = files(&ada);
        for at in 0..written {
            assert!(files.contains_key(format!("ada/{at}").as_bytes()), "ada/{at} is lost");
        }
        assert!(!ada.info().unsubmitted);
        engine.project_refs().expect("projected");
        assert_eq!(repo.git(&["ls-tree", "-r", "--name-only", "main", "ada/"]).lines().count(), written);
    });
    gap_free(&workspace(&engine));
}

fn landed_or_unchanged(session: &acetate_engine::Session) {
    assert!(matches!(submit(session), SubmissionOutcome::Landed { .. }));
}

#[test]
fn writes_made_while_a_session_is_paused_or_closed_are_kept_or_refused() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    for round in 0..20 {
        let ada = session(&engine, "ada");
        write(&ada, "first", "x");
        let acknowledged = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut acknowledged = Vec::new();
                for at in 0..200 {
                    match try_write(&ada, &path(format!("w{at}")), "text", None) {
                        Ok(_) => acknowledged.push(at),
                        Err(error) => {
                            assert!(["session_paused", "session_not_found"].contains(&error.code()), "{error}");
                            break;
                        }
                    }
                }
                acknowledged
            });
            std::thread::sleep(std::time::Duration::from_micros(300 * round));
            if round % 2 == 0 {
                ada.pause().expect("paused");
                ada.resume().expect("resumed");
            } else {
                ada.close(true).expect("closed");
            }
            writer.join().expect("the writer ends")
        });
        if round % 2 == 0 {
            let seen = files(&ada);
            for at in acknowledged {
                assert!(seen.contains_key(format!("w{at}").as_bytes()), "round {round}: w{at} was answered and is lost");
            }
            ada.close(true).expect("closed");
        } else {
            engine.project_refs().expect("projected");
            let id = ada.id();
            let kept = repo.git(&["for-each-ref", "--format=%(refname)", &format!("refs/acetate/keep/{id}/")]);
            let tree = repo.git(&["ls-tree", "-r", "--name-only", kept.lines().last().expect("kept")]);
            for at in acknowledged {
                assert!(tree.lines().any(|line| line == format!("w{at}")), "round {round}: w{at} was answered and is lost");
            }
        }
    }
}

#[test]
fn a_paused_session_comes_back_with_what_it_had_also_after_it_went_on() {
    let repo = bare(&[("a", LINES)]);
    let mut engine = open(&repo);
    let ada = session(&engine, "ada");
    let id = ada.id().clone();
    write(&ada, "saved", "turn one\n");
    ada.commit(CommitTurn::default(), None).expect("committed");
    write(&ada, "unsaved", "before the pause\n");
    let tip = ada.info().tip;
    let paused = ada.pause().expect("paused");
    assert_eq!((paused.tip, paused.turn, paused.unsaved), (tip, 1, true), "a pause is no turn");
    drop(ada);
    drop(engine);
    engine = open(&repo);
    let ada = engine.session(&engine.owner(), &id).expect("a paused session can be reached");
    assert_eq!(code(ada.read(&path("saved"))), "session_paused");
    assert_eq!(ada.resume().expect("resumed").tip, tip);
    assert_eq!(read(&ada, "unsaved"), "before the pause\n");
    write(&ada, "unsaved", "after the pause\n");
    write(&ada, "later", "later\n");
    ada.commit(CommitTurn::default(), None).expect("committed");
    let seen = files(&ada);
    drop(ada);
    drop(engine);
    engine = open(&repo);
    let ada = engine.session(&engine.owner(), &id).expect("the session");
    assert_eq!(files(&ada), seen, "what the turn saved is not overwritten by what the pause saved");
    // Back to what the tip has: nothing to commit, and nothing to come back.
    ada.pause().expect("paused");
    ada.resume().expect("resumed");
    write(&ada, "later", "changed\n");
    ada.pause().expect("paused");
    ada.resume().expect("resumed");
    write(&ada, "later", "later\n");
    assert!(!ada.commit(CommitTurn::default(), None).expect("committed").changed);
    drop(ada);
    drop(engine);
    engine = open(&repo);
    let ada = engine.session(&engine.owner(), &id).expect("the session");
    assert_eq!(files(&ada), seen, "an edit that was taken back stays taken back");
}

#[test]
fn a_conflict_leaves_the_session_as_it_was() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    edit(&ada, "a", "two", "ada");
    edit(&bob, "a", "two", "bob");
    write(&bob, "mine", "mine\n");
    landed(&ada);
    let before = files(&bob);
    let base = bob.info().base;
    for _ in 0..2 {
        assert_eq!(conflicts(&bob).len(), 1);
        assert_eq!(files(&bob), before);
        assert_eq!(bob.info().base, base);
    }
    let SyncOutcome::Conflict { conflicts, against, .. } = bob.sync(Default::default(), None).expect("synced") else {
        panic!("a conflict was due")
    };
    assert_eq!((conflicts.len(), against.version), (1, Some(2)));
    assert_eq!(files(&bob), before);
    let conflict = &conflicts[0];
    assert_eq!(conflict.base.as_ref().map(|side| side.texts.clone()), Some(vec!["two\n".into()]));
    assert_eq!(conflict.head.as_ref().map(|side| side.texts.clone()), Some(vec!["ada\n".into()]));
    assert_eq!(conflict.session.as_ref().map(|side| side.texts.clone()), Some(vec!["bob\n".into()]));
    assert_eq!(conflict.head.as_ref().map(|side| (side.places[0].start, side.places[0].lines)), Some((2, 1)));
    assert_eq!(conflict.session_author.as_ref().and_then(|person| person.session.clone()).as_ref(), Some(bob.id()));
    assert_eq!(bob.status().expect("status").conflicts.len(), 1);
}

#[test]
fn each_way_to_resolve() {
    for (take, text, expect) in [
        ("head", None, Some("one\nada\nthree\nfour\nfive\nsix\nseven\n")),
        ("session", None, Some("one\nbob\nthree\nfour\nfive\nsix\nseven\n")),
        ("text", Some("all new\n"), Some("all new\n")),
        ("delete", None, None),
    ] {
        let repo = bare(&[("a", LINES), ("b", LINES), ("c", LINES)]);
        let engine = open(&repo);
        let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
        edit(&ada, "a", "two", "ada");
        edit(&ada, "b", "one", "ADA");
        edit(&bob, "a", "two", "bob");
        edit(&bob, "b", "seven", "BOB");
        write(&bob, "new", "new\n");
        let version = landed(&ada);
        assert_eq!(code(bob.resolve(resolve("a", "head", None), None)), "conflict_not_found");
        conflicts(&bob);
        assert_eq!(code(bob.resolve(resolve("b", "head", None), None)), "conflict_not_found");
        assert_eq!(code(bob.resolve(resolve("a", "proposal", None), None)), "no_proposal");
        assert_eq!(code(bob.resolve(resolve("a", "text", None), None)), "text_missing");
        assert_eq!(code(bob.resolve(resolve("a", "head", Some("x")), None)), "text_unexpected");
        let resolved = bob.resolve(resolve("a", take, text), None).expect("resolved");
        assert!(resolved.moved && resolved.remaining.is_empty(), "{take}");
        assert_eq!(bob.info().base.version, Some(version), "{take}: it stands on the version that the conflict named");
        match expect {
            Some(expect) => assert_eq!(read(&bob, "a"), expect, "{take}"),
            None => assert_eq!(code(bob.read(&path("a"))), "path_not_found"),
        }
        assert_eq!(read(&bob, "b"), "ADA\ntwo\nthree\nfour\nfive\nsix\nBOB\n");
        assert_eq!(read(&bob, "new"), "new\n");
        assert!(bob.status().expect("status").conflicts.is_empty());
        assert_eq!(landed(&bob), version + 1);
        engine.shutdown();
        assert_eq!(repo.fsck(), "");
        assert_eq!(repo.git(&["rev-list", "--count", "main"]), "3");
    }
}

#[test]
fn resolutions_are_kept_and_count_only_for_the_texts_they_were_given_for() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let mut engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    let id = bob.id().clone();
    for (session, name) in [(&ada, "ada"), (&bob, "bob")] {
        edit(session, "a", "two", name);
        edit(session, "b", "two", name);
    }
    landed(&ada);
    assert_eq!(conflicts(&bob).len(), 2);
    let resolved = bob.resolve(resolve("a", "session", None), None).expect("resolved");
    assert_eq!((resolved.moved, resolved.remaining.len()), (false, 1));
    let marks: Vec<bool> = bob.status().expect("status").conflicts.iter().map(|conflict| conflict.resolved).collect();
    assert_eq!(marks, [true, false]);
    // A restart forgets nothing that was settled.
    drop((ada, bob));
    drop(engine);
    engine = open(&repo);
    let bob = engine.session(&engine.owner(), &id).expect("bob is back");
    assert_eq!(bob.status().expect("status").conflicts.len(), 2);
    // The text changes: the resolution no longer counts.
    edit(&bob, "a", "bob", "robert");
    let resolved = bob.resolve(resolve("b", "head", None), None).expect("resolved");
    assert!(!resolved.moved, "a resolution of another text must not count");
    assert_eq!(resolved.remaining.iter().map(|conflict| conflict.path.to_string()).collect::<Vec<_>>(), ["a"]);
    assert!(bob.resolve(resolve("a", "session", None), None).expect("resolved").moved);
    assert_eq!(read(&bob, "a"), "one\nrobert\nthree\nfour\nfive\nsix\nseven\n");
    assert_eq!(read(&bob, "b"), "one\nada\nthree\nfour\nfive\nsix\nseven\n");
    assert_eq!(bob.standing(None).behind, 0);
    // A head that moved on meanwhile is met by the next submission.
    let cleo = session(&engine, "cleo");
    edit(&cleo, "a", "seven", "SEVEN");
    landed(&cleo);
    assert_eq!(bob.standing(None).behind, 1);
    landed(&bob);
    assert_eq!(read(&bob, "a"), "one\nrobert\nthree\nfour\nfive\nsix\nSEVEN\n");
}

#[test]
fn how_far_behind_is_right_after_a_restart() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let mut engine = open(&repo);
    let (ada, bob, cleo) = (session(&engine, "ada"), session(&engine, "bob"), session(&engine, "cleo"));
    let (bobs, cleos) = (bob.id().clone(), cleo.id().clone());
    edit(&bob, "a", "two", "bob");
    edit(&ada, "a", "two", "ada");
    landed(&ada);
    conflicts(&bob);
    bob.sync(Default::default(), None).expect("synced");
    edit(&bob, "b", "two", "bob");
    write(&ada, "x", "1");
    landed(&ada);
    write(&ada, "x", "2");
    landed(&ada);
    conflicts(&bob);
    drop((ada, bob, cleo));
    drop(engine);
    engine = open(&repo);
    let bob = engine.session(&engine.owner(), &bobs).expect("bob");
    let cleo = engine.session(&engine.owner(), &cleos).expect("cleo");
    assert_eq!((bob.standing(None).behind, cleo.standing(None).behind), (3, 3));
    let ada = session(&engine, "ada");
    write(&ada, "x", "3");
    landed(&ada);
    assert_eq!((bob.standing(None).behind, cleo.standing(None).behind), (4, 4));
}

#[test]
fn a_dry_run_changes_nothing() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    edit(&ada, "a", "two", "ada");
    edit(&bob, "a", "two", "bob");
    write(&bob, "big", "x".repeat(100_000));
    let dry = || Submit { dry_run: true, ..Submit::default() };
    let objects = || repo.git(&["count-objects", "-v"]);
    let (before, view, disk) = (state(&bob), showing(&workspace(&engine)), objects());
    let would = bob.submit(dry(), None).expect("a dry run");
    assert_eq!(would.id, None);
    let SubmissionOutcome::Landed { version: None, commit: None, tree, unchanged: false, paths: 2, .. } = would.outcome else {
        panic!("{would:?}")
    };
    assert_eq!((state(&bob), showing(&workspace(&engine)), objects()), (before, view, disk));
    // What was only merged is not an object that anybody can reach.
    assert_ne!(repo.try_git(&["cat-file", "-e", &tree.to_hex()]).status.code(), Some(0));
    landed(&ada);
    let (before, view) = (state(&bob), showing(&workspace(&engine)));
    let would = bob.submit(dry(), None).expect("a dry run");
    assert!(matches!(would.outcome, SubmissionOutcome::Conflict { .. }));
    assert_eq!((state(&bob), showing(&workspace(&engine))), (before, view));
    assert!(bob.status().expect("status").conflicts.is_empty());
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn nothing_to_land_is_an_answer() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    let outcome = submit(&ada);
    assert!(matches!(outcome, SubmissionOutcome::Landed { unchanged: true, version: Some(1), .. }), "{outcome:?}");
    for session in [&ada, &bob] {
        edit(session, "a", "two", "same");
    }
    assert_eq!(landed(&ada), 2);
    let outcome = submit(&bob);
    assert!(matches!(outcome, SubmissionOutcome::Landed { unchanged: true, version: Some(2), .. }), "{outcome:?}");
    assert!(!bob.info().unsubmitted);
    assert_eq!(gap_free(&workspace(&engine)).len(), 2);
}

#[test]
fn a_memory_session_keeps_its_last_commit() {
    let repo = bare(&[("a", LINES)]);
    let mut engine = open(&repo);
    let memory = || OpenSession { agent: "ada".into(), durability: Durability::Memory, ..OpenSession::default() };
    let (kept, lost) = (opened(&engine, &workspace(&engine), memory()), opened(&engine, &workspace(&engine), memory()));
    let (kept_id, lost_id) = (kept.id().clone(), lost.id().clone());
    for session in [&kept, &lost] {
        write(session, "a", "in memory\n");
    }
    kept.commit(CommitTurn::default(), None).expect("committed");
    assert!(!kept.info().unsaved);
    write(&kept, "a", "never committed\n");
    assert!(kept.info().unsaved);
    drop((kept, lost));
    drop(engine);
    engine = open(&repo);
    let kept = engine.session(&engine.owner(), &kept_id).expect("what was committed is there");
    assert_eq!(read(&kept, "a"), "in memory\n");
    assert_eq!(code(engine.session(&engine.owner(), &lost_id)), "session_lost");
    landed(&kept);
}

#[test]
fn forks_of_sessions_go_their_own_way() {
    let repo = bare(&[("a", LINES), ("d/x", "x\n")]);
    let mut engine = open(&repo);
    let ada = session(&engine, "ada");
    edit(&ada, "a", "two", "ada");
    ada.commit(CommitTurn::default(), None).expect("committed");
    write_mode(&ada, "run", "#!/bin/sh\n", FileMode::Executable);
    write_mode(&ada, "link", "a", FileMode::Symlink);
    rename(&ada, "d", "e");
    let fork = ada.fork(named("bob")).expect("forked");
    let bob = engine.session(&engine.owner(), &fork.id).expect("the fork");
    assert_eq!(files(&bob), files(&ada));
    let seen = files(&ada);
    delete(&bob, "e/x");
    write(&bob, "bob", "bob\n");
    assert_eq!(files(&ada), seen, "a fork's edits are its own");
    write(&ada, "ada", "ada\n");
    let bobs = files(&bob);
    drop((ada, bob));
    drop(engine);
    engine = open(&repo);
    let bob = engine.session(&engine.owner(), &fork.id).expect("the fork");
    assert_eq!(files(&bob), bobs);
    assert_eq!(code(bob.fork(on("x", "main"))), "fork_base_unexpected");
}

#[test]
fn a_branch_that_is_deleted_meanwhile_is_said_to_be_gone() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let create = |name: &str| acetate_engine::api::CreateBranch { name: name.into(), at: None };
    space.create_branch(create("side"), None).expect("created");
    let ada = opened(&engine, &space, on("ada", "side"));
    write(&ada, "x", "x\n");
    space.delete_branch("side", None).expect("deleted");
    assert_eq!(code(ada.submit(Submit::default(), None)), "branch_not_found");
    assert_eq!(code(ada.sync(Default::default(), None)), "branch_not_found");
    assert_eq!(read(&ada, "x"), "x\n");
    space.create_branch(create("side"), None).expect("created again");
    landed(&ada);
    assert_eq!(code(space.delete_branch("main", None)), "branch_default");
    assert_eq!(code(space.create_branch(create("side"), None)), "branch_exists");
}

/// The commits that refs under `refs/acetate/keep/` name for a session.
fn kept(repo: &acetate_testing::GitRepo, session: &acetate_engine::Session) -> Vec<String> {
    let below = format!("refs/acetate/keep/{}/", session.id());
    repo.git(&["for-each-ref", "--format=%(objectname)", &below]).lines().map(str::to_owned).collect()
}

#[test]
fn each_turn_is_kept_by_a_ref_of_its_own_before_anything_lets_go_of_it() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let mut turns = Vec::new();
    for turn in 0..3 {
        write(&ada, "mine", format!("{turn}\n"));
        turns.push(ada.commit(CommitTurn::default(), None).expect("committed").commit.expect("a commit").to_hex());
        engine.project_refs().expect("projected");
        let kept = kept(&repo, &ada);
        assert!(turns.iter().all(|turn| kept.contains(turn)), "{turns:?} in {kept:?}");
    }
    // A sync makes the turn anew; both are kept.
    let eve = session(&engine, "eve");
    write(&eve, "other", "x\n");
    landed(&eve);
    ada.sync(Default::default(), None).expect("synced");
    turns.push(ada.info().tip.expect("a tip").to_hex());
    engine.project_refs().expect("projected");
    let kept = kept(&repo, &ada);
    assert!(turns.iter().all(|turn| kept.contains(turn)), "{turns:?} in {kept:?}");
}

#[test]
fn the_turn_of_a_submission_in_conflict_stays_over_a_restart_and_a_gc() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let (ada, eve) = (session(&engine, "ada"), session(&engine, "eve"));
    write(&ada, "a", "ada\n");
    write(&eve, "a", "eve\n");
    landed(&ada);
    assert_eq!(conflicts(&eve).len(), 1);
    let tip = eve.info().tip.expect("a tip").to_hex();
    let id = eve.id().clone();
    drop((ada, eve));
    drop(engine);
    let engine = open(&repo);
    engine.project_refs().expect("projected");
    repo.git(&["gc", "-q", "--prune=now"]);
    repo.git(&["cat-file", "-e", &tip]);
    assert_eq!(repo.git(&["rev-parse", &format!("refs/acetate/sessions/{id}")]).trim(), tip);
    let eve = engine.session(&engine.owner(), &id).expect("the session");
    assert_eq!(read(&eve, "a"), "eve\n");
}
