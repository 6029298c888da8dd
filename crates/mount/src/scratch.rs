//! The scratch of a session: what its repository ignores, and its `.git`, as plain files on disk.
//!
//! Invariant: nothing outside the scratch's folder is reached. Each directory is opened beneath it without following any link, and the
//! last name is never followed.

use crate::owner::Owners;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Stat, StatVfs, Timespec, Timestamps};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder, held open.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: OwnedFd,
    pub(crate) owners: Owners,
    /// Counts the times that directories came, went or moved.
    shape: AtomicU64,
}

/// What one entry of a directory is.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: FileType,
}

/// Permissions that this process's mask may take away, though the caller's, which the kernel has applied, did not.
const MASKED: u32 = 0o7077;

fn parts(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (b"", path),
    }
}

impl Scratch {
    /// Opens the folder, made if need be, for its owner alone.
    pub(crate) fn open(folder: &Path, owners: Owners) -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let root = rustix::fs::open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { root, owners, shape: AtomicU64::new(0) })
    }

    fn dir(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        let path = if path.is_empty() { b"." } else { path };
        let flags = flags | OFlags::DIRECTORY | OFlags::CLOEXEC;
        rustix::fs::openat2(&self.root, path, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
    }

    /// Another number once directories came, went or moved: while it is the same, each has the same path.
    pub(crate) fn shape(&self) -> u64 {
        self.shape.load(Ordering::Acquire)
    }

    /// Directories came, went or moved, otherwise than by being made or removed here.
    pub(crate) fn reshaped(&self) {
        self.shape.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether there is a directory at a path.
    pub(crate) fn has_dir(&self, path: &[u8]) -> Result<bool, Errno> {
        match self.dir(path, OFlags::PATH) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn above(&self, path: &[u8]) -> Result<OwnedFd, Errno> {
        self.dir(parts(path).0, OFlags::PATH)
    }

    /// Makes the directories above a path that are missing.
    pub(crate) fn make_above(&self, path: &[u8]) -> Result<(), Errno> {
        let above = parts(path).0;
        if above.is_empty() {
            return Ok(());
        }
        match self.dir(above, OFlags::PATH) {
            Ok(_) => Ok(()),
            Err(Errno::NOENT) => {
                self.make_above(above)?;
                match self.make_dir(above, 0o777) {
                    Ok(()) | Err(Errno::EXIST) => Ok(()),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn is_dir(&self, path: &[u8]) -> bool {
        self.dir(path, OFlags::PATH).is_ok()
    }

    /// A directory, held open.
    pub(crate) fn folder(&self, path: &[u8]) -> Result<OwnedFd, Errno> {
        self.dir(path, OFlags::PATH)
    }

    /// What is at a path; `LOOP` or `NOTDIR` where something above it is no directory.
    pub(crate) fn stat_strictly(&self, path: &[u8]) -> Result<Stat, Errno> {
        rustix::fs::statat(self.above(path)?, parts(path).1, AtFlags::SYMLINK_NOFOLLOW)
    }

    pub(crate) fn stat(&self, path: &[u8]) -> Result<Option<Stat>, Errno> {
        match self.stat_strictly(path) {
            Ok(stat) => Ok(Some(self.owners.outward(stat))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn stat_file(&self, file: &File) -> Result<Stat, Errno> {
        Ok(self.owners.outward(rustix::fs::fstat(file)?))
    }

    /// Opens a file; never through a link.
    pub(crate) fn open_file(&self, path: &[u8], flags: OFlags, mode: u32) -> Result<File, Errno> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        let fd = rustix::fs::openat(self.above(path)?, parts(path).1, flags, Mode::from_raw_mode(mode))?;
        // It must not wait for a pipe's other end; files don't care.
        rustix::fs::fcntl_setfl(&fd, flags & !OFlags::NONBLOCK)?;
        if flags.contains(OFlags::CREATE) && mode & MASKED != 0 {
            rustix::fs::fchmod(&fd, Mode::from_raw_mode(mode))?;
        }
        Ok(File::from(fd))
    }

    pub(crate) fn list(&self, path: &[u8]) -> Result<Vec<Listed>, Errno> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::new(self.dir(path, OFlags::RDONLY)?)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(Listed { name: name.to_vec(), kind: entry.file_type() });
            }
        }
        Ok(names)
    }

    pub(crate) fn make_dir(&self, path: &[u8], mode: u32) -> Result<(), Errno> {
        rustix::fs::mkdirat(self.above(path)?, parts(path).1, Mode::from_raw_mode(mode))?;
        self.reshaped();
        if mode & MASKED != 0 { self.set_mode(path, mode) } else { Ok(()) }
    }

    pub(crate) fn make_node(&self, path: &[u8], kind: FileType, mode: u32, device: u64) -> Result<(), Errno> {
        rustix::fs::mknodat(self.above(path)?, parts(path).1, kind, Mode::from_raw_mode(mode), device)
    }

    pub(crate) fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), Errno> {
        rustix::fs::symlinkat(target, self.above(path)?, parts(path).1)
    }

    pub(crate) fn read_link(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        Ok(rustix::fs::readlinkat(self.above(path)?, parts(path).1, Vec::new())?.into_bytes())
    }

    pub(crate) fn unlink(&self, path: &[u8]) -> Result<(), Errno> {
        rustix::fs::unlinkat(self.above(path)?, parts(path).1, AtFlags::empty())
    }

    pub(crate) fn remove_dir(&self, path: &[u8]) -> Result<(), Errno> {
        let remove = || rustix::fs::unlinkat(self.above(path)?, parts(path).1, AtFlags::REMOVEDIR);
        match remove() {
            Err(Errno::BUSY) if self.hide_seed(path)? => remove()?,
            done => done?,
        }
        self.reshaped();
        Ok(())
    }

    /// Takes an empty view of a seed away, so that its directory can go.
    fn hide_seed(&self, path: &[u8]) -> Result<bool, Errno> {
        if !self.list(path)?.is_empty() {
            return Err(Errno::NOTEMPTY);
        }
        let name = {
            let folder = self.dir(path, OFlags::PATH)?;
            std::fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&folder))).map_err(|_| Errno::BUSY)?
        };
        Ok(crate::seed::is_shown(&name) && crate::seed::hide(&name))
    }

    /// Removes a directory in which there is nothing but such directories.
    pub(crate) fn prune(&self, path: &[u8]) {
        // One that is not empty stays.
        self.remove_dirs(path, false);
    }

    /// Removes a directory with all in it, as far as that can be.
    pub(crate) fn remove_tree(&self, path: &[u8]) {
        self.remove_dirs(path, true);
    }

    /// Without recursion: folders can be deeper than a thread's stack allows.
    fn remove_dirs(&self, path: &[u8], files: bool) {
        let mut dirs = vec![path.to_vec()];
        let mut at = 0;
        while let Some(dir) = dirs.get(at).cloned() {
            at += 1;
            for listed in self.list(&dir).unwrap_or_default() {
                let below = [&dir[..], b"/", &listed.name].concat();
                if listed.kind.is_dir() {
                    dirs.push(below);
                } else if files {
                    let _ = self.unlink(&below);
                }
            }
        }
        for dir in dirs.iter().rev() {
            let _ = self.remove_dir(dir);
        }
    }

    pub(crate) fn rename(&self, from: &[u8], to: &[u8], flags: RenameFlags) -> Result<(), Errno> {
        let renamed = rustix::fs::renameat_with(self.above(from)?, parts(from).1, self.above(to)?, parts(to).1, flags);
        // A view of a seed is a file system of its own: whoever moves it copies.
        renamed.map_err(|error| if error == Errno::BUSY { Errno::XDEV } else { error })
    }

    pub(crate) fn link(&self, from: &[u8], to: &[u8]) -> Result<(), Errno> {
        rustix::fs::linkat(self.above(from)?, parts(from).1, self.above(to)?, parts(to).1, AtFlags::empty())
    }

    pub(crate) fn set_mode(&self, path: &[u8], mode: u32) -> Result<(), Errno> {
        // By the descriptor's name in /proc: chmod(2) itself follows links, and takes no descriptor that was opened by path only.
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(self.above(path)?, parts(path).1, flags, Mode::empty())?;
        let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        rustix::fs::chmodat(rustix::fs::CWD, name, Mode::from_raw_mode(mode), AtFlags::empty())
    }

    pub(crate) fn set_owner(&self, path: &[u8], user: Option<u32>, group: Option<u32>) -> Result<(), Errno> {
        let (user, group) = self.owners.inward(user, group);
        let (user, group) = (user.map(rustix::fs::Uid::from_raw), group.map(rustix::fs::Gid::from_raw));
        rustix::fs::chownat(self.above(path)?, parts(path).1, user, group, AtFlags::SYMLINK_NOFOLLOW)
    }

    pub(crate) fn set_times(&self, path: &[u8], accessed: Timespec, modified: Timespec) -> Result<(), Errno> {
        let times = Timestamps { last_access: accessed, last_modification: modified };
        rustix::fs::utimensat(self.above(path)?, parts(path).1, &times, AtFlags::SYMLINK_NOFOLLOW)
    }

    pub(crate) fn sync_dir(&self, path: &[u8]) -> Result<(), Errno> {
        rustix::fs::fsync(self.dir(path, OFlags::RDONLY)?)
    }

    pub(crate) fn space(&self) -> Result<StatVfs, Errno> {
        // A descriptor by path only is refused.
        rustix::fs::fstatvfs(self.dir(b"", OFlags::RDONLY)?.as_fd())
    }
}

/// Removes a session's scratch, whatever is in it.
pub(crate) fn remove(folder: &Path) {
    crate::seed::hide_below(folder);
    match std::fs::remove_dir_all(folder) {
        Ok(()) => tracing::debug!(folder = %folder.display(), "a scratch is removed"),
        Err(error) => tracing::debug!(%error, folder = %folder.display(), "a scratch stays for now"),
    }
}
