//! Workspaces: operations and their undoing, forks, checkpoints, changes, idempotency keys, tokens.

use super::common::*;
use acetate_engine::api::{
    CommitTurn, CreateBranch, CreateCheckpoint, CreateToken, CreateWorkspace, Fork, OpenSession, Right, Submit, Undo, WorkspaceUpdate,
};
use acetate_engine::{Engine, EngineError, Scope, Workspace};
use std::sync::Arc;

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

fn branch(name: &str) -> CreateBranch {
    CreateBranch { name: name.into(), at: None }
}

fn checkpoint(name: &str, at: Option<&str>) -> CreateCheckpoint {
    CreateCheckpoint { name: name.into(), at: at.map(Into::into), message: Some("why".into()) }
}

fn head_text(engine: &Engine, at: &str) -> String {
    let content = workspace(engine).read(None, &path(at)).expect("read").content;
    String::from_utf8_lossy(&content.0).into_owned()
}

#[test]
fn landings_are_undone_by_further_versions_and_undoing_too() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    edit(&ada, "a", "two", "TWO");
    landed(&ada);
    edit(&ada, "a", "six", "SIX");
    landed(&ada);
    let land = space.operations(None, None).expect("operations").operations.remove(1);
    assert_eq!(land.kind, "land");
    let undone = space.undo(Undo { operation: Some(land.number) }, None).expect("undone");
    assert_eq!((undone.kind.as_str(), undone.undoes), ("undo", Some(land.number)));
    assert_eq!(head_text(&engine, "a"), LINES.replace("six", "SIX"), "what came later stays");
    assert_eq!(gap_free(&space).len(), 4, "undo adds a version");
    assert_eq!(code(space.undo(Undo { operation: Some(land.number) }, None)), "undo_nothing");
    // Undo the undo.
    space.undo(Undo { operation: Some(undone.number) }, None).expect("redone");
    assert_eq!(head_text(&engine, "a"), LINES.replace("two", "TWO").replace("six", "SIX"));
    // Without a number: the newest that stands. First the second landing, then the first, which was undone and redone.
    let second = space.undo(Undo::default(), None).expect("undone");
    assert_eq!(head_text(&engine, "a"), LINES.replace("two", "TWO"));
    assert_ne!(second.undoes, Some(land.number));
    let first = space.undo(Undo::default(), None).expect("undone");
    assert_eq!(first.undoes, Some(land.number), "an operation that was redone stands again");
    assert_eq!(head_text(&engine, "a"), LINES);
    // Later work that stands on it excludes it.
    let ada = session(&engine, "ada");
    edit(&ada, "a", "one", "ONE");
    landed(&ada);
    let under = space.operations(None, Some(1)).expect("operations").operations[0].number;
    edit(&ada, "a", "ONE", "1");
    landed(&ada);
    let view = showing(&space);
    assert_eq!(code(space.undo(Undo { operation: Some(under) }, None)), "undo_conflict");
    assert_eq!(showing(&space), view);
    assert_eq!(code(space.undo(Undo { operation: Some(9999) }, None)), "operation_not_found");
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn branches_and_checkpoints_are_undone_and_redone() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let names = || space.branches().expect("branches").into_iter().map(|branch| branch.name).collect::<Vec<_>>();
    let points = || space.checkpoints().expect("checkpoints").into_iter().map(|point| (point.name, point.tag)).collect::<Vec<_>>();
    space.create_branch(branch("side"), None).expect("created");
    let undo = space.undo(Undo::default(), None).expect("undone");
    assert_eq!(names(), ["refs/heads/main"]);
    let redo = space.undo(Undo { operation: Some(undo.number) }, None).expect("redone");
    assert_eq!(names(), ["refs/heads/main", "refs/heads/side"]);
    space.undo(Undo { operation: Some(redo.number) }, None).expect("undone again");
    assert_eq!(names(), ["refs/heads/main"]);

    space.create_branch(branch("side"), None).expect("created");
    let ada = opened(&engine, &space, on("ada", "side"));
    write(&ada, "x", "x");
    landed(&ada);
    let tip = repo_head(&space, "refs/heads/side");
    space.delete_branch("side", None).expect("deleted");
    let undo = space.undo(Undo::default(), None).expect("undone");
    assert_eq!(repo_head(&space, "refs/heads/side"), tip);
    space.undo(Undo { operation: Some(undo.number) }, None).expect("deleted again");
    assert_eq!(names(), ["refs/heads/main"]);

    let made = space.create_checkpoint(checkpoint("p1", None), None).expect("made");
    assert_eq!(points(), [("p1".to_owned(), made.tag)]);
    let undo = space.undo(Undo::default(), None).expect("undone");
    assert_eq!(points(), []);
    space.undo(Undo { operation: Some(undo.number) }, None).expect("redone");
    assert_eq!(points(), [("p1".to_owned(), made.tag)]);
    assert_eq!(code(space.create_checkpoint(checkpoint("p1", None), None)), "checkpoint_exists");
    // A branch that became the default is not taken away by an undo.
    space.create_branch(branch("trunk"), None).expect("created");
    let created = space.operations(None, Some(1)).expect("operations").operations[0].number;
    space.update(WorkspaceUpdate { default_branch: Some("trunk".into()), ..WorkspaceUpdate::default() }).expect("updated");
    assert_eq!(code(space.undo(Undo { operation: Some(created) }, None)), "branch_default");
    engine.shutdown();
    assert_eq!(
        repo.git(&["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"]),
        "refs/heads/main\nrefs/heads/trunk\nrefs/tags/p1"
    );
    assert_eq!(repo.git(&["cat-file", "-p", "refs/tags/p1"]).lines().last(), Some("why"));
    assert_eq!(repo.fsck(), "");
}

