//! Workspaces that outlive sessions: deleted and brought back, made from templates, merged, gone back, taken along in a bundle.

use super::common::*;
use acetate_engine::api::{
    CheckpointSession, CommitTurn, CreateBranch, CreateCheckpoint, CreateWorkspace, Fork, HistoryOf, MarkTemplate, Merge, Resolve, Restore,
    Retention, RetentionChange, SessionState, SubmissionOutcome, Take, TemplateHistory, TemplateMark, Undelete, Undo, WorkingSession,
    WorkspaceSource, WorkspaceUpdate,
};
use acetate_engine::{Engine, Idempotency, Session, Workspace};
use acetate_testing::git_command;
use std::time::Duration;

/// A workspace whose first version has these files.
fn filled(engine: &Engine, name: &str, files: &[(&str, &str)]) -> Workspace {
    let space = made(engine, name);
    let ada = opened(engine, &space, named("ada"));
    for (path, text) in files {
        write(&ada, path, text);
    }
    assert_eq!(landed(&ada), 1);
    ada.close(false).expect("closed");
    space
}

fn working(engine: &Engine, space: &Workspace) -> Session {
    let (info, _) = space.working_session(&WorkingSession::default()).expect("a session");
    assert!(info.working);
    engine.session(&engine.owner(), &info.id).expect("there")
}

fn paths(space: &Workspace, at: Option<&str>) -> Vec<String> {
    let list = space.files(at, &Default::default()).expect("listed");
    list.files.iter().map(|file| file.path.to_string()).collect()
}

#[test]
fn the_working_session_is_one_and_its_commits_land() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let space = made(&engine, "notes");
    engine.project_refs().expect("projected");
    assert_eq!(engine_git(&engine, &["fsck", "--no-dangling"]), "", "also of a workspace without a commit");
    let (first, opened_now) = space.working_session(&WorkingSession { agent: Some("app".into()) }).expect("a session");
    assert!(opened_now && first.agent == "app");
    assert!(!space.working_session(&WorkingSession::default()).expect("again").1);
    let session = working(&engine, &space);
    assert_eq!(*session.id(), first.id);
    write(&session, "a", "a\n");
    // Saved, not landed.
    assert_eq!((read(&session, "a"), space.info().expect("info").head.version), ("a\n".to_owned(), None));
    let commit = session.commit(CommitTurn { message: Some("One".into()) }, None).expect("committed");
    assert!(commit.changed);
    let head = space.info().expect("info").head;
    assert_eq!((head.version, head.commit), (Some(1), commit.commit));
    assert_eq!(engine.change(&engine.owner(), &commit.commit.expect("a commit")).expect("a change").version, Some(1));
    let again = session.commit(CommitTurn::default(), None).expect("nothing to do");
    assert!(!again.changed && space.info().expect("info").head.version == Some(1));
    // Others land; what has nothing of its own follows.
    let other = opened(&engine, &space, named("bob"));
    write(&other, "b", "b\n");
    assert_eq!(landed(&other), 2);
    assert_eq!(read(&working(&engine, &space), "b"), "b\n");
    // A repeat with the same key has no second effect.
    write(&session, "a", "a2\n");
    let key = Idempotency { key: "k".into(), body_hash: [1; 32] };
    let one = session.commit(CommitTurn::default(), Some(&key)).expect("committed");
    let two = session.commit(CommitTurn::default(), Some(&key)).expect("answered again");
    assert_eq!((one.commit, one.changed, space.info().expect("info").head.version), (two.commit, two.changed, Some(3)));
    // Unsaved edits and the session itself are there after a restart.
    write(&session, "c", "c\n");
    let id = session.id().clone();
    drop(session);
    engine.shutdown();
    drop((space, other, engine));
    let engine = own_store(&repo, |_| ());
    let space = engine.workspace(&engine.owner(), "notes").expect("there");
    let session = working(&engine, &space);
    assert_eq!((session.id(), read(&session, "c").as_str()), (&id, "c\n"));
}

