//! The `.git` of a mounted session: a repository of its own that borrows the store's objects, read-only.
//!
//! It is made from what the engine says: the session's branch at its newest turn, the workspace's refs, an index whose times match, so
//! that the first `git status` reads no file. What an agent does there (branches, stashes, commits) stays there; a commit also becomes a
//! turn of the session. Git is never run in it by Acetate: its configuration is the agent's.
//!
//! Deliberately missing: fetching from and pushing to the store; a path through which anything there could change the store.

mod borrowing;
mod commit;
mod ewah;
mod files;
mod index;
mod own;
mod refs;
mod untracked;

pub(crate) use commit::shows;
pub(crate) use index::Known;
pub use own::{MARKER, OwnRepository};

use acetate_engine::{Engine, EngineError, Session, View};
use acetate_types::{ErrorKind, ObjectId};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use untracked::Around;

/// What a mount needs to know of the store for its `.git`.
#[derive(Debug, Clone)]
pub struct Store {
    engine: Engine,
    /// What whoever mounts ignores everywhere: Git reads it too.
    global: Vec<u8>,
}

impl Store {
    /// Of this engine.
    pub fn of(engine: &Engine) -> Self {
        Self { engine: engine.clone(), global: Vec::new() }
    }

    /// With the global excludes of whoever mounts.
    #[must_use]
    pub fn with_global_excludes(self, text: &str) -> Self {
        Self { global: text.into(), ..self }
    }
}

/// The text of a repository's own exclude file; empty where there is none.
pub(crate) fn exclude(git_dir: &Path) -> Vec<u8> {
    std::fs::read(git_dir.join("info/exclude")).unwrap_or_default()
}

/// A session's `.git`.
pub(crate) struct GitDir {
    session: Session,
    store: Store,
    own: OwnRepository,
    /// Where the session is mounted.
    place: PathBuf,
    /// The head that the repository shows, as far as Acetate made it. Held while the repository's files are brought up to it.
    shown: Mutex<Option<ObjectId>>,
    /// A head whose tree is too large for an index to be made of it here.
    too_large: Mutex<Option<ObjectId>>,
    /// Whether a commit made there is being taken over, which moves the session's head.
    taking: AtomicBool,
}

/// The file in which the shown head is kept.
const SHOWN: &str = "acetate-head";
/// How Git asks what changed: it runs this with a version and its mark as arguments, in the work tree. Nothing but the system's own `cat`
/// is run. Where it is not the mount that answers, it fails, and Git looks at everything.
const ASK: &str = "command -p cat -- \".git/acetate-changed-since-$2\" 2>/dev/null #";

/// Paths that Acetate writes itself when a head moves.
fn written(branch: &str) -> Vec<Vec<u8>> {
    [".git/index", ".git/HEAD", ".git/packed-refs", ".git/info", ".git/objects"]
        .map(|path| path.as_bytes().to_vec())
        .into_iter()
        .chain([format!(".git/{branch}").into_bytes()])
        .collect()
}

impl GitDir {
    /// Makes the repository, or brings the one that is there up to the session's head.
    pub(crate) fn open(session: &Session, store: Store, files: &Path, place: &Path, exclude: &[u8]) -> Result<Self, EngineError> {
        let own = OwnRepository::of(files, store.engine.git_dir(), session.id().as_str()).map_err(|error| unusable(&error))?;
        let (session, place) = (session.clone(), place.to_owned());
        let (shown, too_large, taking) = (Mutex::new(None), Mutex::new(None), AtomicBool::new(false));
        let own = Self { session, store, own, place, shown, too_large, taking };
        own.lay_out(exclude).map_err(|error| unusable(&error))?;
        own.refresh()?;
        Ok(own)
    }

    fn lay_out(&self, exclude: &[u8]) -> io::Result<()> {
        let git = |error: EngineError| io::Error::other(error.to_string());
        *self.shown.lock() = self.own.read(SHOWN).and_then(|text| text.parse().ok());
        if !self.own.begin()? {
            return Ok(());
        }
        let head = self.session.git_head().map_err(git)?;
        self.own.configure(&head.name, &head.email, head.tree.format(), exclude, Some(ASK))?;
        self.own.show(&head.branch, None, &self.packed_refs().map_err(git)?)
    }

    /// The workspace's branches and checkpoints.
    fn packed_refs(&self) -> Result<Vec<u8>, EngineError> {
        let engine = &self.store.engine;
        let workspace = engine.workspace(&engine.owner(), self.session.info().workspace.as_str())?;
        let mut text = b"# pack-refs with: peeled fully-peeled sorted \n".to_vec();
        for name in workspace.advertised_refs()? {
            if !name.name.starts_with(b"refs/") {
                continue;
            }
            text.extend_from_slice(format!("{} ", name.target).as_bytes());
            text.extend_from_slice(&name.name);
            text.push(b'\n');
            if let Some(peeled) = name.peeled {
                text.extend_from_slice(format!("^{peeled}\n").as_bytes());
            }
        }
        Ok(text)
    }

    /// Brings the repository up to the session's head, unless it shows it. Gives the paths below the mount that were written.
    pub(crate) fn refresh(&self) -> Result<Vec<Vec<u8>>, EngineError> {
        if self.taking.load(Ordering::Acquire) {
            return Ok(Vec::new());
        }
        let mut shown = self.shown.lock();
        let head = self.session.git_head()?;
        let (Some(commit), false) = (head.commit, *shown == head.commit) else { return Ok(Vec::new()) };
        let moved = || {
            let packed = self.packed_refs().map_err(|error| io::Error::other(error.to_string()))?;
            self.own.show(&head.branch, Some(&commit), &packed)?;
            self.own.put(SHOWN, format!("{commit}\n").as_bytes())
        };
        moved().map_err(|error| unusable(&error))?;
        *shown = Some(commit);
        Ok(written(&head.branch))
    }

    /// Whether Git would find no index, and one can be made.
    pub(crate) fn wants_index(&self) -> bool {
        let missing = self.own.exists("index").is_ok_and(|there| !there);
        missing && self.shown.lock().is_some_and(|shown| *self.too_large.lock() != Some(shown))
    }

    /// Writes the index, if there is none and the repository shows what Acetate made it show. Costs the whole tree, once per head.
    pub(crate) fn make_index(&self, view: &View, known: &Known<'_>) -> Result<(), EngineError> {
        let shown = self.shown.lock();
        let head = self.session.git_head()?;
        if head.commit != *shown || self.own.exists("index").map_err(|error| unusable(&error))? {
            return Ok(());
        }
        let global = Some(&self.store.global).filter(|text| !text.is_empty()).cloned();
        let around = Around { place: self.place.clone(), exclude: self.own.read_long("info/exclude"), global };
        let written = self.own.put_new_file("index", |file| index::write(view, &head.tree, known, &around, file));
        let written = written.map_err(|error| unusable(&error))?;
        if written.as_ref().is_err_and(|error| error.code() == "tree_too_large") {
            *self.too_large.lock() = *shown;
        }
        written
    }
}

fn unusable(error: &io::Error) -> EngineError {
    EngineError::new(ErrorKind::Unavailable, "git_dir_unusable", format!("the session's .git can't be written: {error}"))
}
