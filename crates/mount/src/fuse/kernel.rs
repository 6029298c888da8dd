//! What the kernel is told.

use crate::tree::Stale;
use fuser::{INodeNo, Notifier};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

/// Tells the kernel what it must no longer keep.
#[derive(Clone)]
pub(crate) struct Kernel(pub(super) Notifier);

impl Kernel {
    /// Drops what is stale. Not to be called by a thread that serves the mount, nor under a lock: the kernel may wait for a request
    /// that is being served.
    pub(crate) fn drop_stale(&self, stale: &[Stale]) {
        for one in stale {
            let told = match one {
                Stale::Node(ino) => self.0.inval_inode(INodeNo(*ino), 0, 0),
                Stale::Name(parent, name) => self.0.inval_entry(INodeNo(*parent), OsStr::from_bytes(name)),
            };
            if let Err(error) = told {
                tracing::debug!(%error, "the kernel keeps nothing there");
            }
        }
    }
}
