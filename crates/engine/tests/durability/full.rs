//! Full disks and failing syncs: a clear answer, reads go on, nothing acknowledged is lost, and the store recovers without a restart.

use crate::common::{commit, land, long, options, path, read, repository, session, try_write, workspace, write};
use acetate_catalog::SqliteCatalog;
use acetate_engine::api::{CommitTurn, Submit};
use acetate_engine::{Engine, EngineError, EngineOptions, Session};
use acetate_git::{Disk, RealDisk};
use acetate_journal::faults::{Fault, FaultStorage};
use acetate_testing::GitRepo;
use acetate_types::{ErrorKind, ObjectFormat};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A disk whose n-th step from now fails, once or from then on.
#[derive(Debug, Default)]
struct Failing(Mutex<Plan>);

#[derive(Debug, Default)]
struct Plan {
    steps: u64,
    fail: Option<(u64, bool, i32)>,
}

const ENOSPC: i32 = 28;
const EIO: i32 = 5;

impl Failing {
    fn plan(&self, from_now: u64, for_ever: bool, errno: i32) {
        let mut plan = self.0.lock().expect("lock");
        plan.fail = Some((plan.steps + from_now, for_ever, errno));
    }

    fn heal(&self) {
        self.0.lock().expect("lock").fail = None;
    }

    /// Counts a step; fails if it is its turn.
    fn step(&self) -> io::Result<()> {
        let mut plan = self.0.lock().expect("lock");
        let step = plan.steps;
        plan.steps += 1;
        match plan.fail {
            Some((at, for_ever, errno)) if step == at || for_ever && step > at => Err(io::Error::from_raw_os_error(errno)),
            _ => Ok(()),
        }
    }

    fn steps(&self) -> u64 {
        self.0.lock().expect("lock").steps
    }
}

