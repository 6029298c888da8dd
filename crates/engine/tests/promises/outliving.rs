//! What outlives what happens beside it: one working session though many ask for it, sessions of a workspace that is deleted meanwhile, a
//! fork's contents when what it was forked from is gone.

use super::common::*;
use acetate_engine::EngineOptions;
use acetate_engine::api::{
    CommitTurn, CreateBranch, Merge, Retention, RetentionChange, SubmissionOutcome, Undelete, WorkingSession, WorkspaceUpdate,
};
use acetate_testing::git_command;
use acetate_types::SessionId;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

#[test]
fn one_working_session_though_many_ask_for_it_and_end_it() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    space.create_branch(CreateBranch { name: "side".into(), at: None }, None).expect("made");
    let ask = || match space.working_session(&WorkingSession::default()) {
        Ok((info, _)) => engine.session(&engine.owner(), &info.id).ok(),
        // It ended while it was looked at.
        Err(error) if error.code() == "session_not_found" => None,
        Err(error) => panic!("{error:?}"),
    };
    scope(|threads| {
        for worker in 0..6 {
            let (ask, space) = (&ask, &space);
            threads.spawn(move || {
                for round in 0..40 {
                    let Some(session) = ask() else { continue };
                    match worker {
                        0 => drop(session.close(true)),
                        1 => drop(session.pause()),
                        2 => {
                            let branch = if round % 2 == 0 { "side" } else { "main" };
                            let update = WorkspaceUpdate { default_branch: Some(branch.into()), ..Default::default() };
                            space.update(update).expect("switched");
                        }
                        _ => {}
                    }
                }
            });
        }
    });
    let sessions = space.sessions().expect("listed").sessions;
    assert!(sessions.iter().filter(|info| info.working).count() <= 1, "{sessions:?}");
}

#[test]
fn settings_that_are_changed_at_once_are_all_kept() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let update = |update: WorkspaceUpdate| drop(space.update(update).expect("set"));
    scope(|threads| {
        threads.spawn(|| (0..20).for_each(|at| update(WorkspaceUpdate { description: Some(format!("d{at}")), ..Default::default() })));
        threads.spawn(|| (1..=20).for_each(|at| update(WorkspaceUpdate { max_file_bytes: Some(at), ..Default::default() })));
        threads.spawn(|| (0..20).for_each(|at| update(WorkspaceUpdate { portable_paths: Some(at % 2 == 1), ..Default::default() })));
        threads.spawn(|| (0..20).for_each(|at| update(WorkspaceUpdate { name: Some(format!("n{at}")), ..Default::default() })));
    });
    let check = |info: acetate_engine::api::WorkspaceInfo| {
        let found = (info.description.as_deref(), info.max_file_bytes, info.portable_paths, info.name.as_str());
        assert_eq!(found, (Some("d19"), Some(20), true, "n19"));
    };
    check(space.info().expect("info"));
    engine.shutdown();
    drop((space, engine));
    let engine = open(&repo);
    check(engine.workspace(&engine.owner(), "n19").expect("there").info().expect("info"));
}

#[test]
fn what_was_answered_while_a_workspace_was_deleted_comes_back_with_it() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let space = made(&engine, "one");
    let old: Vec<_> = (0..4).map(|nth| opened(&engine, &space, named(&format!("old{nth}")))).collect();
    let stop = AtomicBool::new(false);
    let answered: Vec<(SessionId, String)> = scope(|threads| {
        let (engine, space, old, stop) = (&engine, &space, &old, &stop);
        let editing: Vec<_> = (0..4)
            .map(|worker: usize| {
                threads.spawn(move || {
                    let (mut answered, mut text) = (Vec::new(), 0);
                    while !stop.load(Ordering::Relaxed) {
                        text += 1;
                        let session = &old[worker];
                        drop(session.resume());
                        if try_write(session, &path("a"), format!("{text}\n"), None).is_ok() {
                            answered.push((session.id().clone(), format!("{text}\n")));
                        }
                        let Ok(opened) = space.open_session(named("new")) else { continue };
                        let Ok(session) = engine.session(&engine.owner(), &opened.id) else { continue };
                        if try_write(&session, &path("a"), "new\n", None).is_ok() {
                            answered.push((opened.id, "new\n".to_owned()));
                        }
                    }
                    answered
                })
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(30));
        space.delete().expect("deleted");
        stop.store(true, Ordering::Relaxed);
        editing.into_iter().flat_map(|editing| editing.join().expect("no panic")).collect()
    });
    assert_eq!(code(old[0].resume()), "workspace_deleted");
    let id = space.info().expect("info").id;
    engine.shutdown();
    drop((old, space, engine));
    let engine = own_store(&repo, |_| ());
    engine.undelete(&engine.owner(), id.as_str(), &Undelete::default()).expect("back");
    // The last text of each.
    let last: std::collections::HashMap<_, _> = answered.into_iter().collect();
    assert!(last.len() >= 4);
    for (id, text) in last {
        let session = engine.session(&engine.owner(), &id).expect("there");
        session.resume().expect("back");
        assert_eq!(read(&session, "a"), text, "{id}");
    }
}

