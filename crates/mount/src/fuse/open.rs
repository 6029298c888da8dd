//! What is open, and which of it the kernel reads and writes by itself.

use super::answers::Answers;
use crate::tree::{Opened, Stale, Tree};
use fuser::{BackingId, Errno, FileHandle};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};

/// An open file, with what the kernel reads and writes it by, if it does so by itself.
pub(super) struct Handle(pub(super) Opened, pub(super) Option<Arc<BackingId>>);

/// The file system as fuser drives it.
pub(super) struct Fuse {
    pub(super) tree: Arc<Tree>,
    pub(super) handles: RwLock<HashMap<u64, Arc<Handle>>>,
    pub(super) next: AtomicU64,
    /// Scratch files whose contents the kernel reads and writes by itself; one backing per node, as the kernel wants it. Held to look at
    /// or change the table.
    pub(super) backings: Mutex<HashMap<u64, Weak<BackingId>>>,
    pub(super) passes_through: AtomicBool,
    /// What the kernel has to drop once it has its answer.
    pub(super) later: Sender<Stale>,
    /// How many threads serve, and how many of them do what takes long.
    pub(super) threads: usize,
    pub(super) waiting: AtomicUsize,
    pub(super) answers: Answers,
}

impl Fuse {
    pub(super) fn enter(&self, handle: Handle) -> FileHandle {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.handles.write().insert(number, Arc::new(handle));
        FileHandle(number)
    }

    /// Does what takes long, in a thread of its own if nobody would be left to serve.
    pub(super) fn apart(&self, wait: impl FnOnce(&Tree) + Send + 'static) {
        if self.waiting.fetch_add(1, Ordering::AcqRel) + 1 < self.threads {
            wait(&self.tree);
        } else {
            let tree = Arc::clone(&self.tree);
            // What can't be done is answered as an error when it is dropped.
            if let Err(error) = std::thread::Builder::new().name("mount-wait".to_owned()).spawn(move || wait(&tree)) {
                tracing::warn!(%error, "a request can't be served");
            }
        }
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    pub(super) fn handle(&self, handle: FileHandle) -> Result<Arc<Handle>, Errno> {
        self.handles.read().get(&handle.0).cloned().ok_or(Errno::EBADF)
    }

    /// The backing of a scratch file, if the kernel can pass its contents through.
    pub(super) fn backing(&self, opened: &Opened, open: impl FnOnce(&std::fs::File) -> io::Result<BackingId>) -> Option<Arc<BackingId>> {
        let file = opened.file.as_deref().filter(|_| self.passes_through.load(Ordering::Relaxed))?;
        let mut backings = self.backings.lock();
        if let Some(backing) = backings.get(&opened.ino).and_then(Weak::upgrade) {
            return Some(backing);
        }
        if self.tree.opens(opened.ino) > 1 {
            // Open the other way already: the kernel takes only one way for a file.
            return None;
        }
        match open(file) {
            Ok(backing) => {
                let backing = Arc::new(backing);
                backings.insert(opened.ino, Arc::downgrade(&backing));
                Some(backing)
            }
            Err(error) => {
                tracing::debug!(%error, "the kernel passes nothing through");
                self.passes_through.store(false, Ordering::Relaxed);
                None
            }
        }
    }
}
