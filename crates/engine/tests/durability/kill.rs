//! Killed at every step: what was acknowledged is there, nothing is half there.

use crate::child::{session_values, values};
use crate::common::{Random, Task, options, path, repository, seed, setting, workspace};
use acetate_catalog::{Catalog, SqliteCatalog};
use acetate_engine::Engine;
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CLIENTS: usize = 20;

/// Where a child dies, and how often it may come there alive at most.
const POINTS: &[(&str, u64)] = &[
    ("pipeline.before_pack", 30),
    ("pipeline.after_pack", 30),
    ("pipeline.after_catalog", 30),
    ("pipeline.after_publish", 30),
    ("pipeline.before_reply", 30),
    ("pipeline.after_reply", 30),
    ("projector.after_refs", 12),
    ("projector.after_sync", 2),
    ("projector.before_release", 2),
    ("projector.after_release", 2),
    ("session.after_journal", 250),
    ("session.after_turn_built", 60),
    ("session.before_stand", 30),
    ("landing.before_send", 30),
    ("landing.after_send", 30),
    ("import.after_fetch", 2),
    ("open.after_catalog", 1),
    ("open.after_journal", 1),
    ("open.after_sessions", 1),
    ("open.after_refs", 1),
];

/// What the parent knows of one client.
#[derive(Default)]
struct Known {
    session: String,
    /// What each key shows, as acknowledged.
    values: BTreeMap<String, String>,
    /// What was on its way when the child died.
    tried: Option<(String, String)>,
    closing: bool,
}

/// A commit that was acknowledged, and what it must hold.
struct Promised {
    commit: String,
    values: BTreeMap<String, String>,
}

#[derive(Default)]
pub struct Model {
    clients: Vec<Known>,
    commits: Vec<Promised>,
    all_commits: Vec<String>,
    versions: BTreeMap<u64, String>,
    checkpoints: BTreeMap<String, (String, String)>,
    workspaces: BTreeMap<String, String>,
    events: u64,
}

impl Model {
    pub fn new(clients: usize) -> Self {
        let clients = (0..clients).map(|_| Known { values: [("shared.txt".to_owned(), "0".to_owned())].into(), ..Known::default() });
        Self { clients: clients.collect(), ..Self::default() }
    }

    pub fn sessions(&self) -> Vec<String> {
        self.clients.iter().map(|known| known.session.clone()).collect()
    }

