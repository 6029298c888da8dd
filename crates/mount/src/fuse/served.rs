//! Serving a mounted device.

use super::answers::Answers;
use super::kernel::Kernel;
use super::open::Fuse;
use crate::tree::{Stale, Tree};
use fuser::{Config, Session, SessionACL};
use parking_lot::{Mutex, RwLock};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::mpsc::{Receiver, channel};

/// Threads that serve one mount, at least and at most: each holds memory of its own.
const FEWEST: usize = 2;
const MOST: usize = 4;

/// A mount that is about to be served.
pub(crate) struct Served {
    session: Session<Fuse>,
    stale: Receiver<Stale>,
}

impl Served {
    /// Greets the kernel over the descriptor of a mounted device.
    pub(crate) fn new(tree: Arc<Tree>, device: OwnedFd) -> io::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(FEWEST, usize::from).clamp(FEWEST, MOST);
        let (later, stale) = channel();
        let fuse = Fuse {
            later,
            tree,
            handles: RwLock::default(),
            next: AtomicU64::new(1),
            backings: Mutex::default(),
            passes_through: AtomicBool::new(false),
            threads,
            waiting: AtomicUsize::new(0),
            answers: Answers::default(),
        };
        let mut config = Config::default();
        config.n_threads = Some(threads);
        // Each thread has a queue of its own, where this process may open the device at all.
        config.clone_fd = File::options().read(true).write(true).open("/dev/fuse").is_ok();
        Ok(Self { session: Session::from_fd(fuse, device, SessionACL::All, config)?, stale })
    }

    pub(crate) fn kernel(&self) -> Kernel {
        Kernel(self.session.notifier())
    }

    /// Serves until it is unmounted.
    pub(crate) fn run(self) -> io::Result<()> {
        let (kernel, stale) = (self.kernel(), self.stale);
        let tell = move || {
            while let Ok(one) = stale.recv() {
                kernel.drop_stale(&[one]);
            }
        };
        std::thread::Builder::new().name("mount-tell".to_owned()).spawn(tell)?;
        self.session.run()
    }
}
