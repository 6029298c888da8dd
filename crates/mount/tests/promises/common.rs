//! A mounted session over a fresh repository, and a plain folder beside it.

use acetate_engine::api::OpenSession;
use acetate_engine::{Engine, EngineOptions, Session};
use acetate_mount::{MountOptions, Mounted, Store, mount, unmount};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, RepoPath};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// A mounted session.
pub struct Mount {
    pub repo: GitRepo,
    pub engine: Engine,
    pub session: Session,
    pub mounted: Mounted,
    pub folder: PathBuf,
    pub scratch: PathBuf,
}

/// Whether this machine lets the tests mount at all; says so if not.
pub fn possible() -> bool {
    static TRIED: OnceLock<Result<(), String>> = OnceLock::new();
    let tried = TRIED.get_or_init(|| {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let device = mount(folder.path(), "probe").map_err(|error| error.to_string())?;
        // Nobody will serve it.
        drop(device);
        unmount(folder.path(), true).map_err(|error| error.to_string())
    });
    if let Err(error) = tried {
        eprintln!("skipped: this machine can't mount: {error}");
    }
    tried.is_ok()
}

pub fn start(repo: &GitRepo) -> Engine {
    for _ in 0..100 {
        let mut options = EngineOptions::at(repo.path());
        options.background = false;
        match Engine::open(options) {
            Err(error) if ["journal_in_use", "store_in_use"].contains(&error.code()) => std::thread::sleep(Duration::from_millis(20)),
            other => return other.expect("the store opens"),
        }
    }
    panic!("the store stays locked");
}

/// A new session of the only workspace.
pub fn open_session(engine: &Engine, agent: &str) -> Session {
    let info = engine.workspaces(&engine.owner(), None, None).expect("workspaces").workspaces.remove(0);
    let workspace = engine.workspace(&engine.owner(), info.id.as_str()).expect("the workspace");
    let opened = workspace.open_session(OpenSession { agent: agent.into(), ..OpenSession::default() }).expect("opened");
    engine.session(&engine.owner(), &opened.id).expect("there")
}

/// A bare repository with these files as its first commit.
pub fn bare(files: &[(&str, &str)]) -> GitRepo {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", files.iter().map(|(path, text)| (*path, "100644", Some(*text))));
    repo
}

pub fn serve(engine: &Engine, session: &Session, folder: &Path, scratch: &Path) -> Mounted {
    std::fs::create_dir_all(folder).expect("made");
    let device = mount(folder, session.id().as_str()).expect("mounted");
    let options =
        MountOptions { folder: folder.to_owned(), scratch: scratch.to_owned(), exclude: Vec::new(), git: Some(Store::of(engine)) };
    Mounted::serve(session, device, options).expect("served")
}

impl Mount {
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::of(bare(files))
    }

    pub fn of(repo: GitRepo) -> Self {
        let engine = start(&repo);
        let session = open_session(&engine, "ada");
        let (folder, scratch) = (repo.beside("mnt"), repo.beside("scratch"));
        let mounted = serve(&engine, &session, &folder, &scratch);
        Self { repo, engine, session, mounted, folder, scratch }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What other doors see at a path.
    pub fn seen(&self, path: &str) -> Option<String> {
        self.session.read(&at(path)).ok().map(|file| String::from_utf8_lossy(&file.content.0).into_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = unmount(&self.folder, true);
        self.mounted.wait(Duration::from_secs(10));
        self.engine.shutdown();
    }
}

pub fn at(path: &str) -> RepoPath {
    path.parse().expect("a path")
}
