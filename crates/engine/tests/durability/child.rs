//! What the child processes do: clients that write, commit, submit and tell what was acknowledged, until something ends them.
//!
//! One line of standard output is one fact, written in one call: `@try` before an edit, `@ok` after it, `@session`, `@closing`, `@closed`,
//! `@persist`, `@commit`, `@land`, `@checkpoint`, `@workspace` after the answers; `@bad` is an answer that should not have come.

use crate::common::{Random, Task, land, long, options, path, submit, try_write, workspace};
use acetate_engine::api::{CommitTurn, CreateCheckpoint, CreateWorkspace, Fork, OpenSession, StringEdit, SubmissionOutcome, Submit};
use acetate_engine::{Engine, EngineError, Points, Session};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};

/// Says a fact, in one write.
pub fn say(fact: impl Display) {
    let line = format!("@{fact}\n");
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).and_then(|()| out.flush()).expect("the parent listens");
}

/// Dies, as by `kill -9`, when it comes to a point for the n-th time.
struct Deadly {
    point: String,
    left: AtomicU64,
}

impl Points for Deadly {
    fn hit(&self, name: &'static str) {
        if name == self.point && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            loop {
                std::thread::park();
            }
        }
    }
}

pub fn run(task: &Task) {
    match task.what.as_str() {
        "work" => work(task),
        "few" => few(task),
        "burst" => burst(task),
        other => panic!("unknown task {other}"),
    }
}

