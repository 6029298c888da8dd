//! The folder: written to and read, never through a link.

use super::record::Stamp;
use crate::owner::{Owner, Owners};
use crate::scratch::Scratch;
use acetate_types::{FileMode, RepoPath};
use rustix::fs::{FileType, OFlags, RenameFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where files are written before they take their places.
const ASIDE: &str = ".git/acetate-new";
/// The longest exclude file that is read, in bytes.
const LONGEST_EXCLUDE: u64 = 1 << 20;

/// Why a path of the folder is left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// What is there is not what was there when the folder was looked at.
    #[error("it changed in the folder meanwhile")]
    Changed,
    /// Something that the session does not have is where the path, or a directory above it, has to be.
    #[error("something in the folder is in the way")]
    InTheWay,
    /// The disk.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<Errno> for CheckoutError {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

/// The folder of a checkout, held open.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    beneath: Scratch,
    /// Permissions that new files and directories do not give.
    mask: u32,
    next: AtomicU64,
}

impl Folder {
    /// Opens a folder that is there; what is made in it does not give the permissions of `mask`, as umask(2) says.
    ///
    /// # Errors
    /// When it is not.
    pub fn open(root: &Path, mask: u32) -> std::io::Result<Self> {
        Ok(Self {
            root: root.to_owned(),
            beneath: Scratch::open(root, Owners::shown_as(Owner::of_process()))?,
            mask,
            next: AtomicU64::new(0),
        })
    }

