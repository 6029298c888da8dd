//! Opening stores, working in sessions, seeds.

use acetate_engine::api::{CommitTurn, OpenSession, StringEdit, Submission, SubmissionOutcome, Submit, TurnCommit, WriteFile};
use acetate_engine::{Engine, EngineError, EngineOptions, Session, Workspace};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, ObjectId, RepoPath};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// The run's seed, from the environment or the time; printed, so that a failure can be repeated.
pub fn seed() -> u64 {
    let given = std::env::var("ACETATE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time after 1970");
        since.as_nanos() as u64 & 0xffff_ffff
    });
    println!("ACETATE_SEED={seed}");
    seed
}

/// A number from the environment.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// A bare repository with the files that the tests' clients work on.
pub fn repository(format: ObjectFormat, clients: usize) -> GitRepo {
    let repo = GitRepo::bare(format);
    let files = [("shared.txt".to_owned(), shared(clients)), ("README.md".to_owned(), "hello\n".to_owned())];
    repo.fast_commit("main", files.map(|(path, text)| (path, "100644", Some(text))));
    repo
}

/// A file with one line for each client, far enough from each other's that they merge.
fn shared(clients: usize) -> String {
    (0..clients).map(|client| format!("// client {client}\n//\n//\nslot {client:02}: 0\n//\n//\n//\n")).collect()
}

pub fn options(path: &Path) -> EngineOptions {
    let mut options = EngineOptions::at(path);
    options.background = false;
    options
}

pub fn open(path: &Path) -> Engine {
    Engine::open(options(path)).expect("the store opens")
}

pub fn workspace(engine: &Engine) -> Workspace {
    let list = engine.workspaces(&engine.owner(), None, None).expect("workspaces").workspaces;
    let own = list.into_iter().find(|workspace| workspace.in_place).expect("the repository's own workspace");
    engine.workspace(&engine.owner(), own.id.as_str()).expect("the workspace")
}

pub fn try_session(engine: &Engine, agent: &str) -> Result<Session, EngineError> {
    let opened = workspace(engine).open_session(OpenSession { agent: agent.into(), ..Default::default() })?;
    engine.session(&engine.owner(), &opened.id)
}

pub fn session(engine: &Engine, agent: &str) -> Session {
    try_session(engine, agent).expect("a session")
}

pub fn path(path: &str) -> RepoPath {
    path.parse().expect("a path")
}

pub fn try_write(session: &Session, at: &str, text: &str) -> Result<(), EngineError> {
    session.write(WriteFile { path: path(at), content: text.as_bytes().to_vec().into(), mode: None, expect: None }).map(drop)
}

pub fn write(session: &Session, at: &str, text: &str) {
    try_write(session, at, text).expect("written");
}

pub fn edit(session: &Session, at: &str, old: &str, new: &str) {
    session.edit(&path(at), &[StringEdit { old: old.to_owned().into(), new: new.to_owned().into(), all: false }], None).expect("edited");
}

pub fn read(session: &Session, at: &str) -> String {
    String::from_utf8(session.read(&path(at)).expect("read").content.0.to_vec()).expect("text")
}

pub fn commit(session: &Session) -> TurnCommit {
    session.commit(CommitTurn::default(), None).expect("committed")
}

pub fn submit(session: &Session) -> Submission {
    session.submit(Submit::default(), None).expect("submitted")
}

/// Submits, and gives the version and its commit.
pub fn land(session: &Session) -> (u64, ObjectId) {
    match submit(session).outcome {
        SubmissionOutcome::Landed { version, commit, .. } => (version.expect("a version"), commit.expect("a commit")),
        other => panic!("{other:?}"),
    }
}

/// A long text in which one line can be edited, long enough that an edit is journaled as ranges.
pub fn long(value: &str) -> String {
    format!("value {value}\n{}", "a line that stays as it is\n".repeat(16))
}

/// What a child process is told.
pub struct Task {
    pub what: String,
    pub store: PathBuf,
    pub seed: u64,
    /// The point at which it dies, and how often it comes there alive.
    pub die: Option<(String, u64)>,
    pub clients: usize,
    /// Sessions to go on with, one for each client; empty for none.
    pub sessions: Vec<String>,
    pub round: u64,
    pub steps: u64,
}

impl Task {
    pub fn new(what: &str, store: &Path, seed: u64) -> Self {
        let (what, store) = (what.to_owned(), store.to_owned());
        Self { what, store, seed, die: None, clients: 1, sessions: Vec::new(), round: 0, steps: u64::MAX }
    }

    pub fn from_environment() -> Option<Self> {
        let get = |name: &str| std::env::var(format!("ACETATE_TASK_{name}")).ok();
        let number = |name: &str| get(name).and_then(|text| text.parse::<u64>().ok());
        Some(Self {
            what: get("WHAT")?,
            store: get("STORE")?.into(),
            seed: number("SEED")?,
            die: get("DIE").zip(number("DIE_AFTER")),
            clients: number("CLIENTS")? as usize,
            sessions: get("SESSIONS").unwrap_or_default().split(',').map(ToOwned::to_owned).collect(),
            round: number("ROUND")?,
            steps: number("STEPS")?,
        })
    }

    /// The command that runs it, behind `before` (a tracer and its arguments).
    pub fn command(&self, before: &[String]) -> Command {
        let own = std::env::current_exe().expect("the test's own program").to_string_lossy().into_owned();
        let mut line = before.to_vec();
        line.extend([own, "--exact".to_owned(), "child_process".to_owned(), "--nocapture".to_owned(), "--test-threads=1".to_owned()]);
        let (program, arguments) = line.split_first().expect("a program");
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut set = |name: &str, value: String| {
            command.env(format!("ACETATE_TASK_{name}"), value);
        };
        set("WHAT", self.what.clone());
        set("STORE", self.store.to_string_lossy().into_owned());
        set("SEED", self.seed.to_string());
        set("CLIENTS", self.clients.to_string());
        set("SESSIONS", self.sessions.join(","));
        set("ROUND", self.round.to_string());
        set("STEPS", self.steps.to_string());
        if let Some((point, after)) = &self.die {
            set("DIE", point.clone());
            set("DIE_AFTER", after.to_string());
        }
        command
    }

    pub fn spawn(&self) -> Child {
        self.command(&[]).spawn().expect("the child starts")
    }
}
