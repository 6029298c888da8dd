//! The file system, in its own words: names, nodes, contents. Knows nothing of FUSE.

mod attr;
mod io;
mod list;
mod look;
mod make;
mod remove;
mod rename;
mod told;

pub(crate) use attr::{Attr, Change, Kind, Set};
pub(crate) use io::Opened;
pub(crate) use list::Entry;
pub(crate) use told::Stale;

use crate::nodes::Nodes;
use crate::rules::Rules;
use crate::scratch::Scratch;
use crate::times::Times;
use acetate_engine::Session;
use parking_lot::Mutex;

/// Result of a file operation.
pub(crate) type Answer<T> = Result<T, rustix::io::Errno>;

/// A mounted session.
pub(crate) struct Tree {
    pub(crate) session: Session,
    scratch: Scratch,
    rules: Rules,
    /// Held to look at or change the table, never across a call of the engine or the disk.
    nodes: Mutex<Nodes>,
    /// Held to look at or change times, with one write to their log.
    times: Mutex<Times>,
    user: u32,
    group: u32,
}

impl Tree {
    pub(crate) fn new(session: Session, scratch: Scratch, rules: Rules, times: Times) -> Self {
        let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        Self { session, scratch, rules, nodes: Mutex::new(Nodes::new()), times: Mutex::new(times), user, group }
    }

    /// How many files and directories the kernel knows.
    pub(crate) fn known(&self) -> usize {
        self.nodes.lock().len()
    }
}
