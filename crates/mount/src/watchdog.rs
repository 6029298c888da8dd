//! A process of its own that unmounts what a daemon leaves behind when it is killed, so that nothing shows "transport endpoint is not
//! connected" for longer than a moment. It learns of the daemon's end by that of a pipe, which nothing survives.

use crate::device;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The watchdog as the daemon knows it.
#[derive(Debug)]
pub(crate) struct Watchdog {
    pipe: Option<ChildStdin>,
    child: Child,
}

impl Watchdog {
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        // A group of its own: a signal from a terminal to the daemon's group must not end it first.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn()?;
        Ok(Self { pipe: child.stdin.take(), child })
    }

    pub(crate) fn watch(&mut self, folder: &Path, session: &str) {
        self.say('+', folder, session);
    }

    pub(crate) fn forget(&mut self, folder: &Path) {
        self.say('-', folder, "");
    }

    fn say(&mut self, what: char, folder: &Path, session: &str) {
        let line = format!("{what} {} {session}\n", hex::encode(folder.as_os_str().as_bytes()));
        if let Some(pipe) = &mut self.pipe
            && let Err(error) = pipe.write_all(line.as_bytes())
        {
            tracing::warn!(%error, "the process that unmounts after a crash is gone");
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.child.wait();
    }
}

/// Stands guard: reads from `orders` what is mounted until they end, then unmounts what is left of it.
///
/// # Errors
/// When the orders can't be read.
pub fn stand_guard(orders: impl BufRead) -> io::Result<()> {
    let mut folders: BTreeMap<PathBuf, String> = BTreeMap::new();
    for line in orders.lines() {
        let line = line?;
        let mut words = line.split(' ');
        let (Some(what), Some(folder), session) = (words.next(), words.next(), words.next().unwrap_or_default()) else { continue };
        let Ok(folder) = hex::decode(folder) else { continue };
        let folder = PathBuf::from(std::ffi::OsString::from_vec(folder));
        match what {
            "+" => drop(folders.insert(folder, session.to_owned())),
            _ => drop(folders.remove(&folder)),
        }
    }
    for (folder, session) in device::mounted()? {
        // Only what was told, and is still that session's: somebody may have mounted something else there since.
        if folders.get(&folder) == Some(&session) {
            match device::unmount(&folder, true) {
                // What goes on working there must not write beside the session without knowing: the folder was empty, and goes too.
                Ok(()) => drop(std::fs::remove_dir(&folder)),
                Err(error) => tracing::warn!(%error, "left mounted"),
            }
        }
    }
    Ok(())
}
