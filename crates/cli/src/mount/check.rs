//! What `doctor` looks at: how this machine mounts, and what was left mounted.

use super::attach::{left_roots, remove_root};
use super::command::socket;
use crate::commands::Context;
use acetate_mount::{DeviceError, Way, list, mounted, try_out, unmount};
use rustix::io::Errno;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long a daemon may take to answer for a folder.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was found.
pub struct Checked {
    /// How folders are mounted here; else why they can't be, and what helps.
    pub way: Result<String, (String, String)>,
    /// Folders that nobody serves, or that a killed process left, and whether they were taken away.
    pub left: Vec<(PathBuf, bool)>,
}

/// How folders are mounted here, found by mounting one; else why they can't be, and what helps.
///
/// # Errors
/// What the machine says, and what helps.
pub fn way() -> Result<String, (String, String)> {
    let probe = tempfile::tempdir().map_err(DeviceError::Device).and_then(|folder| try_out(folder.path()));
    match probe {
        Ok(Way::Kernel { passes_through: true }) => Ok("by the kernel, which reads and writes ignored files by itself".to_owned()),
        Ok(Way::Kernel { passes_through: false }) => {
            Ok("by the kernel, in a user namespace; contents of ignored files pass through the daemon".to_owned())
        }
        Ok(Way::Helper(helper)) => Ok(format!("by {helper}; contents of ignored files pass through the daemon")),
        Err(error) => Err((error.to_string(), error.help().to_owned())),
    }
}

/// Looks; with `fix` takes away what nobody serves.
pub fn check(context: &mut Context, fix: bool) -> Checked {
    let mut checked = Checked { way: way(), left: Vec::new() };
    let served: Vec<PathBuf> =
        socket(context).ok().and_then(|socket| list(&socket).ok()).unwrap_or_default().into_iter().map(|mount| mount.folder).collect();
    for (folder, _) in mounted().unwrap_or_default() {
        // Other stores have daemons of their own: only what nobody answers for is left behind.
        if !served.contains(&folder) && is_dead(&folder) {
            let gone = fix && unmount(&folder, true).is_ok();
            checked.left.push((folder, gone));
        }
    }
    for root in left_roots() {
        // One in which something is mounted still has something in it.
        let gone = fix && remove_root(&root);
        checked.left.push((root, gone));
    }
    checked
}

/// Whether nobody serves a folder. Asked is what the kernel keeps no answer to, by a thread that may wait for ever.
fn is_dead(folder: &Path) -> bool {
    let (answered, answer) = channel();
    let folder = folder.to_owned();
    std::thread::spawn(move || answered.send(rustix::fs::statfs(&folder).err()));
    answer.recv_timeout(PATIENCE).is_ok_and(|error| error == Some(Errno::NOTCONN))
}
