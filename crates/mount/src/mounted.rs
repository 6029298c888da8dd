//! A mounted session, from the device's descriptor to its end.

use crate::fuse::{Kernel, Served};
use crate::gitdir::{self, GitDir};
use crate::owner::{Owner, Owners};
use crate::rules::Rules;
use crate::scratch::Scratch;
use crate::times::Times;
use crate::tree::Tree;
use acetate_engine::{EngineError, Session, View, Watcher};
use acetate_types::{ErrorKind, RepoPath};
use parking_lot::{Condvar, Mutex};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// How long before the session's opening its files were made, as they show it: a Git index written right away is not of their second.
const BEFORE: Duration = Duration::from_secs(10);

/// What a mount is made of.
#[derive(Debug)]
pub struct MountOptions {
    /// Where the session is mounted, as the daemon sees it.
    pub folder: PathBuf,
    /// The folder of the session's scratch; made if need be.
    pub scratch: PathBuf,
    /// Patterns of what is ignored beside what the session's `.gitignore` files name: those of whoever mounts, then the repository's own.
    pub exclude: Vec<u8>,
    /// The store, for a `.git`; none leaves it out.
    pub git: Option<gitdir::Store>,
}

/// A mounted session. Dropping it does not unmount: that is whoever's who mounted.
pub struct Mounted {
    session: Session,
    folder: PathBuf,
    tree: Arc<Tree>,
    over: Arc<(Mutex<bool>, Condvar)>,
    _thread: JoinHandle<()>,
}

impl std::fmt::Debug for Mounted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mounted").field("session", self.session.id()).field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Between the session and the kernel.
struct Told {
    folder: PathBuf,
    tree: OnceLock<Arc<Tree>>,
    kernel: OnceLock<Kernel>,
}

impl Told {
    /// Brings the `.git` up to the session's head.
    fn refresh(&self) {
        let Some((tree, git)) = self.tree.get().and_then(|tree| tree.git().map(|git| (tree, git))) else { return };
        match git.refresh() {
            Ok(written) => {
                if let Some(kernel) = self.kernel.get() {
                    kernel.drop_stale(&tree.rewritten(&written));
                }
            }
            Err(error) => tracing::warn!(%error, "the mounted .git shows an older head"),
        }
    }
}

impl Watcher for Told {
    fn changed(&self, before: &View, paths: &[RepoPath]) {
        if let (Some(tree), Some(kernel)) = (self.tree.get(), self.kernel.get()) {
            kernel.drop_stale(&tree.changed(before, paths));
            // The kernel appends at the size that it knows: it is made to ask for those of open files.
            for path in tree.open_among(paths) {
                let _ = std::fs::symlink_metadata(self.folder.join(std::ffi::OsStr::from_bytes(path.as_bytes())));
            }
        }
    }

    fn flush(&self) {
        // Pages that somebody mapped and wrote to come as writes now. The folder is the kernel's, whatever is mounted there.
        let folder = rustix::fs::open(&self.folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        if let Err(error) = folder.and_then(rustix::fs::syncfs) {
            tracing::debug!(%error, "mapped pages may still be on their way");
        }
        if let (Some(tree), Some(kernel)) = (self.tree.get(), self.kernel.get()) {
            kernel.drop_stale(&tree.settle());
        }
    }

    fn moved(&self) {
        self.refresh();
    }

    fn closed(&self) {
        tracing::info!(folder = %self.folder.display(), "the mounted session is no longer there");
    }
}

impl Mounted {
    /// Serves a session over the descriptor of a device that is mounted already. Returns when the kernel has been greeted.
    ///
    /// # Errors
    /// `session_watched` where it is mounted already, `scratch_unusable`, `mount_broken`, and what the session answers.
    pub fn serve(session: &Session, device: OwnedFd, options: MountOptions) -> Result<Self, EngineError> {
        Self::serve_for(session, device, options, Owner::of_process())
    }

    /// The same, with files that belong to whoever mounted.
    ///
    /// # Errors
    /// As [`Mounted::serve`].
    pub fn serve_for(session: &Session, device: OwnedFd, options: MountOptions, owner: Owner) -> Result<Self, EngineError> {
        let MountOptions { folder, scratch, exclude, git } = options;
        let told = Arc::new(Told { folder: folder.clone(), tree: OnceLock::new(), kernel: OnceLock::new() });
        let (own, watching) = session.watched_by(told.clone())?;
        let unusable = |error: io::Error| {
            EngineError::new(ErrorKind::Unavailable, "scratch_unusable", format!("{}: {error}", scratch.display()))
                .hint("the folder holds what the repository ignores; it has to be writable")
        };
        let place = scratch.join("files");
        let files = Scratch::open(&place, Owners::shown_as(owner)).map_err(unusable)?;
        let git = git.map(|store| GitDir::open(session, store, &place, &folder, &exclude)).transpose()?;
        let opened = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(session.info().created.0).unwrap_or(0)) - BEFORE;
        let view = own.view()?;
        let times = Times::open(&scratch.join("times"), &view, opened).map_err(unusable)?;
        let tree = Arc::new(Tree::new(own, view, files, Rules::new(&exclude), times, git));
        if let Err(error) = tree.begin() {
            tracing::warn!(%error, "what was changed meanwhile may show older files when it goes");
        }
        let broken = |error: io::Error| EngineError::new(ErrorKind::Unavailable, "mount_broken", format!("serving the mount: {error}"));
        let served = Served::new(Arc::clone(&tree), device).map_err(broken)?;
        let _ = told.tree.set(Arc::clone(&tree));
        let _ = told.kernel.set(served.kernel());
        if let Some(commits) = tree.commits() {
            let tree = Arc::clone(&tree);
            let take = move || {
                while commits.recv().is_ok() {
                    if let Some(git) = tree.git() {
                        git.take(&|path| tree.take_path(path));
                    }
                }
            };
            std::thread::Builder::new().name("mount-git".to_owned()).spawn(take).map_err(broken)?;
        }
        let over = Arc::new((Mutex::new(false), Condvar::new()));
        let (ended, place, ending) = (Arc::clone(&over), folder.clone(), Arc::clone(&tree));
        let run = move || {
            if let Err(error) = served.run() {
                tracing::warn!(%error, folder = %place.display(), "a mount ended early");
            }
            ending.end();
            drop(watching);
            *ended.0.lock() = true;
            ended.1.notify_all();
        };
        let thread = std::thread::Builder::new().name("mount".to_owned()).spawn(run).map_err(broken)?;
        Ok(Self { session: session.clone(), folder, tree, over, _thread: thread })
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Whether it was unmounted.
    pub fn is_over(&self) -> bool {
        *self.over.0.lock()
    }

    /// Waits until it was unmounted; `false` if that takes longer.
    pub fn wait(&self, longest: Duration) -> bool {
        let until = Instant::now() + longest;
        let mut over = self.over.0.lock();
        while !*over {
            if self.over.1.wait_until(&mut over, until).timed_out() {
                return *over;
            }
        }
        true
    }

    /// How many files and directories the kernel knows of it.
    pub fn known(&self) -> usize {
        self.tree.known()
    }
}