    /// Takes in a line of a child's output.
    pub fn take(&mut self, line: &str) {
        let Some(at) = line.find('@') else { return };
        let fact = line.get(at + 1..).unwrap_or_default().trim_end();
        let words: Vec<&str> = fact.split(' ').collect();
        let told = |text: &str| -> BTreeMap<String, String> {
            text.split(',').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        let client = words.get(1).and_then(|word| word.parse::<usize>().ok()).unwrap_or_default();
        match words[..] {
            ["try", _, key, value] => self.clients[client].tried = Some((key.to_owned(), value.to_owned())),
            ["ok", _, key, value] => {
                let known = &mut self.clients[client];
                known.tried = None;
                known.values.insert(key.to_owned(), value.to_owned());
            }
            ["session", _, id] => {
                let known = &mut self.clients[client];
                (known.session, known.closing) = (id.to_owned(), false);
            }
            ["closing", _] => self.clients[client].closing = true,
            ["closed", _] => self.clients[client].session.clear(),
            ["commit", _, _, commit, values] => {
                self.all_commits.push(commit.to_owned());
                self.commits.push(Promised { commit: commit.to_owned(), values: told(values) });
            }
            ["land", _, _, version, commit, values] => {
                self.versions.insert(version.parse().expect("a number"), commit.to_owned());
                self.commits.push(Promised { commit: commit.to_owned(), values: told(values) });
            }
            ["checkpoint", name, tag, commit] => drop(self.checkpoints.insert(name.to_owned(), (tag.to_owned(), commit.to_owned()))),
            ["workspace", name, id] => drop(self.workspaces.insert(name.to_owned(), id.to_owned())),
            ["bad", ..] => panic!("the child says: {fact}"),
            _ => {}
        }
    }

    /// Opens the store and holds everything that was acknowledged against it.
    pub fn check(&mut self, repo: &GitRepo) {
        let (engine, catalog) = open_with_catalog(repo.path());
        self.check_sessions(&engine);
        self.check_durable(engine, catalog, repo);
    }

    /// Holds everything but sessions against the store, and closes it.
    pub fn check_durable(&mut self, engine: Engine, catalog: Arc<SqliteCatalog>, repo: &GitRepo) {
        self.check_history(&engine, repo);
        check_refs(&*catalog, repo);
        self.check_reachable(&*catalog, repo);
        self.check_contents(repo);
        drop(catalog);
        engine.shutdown();
        drop(engine);
        assert_eq!(repo.fsck(), "", "git fsck has nothing to say");
    }

    fn check_sessions(&mut self, engine: &Engine) {
        for (number, known) in self.clients.iter_mut().enumerate() {
            if known.session.is_empty() && known.values.len() == 1 && known.tried.is_none() {
                continue;
            }
            let session = (!known.session.is_empty()).then(|| engine.session(&engine.owner(), &known.session.parse().expect("an id")));
            let shown = match session {
                Some(Ok(session)) => {
                    session.resume().expect("resumed");
                    session_values(&session, number)
                }
                // It was closed, or was about to be, right after it had landed.
                other => {
                    assert!(other.is_none() || known.closing, "client {number} lost its session: {other:?}");
                    let own = workspace(engine);
                    known.session.clear();
                    values(number, |at| own.read(None, &path(at)).ok().map(|file| String::from_utf8_lossy(&file.content.0).into_owned()))
                }
            };
            let mut with = known.values.clone();
            if let Some((key, value)) = known.tried.take() {
                with.insert(key, value);
            }
            assert!(shown == known.values || shown == with, "client {number} shows {shown:?}, not {:?} nor {with:?}", known.values);
            known.values = shown;
        }
    }

    fn check_history(&mut self, engine: &Engine, repo: &GitRepo) {
        let own = workspace(engine);
        let mut found = BTreeMap::new();
        let (mut before, mut listed) = (None, Vec::new());
        loop {
            let page = own.versions(before, Some(500), None).expect("versions");
            for version in &page.versions {
                listed.push(version.commit.to_hex());
                found.insert(version.version, version.commit.to_hex());
            }
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), (1..=found.len() as u64).collect::<Vec<_>>(), "numbers without gaps");
        let on_disk: Vec<String> = repo.git(&["rev-list", "--first-parent", "refs/heads/main"]).lines().map(ToOwned::to_owned).collect();
        assert_eq!(listed, on_disk, "versions are the branch's commits");
        for (number, commit) in &self.versions {
            assert_eq!(found.get(number), Some(commit), "v{number} was acknowledged");
        }
        let checkpoints = own.checkpoints().expect("checkpoints");
        for (name, (tag, commit)) in &self.checkpoints {
            let found = checkpoints.iter().find(|found| found.name == *name).unwrap_or_else(|| panic!("checkpoint {name} is lost"));
            assert_eq!((found.tag.to_hex(), found.commit.to_hex()), (tag.clone(), commit.clone()));
        }
        for (name, id) in &self.workspaces {
            let found = engine.workspace(&engine.owner(), name).unwrap_or_else(|error| panic!("workspace {name} is lost: {error}"));
            assert_eq!(found.id().as_str(), id);
        }
        loop {
            let page = own.events(self.events, Some(1000)).expect("events");
            for event in &page.events {
                assert_eq!(event.number, self.events + 1, "events without gaps");
                self.events = event.number;
            }
            if page.events.is_empty() {
                return;
            }
        }
    }

    /// What was acknowledged, and what sessions stand on, is reached by refs: no `git gc` takes it.
    fn check_reachable(&self, catalog: &dyn Catalog, repo: &GitRepo) {
        let reached: BTreeSet<String> = repo.git(&["rev-list", "--all"]).lines().map(ToOwned::to_owned).collect();
        for commit in &self.all_commits {
            assert!(reached.contains(commit), "the acknowledged commit {commit} is not reached by any ref");
        }
        let mut after = None;
        loop {
            let page = catalog.sessions(None, after.as_ref(), 500, false).expect("sessions");
            let Some(last) = page.last() else { return };
            after = Some(last.id.clone());
            for record in page {
                let paused = record.extra.get("paused_commit").and_then(|id| id.as_str()).map(ToOwned::to_owned);
                let stands = [record.tip_commit.map(|id| id.to_hex()), Some(record.base_commit.to_hex()), paused];
                for commit in stands.into_iter().flatten() {
                    assert!(reached.contains(&commit), "session {} stands on {commit}, which no ref reaches", record.id);
                }
            }
        }
    }

    /// Every acknowledged commit holds what its session showed.
    fn check_contents(&mut self, repo: &GitRepo) {
        let mut asked = String::new();
        let mut expected = Vec::new();
        for promised in std::mem::take(&mut self.commits) {
            for (key, value) in promised.values {
                asked.push_str(&format!("{}:{key}\n", promised.commit));
                expected.push((format!("{}:{key}", promised.commit), key == "shared.txt", value));
            }
        }
        let answer = repo.git_in(&["cat-file", "--batch"], asked.as_bytes());
        let mut rest = &answer[..];
        for (name, shared, value) in expected {
            let end = rest.iter().position(|byte| *byte == b'\n').expect("a line");
            let line = String::from_utf8_lossy(&rest[..end]).into_owned();
            let size: usize = line.rsplit(' ').next().and_then(|size| size.parse().ok()).unwrap_or_else(|| panic!("{name}: {line}"));
            let text = String::from_utf8_lossy(&rest[end + 1..end + 1 + size]).into_owned();
            rest = &rest[end + size + 2..];
            let there = if shared { text.contains(&format!(": {value}\n")) } else { text == crate::common::long(&value) };
            assert!(there, "{name} does not hold {value}");
        }
    }
}

