//! The folder of a mount that nobody serves any more: both go, the folder with the mount.
//!
//! Invariant: what works on in it does not write beside its session without knowing. Between the end of a mount and that of its folder
//! there is a moment in which a program can put files into the folder itself; so they go in one step where the kernel lets us, and
//! else what came in that moment is moved aside, so that the next write there fails.

use crate::device::{self, DeviceError};
use rustix::mount::{MountPropagationFlags, UnmountFlags};
use rustix::thread::UnshareFlags;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// How many names are tried for what is moved aside.
const NAMES: u32 = 100;

/// Takes a mount away, and its folder. Answers where the folder is now if files had come into it.
///
/// # Errors
/// [`DeviceError::Unmount`]: it is still mounted.
pub(crate) fn take_away(folder: &Path) -> Result<Option<PathBuf>, DeviceError> {
    let own = folder.to_owned();
    let thread = std::thread::Builder::new().name("mount-taker".to_owned()).spawn(move || in_one_step(&own));
    if thread.is_ok_and(|thread| matches!(thread.join(), Ok(Ok(())))) {
        return Ok(None);
    }
    device::unmount(folder, true)?;
    Ok(match std::fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => aside(folder),
        _ => None,
    })
}

/// Removes the folder from under the mount. A folder that something is mounted on can be removed if it is so in other mount namespaces
/// only, and then nothing is mounted there any more (Linux 3.18: `detach_mounts`); so this thread gets a namespace of its own.
fn in_one_step(folder: &Path) -> io::Result<()> {
    // SAFETY: only the table of mounts and the working directory are this thread's own from here on; its descriptors stay shared.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }?;
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    rustix::mount::unmount(folder, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW)?;
    std::fs::remove_dir(folder)
}

/// Gives a folder another name beside it.
fn aside(folder: &Path) -> Option<PathBuf> {
    (0..NAMES).find_map(|number| {
        let mut name = OsString::from(folder);
        name.push(format!(".unmounted-{number}"));
        let name = PathBuf::from(name);
        let free = std::fs::symlink_metadata(&name).is_err();
        (free && std::fs::rename(folder, &name).is_ok()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_into_the_folder_is_kept_beside_it() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("work");
        for number in 0..2 {
            std::fs::create_dir(&folder).expect("created");
            std::fs::write(folder.join("late.txt"), "late").expect("written");
            let kept = aside(&folder).expect("a name");
            assert_eq!(kept, place.path().join(format!("work.unmounted-{number}")));
            assert_eq!(std::fs::read(kept.join("late.txt")).expect("kept"), b"late");
            assert!(!folder.exists());
        }
    }
}
