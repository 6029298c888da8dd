//! What `doctor` looks at: whether this machine can mount, and what was left mounted.

use super::command::socket;
use crate::commands::Context;
use acetate_mount::{list, mounted, unmount};
use std::path::PathBuf;

/// What was found.
pub struct Checked {
    /// How folders are mounted here.
    pub how: String,
    /// Why they can't be, and what helps.
    pub fault: Option<(String, String)>,
    /// Folders that nobody serves, and whether they were taken away.
    pub left: Vec<(PathBuf, bool)>,
}

/// Looks; with `fix` takes away what nobody serves.
pub fn check(context: &mut Context, fix: bool) -> Checked {
    let mut checked = Checked { how: String::new(), fault: None, left: Vec::new() };
    let root = rustix::process::geteuid().is_root();
    let device = std::fs::OpenOptions::new().read(true).write(true).open("/dev/fuse");
    let helper = ["fusermount3", "fusermount"].into_iter().find(|name| found(name));
    match (device, root, helper) {
        (Err(error), ..) => {
            checked.fault = Some((format!("/dev/fuse can't be opened: {error}"), "load FUSE (`modprobe fuse`)".to_owned()));
        }
        (Ok(_), true, _) => checked.how = "by the kernel; what is ignored is read and written at the disk's speed".to_owned(),
        (Ok(_), false, Some(helper)) => checked.how = format!("by {helper}; contents of ignored files pass through the daemon"),
        (Ok(_), false, None) => {
            checked.fault = Some(("there is no fusermount3".to_owned(), "install it (`apt install fuse3`)".to_owned()));
        }
    }
    let served: Vec<PathBuf> =
        socket(context).ok().and_then(|socket| list(&socket).ok()).unwrap_or_default().into_iter().map(|mount| mount.folder).collect();
    for (folder, _) in mounted().unwrap_or_default() {
        // Other stores have daemons of their own: only what nobody answers for is left behind.
        let dead = rustix::fs::stat(&folder).err() == Some(rustix::io::Errno::NOTCONN);
        if dead && !served.contains(&folder) {
            let gone = fix && unmount(&folder, true).is_ok();
            checked.left.push((folder, gone));
        }
    }
    checked
}

fn found(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