#[test]
fn a_deleted_workspace_comes_back_with_all_it_had() {
    let repo = bare(&[]);
    let clock = HandClock::new();
    let with = |options: &mut acetate_engine::EngineOptions| options.clock = clock.clone();
    let engine = own_store(&repo, with);
    let space = filled(&engine, "one", &[("a", "a\n")]);
    space.create_checkpoint(CreateCheckpoint { name: "p".into(), at: None, message: None }, None).expect("made");
    let session = opened(&engine, &space, named("bob"));
    write(&session, "b", "unsaved\n");
    let gone = space.delete().expect("deleted");
    assert!(gone.purged_after.expect("a time") > gone.deleted.expect("a time"));
    assert_eq!(code(engine.workspace(&engine.owner(), "one")), "workspace_not_found");
    let listed = engine.deleted_workspaces(&engine.owner(), None, None).expect("listed").workspaces;
    assert_eq!(listed.iter().map(|info| &info.id).collect::<Vec<_>>(), [&gone.id]);
    assert_eq!(code(try_write(&session, &path("c"), "c", None)), "workspace_deleted");
    assert_eq!(code(engine.undelete(&engine.owner(), "one", &Undelete::default())), "workspace_not_found", "by id alone");
    // The name may be taken by then.
    made(&engine, "one");
    assert_eq!(code(engine.undelete(&engine.owner(), gone.id.as_str(), &Undelete::default())), "name_taken");
    let back = engine.undelete(&engine.owner(), gone.id.as_str(), &Undelete { name: Some("two".into()) }).expect("back");
    assert_eq!((back.id.clone(), back.name.as_str(), back.deleted, back.head.version), (gone.id.clone(), "two", None, Some(1)));
    assert_eq!(code(engine.undelete(&engine.owner(), gone.id.as_str(), &Undelete::default())), "workspace_not_deleted");
    drop(space);
    let space = engine.workspace(&engine.owner(), "two").expect("there");
    session.resume().expect("back");
    assert_eq!(read(&session, "b"), "unsaved\n");
    // Deleted again, the store started anew, and back once more.
    space.delete().expect("deleted");
    let id = session.id().clone();
    drop(session);
    engine.shutdown();
    drop((space, engine));
    let engine = own_store(&repo, with);
    engine.undelete(&engine.owner(), gone.id.as_str(), &Undelete::default()).expect("back");
    let space = engine.workspace(&engine.owner(), "two").expect("there");
    assert_eq!(space.checkpoints().expect("listed")[0].name, "p");
    let session = engine.session(&engine.owner(), &id).expect("there");
    assert_eq!(session.info().state, SessionState::Paused);
    session.resume().expect("back");
    assert_eq!(read(&session, "b"), "unsaved\n");
    assert_eq!(landed(&session), 2);
    assert_eq!(paths(&space, None), ["a", "b"]);
}

#[test]
fn what_nobody_brings_back_goes_and_nothing_else() {
    let repo = bare(&[]);
    let clock = HandClock::new();
    let with = |options: &mut acetate_engine::EngineOptions| {
        options.clock = clock.clone();
        options.limits.keep_unnamed = Duration::ZERO;
    };
    let engine = own_store(&repo, with);
    let one = filled(&engine, "one", &[("a", "only here\n"), ("b", "shared\n")]);
    let two = filled(&engine, "two", &[("b", "shared\n")]);
    let commit = one.info().expect("info").head.commit.expect("a commit");
    let fork = one.fork(Fork { name: Some("fork".into()), at: None }, None).expect("forked");
    one.delete().expect("deleted");
    clock.pass(31 * 24 * 3600);
    engine.upkeep_now();
    // A fork reads its versions.
    assert_eq!(engine.deleted_workspaces(&engine.owner(), None, None).expect("listed").workspaces.len(), 1);
    engine.workspace(&engine.owner(), "fork").expect("there").delete().expect("deleted");
    clock.pass(29 * 24 * 3600);
    engine.upkeep_now();
    engine.undelete(&engine.owner(), fork.id.as_str(), &Undelete::default()).expect("still there");
    engine.workspace(&engine.owner(), "fork").expect("there").delete().expect("deleted");
    clock.pass(31 * 24 * 3600);
    // Nothing is on its way any more that would keep a pack.
    engine.shutdown();
    drop((one, two, engine));
    let engine = own_store(&repo, with);
    let two = engine.workspace(&engine.owner(), "two").expect("there");
    engine.upkeep_now();
    engine.upkeep_now();
    assert_eq!(engine.deleted_workspaces(&engine.owner(), None, None).expect("listed").workspaces, []);
    assert_eq!(code(engine.undelete(&engine.owner(), fork.id.as_str(), &Undelete::default())), "workspace_not_found");
    let left = engine_git(&engine, &["for-each-ref", "--format=%(refname)"]);
    assert!(!left.contains(fork.id.as_str()), "{left}");
    assert!(!git_command(engine.git_dir()).args(["cat-file", "-e", &commit.to_hex()]).status().expect("git").success(), "it is freed");
    assert_eq!(paths(&two, None), ["b"]);
    assert_eq!(String::from_utf8_lossy(&two.read(None, &path("b")).expect("read").content.0), "shared\n");
    assert_eq!(engine_git(&engine, &["fsck", "--full", "--no-dangling"]), "");
}

