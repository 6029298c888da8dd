//! Opening, editing, landing in few words.

use acetate_engine::api::{self, OpenSession, StringEdit, SubmissionOutcome, Submit, WriteFile};
use acetate_engine::{Clock, DiffOptions, Engine, EngineError, EngineOptions, Idempotency, Limits, Session, Workspace};
use acetate_testing::{GitRepo, git_command};
use acetate_types::{FileMode, ObjectFormat, ObjectId, RepoPath};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that tests move.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_700_000_000_000)))
    }
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> api::Timestamp {
        api::Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub fn options(repo: &GitRepo) -> EngineOptions {
    let mut options = EngineOptions::at(repo.path());
    options.background = false;
    options
}

/// Opens a store. Tests beside this one start `git` all the time, and a child holds copies of this process's locks until it has become
/// `git`: a lock just let go may seem held for a moment.
pub fn start(options: EngineOptions) -> Engine {
    for _ in 0..100 {
        match Engine::open(options.clone()) {
            Err(error) if ["journal_in_use", "store_in_use"].contains(&error.code()) => std::thread::sleep(Duration::from_millis(20)),
            other => return other.expect("the store opens"),
        }
    }
    panic!("the store stays locked");
}

pub fn open(repo: &GitRepo) -> Engine {
    start(options(repo))
}

pub fn open_limited(repo: &GitRepo, limit: impl FnOnce(&mut Limits)) -> Engine {
    let mut options = options(repo);
    limit(&mut options.limits);
    start(options)
}

/// A bare repository with these files as its first commit.
pub fn bare(files: &[(&str, &str)]) -> GitRepo {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", files.iter().map(|(path, text)| (*path, "100644", Some(*text))));
    repo
}

/// A store of its own beside a repository: with no workspace yet, and with no upkeep but what a test asks for.
pub fn own_store(repo: &GitRepo, set: impl FnOnce(&mut EngineOptions)) -> Engine {
    let mut options = EngineOptions::at(repo.beside("store"));
    options.create = true;
    options.background = false;
    set(&mut options);
    start(options)
}

/// A new, empty workspace.
pub fn made(engine: &Engine, name: &str) -> Workspace {
    let create = api::CreateWorkspace { name: Some(name.into()), ..Default::default() };
    engine.create_workspace(&engine.owner(), create, None, &|_| ()).expect("made");
    engine.workspace(&engine.owner(), name).expect("there")
}

/// What `git` says in an engine's store.
pub fn engine_git(engine: &Engine, args: &[&str]) -> String {
    let output = git_command(engine.git_dir()).args(args).output().expect("git");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository with a checkout and these files as its first commit.
pub fn checkout(files: &[(&str, &str)]) -> GitRepo {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.commit("first");
    repo
}

/// The only workspace.
pub fn workspace(engine: &Engine) -> Workspace {
    let info = engine.workspaces(&engine.owner(), None, None).expect("workspaces").workspaces.remove(0);
    engine.workspace(&engine.owner(), info.id.as_str()).expect("the workspace")
}

pub fn opened(engine: &Engine, workspace: &Workspace, request: OpenSession) -> Session {
    let opened = workspace.open_session(request).expect("a session");
    engine.session(&engine.owner(), &opened.id).expect("the session")
}

pub fn named(agent: &str) -> OpenSession {
    OpenSession { agent: agent.into(), ..OpenSession::default() }
}

pub fn on(agent: &str, branch: &str) -> OpenSession {
    OpenSession { agent: agent.into(), branch: Some(branch.into()), ..OpenSession::default() }
}

pub fn session(engine: &Engine, agent: &str) -> Session {
    opened(engine, &workspace(engine), named(agent))
}

pub fn path(path: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::new(path.as_ref().to_vec()).expect("a path")
}

pub fn try_write(session: &Session, at: &RepoPath, text: impl AsRef<[u8]>, mode: Option<FileMode>) -> Result<api::Written, EngineError> {
    session.write(WriteFile { path: at.clone(), content: text.as_ref().to_vec().into(), mode, expect: None })
}

pub fn write(session: &Session, at: impl AsRef<[u8]>, text: impl AsRef<[u8]>) {
    try_write(session, &path(at), text, None).expect("written");
}

pub fn write_mode(session: &Session, at: impl AsRef<[u8]>, text: impl AsRef<[u8]>, mode: FileMode) {
    try_write(session, &path(at), text, Some(mode)).expect("written");
}

pub fn edit(session: &Session, at: &str, old: &str, new: &str) {
    let edit = StringEdit { old: old.to_owned().into(), new: new.to_owned().into(), all: false };
    session.edit(&path(at), &[edit], None).expect("edited");
}

pub fn delete(session: &Session, at: &str) {
    session.delete(&path(at), None).expect("deleted");
}

pub fn rename(session: &Session, from: &str, to: &str) {
    session.rename(&api::MoveFile { from: path(from), to: path(to), replace: false }).expect("moved");
}

pub fn read(session: &Session, at: impl AsRef<[u8]>) -> String {
    let content = session.read(&path(at)).expect("read").content;
    String::from_utf8_lossy(&content.0).into_owned()
}

pub fn submit(session: &Session) -> SubmissionOutcome {
    session.submit(Submit::default(), None).expect("submitted").outcome
}

pub fn landed(session: &Session) -> u64 {
    match submit(session) {
        SubmissionOutcome::Landed { version, .. } => version.expect("a version"),
        other => panic!("{other:?}"),
    }
}

pub fn conflicts(session: &Session) -> Vec<api::ConflictInfo> {
    match submit(session) {
        SubmissionOutcome::Conflict { conflicts, .. } => conflicts,
        other => panic!("{other:?}"),
    }
}

pub fn code<T: std::fmt::Debug>(result: Result<T, EngineError>) -> String {
    result.expect_err("an error was due").code().to_owned()
}

pub fn once(key: &str, body: u8) -> Idempotency {
    Idempotency { key: key.into(), body_hash: [body; 32] }
}

pub fn resolve(path: &str, take: &str, text: Option<&str>) -> api::Resolve {
    let mut value = serde_json::json!({ "path": path, "take": take });
    if let Some(text) = text {
        value["text"] = text.into();
    }
    serde_json::from_value(value).expect("a resolution")
}

pub fn diff_options() -> DiffOptions {
    DiffOptions { hunks: true, patch: true, symbols: false, context: 3, paths: Vec::new() }
}

/// Every file that a session sees, with its mode and content.
pub fn files(session: &Session) -> BTreeMap<Vec<u8>, (FileMode, Vec<u8>)> {
    let list = session.files(&api::ListFiles::default()).expect("listed");
    assert_eq!(list.next, None);
    let show = |info: api::FileInfo| {
        let read = session.read(&info.path).expect("read");
        assert_eq!(Some(read.mode), info.mode, "{}", info.path);
        (info.path.as_bytes().to_vec(), (read.mode, read.content.0.to_vec()))
    };
    list.files.into_iter().map(show).collect()
}

/// All that must not change when a call is refused.
pub fn state(session: &Session) -> String {
    let status = session.status().expect("status");
    let changes = serde_json::to_string(&status.changes).expect("json");
    let info = &status.session;
    format!("{:?}\n{changes}\n{:?} {:?} {} {} {}", files(session), info.base, info.tip, info.turn, info.unsaved, info.unsubmitted)
}

/// All that a workspace shows, for calls that must change nothing.
pub fn showing(workspace: &Workspace) -> String {
    let events = workspace.events(0, None).expect("events").events.len();
    let operations = workspace.operations(None, None).expect("operations").operations.len();
    format!(
        "{:?} {:?} {:?} {events} {operations}",
        workspace.branches().expect("branches"),
        workspace.checkpoints().expect("checkpoints"),
        workspace.versions(None, None, None).expect("versions"),
    )
}

/// What `git` makes of merging `theirs` into `ours` from `base`: the tree, or `None` for a conflict. All are trees.
pub fn git_merge(repo: &GitRepo, base: &ObjectId, ours: &ObjectId, theirs: &ObjectId) -> Option<ObjectId> {
    let commit = |tree: &ObjectId, parent: Option<&str>| {
        let tree = tree.to_hex();
        let mut args = vec!["commit-tree", "-m", "m", &tree];
        args.extend(parent.iter().flat_map(|parent| ["-p", parent]));
        repo.git(&args)
    };
    let base = commit(base, None);
    let (ours, theirs) = (commit(ours, Some(&base)), commit(theirs, Some(&base)));
    let output = repo.try_git(&["merge-tree", "--write-tree", "--no-messages", &ours, &theirs]);
    match output.status.code() {
        Some(0) => Some(String::from_utf8_lossy(&output.stdout).trim().parse().expect("a tree")),
        Some(1) => None,
        _ => panic!("merge-tree: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Versions count up from 1 without gaps.
pub fn gap_free(workspace: &Workspace) -> Vec<api::VersionInfo> {
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = workspace.versions(before, Some(500), None).expect("versions");
        all.extend(page.versions);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    all.reverse();
    let numbers: Vec<u64> = all.iter().map(|version| version.version).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "versions are gap-free");
    all
}

/// Events count up from 1 without gaps.
pub fn all_events(workspace: &Workspace) -> Vec<api::Event> {
    let mut all: Vec<api::Event> = Vec::new();
    loop {
        let page = workspace.events(all.len() as u64, Some(200)).expect("events");
        if page.events.is_empty() {
            break;
        }
        all.extend(page.events);
    }
    for (at, event) in all.iter().enumerate() {
        assert_eq!(event.number, at as u64 + 1, "events are gap-free");
    }
    all
}