impl Disk for Failing {
    fn create(&self, path: &Path, data: &[u8]) -> io::Result<File> {
        if let Err(error) = self.step() {
            // As a full disk leaves it.
            RealDisk.create(path, data.get(..data.len() / 2).unwrap_or_default())?;
            return Err(error);
        }
        RealDisk.create(path, data)
    }
    fn sync_file(&self, file: &File) -> io::Result<()> {
        self.step()?;
        RealDisk.sync_file(file)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.link(from, to)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync_dir(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

fn try_commit(session: &Session) -> Result<(), EngineError> {
    session.commit(CommitTurn::default(), None).map(drop)
}

fn try_submit(session: &Session) -> Result<(), EngineError> {
    session.submit(Submit::default(), None).map(drop)
}

/// Such an answer says: not now, and why.
fn unavailable(outcome: Result<(), EngineError>, codes: &[&str]) {
    let error = outcome.expect_err("it can't be written");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(codes.contains(&error.code()), "{} is not one of {codes:?}: {error}", error.code());
}

/// Tries until it works.
fn again(what: &str, mut attempt: impl FnMut() -> Result<(), EngineError>) {
    let since = Instant::now();
    loop {
        match attempt() {
            Ok(()) => return,
            Err(error) => assert!(since.elapsed() < Duration::from_secs(30), "{what} does not recover: {error}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn state(engine: &Engine) -> String {
    engine.status(&engine.owner()).expect("the state").state
}

#[test]
fn a_pack_that_fails_at_any_step_fails_its_group_and_nothing_else() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let disk = Arc::new(Failing::default());
    let mut options = options(repo.path());
    options.underneath.disk = Some(Arc::clone(&disk) as Arc<dyn Disk>);
    let engine = Engine::open(options.clone()).expect("the store opens");
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    write(&ada, "first", "x");
    commit(&ada);
    let steps = {
        let before = disk.steps();
        write(&ada, "second", "x");
        commit(&ada);
        disk.steps() - before
    };
    assert!(steps >= 8, "a pack takes {steps} steps");
    let mut version = 1;
    for step in 0..steps {
        for errno in [ENOSPC, EIO] {
            let value = long(&format!("{step} {errno}"));
            write(&ada, "f", &value);
            write(&bob, "g", &value);
            // A step that has another way (a link where there are none) may succeed.
            disk.plan(step, true, errno);
            unavailable(try_commit(&ada), &["disk_full", "store_read_only", "pack_write_failed", "write_failed"]);
            unavailable(try_submit(&bob), &["disk_full", "store_read_only", "pack_write_failed", "write_failed"]);
            assert_eq!(state(&engine), "read_only");
            assert_eq!((read(&ada, "f"), read(&bob, "g")), (value.clone(), value.clone()), "reads go on");
            assert_eq!(workspace(&engine).info().expect("info").head.version, Some(version), "nothing half landed");
            disk.heal();
            commit(&ada);
            version += 1;
            assert_eq!(land(&bob).0, version, "numbers go on without a gap");
            assert_eq!(state(&engine), "healthy");
            assert_eq!((read(&ada, "f"), read(&bob, "g")), (value.clone(), value));
        }
    }
    assert_eq!(land(&ada).0, version + 1);
    drop((ada, bob));
    drop(engine);
    assert_eq!(repo.fsck(), "");
    let left = std::fs::read_dir(repo.path().join("objects/pack")).expect("packs");
    let left: Vec<_> =
        left.filter_map(|entry| entry.expect("an entry").file_name().into_string().ok()).filter(|name| name.contains("tmp")).collect();
    assert_eq!(left, Vec::<String>::new(), "no temporary file stays");
}

/// A store with this journal, with its background threads, which bring it back.
fn on_journal(repo: &GitRepo, storage: &FaultStorage) -> EngineOptions {
    let mut options = options(repo.path());
    options.background = true;
    options.underneath.journal = Some(Arc::new(storage.clone()));
    options
}

#[test]
fn a_full_or_failing_journal_refuses_edits_and_comes_back() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let storage = FaultStorage::new(7);
    let engine = Engine::open(on_journal(&repo, &storage)).expect("the store opens");
    let ada = session(&engine, "ada");
    let id = ada.id().clone();
    write(&ada, "f", &long("0"));
    for (round, fault) in [Fault::Full, Fault::Device, Fault::Full, Fault::Device].into_iter().enumerate() {
        storage.fail_from(1, fault);
        let value = long(&format!("refused {round}"));
        unavailable(try_write(&ada, "f", &value), &["disk_full", "journal_failed"]);
        assert_eq!(read(&ada, "f"), long(&round.to_string()), "what was refused is not shown, what was there is");
        assert_eq!(state(&engine), "read_only");
        storage.heal();
        let value = long(&(round + 1).to_string());
        again("the journal", || try_write(&ada, "f", &value));
        assert_eq!(read(&ada, "f"), value);
        assert_eq!(state(&engine), "healthy");
    }
    // A failing sync: edits since the last good one are only in memory's hands, and must come through all the same.
    write(&ada, "g", &long("before the sync"));
    storage.fail(1, Fault::Device);
    // The journal syncs within a second, fails, and is brought back.
    std::thread::sleep(Duration::from_millis(2500));
    again("the journal", || try_write(&ada, "h", &long("after the sync")));
    drop(ada);
    engine.shutdown();
    drop(engine);
    let engine = Engine::open(on_journal(&repo, &storage)).expect("the store opens again");
    let ada = engine.session(&engine.owner(), &id).expect("the session");
    assert_eq!(read(&ada, "f"), long("4"));
    assert_eq!(read(&ada, "g"), long("before the sync"));
    assert_eq!(read(&ada, "h"), long("after the sync"));
    land(&ada);
}

#[test]
fn a_power_cut_keeps_what_the_journal_synced() {
    for seed in 0..8 {
        let repo = repository(ObjectFormat::Sha1, 1);
        let storage = FaultStorage::new(seed);
        let engine = Engine::open(on_journal(&repo, &storage)).expect("the store opens");
        let ada = session(&engine, "ada");
        let id = ada.id().clone();
        write(&ada, "f", &long("0"));
        commit(&ada);
        for round in 1..20 {
            write(&ada, "f", &long(&round.to_string()));
        }
        // The journal is synced within a second; then its folder is.
        if seed % 2 == 0 {
            let since = Instant::now();
            while storage.counts().0 == 0 && since.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        let least = if seed % 2 == 0 { 19 } else { 0 };
        write(&ada, "f", &long("20"));
        let cut = storage.crash(seed);
        drop(ada);
        drop(engine);
        let engine = Engine::open(on_journal(&repo, &cut)).expect("the store opens after the cut");
        let ada = engine.session(&engine.owner(), &id).expect("the session has a turn, so it is there");
        let shown = read(&ada, "f");
        let round = (least..=20).find(|round| shown == long(&round.to_string()));
        assert!(round.is_some(), "seed {seed}: {shown} is older than what was synced");
        write(&ada, "f", &long("on"));
        land(&ada);
    }
}

#[test]
fn a_full_catalog_refuses_and_comes_back() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let held: Arc<Mutex<Option<Arc<SqliteCatalog>>>> = Arc::default();
    let mut options = options(repo.path());
    let keep = Arc::clone(&held);
    options.underneath.catalog = Some(Arc::new(move |catalog| *keep.lock().expect("lock") = Some(Arc::clone(catalog))));
    let engine = Engine::open(options).expect("the store opens");
    let catalog = held.lock().expect("lock").take().expect("the catalog");
    let sessions: Vec<Session> = (0..8).map(|client| session(&engine, &format!("client {client}"))).collect();
    let mut version = 1;
    for round in 0..3 {
        catalog.set_max_bytes(Some(1)).expect("bounded");
        let mut refused = 0;
        // What is there has some room left.
        for turn in 0..400 {
            let client = &sessions[turn % sessions.len()];
            write(client, &format!("own/{}", turn % sessions.len()), &long(&format!("{round} {turn}")));
            match client.submit(Submit::default(), None) {
                Ok(_) => version += 1,
                Err(error) => {
                    unavailable(Err(error), &["disk_full", "store_read_only"]);
                    refused += 1;
                    if refused == 20 {
                        break;
                    }
                }
            }
        }
        assert_eq!(refused, 20, "the catalog is full");
        assert_eq!(state(&engine), "read_only");
        assert_eq!(workspace(&engine).info().expect("info").head.version, Some(version));
        assert_eq!(workspace(&engine).read(None, &path("README.md")).expect("reads go on").content.0, "hello\n");
        catalog.set_max_bytes(None).expect("room");
        for client in &sessions {
            write(client, "shared", &long("same"));
            let landed = client.submit(Submit::default(), None).expect("it goes on").outcome;
            if let acetate_engine::api::SubmissionOutcome::Landed { unchanged: false, version: landed, .. } = landed {
                version += 1;
                assert_eq!(landed, Some(version), "numbers without gaps");
            }
        }
        assert_eq!(state(&engine), "healthy");
    }
    drop((sessions, catalog));
    drop(engine);
    assert_eq!(repo.fsck(), "");
}

/// A small file system, gone when dropped.
struct Small(tempfile::TempDir);

impl Small {
    fn mount(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a folder");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(dir.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(dir));
        }
        println!("SKIPPED: a file system can't be mounted here (it takes root)");
        None
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_real_full_disk() {
    let Some(small) = Small::mount(64) else { return };
    let source = repository(ObjectFormat::Sha1, 1);
    let store = small.0.path().join("repo");
    source.git(&["clone", "-q", "--bare", ".", store.to_str().expect("utf-8")]);
    let mut options = options(&store);
    options.background = true;
    let engine = Engine::open(options.clone()).expect("the store opens");
    let ada = session(&engine, "ada");
    let id = ada.id().clone();
    write(&ada, "f", &long("kept"));
    land(&ada);
    let mut last = String::new();
    let mut version = 2;
    for round in 0..2 {
        let filler = small.0.path().join("filler");
        let mut filled = File::create(&filler).expect("a file");
        while io::Write::write_all(&mut filled, &[1; 4096]).is_ok() {}
        // Its space is free only once nobody has it open.
        drop(filled);
        let mut refused = 0;
        for n in 0..2000 {
            let value = long(&format!("{round} {n} {}", "x".repeat(3000)));
            match try_write(&ada, "f", &value) {
                Ok(()) => last = value,
                Err(error) => {
                    unavailable(Err(error), &["disk_full", "journal_failed", "store_read_only"]);
                    refused += 1;
                }
            }
            if let Err(error) = try_commit(&ada) {
                unavailable(Err(error), &["disk_full", "store_read_only", "pack_write_failed", "write_failed", "io"]);
                refused += 1;
            }
            assert_eq!(read(&ada, "f"), last, "what was answered is shown, and reads go on");
            if refused > 10 {
                break;
            }
        }
        assert!(refused > 10, "the disk is full");
        assert_eq!(state(&engine), "read_only");
        std::fs::remove_file(&filler).expect("removed");
        again("the store", || try_commit(&ada));
        again("the journal", || try_write(&ada, "g", &long(&round.to_string())));
        version += 1;
        assert_eq!(land(&ada).0, version);
        assert_eq!(state(&engine), "healthy");
    }
    drop(ada);
    drop(engine);
    let engine = Engine::open(options).expect("the store opens again");
    let ada = engine.session(&engine.owner(), &id).expect("the session");
    assert_eq!((read(&ada, "f"), read(&ada, "g")), (last, long("1")));
    drop(ada);
    drop(engine);
    let output =
        acetate_testing::git_command(&store).args(["fsck", "--strict", "--full", "--no-dangling", "--no-progress"]).output().expect("git");
    assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
}
