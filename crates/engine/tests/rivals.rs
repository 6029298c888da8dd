//! A conflict names who made the head's side: on this branch, and also when both submitted in the same moment.

use acetate_engine::api::{ConflictInfo, CreateBranch, OpenSession, SubmissionOutcome, Submit, WriteFile};
use acetate_engine::{Engine, EngineOptions, Session, Workspace};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use std::sync::Barrier;

struct Place {
    _repo: GitRepo,
    engine: Engine,
    workspace: Workspace,
}

impl Place {
    fn new() -> Self {
        let repo = GitRepo::new(ObjectFormat::Sha1);
        repo.write("a.txt", "one\ntwo\nthree\n");
        repo.commit("Begin");
        let mut options = EngineOptions::at(repo.path());
        options.background = false;
        let engine = Engine::open(options).expect("the store opens");
        let id = engine.workspaces(&engine.owner(), None, None).expect("workspaces").workspaces.remove(0).id;
        let workspace = engine.workspace(&engine.owner(), id.as_str()).expect("a workspace");
        Self { _repo: repo, engine, workspace }
    }

    /// A session that has changed the one line.
    fn rival(&self, agent: &str, branch: Option<&str>) -> Session {
        let open = OpenSession {
            agent: agent.into(),
            intent: Some(format!("{agent} wants it")),
            branch: branch.map(str::to_owned),
            ..OpenSession::default()
        };
        let opened = self.workspace.open_session(open).expect("a session");
        let session = self.engine.session(&self.engine.owner(), &opened.id).expect("the session");
        let content = format!("one\n{agent}\nthree\n").into_bytes().into();
        session.write(WriteFile { path: "a.txt".parse().expect("a path"), content, mode: None, expect: None }).expect("written");
        session
    }
}

fn submit(session: &Session) -> Result<u64, Box<ConflictInfo>> {
    match session.submit(Submit::default(), None).expect("submitted").outcome {
        SubmissionOutcome::Landed { version, .. } => Ok(version.expect("a version")),
        SubmissionOutcome::Conflict { mut conflicts, .. } => Err(Box::new(conflicts.remove(0))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_conflict_names_who_landed_on_this_branch() {
    let place = Place::new();
    place.workspace.create_branch(CreateBranch { name: "other".into(), at: None }, None).expect("a branch");
    let (ada, bob, eve) = (place.rival("ada", None), place.rival("bob", None), place.rival("eve", Some("other")));
    let version = submit(&ada).expect("landed");
    submit(&eve).expect("landed on the other branch, later");
    let author = submit(&bob).expect_err("a conflict").head_author.expect("an author");
    assert_eq!((&*author.name, author.version, author.intent.as_deref()), ("ada", Some(version), Some("ada wants it")));
    assert_eq!(author.session.as_ref(), Some(ada.id()));
}

#[test]
fn a_conflict_names_who_lands_in_the_same_moment() {
    for _ in 0..5 {
        let place = Place::new();
        let rivals: Vec<Session> = (0..8).map(|number| place.rival(&format!("rival-{number}"), None)).collect();
        let start = Barrier::new(rivals.len());
        let outcomes: Vec<Result<u64, Box<ConflictInfo>>> = std::thread::scope(|scope| {
            let threads: Vec<_> = rivals
                .iter()
                .map(|rival| {
                    scope.spawn(|| {
                        start.wait();
                        submit(rival)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let (at, version) = outcomes.iter().enumerate().find_map(|(at, outcome)| Some((at, *outcome.as_ref().ok()?))).expect("one lands");
        for conflict in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let author = conflict.head_author.as_ref().expect("an author");
            assert_eq!((&*author.name, author.version), (&*format!("rival-{at}"), Some(version)));
            assert_eq!(
                (author.session.as_ref(), author.intent.as_deref()),
                (Some(rivals[at].id()), Some(&*format!("rival-{at} wants it")))
            );
        }
    }
}