fn repo_head(space: &Workspace, name: &str) -> Option<acetate_types::ObjectId> {
    space.branches().expect("branches").into_iter().find(|branch| branch.name == name).and_then(|branch| branch.head.commit)
}

#[test]
fn idempotency_keys_give_the_same_answer_once_and_for_all() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let mut engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    let id = ada.id().clone();
    macro_rules! twice {
        ($what:literal, $call:expr) => {{
            let call = $call;
            let key = once($what, 1);
            let first = call(Some(&key)).unwrap_or_else(|error: EngineError| panic!("{}: {error}", $what));
            let view = showing(&space);
            let again = call(Some(&key)).unwrap_or_else(|error: EngineError| panic!("{}: {error}", $what));
            assert_eq!(first, again, "{}", $what);
            assert_eq!(showing(&space), view, "{}: no effect twice", $what);
            let other = call(Some(&once($what, 2)));
            assert_eq!(code(other), "idempotency_key_reused", "{}", $what);
            first
        }};
    }
    write(&ada, "x", "1");
    twice!("commit", |key| ada.commit(CommitTurn::default(), key));
    twice!("commit nothing", |key| ada.commit(CommitTurn::default(), key));
    let submission = twice!("submit", |key| ada.submit(Submit::default(), key));
    twice!("sync nothing", |key| ada.sync(Default::default(), key));
    twice!("branch", |key| space.create_branch(branch("side"), key));
    twice!("unbranch", |key| space.delete_branch("side", key));
    twice!("checkpoint", |key| space.create_checkpoint(checkpoint("p", None), key));
    twice!("undo", |key| space.undo(Undo::default(), key));
    let (land, _) = {
        write(&ada, "y", "1");
        landed(&ada);
        (space.operations(None, Some(1)).expect("operations").operations[0].number, ())
    };
    twice!("undo landing", |key| space.undo(Undo { operation: Some(land) }, key));
    twice!("fork", |key| space.fork(Fork { name: Some("forked".into()), at: None }, key));
    let make = || CreateWorkspace { name: Some("empty".into()), ..CreateWorkspace::default() };
    twice!("create", |key| engine.create_workspace(&engine.owner(), make(), key, &|_| ()));
    // A sync that conflicts, and a resolution.
    let bob = opened(&engine, &space, named("bob"));
    edit(&bob, "a", "two", "bob");
    edit(&bob, "b", "two", "bob");
    let cleo = opened(&engine, &space, named("cleo"));
    edit(&cleo, "a", "two", "cleo");
    edit(&cleo, "b", "two", "cleo");
    landed(&cleo);
    twice!("sync conflict", |key| bob.sync(Default::default(), key));
    twice!("submit conflict", |key| bob.submit(Submit::default(), key));
    twice!("resolve one", |key| bob.resolve(resolve("a", "head", None), key));
    twice!("resolve last", |key| bob.resolve(resolve("b", "session", None), key));
    twice!("sync moved", |key| bob.sync(Default::default(), key));
    assert_eq!(code(ada.commit(CommitTurn::default(), Some(&once("", 1)))), "idempotency_key_invalid");
    assert_eq!(code(ada.commit(CommitTurn::default(), Some(&once(&"k".repeat(201), 1)))), "idempotency_key_invalid");
    // Also after a restart.
    drop((ada, bob, cleo, space));
    drop(engine);
    engine = open(&repo);
    let ada = engine.session(&engine.owner(), &id).expect("ada");
    assert_eq!(ada.submit(Submit::default(), Some(&once("submit", 1))).expect("answered"), submission);
    assert_eq!(engine.submission(&engine.owner(), submission.id.as_deref().expect("an id")).expect("kept"), submission);
}

