//! Whose the files are. The daemon's user may have another number where the folder is mounted: in a user namespace of their own people
//! are root to themselves.

use rustix::fs::Stat;
use serde::{Deserialize, Serialize};

/// A user and a group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The user.
    pub user: u32,
    /// The group.
    pub group: u32,
}

impl Owner {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self { user: rustix::process::geteuid().as_raw(), group: rustix::process::getegid().as_raw() }
    }
}

/// The numbers on disk and those that are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owners {
    own: Owner,
    pub(crate) shown: Owner,
}

impl Owners {
    /// Of this process, shown as whoever mounted knows it.
    pub(crate) fn shown_as(shown: Owner) -> Self {
        Self { own: Owner::of_process(), shown }
    }

    /// A file's attributes as they are shown.
    pub(crate) fn outward(&self, mut stat: Stat) -> Stat {
        if stat.st_uid == self.own.user {
            stat.st_uid = self.shown.user;
        }
        if stat.st_gid == self.own.group {
            stat.st_gid = self.shown.group;
        }
        stat
    }

    /// Numbers that somebody named, as they are on disk.
    pub(crate) fn inward(&self, user: Option<u32>, group: Option<u32>) -> (Option<u32>, Option<u32>) {
        let own = |named: u32, shown: u32, own: u32| if named == shown { own } else { named };
        (user.map(|user| own(user, self.shown.user, self.own.user)), group.map(|group| own(group, self.shown.group, self.own.group)))
    }
}
