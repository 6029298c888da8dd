//! Clearing up after a crash.
//!
//! A pack is durable before it is visible, so a crash leaves temporary files, a `.keep` without its pack, or a pack without its
//! index. Only what carries our names or our `.keep` is touched. Damage that a lying disk did to a kept pack is mended where the
//! pack itself is whole, else the pack is removed: nothing durable names its objects before [`Repository::write_pack`] returned.

use crate::write::TEMPORARY;
use crate::{GitError, OpenError, Repository, keep};
use acetate_types::ObjectFormat;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest that indexing one pack may take.
const INDEX_TIMEOUT: Duration = Duration::from_secs(600);

/// Folders beside the packs in which [`Repository::ingest`] checks what comes in begin with this.
pub(crate) const QUARANTINE: &str = "acetate-incoming-";

/// What [`Repository::recover`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Temporary files, quarantines, abandoned locks of refs and orphaned `.keep`s that were removed.
    pub removed: usize,
    /// Names of packs whose indexes were rebuilt.
    pub rebuilt: Vec<String>,
    /// Names of damaged, unfinished packs that were removed.
    pub dropped: Vec<String>,
}

impl Repository {
    /// Removes what an interrupted [`Repository::write_pack`] left, and mends or drops kept packs that are damaged. Call it at
    /// start, while no other process writes to the store through this crate. Reads the kept packs whole, and nothing else.
    ///
    /// # Errors
    /// When the folder can't be read or changed, or `git index-pack` can't be run.
    pub fn recover(&self) -> Result<Recovered, OpenError> {
        let mut done = Recovered::default();
        let dir = self.pack_dir();
        let io_error = |source| OpenError::Io { path: dir.clone(), source };
        done.removed += self.remove_temporary(&dir).map_err(io_error)?;
        done.removed += crate::locks::remove_stale(&self.shared.common_dir).map_err(io_error)?;
        let disk = &*self.shared.disk;
        for name in keep::stale(&dir).map_err(io_error)? {
            let file = |extension: &str| dir.join(format!("{name}.{extension}"));
            let (pack, index) = (file("pack"), file("idx"));
            if !pack.exists() {
                disk.remove(&index).and_then(|()| disk.remove(&file("keep"))).map_err(io_error)?;
                done.removed += 1;
            } else if !has_checksum(self.format(), &pack).map_err(io_error)? || !self.indexed(&pack, &index, &mut done, &name)? {
                tracing::warn!(pack = name, "a damaged pack of an unfinished write is removed");
                for path in [index, pack, file("keep")] {
                    disk.remove(&path).map_err(io_error)?;
                }
                done.dropped.push(name);
            }
        }
        if done != Recovered::default() {
            disk.sync_dir(&dir).map_err(io_error)?;
            self.shared.odb.reopen().map_err(io_error)?;
        }
        Ok(done)
    }

    fn remove_temporary(&self, dir: &Path) -> io::Result<usize> {
        let mut removed = 0;
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
                self.shared.disk.remove(&entry.path())?;
                removed += 1;
            }
        }
        // Quarantines of pushes that were being taken in.
        for entry in std::fs::read_dir(self.shared.odb.path())? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(QUARANTINE.as_bytes()) && entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(entry.path())?;
                removed += 1;
            }
        }
        // The file that `.keep`s are links to, if a power cut took its content.
        let mark = keep::mark(&self.shared.common_dir);
        if mark.exists() && !keep::is_ours(&mark)? {
            self.shared.disk.remove(&mark)?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Whether the pack has a sound index, after rebuilding it if need be.
    fn indexed(&self, pack: &Path, index: &Path, done: &mut Recovered, name: &str) -> Result<bool, OpenError> {
        let io_error = |source| OpenError::Io { path: index.to_owned(), source };
        if index.exists() && has_checksum(self.format(), index).map_err(io_error)? {
            return Ok(true);
        }
        let rebuilt: PathBuf = index.with_file_name(format!("{TEMPORARY}{name}.idx"));
        let disk = &*self.shared.disk;
        disk.remove(&rebuilt).map_err(io_error)?;
        match self.git("index-pack").args(["--no-rev-index", "-o"]).arg(&rebuilt).arg(pack).timeout(INDEX_TIMEOUT).output() {
            Ok(_) => {}
            Err(GitError::Failed { .. }) => return disk.remove(&rebuilt).map(|()| false).map_err(io_error),
            Err(error) => return Err(error.into()),
        }
        let synced = File::open(&rebuilt).and_then(|file| disk.sync_file(&file));
        synced.and_then(|()| disk.rename(&rebuilt, index)).map_err(io_error)?;
        done.rebuilt.push(name.to_owned());
        Ok(true)
    }
}

/// Whether a file ends in the checksum of what is before.
fn has_checksum(format: ObjectFormat, path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let Some(content) = file.metadata()?.len().checked_sub(format.id_len() as u64) else { return Ok(false) };
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut hasher = crate::pack::Checksum::new(format);
    let mut buffer = vec![0; 64 << 10];
    let mut rest = content;
    while rest > 0 {
        let want = usize::try_from(rest).unwrap_or(usize::MAX).min(buffer.len());
        let count = reader.read(buffer.get_mut(..want).unwrap_or_default())?;
        if count == 0 {
            return Ok(false);
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
        rest -= count as u64;
    }
    let mut trailer = Vec::new();
    reader.read_to_end(&mut trailer)?;
    Ok(hasher.finish().is_ok_and(|id| id.as_bytes() == trailer))
}
