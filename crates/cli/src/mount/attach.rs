//! A session at a folder, until it is let go of.

use crate::client::Failure;
use acetate_mount::{DeviceError, MountInfo, mount_session, unmount, wait_gone};
use acetate_types::{ErrorKind, Problem};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a folder that is in use is tried again, and how long between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(40);

/// A mounted folder of this process. Dropping it unmounts, and removes the folder.
pub struct Attached {
    socket: PathBuf,
    folder: PathBuf,
    info: MountInfo,
    over: bool,
}

impl Attached {
    /// Mounts a session at a folder, which is made.
    ///
    /// # Errors
    /// When the folder can't be made or is not empty, and whatever mounting meets.
    pub fn new(socket: &Path, session: &str, folder: &Path) -> Result<Self, Failure> {
        let folder = prepare(folder)?;
        let info = mount_session(socket, session, &folder)?;
        Ok(Self { socket: socket.to_owned(), folder, info, over: false })
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