#[test]
fn templates_begin_workspaces() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let starter = filled(&engine, "starter", &[("main.py", "print(1)\n")]);
    let create = |history, session: Option<&str>| {
        let from = Some(WorkspaceSource::Template("starter".into()));
        let create = CreateWorkspace { from, history, session: session.map(named), ..Default::default() };
        engine.create_workspace(&engine.owner(), create, None, &|_| ())
    };
    assert_eq!(code(create(None, None)), "not_a_template");
    let mark = TemplateMark::Marked(MarkTemplate { at: Some("v1".into()), history: None });
    let marked = starter.update(WorkspaceUpdate { template: Some(mark), ..Default::default() }).expect("marked");
    assert_eq!(marked.template.expect("a template").history, TemplateHistory::Own);
    // The template goes on; what is made of it is its marked point.
    let ada = opened(&engine, &starter, named("ada"));
    write(&ada, "later", "later\n");
    landed(&ada);
    let own = create(None, Some("bob")).expect("made");
    let session = engine.session(&engine.owner(), &own.opened.as_ref().expect("opened").id).expect("there");
    assert_eq!(read(&session, "main.py"), "print(1)\n");
    let space = engine.workspace(&engine.owner(), own.id.as_str()).expect("there");
    assert_eq!((paths(&space, None), own.head.version, own.template), (vec!["main.py".to_owned()], Some(1), None));
    assert_eq!(space.versions(None, None, None).expect("listed").versions[0].kind, "template");
    engine.project_refs().expect("projected");
    let count = |id: &str| engine_git(&engine, &["rev-list", "--count", &format!("refs/namespaces/{id}/refs/heads/main")]);
    assert_eq!(count(own.id.as_str()), "1", "a history of its own");
    let shared = create(Some(TemplateHistory::Template), None).expect("made");
    assert_eq!(shared.head.commit, starter.versions(None, None, None).expect("listed").versions[1].commit.into());
    write(&session, "x", "x\n");
    assert_eq!(landed(&session), 2);
    // Unmarked.
    starter.update(WorkspaceUpdate { template: Some(TemplateMark::Switch(false)), ..Default::default() }).expect("unmarked");
    assert_eq!(code(create(None, None)), "not_a_template");
}