#[test]
fn a_call_repeated_while_the_first_is_under_way_has_one_effect() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    for round in 0..10 {
        let ada = session(&engine, "ada");
        write(&ada, "x", format!("{round}"));
        let key = format!("k{round}");
        let answers: Vec<_> = std::thread::scope(|scope| {
            let callers: Vec<_> =
                (0..4).map(|_| scope.spawn(|| ada.submit(Submit::default(), Some(&once(&key, 1))).expect("answered"))).collect();
            callers.into_iter().map(|caller| caller.join().expect("ends")).collect()
        });
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        let space = workspace(&engine);
        let key = format!("b{round}");
        let branches: Vec<_> = std::thread::scope(|scope| {
            let name = format!("branch{round}");
            let callers: Vec<_> = (0..4)
                .map(|_| {
                    let (space, key, name) = (space.clone(), key.clone(), name.clone());
                    scope.spawn(move || space.create_branch(branch(&name), Some(&once(&key, 1))).expect("answered"))
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().expect("ends")).collect()
        });
        assert!(branches.windows(2).all(|pair| pair[0] == pair[1]), "{branches:?}");
    }
    assert_eq!(gap_free(&workspace(&engine)).len(), 11);
}

#[test]
fn forks_of_workspaces_read_through_their_parent_and_number_on() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    space.create_branch(branch("side"), None).expect("created");
    for text in ["1", "2"] {
        write(&ada, "x", text);
        landed(&ada);
    }
    // The newest version is not on the default branch.
    let side = opened(&engine, &space, on("sid", "side"));
    write(&side, "s", "s");
    assert_eq!(landed(&side), 4);
    let whole = space.fork(Fork { name: Some("whole".into()), at: None }, None).expect("forked");
    space.fork(Fork { name: Some("early".into()), at: Some("v2".into()) }, None).expect("forked");
    for round in 0..2 {
        let whole = engine.workspace(&engine.owner(), whole.id.as_str()).expect("the fork");
        let early = engine.workspace(&engine.owner(), "early").expect("the fork, by name");
        assert_eq!(gap_free(&whole).iter().map(|version| version.version).max(), Some(4 + round), "round {round}");
        assert_eq!(gap_free(&early).iter().map(|version| version.version).max(), Some(2 + round));
        assert_eq!(early.branches().expect("branches").len(), 1);
        assert_eq!(whole.branches().expect("branches").len(), 2);
        let text = |space: &Workspace, at: &str| {
            space.read(Some(at), &path("x")).map(|read| String::from_utf8_lossy(&read.content.0).into_owned())
        };
        assert_eq!(text(&early, "v2").expect("read"), "1");
        assert_eq!(code(text(&early, "v4")), "point_not_found", "what came after the fork is not its own");
        assert_eq!(text(&whole, "v3").expect("read"), "2");
        if round == 0 {
            for (fork, due) in [(&whole, 5), (&early, 3)] {
                let fay = opened(&engine, fork, named("fay"));
                write(&fay, "fork", "fork\n");
                assert_eq!(landed(&fay), due, "numbering goes on from the fork point");
            }
            // The parent goes on by itself.
            write(&ada, "x", "3");
            assert_eq!(landed(&ada), 5);
            assert!(early.read(None, &path("fork")).is_ok());
            assert_eq!(code(space.read(None, &path("fork"))), "path_not_found");
        }
        assert_eq!(code(early.fork(Fork { name: Some("whole".into()), at: None }, None)), "name_taken");
    }
    drop((side, ada, space));
    drop(engine);
    let engine = open(&repo);
    let whole = engine.workspace(&engine.owner(), whole.id.as_str()).expect("the fork");
    assert_eq!(gap_free(&whole).len(), 5);
    // A fork of a fork.
    let early = engine.workspace(&engine.owner(), "early").expect("the fork");
    assert_eq!(gap_free(&early).len(), 3);
    assert_eq!(code(early.read(Some("v4"), &path("x"))), "point_not_found");
    let second = early.fork(Fork { name: Some("second".into()), at: None }, None).expect("forked");
    let second = engine.workspace(&engine.owner(), second.id.as_str()).expect("the fork");
    let kinds: Vec<u64> = gap_free(&second).iter().map(|version| version.version).collect();
    assert_eq!(kinds, [1, 2, 3]);
    engine.project_refs().expect("projected");
    let id = second.id().to_string();
    let refs = repo.git(&["for-each-ref", "--format=%(refname)", &format!("refs/namespaces/{id}")]);
    assert_eq!(refs, format!("refs/namespaces/{id}/HEAD\nrefs/namespaces/{id}/refs/heads/main"));
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn differences_changes_and_points() {
    let repo = bare(&[("a", LINES), ("b", LINES)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = opened(&engine, &space, OpenSession { intent: Some("to try".into()), ..named("ada") });
    edit(&ada, "a", "two", "TWO");
    let turn = ada.commit(CommitTurn { message: Some("A turn\n\nLong.".into()) }, None).expect("committed").commit.expect("a commit");
    delete(&ada, "b");
    landed(&ada);
    let point = space.create_checkpoint(checkpoint("p/q", Some("v1")), None).expect("made");
    assert_eq!(point.version, Some(1));
    let diff = space.diff("v1", "v2", &diff_options()).expect("a diff");
    assert_eq!(
        diff.files.iter().map(|file| (file.path.to_string(), file.added, file.removed)).collect::<Vec<_>>(),
        [("a".into(), 1, 1), ("b".into(), 0, 7)]
    );
    let back = space.diff("refs/heads/main", "refs/tags/p/q", &diff_options()).expect("a diff");
    assert_eq!(back.files.len(), 2);
    for bad in [
        "v3",
        "v0",
        "v-1",
        "v99999999999999999999999",
        "main",
        "refs/heads/none",
        "HEAD",
        "",
        "v",
        "deadbeef",
        "refs/heads/../x",
        &"0".repeat(40),
    ] {
        assert_eq!(code(space.diff("v1", bad, &diff_options())), "point_not_found", "{bad:?}");
    }
    let change = engine.change(&engine.owner(), &turn).expect("a change");
    assert_eq!((change.version, change.session.as_ref(), change.intent.as_deref()), (None, Some(ada.id()), Some("to try")));
    assert_eq!(change.paths.len(), 1);
    assert!(change.message.as_str().expect("text").starts_with("A turn\n\nLong."));
    let landed = space.versions(None, None, None).expect("versions").versions[0].commit;
    let change = engine.change(&engine.owner(), &landed).expect("a change");
    assert_eq!((change.version, change.paths.len(), change.author.as_str()), (Some(2), 2, "ada <ada@acetate.invalid>"));
    assert_eq!(code(engine.change(&engine.owner(), &repo.id("main^{tree}"))), "change_not_found");
}

#[test]
fn tokens_see_and_do_what_their_scope_and_rights_allow() {
    let repo = bare(&[("a", LINES)]);
    let clock = HandClock::new();
    let mut options = options(&repo);
    options.clock = Arc::clone(&clock) as Arc<dyn acetate_engine::Clock>;
    let engine = super::common::start(options);
    let owner = engine.owner();
    let space = workspace(&engine);
    let name = space.info().expect("info").name;
    let other =
        engine.create_workspace(&owner, CreateWorkspace { name: Some("other".into()), ..Default::default() }, None, &|_| ()).expect("made");
    let make = |workspace: Option<&str>, rights: &[Right], ttl| {
        let create = CreateToken { workspace: workspace.map(Into::into), rights: rights.to_vec(), label: Some("test".into()), ttl };
        engine.create_token(&owner, &create).expect("a token").token
    };
    let denied = |error: EngineError| error.code().to_owned();
    // Rights.
    let reader = engine.authorize(&make(Some(&name), &[Right::Read], None)).expect("authorized");
    let seen = engine.workspace(&reader, &name).expect("seen");
    assert!(seen.read(None, &path("a")).is_ok());
    assert_eq!(code(seen.open_session(named("x"))), "right_missing");
    assert_eq!(code(seen.create_branch(branch("x"), None)), "right_missing");
    assert_eq!(code(seen.create_checkpoint(checkpoint("x", None), None)), "right_missing");
    assert_eq!(code(seen.undo(Undo::default(), None)), "right_missing");
    assert_eq!(code(seen.update(WorkspaceUpdate { name: Some("x".into()), ..Default::default() })), "right_missing");
    assert_eq!(
        code(engine.create_token(&reader, &CreateToken { workspace: None, rights: vec![Right::Read], label: None, ttl: None })),
        "right_missing"
    );
    // Scope: what may not be seen is as if absent.
    let absent = |result: Result<Workspace, EngineError>| denied(result.expect_err("not seen"));
    let (hidden, never) = (engine.workspace(&reader, "other"), engine.workspace(&reader, "never"));
    assert_eq!(absent(hidden), absent(never));
    assert_eq!(engine.workspaces(&reader, None, None).expect("listed").workspaces.len(), 1);
    assert_eq!(code(engine.status(&reader)), "scope_too_small");
    assert_eq!(code(engine.create_workspace(&reader, CreateWorkspace::default(), None, &|_| ())), "scope_too_small");
    let elsewhere =
        engine.authorize(&make(Some("other"), &[Right::Read, Right::Write, Right::Land, Right::Admin], None)).expect("authorized");
    let ada = opened(&engine, &space, named("ada"));
    write(&ada, "x", "x");
    let turn = ada.commit(CommitTurn::default(), None).expect("committed").commit.expect("a commit");
    let submission = ada.submit(Submit::default(), None).expect("submitted").id.expect("an id");
    let landed = space.versions(None, None, None).expect("versions").versions[0].commit;
    assert_eq!(code(engine.session(&elsewhere, ada.id())), "session_not_found");
    assert_eq!(code(engine.submission(&elsewhere, &submission)), "submission_not_found");
    for commit in [turn, landed] {
        assert_eq!(code(engine.change(&elsewhere, &commit)), "change_not_found");
        assert!(engine.change(&reader, &commit).is_ok());
    }
    assert_eq!(code(engine.workspace(&elsewhere, "other").expect("seen").delete()), "scope_too_small");
    assert_eq!(
        code(engine.create_token(&elsewhere, &CreateToken { workspace: None, rights: vec![Right::Read], label: None, ttl: None })),
        "scope_too_small"
    );
    assert_eq!(
        code(
            engine.create_token(
                &elsewhere,
                &CreateToken { workspace: Some(name.clone()), rights: vec![Right::Read], label: None, ttl: None }
            )
        ),
        "workspace_not_found"
    );
    // A session's own token reaches that session alone; the workspace only for reading.
    let request = space.open_session(named("bob")).expect("opened");
    let own = engine.authorize(&request.token).expect("authorized");
    assert!(matches!(own.scope, Scope::Session { .. }));
    let bob = engine.session(&own, &request.id).expect("its session");
    write(&bob, "bob", "bob");
    assert_eq!(code(engine.session(&own, ada.id())), "session_not_found");
    let through = engine.workspace(&own, &name).expect("seen");
    assert!(through.read(None, &path("a")).is_ok());
    assert_eq!(through.sessions().expect("sessions").sessions.len(), 1);
    let view = showing(&space);
    for result in [
        through.open_session(named("x")).map(drop),
        through.create_branch(branch("x"), None).map(drop),
        through.delete_branch("main", None),
        through.create_checkpoint(checkpoint("x", None), None).map(drop),
        through.undo(Undo::default(), None).map(drop),
        through.catch_up().map(drop),
        through.fork(Fork::default(), None).map(drop),
        through.push(&[], None).map(drop),
    ] {
        let code = code(result);
        assert!(["scope_too_small", "right_missing"].contains(&code.as_str()), "{code}");
    }
    assert_eq!(showing(&space), view);
    assert!(bob.submit(Submit::default(), None).is_ok(), "its work may land");
    bob.close(true).expect("closed");
    assert_eq!(code(engine.authorize(&request.token)), "token_unknown", "a closed session's token has ended");
    // Time.
    let brief = make(None, &[Right::Read], Some(60));
    assert!(engine.authorize(&brief).is_ok());
    clock.pass(59);
    assert!(engine.authorize(&brief).is_ok());
    clock.pass(1);
    assert_eq!(code(engine.authorize(&brief)), "token_unknown");
    for bad in ["", "act_", "x", &"y".repeat(100_000), "act_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(code(engine.authorize(bad)), "token_unknown");
    }
    let forever = make(None, &[Right::Read], Some(u64::MAX));
    assert!(engine.authorize(&forever).is_ok());
    assert_eq!(other.name, "other");
}
