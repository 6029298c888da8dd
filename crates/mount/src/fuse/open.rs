//! What is open, and which of it the kernel reads and writes by itself.

use crate::tree::{Entry, Opened, Stale, Tree};
use fuser::{BackingId, Errno, FileHandle};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};

/// An open file or directory.
pub(super) enum Handle {
    File(Opened, Option<Arc<BackingId>>),
    Directory(Vec<Entry>),
}

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
}

impl Fuse {
    pub(super) fn enter(&self, handle: Handle) -> FileHandle {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.handles.write().insert(number, Arc::new(handle));
        FileHandle(number)
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
