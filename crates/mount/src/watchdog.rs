//! A process of its own that unmounts what a daemon leaves behind when it is killed, so that nothing shows "transport endpoint is not
//! connected" for longer than a moment. It learns of the daemon's end by that of a pipe, which nothing survives.
//!
//! A thread of the daemon that waits for a mount of its own (it told the kernel something, or asked it) can't be killed, and holds the
//! device that nobody serves any more: the process never ends. So the watchdog also looks whether only such threads are left of it, and
//! makes the kernel give the mounts up.

use crate::{abandoned, device};
use parking_lot::Mutex;
use rustix::process::{Pid, getppid};
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How often the watchdog looks whether the daemon lives.
const ROUND: Duration = Duration::from_millis(250);

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
    let known: Arc<Mutex<BTreeMap<PathBuf, String>>> = Arc::default();
    if let Some(daemon) = getppid() {
        let known = Arc::clone(&known);
        std::thread::Builder::new().name("mount-guard".to_owned()).spawn(move || free(daemon, &known))?;
    }
    for line in orders.lines() {
        let line = line?;
        let mut words = line.split(' ');
        let (Some(what), Some(folder), session) = (words.next(), words.next(), words.next().unwrap_or_default()) else { continue };
        let Ok(folder) = hex::decode(folder) else { continue };
        let folder = PathBuf::from(std::ffi::OsString::from_vec(folder));
        let mut folders = known.lock();
        match what {
            "+" => drop(folders.insert(folder, session.to_owned())),
            _ => drop(folders.remove(&folder)),
        }
    }
    for folder in left(&known)? {
        match abandoned::take_away(&folder) {
            Ok(None) => {}
            Ok(Some(kept)) => tracing::warn!(kept = %kept.display(), "files had come into the folder"),
            Err(error) => tracing::warn!(%error, "left mounted"),
        }
    }
    Ok(())
}

/// What was told and is still mounted, for the same session: somebody may have mounted something else there since.
fn left(known: &Mutex<BTreeMap<PathBuf, String>>) -> io::Result<Vec<PathBuf>> {
    let known = known.lock();
    let mounted = device::mounted()?.into_iter();
    Ok(mounted.filter(|(folder, session)| known.get(folder) == Some(session)).map(|(folder, _)| folder).collect())
}

/// Waits until the daemon's first thread has ended, and gives up its mounts if others have not: they wait for nobody.
fn free(daemon: Pid, known: &Mutex<BTreeMap<PathBuf, String>>) {
    while getppid() == Some(daemon) {
        if has_ended(daemon) {
            for folder in left(known).unwrap_or_default() {
                if let Err(error) = device::give_up(&folder) {
                    tracing::warn!(%error, "left to wait");
                }
            }
        }
        std::thread::sleep(ROUND);
    }
}

/// Whether a process's first thread has ended.
fn has_ended(process: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_pid())).unwrap_or_default();
    // The name, in parentheses, may hold anything.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X']))
}
