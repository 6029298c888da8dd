//! The main job, end to end, on a real repository, with the real `git` as witness.

use acetate_engine::api::{CommitTurn, OpenSession, StringEdit, SubmissionOutcome, Submit, WriteFile};
use acetate_engine::{Engine, EngineOptions, Session};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, RepoPath};

fn open(repo: &GitRepo) -> Engine {
    let mut options = EngineOptions::at(repo.path());
    options.background = false;
    Engine::open(options).expect("the store opens")
}

fn session(engine: &Engine, agent: &str) -> Session {
    let workspace = engine.workspaces(&engine.owner(), None, None).expect("workspaces").workspaces.remove(0);
    let workspace = engine.workspace(&engine.owner(), workspace.id.as_str()).expect("a workspace");
    let opened = workspace
        .open_session(OpenSession { agent: agent.into(), intent: Some("try it".into()), ..Default::default() })
        .expect("a session");
    engine.session(&engine.owner(), &opened.id).expect("the session")
}

fn path(path: &str) -> RepoPath {
    path.parse().expect("a path")
}

fn write(session: &Session, at: &str, text: &str) {
    session.write(WriteFile { path: path(at), content: text.as_bytes().to_vec().into(), mode: None, expect: None }).expect("written");
}

fn landed(session: &Session) -> u64 {
    match session.submit(Submit::default(), None).expect("submitted").outcome {
        SubmissionOutcome::Landed { version, .. } => version.expect("a version"),
        other => panic!("{other:?}"),
    }
}

fn journey(format: ObjectFormat, bare: bool) {
    let source = GitRepo::new(format);
    source.write("src/a.rs", "fn a() {}\n\nfn b() {}\n\nfn c() {}\n");
    source.write("README.md", "hello\n");
    source.commit("first");
    let bare_repo = GitRepo::bare(format);
    let repo = if bare {
        source.git(&["push", "-q", bare_repo.path().to_str().expect("utf-8"), "main"]);
        &bare_repo
    } else {
        &source
    };
    let engine = open(repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    ada.edit(&path("src/a.rs"), &[StringEdit { old: "fn a() {}".into(), new: "fn a() { 1 }".into(), all: false }], None).expect("edited");
    write(&ada, "docs/new.md", "new\n");
    bob.edit(&path("src/a.rs"), &[StringEdit { old: "fn c() {}".into(), new: "fn c() { 3 }".into(), all: false }], None).expect("edited");
    assert_eq!(bob.read(&path("README.md")).expect("read").content.0, "hello\n");
    assert!(bob.read(&path("docs/new.md")).is_err(), "no session sees another's edits");
    assert!(ada.commit(CommitTurn::default(), None).expect("committed").changed);
    assert!(!ada.commit(CommitTurn::default(), None).expect("committed").changed);
    assert_eq!(landed(&ada), 2);
    assert_eq!(bob.standing(None).behind, 1);
    assert_eq!(landed(&bob), 3);
    assert_eq!(bob.read(&path("src/a.rs")).expect("read").content.0, "fn a() { 1 }\n\nfn b() {}\n\nfn c() { 3 }\n");
    // Both change one line: a conflict, as data.
    ada.sync(Default::default(), None).expect("synced");
    ada.edit(&path("README.md"), &[StringEdit { old: "hello".into(), new: "hello ada".into(), all: false }], None).expect("edited");
    bob.edit(&path("README.md"), &[StringEdit { old: "hello".into(), new: "hello bob".into(), all: false }], None).expect("edited");
    assert_eq!(landed(&ada), 4);
    let conflict = bob.submit(Submit::default(), None).expect("submitted");
    let SubmissionOutcome::Conflict { conflicts, against, .. } = conflict.outcome else { panic!("a conflict was due") };
    assert_eq!((conflicts.len(), conflicts[0].kind.as_str(), against.version), (1, "both_changed", Some(4)));
    assert_eq!(conflicts[0].head_author.as_ref().map(|person| person.name.as_str()), Some("ada"));
    let resolve =
        serde_json::from_value(serde_json::json!({ "path": "README.md", "take": "text", "text": "hello both\n" })).expect("a resolution");
    assert!(bob.resolve(resolve, None).expect("resolved").moved);
    assert_eq!(landed(&bob), 5);
    engine.project_refs().expect("projected");
    engine.shutdown();
    assert_eq!(repo.git(&["log", "--format=%s|%an", "main"]).lines().count(), 5);
    assert_eq!(repo.git(&["show", "main:README.md"]), "hello both");
    assert!(repo.git(&["log", "-1", "--format=%B", "main"]).contains("Acetate-Version: v5"));
    assert_eq!(repo.fsck(), "");
    if !bare {
        assert_eq!(repo.git(&["status", "--porcelain"]), "", "the checkout follows");
        assert_eq!(std::fs::read_to_string(repo.path().join("README.md")).expect("the file"), "hello both\n");
    }
}

#[test]
fn sessions_land_in_a_bare_repository() {
    journey(ObjectFormat::Sha1, true);
}

#[test]
fn sessions_land_in_a_checkout() {
    journey(ObjectFormat::Sha1, false);
}

#[test]
fn sessions_land_with_sha256() {
    journey(ObjectFormat::Sha256, true);
}

#[test]
fn sessions_survive_a_restart() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.write("a", "one\ntwo\nthree\n");
    repo.commit("first");
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    write(&ada, "a", &"long text that makes a splice worth it\n".repeat(20));
    write(&ada, "a", &("first\n".to_owned() + &"long text that makes a splice worth it\n".repeat(20)));
    ada.commit(CommitTurn::default(), None).expect("committed");
    write(&ada, "b", "unsaved\n");
    write(&bob, "c", "only journaled\n");
    let (ada_id, bob_id) = (ada.id().clone(), bob.id().clone());
    let text = ada.read(&path("a")).expect("read").content;
    drop((ada, bob));
    drop(engine);
    let engine = open(&repo);
    let ada = engine.session(&engine.owner(), &ada_id).expect("ada is back");
    let bob = engine.session(&engine.owner(), &bob_id).expect("bob is back");
    assert_eq!(ada.read(&path("a")).expect("read").content, text);
    assert_eq!(ada.read(&path("b")).expect("read").content.0, "unsaved\n");
    assert_eq!(bob.read(&path("c")).expect("read").content.0, "only journaled\n");
    assert_eq!((landed(&ada), landed(&bob)), (2, 3));
    engine.shutdown();
    assert_eq!(repo.git(&["show", "main:c"]), "only journaled");
    assert_eq!(repo.fsck(), "");
}
