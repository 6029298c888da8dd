//! Packs that upkeep must leave alone until refs name what is in them.
//!
//! A `.keep` of ours is a hard link to one file that was made durable once, so that its content, by which we know it, survives a
//! power cut without a sync of its own.

use crate::{Disk, Repository, WriteError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What a `.keep` of ours holds.
const MARK: &[u8] = b"acetate: not yet reachable from a ref\n";

/// A pack just written, with its `.keep`.
#[derive(Debug)]
#[must_use = "the pack stays kept until it is released"]
pub struct KeptPack {
    repository: Repository,
    name: String,
}

/// A kept pack that an earlier process left.
#[derive(Debug)]
pub struct StaleKeep(KeptPack);

impl KeptPack {
    pub(crate) fn new(repository: Repository, name: String) -> Self {
        Self { repository, name }
    }

    /// The pack's name, `pack-<hex>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes the `.keep`: call it when refs name what the pack holds. A pack that is only dropped stays kept.
    ///
    /// # Errors
    /// When the file can't be removed; the pack stays kept.
    pub fn release(self) -> Result<(), WriteError> {
        let path = path(&self.repository.pack_dir(), &self.name);
        self.repository.shared.disk.remove(&path).map_err(|error| WriteError::io("releasing a pack", error))
    }

    /// Removes the pack itself: for one that nothing names and nothing will.
    ///
    /// # Errors
    /// When a file can't be removed; what is left of the pack is for `git gc`.
    pub fn discard(self) -> Result<(), WriteError> {
        let dir = self.repository.pack_dir();
        // The index first: without it no object is found any more.
        for extension in ["idx", "pack", "rev", "keep"] {
            let path = dir.join(format!("{}.{extension}", self.name));
            self.repository.shared.disk.remove(&path).map_err(|error| WriteError::io("discarding a pack", error))?;
        }
        self.repository.shared.odb.reopen().map_err(|error| WriteError::io("discarding a pack", error))
    }
}

impl StaleKeep {
    /// The pack's name, `pack-<hex>`.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Removes the `.keep`, when refs name what is needed of the pack.
    ///
    /// # Errors
    /// When the file can't be removed; the pack stays kept.
    pub fn release(self) -> Result<(), WriteError> {
        self.0.release()
    }
}

impl Repository {
    /// Kept packs of ours: call it at start, before the first write, to find those of an earlier process. Others' `.keep` files
    /// are left out.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn kept_packs(&self) -> Result<Vec<StaleKeep>, WriteError> {
        let names = stale(&self.pack_dir()).map_err(|error| WriteError::io("looking for kept packs", error))?;
        Ok(names.into_iter().map(|name| StaleKeep(KeptPack::new(self.clone(), name))).collect())
    }
}

/// Where the `.keep` of a pack is.
pub(crate) fn path(pack_dir: &Path, name: &str) -> PathBuf {
    pack_dir.join(format!("{name}.keep"))
}

/// The file that every `.keep` of ours is a link to.
pub(crate) fn mark(git_dir: &Path) -> PathBuf {
    git_dir.join("objects/info/acetate.keep")
}

/// Whether a file begins as ours do. One that is not there does not.
pub(crate) fn is_ours(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    match std::fs::File::open(path) {
        Ok(file) => drop(file.take(7).read_to_end(&mut start)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(start == b"acetate")
}

/// Makes a `.keep`.
pub(crate) fn create(disk: &dyn Disk, git_dir: &Path, keep: &Path) -> io::Result<()> {
    let mark = mark(git_dir);
    match disk.link(&mark, keep) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // The first time in this repository.
            let dir = mark.parent().unwrap_or(git_dir);
            std::fs::create_dir_all(dir)?;
            let file = disk.create(&mark, MARK);
            match file {
                Ok(file) => disk.sync_file(&file).and_then(|()| disk.sync_dir(dir)).inspect_err(|_| drop(disk.remove(&mark)))?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    drop(disk.remove(&mark));
                    return Err(error);
                }
            }
            if disk.link(&mark, keep).is_ok() {
                return Ok(());
            }
        }
        Err(_) => {}
    }
    // No hard links here, or too many on that file.
    let file = disk.create(keep, MARK)?;
    disk.sync_file(&file)
}

/// The names of packs with a `.keep` of ours, sorted.
pub(crate) fn stale(pack_dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(pack_dir)? {
        let file_name = entry?.file_name();
        let Some(name) = file_name.to_str().and_then(|name| name.strip_suffix(".keep")) else { continue };
        if is_ours(&pack_dir.join(&file_name))? {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}
