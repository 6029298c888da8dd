//! The file system, in its own words: names, nodes, contents. Knows nothing of FUSE.

mod across;
mod attr;
mod dirs;
mod io;
mod list;
mod look;
mod made;
mod make;
mod noted;
mod remove;
mod rename;
mod told;

pub(crate) use attr::{Attr, Change, Kind, Set};
pub(crate) use io::Opened;
pub(crate) use list::DOTS;
pub(crate) use told::Stale;

use crate::changes::Changes;
use crate::gitdir::{GitDir, shows};
use crate::nodes::Nodes;
use crate::owner::Owner;
use crate::rules::Rules;
use crate::scratch::Scratch;
use crate::times::Times;
use acetate_engine::{Session, View};
use dirs::Dirs;
use list::Listings;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Result of a file operation.
pub(crate) type Answer<T> = Result<T, rustix::io::Errno>;

/// A mounted session.
pub(crate) struct Tree {
    pub(crate) session: Session,
    /// The session's files as they were when somebody last looked. Held to look at or change it.
    seen: RwLock<Arc<View>>,
    /// Held to look at or change the table.
    dirs: Mutex<Dirs>,
    /// Held to look at or change the table.
    listings: Mutex<Listings>,
    scratch: Scratch,
    rules: Rules,
    /// Held to look at or change the table, never across a call of the engine or the disk.
    nodes: Mutex<Nodes>,
    /// Held to look at or change times, with one write to their log.
    times: Mutex<Times>,
    user: u32,
    group: u32,
    git: Option<GitDir>,
    /// What a name means stays so while it is read; whoever changes names holds it alone. Taken for each request of the kernel but syncs,
    /// and by what notes other doors' changes; never while the kernel is told something.
    names: RwLock<()>,
    /// What was made here since the last turn; held to look at or change the table.
    made: Mutex<made::Made>,
    /// Paths that changed since when; held to look at or change the table.
    changes: Mutex<Changes>,
    /// Whether rules changed: files that are no longer ignored may be in the scratch, and ignored ones in the session.
    unignored: AtomicBool,
    /// Where it is noted that a commit may have been made; closed when the mount is over.
    noticed: Mutex<Option<SyncSender<()>>>,
}

impl Tree {
    pub(crate) fn new(session: Session, view: View, scratch: Scratch, rules: Rules, times: Times, git: Option<GitDir>) -> Self {
        let Owner { user, group } = scratch.owners.shown;
        let (nodes, times) = (Mutex::new(Nodes::new()), Mutex::new(times));
        Self {
            session,
            seen: RwLock::new(Arc::new(view)),
            dirs: Mutex::default(),
            listings: Mutex::default(),
            scratch,
            rules,
            nodes,
            times,
            user,
            group,
            git,
            names: RwLock::new(()),
            made: Mutex::default(),
            changes: Mutex::new(Changes::new()),
            unignored: AtomicBool::new(false),
            noticed: Mutex::new(None),
        }
    }

    /// To be held for a request that changes no name.
    pub(crate) fn reading(&self) -> RwLockReadGuard<'_, ()> {
        self.names.read()
    }

    /// To be held for a request that changes names.
    pub(crate) fn changing(&self) -> RwLockWriteGuard<'_, ()> {
        self.names.write()
    }

    /// The session's `.git`, if it has one.
    pub(crate) fn git(&self) -> Option<&GitDir> {
        self.git.as_ref()
    }

    /// Where commits show that an agent may have made; once.
    pub(crate) fn commits(&self) -> Option<Receiver<()>> {
        self.git.as_ref()?;
        let (noticed, commits) = sync_channel(1);
        *self.noticed.lock() = Some(noticed);
        Some(commits)
    }

    /// Something below `.git` got another content or name.
    fn notice(&self, path: &[u8]) {
        if shows(path)
            && let Some(noticed) = &*self.noticed.lock()
        {
            // One that waits already sees this too.
            let _ = noticed.try_send(());
        }
    }

    /// The mount is over.
    pub(crate) fn end(&self) {
        *self.noticed.lock() = None;
    }

    /// How often a node is open.
    pub(crate) fn opens(&self, ino: u64) -> u32 {
        self.nodes.lock().get(ino).map_or(0, crate::nodes::Node::opens)
    }

    /// How many files and directories the kernel knows.
    pub(crate) fn known(&self) -> usize {
        self.nodes.lock().len()
    }
}