#[test]
fn a_deleted_workspace_keeps_its_refs_through_a_crash() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let space = made(&engine, "one");
    let ada = opened(&engine, &space, named("ada"));
    write(&ada, "a", "a\n");
    landed(&ada);
    write(&ada, "a", "unsaved\n");
    let id = ada.id().clone();
    let gone = space.delete().expect("deleted");
    engine.shutdown();
    let refs = || {
        let refs = git_command(&repo.beside("store")).args(["for-each-ref", "--format=%(refname)"]).output().expect("git");
        String::from_utf8(refs.stdout).expect("text")
    };
    let before = refs();
    assert!(before.contains("refs/acetate/keep/") && before.contains(gone.id.as_str()), "{before}");
    drop((space, ada, engine));
    // What a killed process had not brought to disk.
    for name in before.lines() {
        assert!(git_command(&repo.beside("store")).args(["update-ref", "-d", name]).status().expect("git").success());
    }
    let engine = own_store(&repo, |_| ());
    engine.project_refs().expect("projected");
    assert_eq!(refs(), before);
    engine_git(&engine, &["gc", "-q", "--prune=now"]);
    engine.undelete(&engine.owner(), gone.id.as_str(), &Undelete::default()).expect("back");
    let session = engine.session(&engine.owner(), &id).expect("there");
    session.resume().expect("back");
    assert_eq!(read(&session, "a"), "unsaved\n");
}

#[test]
fn a_workspace_is_brought_back_once() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let space = made(&engine, "one");
    let gone = space.delete().expect("deleted");
    engine.shutdown();
    drop((space, engine));
    let engine = own_store(&repo, |_| ());
    let back = scope(|threads| {
        let undelete = || engine.undelete(&engine.owner(), gone.id.as_str(), &Undelete::default()).is_ok();
        let asked: Vec<_> = (0..8).map(|_| threads.spawn(undelete)).collect();
        asked.into_iter().map(|asked| asked.join().expect("no panic")).filter(|back| *back).count()
    });
    assert_eq!(back, 1);
}

#[test]
fn retention_leaves_what_an_open_fork_was_made_from() {
    let repo = bare(&[]);
    let clock = HandClock::new();
    let with = |options: &mut EngineOptions| options.clock = clock.clone();
    let engine = own_store(&repo, with);
    let space = made(&engine, "one");
    let policy = RetentionChange::Policy(Retention { turns_days: Some(0), branches_days: Some(0) });
    space.update(WorkspaceUpdate { retention: Some(policy), ..Default::default() }).expect("set");
    let parent = opened(&engine, &space, named("ada"));
    write(&parent, "big", "only here\n".repeat(4000));
    parent.commit(CommitTurn::default(), None).expect("committed");
    let fork = parent.fork(named("bob")).expect("forked").id;
    let ended = parent.id().clone();
    parent.close(true).expect("closed");
    clock.pass(60);
    engine.upkeep_now();
    engine.project_refs().expect("projected");
    engine.shutdown();
    drop((space, parent, engine));
    for _ in 0..2 {
        let engine = own_store(&repo, with);
        clock.pass(60);
        engine.upkeep_now();
        engine.project_refs().expect("projected");
        engine_git(&engine, &["gc", "-q", "--prune=now"]);
        assert_eq!(code(engine.session(&engine.owner(), &ended).map(|session| session.info())), "session_not_found", "it has ended");
        let session = engine.session(&engine.owner(), &fork).expect("open");
        assert_eq!(read(&session, "big").len(), 40_000);
        engine.shutdown();
    }
    let engine = own_store(&repo, with);
    assert_eq!(landed(&engine.session(&engine.owner(), &fork).expect("open")), 1);
    engine.project_refs().expect("projected");
    assert_eq!(engine_git(&engine, &["fsck", "--full", "--no-dangling"]), "");
}