    /// Its name.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is at a path: its mode and stamp. `None` where there is nothing, or what a session can't hold; a directory has no stamp.
    ///
    /// # Errors
    /// The disk's.
    pub fn look(&self, path: &RepoPath) -> std::io::Result<Option<(Option<FileMode>, Option<Stamp>)>> {
        let Some(stat) = self.beneath.stat(path.as_bytes())? else { return Ok(None) };
        Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => (None, None),
            FileType::RegularFile if stat.st_mode & 0o100 != 0 => (Some(FileMode::Executable), Some(stamp(&stat))),
            FileType::RegularFile => (Some(FileMode::Regular), Some(stamp(&stat))),
            FileType::Symlink => (Some(FileMode::Symlink), Some(stamp(&stat))),
            _ => (None, Some(stamp(&stat))),
        }))
    }

    /// The names in a directory, and whether each is one itself.
    pub(super) fn list(&self, path: &[u8]) -> std::io::Result<Vec<(Vec<u8>, bool)>> {
        let listed = self.beneath.list(path)?.into_iter().map(|listed| {
            // Not every file system says what its names are.
            let directory = match listed.kind {
                FileType::Unknown => self.beneath.is_dir(&[path, b"/", &listed.name].concat()),
                kind => kind.is_dir(),
            };
            (listed.name, directory)
        });
        Ok(listed.collect())
    }

    /// What the folder's own exclude file says.
    pub(super) fn exclude(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let read = self.read_own("info/exclude").and_then(|(file, _)| file.take(LONGEST_EXCLUDE).read_to_end(&mut text));
        read.map(|_| text).unwrap_or_default()
    }

    /// Reads a file, or a link's target.
    ///
    /// # Errors
    /// The disk's.
    pub fn read(&self, path: &RepoPath, mode: FileMode) -> std::io::Result<Vec<u8>> {
        if mode == FileMode::Symlink {
            return Ok(self.beneath.read_link(path.as_bytes())?);
        }
        let mut content = Vec::new();
        self.beneath.open_file(path.as_bytes(), OFlags::RDONLY, 0)?.read_to_end(&mut content)?;
        Ok(content)
    }

    /// Puts a content at a path in one step, if what is there has the stamp that is expected; `None` for nothing.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub fn put(&self, path: &RepoPath, mode: FileMode, content: &[u8], expect: Option<Stamp>) -> Result<Option<Stamp>, CheckoutError> {
        self.place(path, mode, expect, |aside| match mode {
            FileMode::Symlink => Ok(self.beneath.symlink(aside, content)?),
            _ => Ok(self.create(aside, mode)?.write_all(content)?),
        })
    }

    /// The same with a copy of a file that shares its blocks.
    ///
    /// # Errors
    /// Also where the file system can't share blocks.
    pub fn put_clone(&self, path: &RepoPath, mode: FileMode, of: &File) -> Result<Option<Stamp>, CheckoutError> {
        self.place(path, mode, None, |aside| {
            let cloned = self.create(aside, mode).and_then(|file| Ok(rustix::fs::ioctl_ficlone(file, of)?));
            if cloned.is_err() {
                let _ = self.beneath.unlink(aside);
            }
            Ok(cloned?)
        })
    }

    fn make_above(&self, path: &RepoPath) -> Result<(), Errno> {
        let Some(above) = path.parent() else { return Ok(()) };
        match self.beneath.make_dir(above.as_bytes(), 0o777 & !self.mask) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) if self.beneath.is_dir(above.as_bytes()) => Ok(()),
            Err(Errno::NOENT) => {
                self.make_above(&above)?;
                self.beneath.make_dir(above.as_bytes(), 0o777 & !self.mask)
            }
            Err(error) => Err(error),
        }
    }

    fn create(&self, path: &[u8], mode: FileMode) -> std::io::Result<File> {
        let bits = if mode == FileMode::Executable { 0o777 } else { 0o666 } & !self.mask;
        Ok(self.beneath.open_file(path, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, bits)?)
    }

    fn place(
        &self,
        path: &RepoPath,
        mode: FileMode,
        expect: Option<Stamp>,
        make: impl FnOnce(&[u8]) -> Result<(), CheckoutError>,
    ) -> Result<Option<Stamp>, CheckoutError> {
        let at = path.as_bytes();
        if expect.is_none() && mode != FileMode::Submodule && self.beneath.is_dir(at) {
            // Empty directories are nothing that anybody keeps.
            self.beneath.prune(at);
        }
        self.expect(path, expect)?;
        match self.make_above(path) {
            Err(Errno::NOTDIR | Errno::LOOP | Errno::EXIST) => return Err(CheckoutError::InTheWay),
            other => other?,
        }
        if mode == FileMode::Submodule {
            if expect.is_some() {
                self.beneath.unlink(at)?;
            }
            return match self.beneath.make_dir(at, 0o777 & !self.mask) {
                Ok(()) => Ok(None),
                Err(Errno::EXIST) if self.beneath.is_dir(at) => Ok(None),
                Err(Errno::EXIST) => Err(CheckoutError::InTheWay),
                Err(error) => Err(error.into()),
            };
        }
        let aside = format!("{ASIDE}/{}", self.next.fetch_add(1, Ordering::Relaxed)).into_bytes();
        match make(&aside) {
            Err(CheckoutError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(std::io::Error::other(format!("{ASIDE} is not there")).into());
            }
            other => other?,
        }
        let flags = if expect.is_none() { RenameFlags::NOREPLACE } else { RenameFlags::empty() };
        match self.expect(path, expect).and_then(|()| Ok(self.beneath.rename(&aside, at, flags)?)) {
            Ok(()) => Ok(self.beneath.stat(at)?.as_ref().map(stamp)),
            Err(error) => {
                let _ = self.beneath.unlink(&aside);
                Err(error)
            }
        }
    }

    fn expect(&self, path: &RepoPath, expect: Option<Stamp>) -> Result<(), CheckoutError> {
        match (self.look(path)?, expect) {
            (None, None) => Ok(()),
            (Some((_, Some(there))), Some(expect)) if there == expect => Ok(()),
            (Some(_), None) => Err(CheckoutError::InTheWay),
            _ => Err(CheckoutError::Changed),
        }
    }

    /// Removes a path if it is the one that is expected, and the directories above that are empty then.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub fn remove(&self, path: &RepoPath, expect: Option<Stamp>) -> Result<(), CheckoutError> {
        match (self.look(path)?, expect) {
            (None, _) => return Ok(()),
            // A submodule's directory goes if nothing is in it.
            (Some((None, None)), None) => match self.beneath.remove_dir(path.as_bytes()) {
                Err(Errno::NOTEMPTY | Errno::EXIST) => return Err(CheckoutError::InTheWay),
                other => other?,
            },
            (Some((_, Some(there))), Some(expect)) if there == expect => self.beneath.unlink(path.as_bytes())?,
            _ => return Err(CheckoutError::Changed),
        }
        let mut above = path.parent();
        while let Some(folder) = above {
            if self.beneath.remove_dir(folder.as_bytes()).is_err() {
                break;
            }
            above = folder.parent();
        }
        Ok(())
    }

    /// Reads a file of Acetate's own in the folder's `.git`.
    pub(super) fn read_own(&self, name: &str) -> std::io::Result<(File, Stamp)> {
        let file = self.beneath.open_file(&own(name), OFlags::RDONLY, 0)?;
        let stat = rustix::fs::fstat(&file)?;
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(std::io::Error::other("it is no file"));
        }
        Ok((file, stamp(&stat)))
    }

    /// Writes one, in one step; gives its stamp.
    pub(super) fn write_own(&self, name: &str, write: impl FnOnce(&mut File) -> std::io::Result<()>) -> std::io::Result<Stamp> {
        let (place, aside) = (own(name), own(&format!("{name}.new")));
        match self.beneath.unlink(&aside) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let mut file = self.beneath.open_file(&aside, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, 0o600)?;
        write(&mut file)?;
        file.sync_data()?;
        self.beneath.rename(&aside, &place, RenameFlags::empty())?;
        Ok(stamp(&rustix::fs::fstat(&file)?))
    }

    /// Opens the file that those lock who change the folder.
    ///
    /// # Errors
    /// The disk's; a link or anything else that is no file.
    pub fn lock_file(&self) -> std::io::Result<File> {
        Ok(self.beneath.open_file(&own("acetate-checkout.lock"), OFlags::WRONLY | OFlags::CREATE, 0o600)?)
    }

    /// Makes the place where files are written first, empty.
    ///
    /// # Errors
    /// The disk's.
    pub fn begin(&self) -> std::io::Result<()> {
        self.beneath.remove_tree(ASIDE.as_bytes());
        Ok(self.beneath.make_dir(ASIDE.as_bytes(), 0o700)?)
    }

    /// Removes it again.
    pub fn end(&self) {
        self.beneath.remove_tree(ASIDE.as_bytes());
    }
}

fn stamp(stat: &rustix::fs::Stat) -> Stamp {
    let time = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
    Stamp {
        size: u64::try_from(stat.st_size).unwrap_or(0),
        modified: time(stat.st_mtime, i64::try_from(stat.st_mtime_nsec).unwrap_or(0)),
        changed: time(stat.st_ctime, i64::try_from(stat.st_ctime_nsec).unwrap_or(0)),
        inode: stat.st_ino,
    }
}

fn own(name: &str) -> Vec<u8> {
    format!(".git/{name}").into_bytes()
}