/// Opens a store; gives also its catalog.
pub fn open_with_catalog(store: &Path) -> (Engine, Arc<SqliteCatalog>) {
    let held: Arc<Mutex<Option<Arc<SqliteCatalog>>>> = Arc::default();
    let mut options = options(store);
    let keep = Arc::clone(&held);
    options.underneath.catalog = Some(Arc::new(move |catalog| *keep.lock().expect("lock") = Some(Arc::clone(catalog))));
    let engine = Engine::open(options).expect("the store opens");
    let catalog = held.lock().expect("lock").take().expect("the catalog");
    (engine, catalog)
}

/// The refs on disk are those of the catalog, no more, no less. Refs of an import that was never recorded are nobody's.
pub fn check_refs(catalog: &dyn Catalog, repo: &GitRepo) {
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for workspace in catalog.workspaces(None, 10_000, true).expect("workspaces") {
        known.insert(workspace.id.to_string());
        let mut after: Option<bytes::Bytes> = None;
        loop {
            let page = catalog.references(&workspace.id, b"refs/", after.as_deref(), 1000).expect("references");
            let Some(last) = page.last() else { break };
            after = Some(last.name.0.clone());
            for record in page {
                let name = String::from_utf8(record.name.0.to_vec()).expect("a name");
                let own = workspace.in_place || name.starts_with("refs/acetate/");
                let name = if own { name } else { format!("refs/namespaces/{}/{name}", workspace.id) };
                expected.insert(name, record.target.to_hex());
            }
        }
    }
    let listed = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    let found: BTreeMap<String, String> = listed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(name, _)| {
            name.strip_prefix("refs/namespaces/").and_then(|rest| rest.split_once('/')).is_none_or(|(id, _)| known.contains(id))
        })
        .filter(|(name, _)| !name.ends_with("/HEAD"))
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect();
    for (name, id) in &expected {
        assert_eq!(found.get(name), Some(id), "{name} on disk is what the catalog says");
    }
    for name in found.keys() {
        assert!(expected.contains_key(name), "{name} is on disk, but the catalog does not know it");
    }
}

/// Runs a child until it dies, and takes in what it said.
fn round(task: &Task, model: &mut Model, random: &mut Random) -> bool {
    let mut child = task.spawn();
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let (sender, lines) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let limit = if task.die.is_some() { Duration::from_secs(20) } else { Duration::from_millis(5 + random.below(350)) };
    let mut since = None;
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut killed = false;
    loop {
        match lines.recv_timeout(Duration::from_millis(2)) {
            Ok(line) => {
                since.get_or_insert_with(Instant::now);
                model.take(&line);
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
        }
        if !killed && (since.is_some_and(|since| since.elapsed() >= limit) || Instant::now() > deadline) {
            child.kill().expect("killed");
            killed = true;
        }
    }
    let status = child.wait().expect("it ended");
    reader.join().expect("the reader");
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    assert_eq!(signal, Some(9), "the child ended by itself: {status}");
    !killed
}

/// Kills in one store before the next one begins: what a check costs follows what is in it.
const STORE_ROUNDS: u64 = 18;

#[test]
fn killed_at_every_step() {
    let seed = seed();
    let rounds = setting("ACETATE_ROUNDS", 108);
    let mut random = Random(seed);
    let (mut reached, mut landings, started) = (BTreeMap::<&str, u64>::new(), 0, Instant::now());
    let mut round_number = 0;
    while round_number < rounds {
        let repo = repository(ObjectFormat::Sha1, CLIENTS);
        repo.git(&["clone", "-q", "--bare", ".", "../source"]);
        let mut model = Model::new(CLIENTS);
        for in_store in 0..STORE_ROUNDS.min(rounds - round_number) {
            let mut task = Task::new("work", repo.path(), random.next());
            task.clients = CLIENTS;
            task.round = round_number;
            task.sessions = model.sessions();
            let at = (round_number % (POINTS.len() as u64 + 5)) as usize;
            let point = POINTS.get(at);
            task.die = point.map(|(point, most)| ((*point).to_owned(), 1 + random.below(*most)));
            println!("round {round_number}: {:?}", task.die);
            if round(&task, &mut model, &mut random) {
                *reached.entry(point.map_or("", |(point, _)| point)).or_default() += 1;
            }
            if in_store % 6 == 5 {
                // Between a crash and the next start everything must be held by refs and `.keep`s. Where the dead process left a lock, Git gives
                // up: the next start removes it.
                drop(repo.try_git(&["gc", "-q", "--prune=now"]));
            }
            model.check(&repo);
            round_number += 1;
        }
        landings += model.versions.len() as u64;
    }
    println!("{rounds} kills in {:?}; {landings} landings; reached: {reached:?}", started.elapsed());
    if rounds as usize >= POINTS.len() + 5 {
        for (point, _) in POINTS {
            assert!(reached.contains_key(point), "{point} was never reached");
        }
    }
    assert!(landings > rounds / 4, "there was work: {landings} landings");
}
