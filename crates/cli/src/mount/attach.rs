//! A session at a folder, until it is let go of.

use crate::client::Failure;
use acetate_mount::{DeviceError, Held, MountInfo, hold_session, unmount, wait_gone};
use acetate_types::{ErrorKind, Problem};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How often a folder that is in use is tried again, and how long between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(40);

/// A mounted folder of this process. Dropping it unmounts, and removes the folder.
pub struct Attached {
    socket: PathBuf,
    folder: PathBuf,
    info: MountInfo,
    over: bool,
    /// If this process is killed, the daemon takes the folder away.
    _held: Held,
}

impl Attached {
    /// Mounts a session at a folder, which is made.
    ///
    /// # Errors
    /// When the folder can't be made or is not empty, and whatever mounting meets.
    pub fn new(socket: &Path, session: &str, folder: &Path) -> Result<Self, Failure> {
        let folder = prepare(folder)?;
        let (info, held) = hold_session(socket, session, &folder)?;
        Ok(Self { socket: socket.to_owned(), folder, info, over: false, _held: held })
    }

    /// What the daemon says of it.
    pub fn info(&self) -> &MountInfo {
        &self.info
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the folder away. Something that still uses it a moment later loses it.
    pub fn detach(&mut self) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let mut tries = 0;
        while let Err(DeviceError::Unmount { source, .. }) = unmount(&self.folder, tries >= TRIES) {
            if tries > TRIES || source.kind() != std::io::ErrorKind::ResourceBusy {
                tracing::debug!(%source, "left mounted");
                break;
            }
            tries += 1;
            std::thread::sleep(PAUSE);
        }
        // A daemon that is gone serves nothing.
        drop(wait_gone(&self.socket, &self.folder));
        drop(std::fs::remove_dir(&self.folder));
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.detach();
    }
}

/// How folders begin in which this program mounts; their process's number follows.
const ROOTS: &str = "acetate-at-";

/// A folder of this process in which folders are mounted.
///
/// # Errors
/// Disk errors.
pub fn root() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix(&format!("{ROOTS}{}-", std::process::id())).tempdir()
}

/// Those of processes that are no more.
pub fn left_roots() -> Vec<PathBuf> {
    let gone = |name: &str| {
        let process = name.strip_prefix(ROOTS)?.split_once('-')?.0.parse::<u32>().ok()?;
        (!Path::new("/proc").join(process.to_string()).exists()).then_some(())
    };
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    // Those of others are theirs to remove.
    let own = |entry: &std::fs::DirEntry| entry.metadata().is_ok_and(|meta| meta.uid() == rustix::process::geteuid().as_raw());
    let left = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| gone(name).is_some()) && own(entry));
    left.map(|entry| entry.path()).collect()
}

/// Removes such a folder, in which there is nothing but empty folders.
pub fn remove_root(root: &Path) -> bool {
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        drop(std::fs::remove_dir(entry.path()));
    }
    std::fs::remove_dir(root).is_ok()
}

/// The absolute name of an empty folder, which is made if need be.
///
/// # Errors
/// `folder_not_empty`, and disk errors.
pub fn prepare(folder: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let folder = folder.canonicalize().map_err(|error| Failure::file(folder, &error))?;
    let mut entries = std::fs::read_dir(&folder).map_err(|error| Failure::file(&folder, &error))?;
    if entries.next().is_some() {
        let problem = Problem::new(ErrorKind::Conflict, "folder_not_empty", format!("{} is not empty", folder.display()));
        return Err(problem.hint("name an empty folder, or one that is not there yet").into());
    }
    Ok(folder)
}
