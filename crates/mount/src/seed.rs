//! Seeds: trees of ignored files that never change once made, and that sessions see as if they were copies.
//!
//! A session's view of a seed is the kernel's overlayfs: what it changes is kept in its scratch, and costs that. It stays mounted when the
//! session's folder is unmounted, and goes with the scratch. Where that can't be had, files are copied (by whoever brings them): as clones
//! that share their blocks where the file system can.
//!
//! Format of the options: <https://docs.kernel.org/filesystems/overlayfs.html>. Folders are named by descriptors, so that no character of a
//! path has to be escaped.

use crate::owner::{Owner, Owners};
use crate::scratch::Scratch;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags};
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// How a session comes to files that others have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// As a view: what it does not change costs nothing.
    View,
    /// As clones, which share their blocks until they are changed.
    Clones,
    /// As copies.
    Copies,
}

impl Sharing {
    /// What can be had in a folder, found by trying in a folder made below it.
    ///
    /// # Errors
    /// When nothing can be made there.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let probe = folder.join(format!("seed-probe-{}", std::process::id()));
        std::fs::create_dir(&probe)?;
        let tried = Self::try_in(&probe);
        hide_below(&probe);
        std::fs::remove_dir_all(&probe)?;
        tried
    }

    fn try_in(probe: &Path) -> io::Result<Self> {
        let seed = probe.join("seed");
        std::fs::create_dir(&seed)?;
        if show(&seed, probe, Path::new("view"), &probe.join("changes")).is_ok() {
            return Ok(Self::View);
        }
        std::fs::write(probe.join("one"), "one")?;
        let (one, other) = (File::open(probe.join("one"))?, File::create(probe.join("other"))?);
        Ok(if rustix::fs::ioctl_ficlone(&other, &one).is_ok() { Self::Clones } else { Self::Copies })
    }
}

/// Shows a seed at a path below `root`, made if need be and reached through no link; what changes there is kept in `changes`.
///
/// # Errors
/// Where this process may not mount, or the file system can't be below or above a view.
pub fn show(seed: &Path, root: &Path, path: &Path, changes: &Path) -> io::Result<()> {
    let (upper, work) = (changes.join("upper"), changes.join("work"));
    for folder in [&upper, &work] {
        std::fs::create_dir_all(folder)?;
    }
    let at = {
        let (root, path) = (Scratch::open(root, Owners::shown_as(Owner::of_process()))?, path.as_os_str().as_bytes());
        root.make_above(path)?;
        match root.make_dir(path, 0o755) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        root.folder(path)?
    };
    let open = |folder: &Path| rustix::fs::open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let (lower, upper, work) = (open(seed)?, open(&upper)?, open(&work)?);
    let name = |fd: &OwnedFd| format!("/proc/self/fd/{}", fd.as_raw_fd());
    let options = format!("lowerdir={},upperdir={},workdir={}", name(&lower), name(&upper), name(&work));
    let options = CString::new(options).map_err(io::Error::other)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    Ok(rustix::mount::mount("acetate-seed", name(&at), "overlay", flags, options.as_c_str())?)
}

/// Whether something is mounted at a folder.
pub fn is_shown(at: &Path) -> bool {
    mounts().is_ok_and(|mounts| mounts.iter().any(|mount| mount == at))
}

/// Takes away what is mounted below a folder.
pub fn hide_below(folder: &Path) {
    let mut below: Vec<PathBuf> = mounts().unwrap_or_default().into_iter().filter(|mount| mount.starts_with(folder)).collect();
    below.sort();
    for mount in below.iter().rev() {
        hide(mount);
    }
}

/// Takes a view away; gives whether it went.
pub(crate) fn hide(mount: &Path) -> bool {
    let gone = rustix::mount::unmount(mount, UnmountFlags::DETACH);
    if let Err(error) = gone {
        tracing::debug!(%error, mount = %mount.display(), "a view stays mounted");
    }
    gone.is_ok()
}

/// The folders at which seeds are shown.
fn mounts() -> io::Result<Vec<PathBuf>> {
    let text = std::fs::read("/proc/self/mounts")?;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"acetate-seed "));
    Ok(lines.filter_map(|line| Some(named(line.split(|byte| *byte == b' ').nth(1)?))).collect())
}

fn named(word: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(&crate::device::unescaped(word)))
}
