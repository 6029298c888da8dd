//! The repository's own files on disk. What an agent made of them is data: no link is followed, and only plain files are read, so far and no
//! farther.

use super::OwnRepository;
use rustix::fs::{FileType, OFlags, RenameFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read as _, Write as _};

/// The longest file that is read: a head, a ref, a list of one name; in bytes.
const LONGEST: u64 = 4096;
/// The longest list of refs that is read, in bytes.
const LONGEST_LIST: u64 = 64 << 20;

fn below(path: &str) -> Vec<u8> {
    [b".git/", path.as_bytes()].concat()
}

impl OwnRepository {
    /// Makes a directory and those above it.
    pub(super) fn make_dir(&self, path: &str) -> io::Result<()> {
        Ok(self.disk.make_above(&below(&format!("{path}/")))?)
    }

    pub(super) fn exists(&self, path: &str) -> io::Result<bool> {
        Ok(self.disk.stat(&below(path))?.is_some())
    }

    /// Replaces a file in one step.
    pub(super) fn put(&self, path: &str, text: &[u8]) -> io::Result<()> {
        self.put_file(path, |mut file| file.write_all(text))?
    }

    /// Replaces a file in one step by what `write` writes, if that goes well.
    fn put_file<E>(&self, path: &str, write: impl FnOnce(File) -> Result<(), E>) -> io::Result<Result<(), E>> {
        self.put_by(path, RenameFlags::empty(), write)
    }

    /// The same where there is no such file; one that came meanwhile stays.
    pub(super) fn put_new_file<E>(&self, path: &str, write: impl FnOnce(File) -> Result<(), E>) -> io::Result<Result<(), E>> {
        match self.put_by(path, RenameFlags::NOREPLACE, write) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Ok(())),
            written => written,
        }
    }

    fn put_by<E>(&self, path: &str, by: RenameFlags, write: impl FnOnce(File) -> Result<(), E>) -> io::Result<Result<(), E>> {
        let (path, aside) = (below(path), below(&format!("{path}.acetate-new")));
        self.disk.make_above(&path)?;
        match self.disk.unlink(&aside) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let written = write(self.disk.open_file(&aside, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, 0o644)?);
        if written.is_ok()
            && let Err(error) = self.disk.rename(&aside, &path, by)
        {
            let _ = self.disk.unlink(&aside);
            return Err(error.into());
        }
        Ok(written)
    }

    pub(super) fn drop_file(&self, path: &str) -> io::Result<()> {
        match self.disk.unlink(&below(path)) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A short file's text without the line end; `None` for anything else.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        let text = String::from_utf8(self.read_up_to(path, LONGEST)?).ok()?;
        Some(text.trim_end().to_owned())
    }

    /// A list's text; `None` where there is none, or it is longer than any list is.
    pub(super) fn read_long(&self, path: &str) -> Option<Vec<u8>> {
        self.read_up_to(path, LONGEST_LIST)
    }

    fn read_up_to(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        let file = self.disk.open_file(&below(path), OFlags::RDONLY, 0).ok()?;
        let stat = rustix::fs::fstat(&file).ok()?;
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return None;
        }
        let mut text = Vec::new();
        file.take(most + 1).read_to_end(&mut text).ok()?;
        (text.len() as u64 <= most).then_some(text)
    }
}