fn work(task: &Task) {
    let mut options = options(&task.store);
    if let Some((point, after)) = &task.die {
        options.points = Arc::new(Deadly { point: point.clone(), left: AtomicU64::new(*after) });
    }
    let engine = Engine::open(options).expect("the store opens");
    let dead = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for client in 0..task.clients {
            let (engine, dead) = (&engine, &dead);
            scope.spawn(move || {
                let mut client = Client::new(engine, task, client);
                for _ in 0..task.steps {
                    if dead.load(Ordering::Relaxed) {
                        break;
                    }
                    if let Err(error) = client.step() {
                        say(format_args!("bad {} {} {error}", client.number, error.code()));
                        dead.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
        let (engine, dead) = (&engine, &dead);
        scope.spawn(move || {
            for n in 0..task.steps.min(10_000) {
                if dead.load(Ordering::Relaxed) {
                    break;
                }
                if let Err(error) = found(engine, task, n) {
                    say(format_args!("bad founder {} {error}", error.code()));
                    dead.store(true, Ordering::Relaxed);
                }
            }
        });
    });
    engine.shutdown();
}

/// Checkpoints, forks, and imports where dying in one is the point.
fn found(engine: &Engine, task: &Task, n: u64) -> Result<(), EngineError> {
    let own = workspace(engine);
    let name = format!("r{}n{n}", task.round);
    let made = own.create_checkpoint(CreateCheckpoint { name: name.clone(), at: None, message: None }, None)?;
    say(format_args!("checkpoint {name} {} {}", made.tag, made.commit));
    if n.is_multiple_of(8) {
        let made = own.fork(Fork { name: Some(format!("fork-{name}")), ..Default::default() }, None)?;
        say(format_args!("workspace {} {}", made.name, made.id));
    }
    if task.die.as_ref().is_some_and(|(point, _)| point.starts_with("import.")) {
        let from = task.store.with_file_name("source").to_string_lossy().into_owned();
        let create: CreateWorkspace =
            serde_json::from_value(serde_json::json!({ "name": format!("import-{name}"), "from": { "git": from } })).expect("a request");
        let made = engine.create_workspace(&engine.owner(), create, None, &|_| {})?;
        say(format_args!("workspace {} {}", made.name, made.id));
    }
    std::thread::sleep(std::time::Duration::from_millis(20));
    Ok(())
}

/// The files that a client works on: its own ones, and its line in the shared one.
pub const OWN: usize = 3;

pub fn own_path(client: usize, file: usize) -> String {
    format!("own/{client}/f{file}")
}

pub struct Client<'a> {
    engine: &'a Engine,
    number: usize,
    round: u64,
    random: Random,
    counter: u64,
    session: Session,
    /// Value of each key, as the session shows it.
    values: BTreeMap<String, String>,
    /// Whether there may be something to submit.
    dirty: bool,
}

/// What a session shows under a client's keys.
pub fn values(client: usize, read: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for file in 0..OWN {
        let at = own_path(client, file);
        if let Some(text) = read(&at) {
            let value = text.lines().next().and_then(|line| line.strip_prefix("value ")).expect("a value").to_owned();
            assert_eq!(text, long(&value), "{at} is whole");
            values.insert(at, value);
        }
    }
    let text = read("shared.txt").expect("the shared file");
    let slot = format!("slot {client:02}: ");
    let line = text.lines().find_map(|line| line.strip_prefix(&slot)).expect("a slot");
    values.insert("shared.txt".to_owned(), line.to_owned());
    values
}

pub fn session_values(session: &Session, client: usize) -> BTreeMap<String, String> {
    values(client, |at| match session.read(&path(at)) {
        Ok(file) => Some(String::from_utf8_lossy(&file.content.0).into_owned()),
        Err(error) if error.kind() == acetate_types::ErrorKind::NotFound => None,
        Err(error) => panic!("{at}: {error}"),
    })
}

impl<'a> Client<'a> {
    fn new(engine: &'a Engine, task: &Task, number: usize) -> Self {
        let random = Random(task.seed ^ (number as u64).wrapping_mul(0x9e37_79b9));
        let known = task.sessions.get(number).filter(|id| !id.is_empty());
        let session = known.and_then(|id| engine.session(&engine.owner(), &id.parse().expect("an id")).ok());
        let session = session.unwrap_or_else(|| opened(engine, number).expect("a session"));
        if let Err(error) = session.resume() {
            say(format_args!("bad {number} resume {error}"));
        }
        let values = session_values(&session, number);
        Self { engine, number, round: task.round, random, counter: 0, session, values, dirty: true }
    }

    fn step(&mut self) -> Result<(), EngineError> {
        match self.random.below(100) {
            0..66 => self.edit(),
            66..70 => self.persist(),
            70..82 => self.commit(),
            82..93 => self.submit(),
            93..96 => self.session.sync(Default::default(), None).map(drop),
            96..98 => self.session.pause().and_then(|_| self.session.resume()).map(drop),
            _ => self.close(),
        }
    }

    fn edit(&mut self) -> Result<(), EngineError> {
        self.counter += 1;
        let value = format!("r{}c{}n{}", self.round, self.number, self.counter);
        let file = self.random.below(OWN as u64 + 1) as usize;
        let key = if file == OWN { "shared.txt".to_owned() } else { own_path(self.number, file) };
        let old = self.values.get(&key).cloned();
        say(format_args!("try {} {key} {value}", self.number));
        match old {
            Some(old) if file == OWN => {
                let slot = |value: &str| format!("slot {:02}: {value}\n", self.number);
                self.replace(&key, slot(&old), slot(&value))?;
            }
            Some(old) if self.random.below(4) > 0 => self.replace(&key, format!("value {old}\n"), format!("value {value}\n"))?,
            // As a mount does it, and as the others do.
            _ if self.random.below(2) == 0 && key != "shared.txt" => {
                self.session.put_file(&path(&key), acetate_types::FileMode::Regular, long(&value).into())?;
            }
            _ => try_write(&self.session, &key, &long(&value))?,
        }
        say(format_args!("ok {} {key} {value}", self.number));
        self.values.insert(key, value);
        self.dirty = true;
        Ok(())
    }

    fn replace(&self, key: &str, old: String, new: String) -> Result<(), EngineError> {
        self.session.edit(&path(key), &[StringEdit { old: old.into(), new: new.into(), all: false }], None).map(drop)
    }

    fn told(&self) -> String {
        self.values.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
    }

    /// What fsync(2) in a mount is.
    fn persist(&mut self) -> Result<(), EngineError> {
        self.session.persist()?;
        say(format_args!("persist {}", self.number));
        Ok(())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        let turn = self.session.commit(CommitTurn::default(), None)?;
        if let Some(commit) = turn.commit {
            say(format_args!("commit {} {} {commit} {}", self.number, self.session.id(), self.told()));
        }
        Ok(())
    }

    fn submit(&mut self) -> Result<(), EngineError> {
        match self.session.submit(Submit::default(), None)?.outcome {
            SubmissionOutcome::Landed { version: Some(version), commit: Some(commit), .. } => {
                say(format_args!("land {} {} {version} {commit} {}", self.number, self.session.id(), self.told()));
                self.dirty = false;
            }
            other => say(format_args!("bad {} {other:?}", self.number)),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), EngineError> {
        if self.dirty {
            return Ok(());
        }
        say(format_args!("closing {}", self.number));
        self.session.close(false)?;
        say(format_args!("closed {}", self.number));
        self.session = opened(self.engine, self.number)?;
        let values = session_values(&self.session, self.number);
        if values != self.values {
            say(format_args!("bad {} a new session shows {values:?} instead of {:?}", self.number, self.values));
        }
        Ok(())
    }
}

fn opened(engine: &Engine, number: usize) -> Result<Session, EngineError> {
    let opened = workspace(engine).open_session(OpenSession { agent: format!("client {number}"), ..Default::default() })?;
    say(format_args!("session {number} {}", opened.id));
    engine.session(&engine.owner(), &opened.id)
}

/// One client, step by step: what the order of system calls is read from.
fn few(task: &Task) {
    let engine = Engine::open(options(&task.store)).expect("the store opens");
    let ada = opened(&engine, 0).expect("a session");
    for n in 0..task.steps {
        try_write(&ada, &own_path(0, 0), &long(&n.to_string())).expect("written");
        let turn = ada.commit(CommitTurn::default(), None).expect("committed");
        say(format_args!("durable commit {}", turn.commit.expect("a commit")));
        try_write(&ada, &own_path(0, 1), &long(&n.to_string())).expect("written");
        let (version, commit) = land(&ada);
        say(format_args!("durable land {version} {commit}"));
        let name = format!("c{n}");
        let made = workspace(&engine).create_checkpoint(CreateCheckpoint { name, at: None, message: None }, None).expect("a checkpoint");
        say(format_args!("durable checkpoint {}", made.tag));
        engine.project_refs().expect("projected");
    }
    engine.shutdown();
    say("end");
}

/// Holds the pipeline at its first group until so many submissions wait behind it.
struct Gate {
    held: AtomicBool,
    open: AtomicBool,
    waiting: Mutex<u64>,
    want: u64,
    come: Condvar,
}

impl Points for Gate {
    fn hit(&self, name: &'static str) {
        match name {
            "landing.after_send" => {
                *self.waiting.lock().expect("lock") += 1;
                self.come.notify_all();
            }
            "pipeline.before_pack" if !self.open.load(Ordering::SeqCst) => {
                self.held.store(true, Ordering::SeqCst);
                let mut waiting = self.waiting.lock().expect("lock");
                while *waiting < self.want {
                    waiting = self.come.wait(waiting).expect("lock");
                }
                self.open.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
    }
}

/// So many clients submit while the pipeline is held: all of them are one group.
fn burst(task: &Task) {
    let mut options = options(&task.store);
    let gate = Arc::new(Gate {
        held: AtomicBool::new(false),
        open: AtomicBool::new(false),
        waiting: Mutex::new(0),
        want: task.clients as u64,
        come: Condvar::new(),
    });
    options.points = Arc::clone(&gate) as Arc<dyn Points>;
    let engine = Engine::open(options).expect("the store opens");
    let sessions: Vec<Session> = (0..task.clients).map(|client| opened(&engine, client).expect("a session")).collect();
    for (client, session) in sessions.iter().enumerate() {
        try_write(session, &own_path(client, 0), &long("x")).expect("written");
    }
    let holder = opened(&engine, task.clients).expect("a session");
    try_write(&holder, "holder", "x").expect("written");
    let start = Barrier::new(task.clients + 1);
    std::thread::scope(|scope| {
        scope.spawn(|| holder.commit(CommitTurn::default(), None).expect("committed"));
        for session in &sessions {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let SubmissionOutcome::Landed { version, commit, .. } = submit(session).outcome else { panic!("it lands") };
                say(format_args!("durable land {} {}", version.unwrap_or_default(), commit.map(|id| id.to_hex()).unwrap_or_default()));
            });
        }
        // The holder is alone in the group that is held.
        while !gate.held.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        start.wait();
    });
    engine.shutdown();
    say("end");
}