#[test]
fn merges_say_what_they_did_and_decide_nothing_alone() {
    let repo = bare(&[("f", "base\n"), ("g", "g\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    space.create_branch(CreateBranch { name: "side".into(), at: None }, None).expect("made");
    let merge = |from: &str, into: &str| Merge { from: from.into(), into: Some(into.into()), message: None, same_symbol: None };
    // The same key means the same, also where there was nothing to do.
    let key = once("k", 1);
    let first = space.merge(&merge("side", "main"), Some(&key)).expect("answered");
    let side = opened(&engine, &space, on("ada", "side"));
    edit(&side, "f", "base\n", "side\n");
    landed(&side);
    assert_eq!(space.merge(&merge("side", "main"), Some(&key)).expect("answered again"), first);
    let main = opened(&engine, &space, named("bob"));
    edit(&main, "f", "base\n", "main\n");
    landed(&main);
    // A fork of what merges merges nothing: what it lands is not all of the branch.
    let conflict = space.merge(&merge("side", "main"), None).expect("answered");
    assert!(matches!(conflict.outcome, SubmissionOutcome::Conflict { .. }), "{conflict:?}");
    let merging = engine.session(&engine.owner(), &conflict.session).expect("there");
    let fork = engine.session(&engine.owner(), &merging.fork(named("cy")).expect("forked").id).expect("there");
    write(&fork, "f", "main\n");
    write(&fork, "new", "new\n");
    landed(&fork);
    engine.project_refs().expect("projected");
    assert_eq!(repo.git(&["rev-list", "--parents", "-n1", "main"]).split_whitespace().count(), 2);
    // Criss-cross: git says that both histories of f conflict, and so no base of several is chosen.
    let (m, s) = (repo.id("main").to_hex(), repo.id("side").to_hex());
    let cross = |first: &str, second: &str| {
        let tree = format!("{first}^{{tree}}");
        repo.git(&["-c", "user.name=a", "-c", "user.email=a@example.com", "commit-tree", "-p", first, "-p", second, "-m", "cross", &tree])
    };
    let (to_main, to_side) = (cross(&m, &s), cross(&s, &m));
    repo.git(&["update-ref", "refs/heads/main", to_main.trim()]);
    repo.git(&["update-ref", "refs/heads/side", to_side.trim()]);
    space.catch_up().expect("followed");
    assert_eq!(code(space.merge(&merge("side", "main"), None)), "merge_bases_several");
    assert_eq!(code(space.merge(&merge("main", "side"), None)), "merge_bases_several");
}

#[test]
fn a_file_takes_the_place_of_a_folder_that_has_no_file() {
    let repo = bare(&[("d/x/y", "1\n"), ("d/z", "1\n"), ("k", "1\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    ada.delete(&path("d/x/y"), None).expect("deleted");
    assert_eq!(code(try_write(&ada, &path("d"), "file\n", None)), "is_a_directory");
    write(&ada, "d/x", "file\n");
    ada.delete(&path("d/x"), None).expect("deleted");
    ada.delete(&path("d/z"), None).expect("deleted");
    write(&ada, "d", "file\n");
    write(&ada, "new", "1\n");
    ada.delete(&path("new"), None).expect("deleted");
    write(&ada, "new/b", "2\n");
    ada.delete(&path("new/b"), None).expect("deleted");
    write(&ada, "new", "3\n");
    // As the journal has it.
    let id = ada.id().clone();
    drop(ada);
    engine.shutdown();
    drop(engine);
    let engine = open(&repo);
    let ada = engine.session(&engine.owner(), &id).expect("there");
    assert_eq!(read(&ada, "d"), "file\n");
    landed(&ada);
    engine.project_refs().expect("projected");
    assert_eq!(repo.git(&["ls-tree", "-r", "--name-only", "main"]), "d\nk\nnew");
}

#[test]
fn what_a_kill_left_of_bundles_and_purges_goes_at_the_next_start() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let inbox = engine.inbox().expect("a file");
    let folder = inbox.path().parent().expect("a folder").to_owned();
    drop(inbox);
    engine.shutdown();
    drop(engine);
    std::fs::write(folder.join("bundle-x"), "half").expect("written");
    std::fs::create_dir(folder.join("bundle-y")).expect("made");
    std::fs::write(folder.join("bundle-y/part"), "half").expect("written");
    // A purge that was cut short after the catalog had forgotten the workspace.
    let (gone, other) = ("refs/acetate/keep/s_5j7dpw6fpx0vmaa8/t1-aa", "refs/acetate/keep/s_5j7dpw6fpx0vmaa9/t1-aa");
    let git = |args: &[&str]| git_command(&repo.beside("store")).args(args).output().expect("git").stdout;
    let tree = String::from_utf8(git(&["hash-object", "-t", "tree", "-w", "/dev/null"])).expect("text");
    for name in [gone, other] {
        git(&["update-ref", name, tree.trim()]);
    }
    std::fs::write(folder.join("import-w_5v6qgyrp66n6k753"), "refs/acetate/keep/s_5j7dpw6fpx0vmaa8/\nrefs/heads/").expect("written");
    drop(own_store(&repo, |_| ()));
    let refs = String::from_utf8(git(&["for-each-ref", "--format=%(refname)"])).expect("text");
    assert!(!refs.contains(gone) && refs.contains(other), "{refs}");
    assert!(!folder.join("bundle-x").exists() && !folder.join("bundle-y").exists());
}