#[test]
fn branches_are_merged_as_git_does_and_by_symbol() {
    let base = "def one():\n    return 1\n\n\ndef two():\n    return 2\n";
    let repo = bare(&[("a.py", base), ("b", "b\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    space.create_branch(CreateBranch { name: "side".into(), at: None }, None).expect("made");
    let side = opened(&engine, &space, on("ada", "side"));
    edit(&side, "a.py", "return 1", "return 10");
    write(&side, "new", "new\n");
    landed(&side);
    let main = opened(&engine, &space, named("bob"));
    edit(&main, "a.py", "return 2", "return 20");
    landed(&main);
    let merge = |message: Option<&str>| Merge { from: "side".into(), into: None, message: message.map(Into::into), same_symbol: None };
    let answer = space.merge(&merge(None), None).expect("merged");
    let SubmissionOutcome::Landed { version: Some(_), commit: Some(commit), .. } = answer.outcome else { panic!("{answer:?}") };
    assert_eq!(text_at(&space, "a.py"), "def one():\n    return 10\n\n\ndef two():\n    return 20\n");
    assert_eq!(text_at(&space, "new"), "new\n");
    engine.project_refs().expect("projected");
    let parents = repo.git(&["rev-list", "--parents", "-n1", &commit.to_hex()]);
    assert_eq!(parents.split_whitespace().nth(2).expect("two parents"), repo.id("side").to_hex());
    assert!(space.sessions().expect("listed").sessions.iter().all(|info| info.intent.is_none()), "the merge's session has ended");
    // Once more: there is nothing to merge.
    let again = space.merge(&merge(None), None).expect("answered");
    assert!(matches!(again.outcome, SubmissionOutcome::Landed { unchanged: true, .. }), "{again:?}");
    // Both change one line: it waits in a session, and lands with both parents.
    edit(&side, "b", "b\n", "side\n");
    landed(&side);
    edit(&main, "b", "b\n", "main\n");
    landed(&main);
    let conflict = space.merge(&merge(Some("Take side")), None).expect("answered");
    let SubmissionOutcome::Conflict { conflicts, .. } = &conflict.outcome else { panic!("{conflict:?}") };
    assert_eq!(conflicts[0].path, path("b"));
    let session = engine.session(&engine.owner(), &conflict.session).expect("the session");
    let resolve = Resolve { path: path("b"), symbol: None, kind: None, take: Take::Session, text: None, submit: true };
    let resolved = session.resolve(resolve, None).expect("resolved");
    let Some(SubmissionOutcome::Landed { commit: Some(commit), .. }) = resolved.submission.map(|done| done.outcome) else { panic!() };
    assert_eq!(text_at(&space, "b"), "side\n");
    engine.project_refs().expect("projected");
    assert_eq!(repo.git(&["rev-list", "--parents", "-n1", &commit.to_hex()]).split_whitespace().count(), 3);
    assert_eq!(repo.git(&["merge-base", "--is-ancestor", "side", "main"]), "");
    for (from, into, expect) in
        [("nobody", None, "branch_not_found"), ("main", None, "merge_itself"), ("side", Some("nobody"), "branch_not_found")]
    {
        let merge = Merge { from: from.into(), into: into.map(Into::into), message: None, same_symbol: None };
        assert_eq!(code(space.merge(&merge, None)), expect);
    }
}

fn text_at(space: &Workspace, at: &str) -> String {
    String::from_utf8_lossy(&space.read(None, &path(at)).expect("read").content.0).into_owned()
}

#[test]
fn going_back_makes_a_version_and_is_undone() {
    let repo = bare(&[("a", "1\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    space.create_checkpoint(CreateCheckpoint { name: "start".into(), at: None, message: None }, None).expect("made");
    let ada = session(&engine, "ada");
    write(&ada, "a", "2\n");
    write(&ada, "b", "b\n");
    landed(&ada);
    let restore = |at: &str| Restore { at: at.into(), branch: None, message: None };
    let key = Idempotency { key: "k".into(), body_hash: [2; 32] };
    let made = space.restore(&restore("refs/tags/start"), Some(&key)).expect("restored");
    assert_eq!((made.version, made.kind.as_str(), made.message.as_str()), (3, "restore", "Restore start"));
    assert_eq!(space.restore(&restore("refs/tags/start"), Some(&key)).expect("answered again"), made);
    assert_eq!((text_at(&space, "a").as_str(), paths(&space, None)), ("1\n", vec!["a".to_owned()]));
    assert_eq!(code(space.restore(&restore("v1"), None)), "restore_nothing");
    assert_eq!(code(space.restore(&restore("v99"), None)), "point_not_found");
    let undone = space.undo(Undo::default(), None).expect("undone");
    assert_eq!(undone.kind, "undo");
    assert_eq!((text_at(&space, "a").as_str(), paths(&space, None)), ("2\n", vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(paths(&space, Some("v3")), ["a"], "nothing is lost");
}

#[test]
fn lines_and_paths_know_their_agents() {
    let repo = bare(&[("a", "1\n2\n3\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    for (agent, old, new) in [("ada", "1\n", "one\n"), ("bob", "3\n", "three\n")] {
        let session = session(&engine, agent);
        edit(&session, "a", old, new);
        write(&session, agent, "x\n");
        landed(&session);
    }
    let blame = space.blame(&path("a"), None).expect("blamed");
    let lines: Vec<_> =
        blame.lines.iter().map(|run| (run.start, run.lines, run.from.agent.as_deref(), run.from.turn, run.from.version)).collect();
    assert_eq!(lines, [(1, 1, Some("ada"), Some(1), Some(2)), (2, 1, None, None, Some(1)), (3, 1, Some("bob"), Some(1), Some(3))]);
    let versions = |at: &str, asked: &HistoryOf| -> Vec<Option<u64>> {
        space.history(&path(at), asked).expect("told").commits.iter().map(|commit| commit.version).collect()
    };
    assert_eq!(versions("a", &HistoryOf::default()), [Some(3), Some(2), Some(1)]);
    assert_eq!(versions("ada", &HistoryOf::default()), [Some(2)]);
    assert_eq!(versions("a", &HistoryOf { at: Some("v2".into()), ..Default::default() }), [Some(2), Some(1)]);
    let page = space.history(&path("a"), &HistoryOf { limit: Some(2), ..Default::default() }).expect("told");
    assert_eq!((page.commits.len(), page.next), (2, Some(2)));
    assert_eq!(versions("a", &HistoryOf { skip: Some(2), ..Default::default() }), [Some(1)]);
    assert_eq!(code(space.blame(&path("none"), None)), "path_not_found");
    // A name that would be a pattern.
    let odd = session(&engine, "odd");
    write(&odd, "*[a]", "x\n");
    landed(&odd);
    assert_eq!(versions("*[a]", &HistoryOf::default()).len(), 1);
    assert_eq!(space.blame(&path("*[a]"), None).expect("blamed").lines.len(), 1);
}

#[test]
fn a_session_names_its_own_points() {
    let repo = bare(&[("a", "1\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    let name = |name: &str| CheckpointSession { name: name.into(), message: None };
    let start = ada.checkpoint(&name("start"), None).expect("the base");
    assert_eq!(start.version, Some(1));
    write(&ada, "a", "2\n");
    let point = ada.checkpoint(&name("mine"), None).expect("named");
    write(&ada, "a", "3\n");
    ada.commit(CommitTurn { message: Some("Third".into()) }, None).expect("committed");
    let turns = ada.turns().expect("told").turns;
    assert_eq!(turns.iter().map(|turn| turn.turn).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((turns[1].commit, turns[0].message.as_str()), (point.commit, "Third"));
    assert_eq!(code(ada.checkpoint(&name("mine"), None)), "checkpoint_exists");
    let at = |at: &str| String::from_utf8_lossy(&space.read(Some(at), &path("a")).expect("read").content.0).into_owned();
    assert_eq!(at("refs/tags/mine"), "2\n");
    ada.close(true).expect("closed");
    assert_eq!(at("refs/tags/mine"), "2\n");
}

#[test]
fn a_bundle_takes_sessions_and_settings_along() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let space = filled(&engine, "one", &[("a", "a\n")]);
    space
        .update(WorkspaceUpdate {
            description: Some("A workspace".into()),
            portable_paths: Some(true),
            retention: Some(RetentionChange::Policy(Retention { turns_days: Some(7), branches_days: None })),
            ..Default::default()
        })
        .expect("set");
    let ada = opened(&engine, &space, named("ada"));
    write(&ada, "unsaved", "not committed\n");
    let before = ada.info();
    let mut bundle = space.bundle(None, true, &|_| ()).expect("a bundle");
    assert_eq!((ada.info().turn, ada.info().unsaved), (before.turn, before.unsaved), "the session goes on as it was");
    let file = repo.beside("all.bundle");
    std::io::copy(&mut bundle.file, &mut std::fs::File::create(&file).expect("a file")).expect("copied");
    let file = file.to_str().expect("text");
    repo.git(&["bundle", "verify", "-q", file]);
    repo.git(&["clone", "-q", file, repo.beside("clone").to_str().expect("text")]);
    let create = CreateWorkspace { name: Some("two".into()), from: Some(WorkspaceSource::Bundle(file.into())), ..Default::default() };
    let info = engine.create_workspace(&engine.owner(), create, None, &|_| ()).expect("imported");
    assert_eq!((info.description.as_deref(), info.portable_paths), (Some("A workspace"), true));
    assert_eq!(info.retention.expect("a policy").turns_days, Some(7));
    let two = engine.workspace(&engine.owner(), "two").expect("there");
    let branch = format!("refs/heads/sessions/{}", ada.id());
    assert_eq!(paths(&two, Some(&branch)), ["a", "unsaved"]);
    let names: Vec<String> = two.branches().expect("listed").into_iter().map(|branch| branch.name).collect();
    assert_eq!(names, ["refs/heads/main".to_owned(), branch]);
    engine.project_refs().expect("projected");
    assert_eq!(engine_git(&engine, &["for-each-ref", "--format=%(refname)"]).matches("refs/acetate/workspace").count(), 0);
    assert_eq!(engine_git(&engine, &["fsck", "--full", "--strict", "--no-dangling"]), "");
}

#[test]
fn old_turns_go_where_the_policy_says_and_landed_work_stays() {
    let repo = bare(&[]);
    let clock = HandClock::new();
    let engine = own_store(&repo, |options| options.clock = clock.clone());
    let space = filled(&engine, "one", &[("a", "a\n")]);
    let ada = opened(&engine, &space, named("ada"));
    let commit = |text: &str| {
        write(&ada, "a", text);
        ada.commit(CommitTurn::default(), None).expect("committed").commit.expect("a commit")
    };
    let (first, second) = (commit("1\n"), commit("2\n"));
    let named = ada.checkpoint(&CheckpointSession { name: "kept".into(), message: None }, None).expect("named");
    assert_eq!(named.commit, second);
    landed(&ada);
    let open = commit("3\n");
    let kept = || engine_git(&engine, &["for-each-ref", "--format=%(objectname)", "refs/acetate/keep/"]);
    let has = |id: &acetate_types::ObjectId| kept().contains(&id.to_hex());
    let policy = RetentionChange::Policy(Retention { turns_days: Some(7), branches_days: None });
    space.update(WorkspaceUpdate { retention: Some(policy), ..Default::default() }).expect("set");
    engine.project_refs().expect("projected");
    engine.upkeep_now();
    assert!(has(&first) && has(&open), "too young");
    clock.pass(8 * 24 * 3600);
    engine.upkeep_now();
    engine.project_refs().expect("projected");
    assert!(!has(&first), "it has landed");
    assert!(has(&second) && has(&open), "a checkpoint names it; it has not landed");
    ada.resume().expect("it expired, and comes back");
    assert_eq!(read(&ada, "a"), "3\n");
    assert_eq!(text_at(&space, "a"), "2\n");
}

#[test]
fn whatever_lands_says_which_paths_it_changed() {
    let repo = bare(&[("a", "1\n"), ("b", "b\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    write(&ada, "a", "2\n");
    landed(&ada);
    let bob = session(&engine, "bob");
    write(&bob, "a", "bob's\n");
    space.restore(&Restore { at: "v1".into(), branch: None, message: None }, None).expect("restored");
    space.undo(Undo::default(), None).expect("undone");
    let events = space.events(0, None).expect("told").events;
    for kind in ["landed", "undone"] {
        let told = events.iter().rev().find(|event| event.kind == kind).expect("an event");
        assert_eq!((&told.data["paths"], &told.data["path_count"]), (&serde_json::json!(["a"]), &serde_json::json!(1)), "{kind}");
    }
    assert!(!bob.standing(None).notices.is_empty(), "whoever edits it learns that the head moved");
}

#[test]
fn settings_and_names_are_undone_and_done_again() {
    let repo = bare(&[]);
    let engine = own_store(&repo, |_| ());
    let space = filled(&engine, "one", &[("a", "a\n")]);
    let set = |name: &str, text: &str| WorkspaceUpdate { name: Some(name.into()), description: Some(text.into()), ..Default::default() };
    space.update(set("two", "second")).expect("set");
    let shown = || space.info().map(|info| (info.name, info.description.unwrap_or_default())).expect("info");
    space.undo(Undo::default(), None).expect("undone");
    assert_eq!(shown(), ("one".to_owned(), String::new()));
    let last = space.operations(None, Some(1)).expect("told").operations[0].number;
    space.undo(Undo { operation: Some(last) }, None).expect("done again");
    assert_eq!(shown(), ("two".to_owned(), "second".to_owned()));
    // What was changed since stays, and what the operation did not touch too.
    let renamed =
        space.operations(None, Some(9)).expect("told").operations.into_iter().find(|done| done.kind == "workspace_updated").expect("there");
    space.update(WorkspaceUpdate { portable_paths: Some(true), ..Default::default() }).expect("set");
    space.update(WorkspaceUpdate { description: Some("third".into()), ..Default::default() }).expect("set");
    assert_eq!(code(space.undo(Undo { operation: Some(renamed.number) }, None)), "undo_conflict");
    space.undo(Undo::default(), None).expect("undone");
    assert!(space.info().expect("info").portable_paths);
}
