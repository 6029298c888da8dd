//! Lock files of refs that a dead process left.
//!
//! Git and gix lock a ref by making `<ref>.lock`, and a process that is killed leaves the file; everybody is refused from then on. Nothing
//! in the file says whose it is. Whoever holds one honestly is done within milliseconds, so a lock that stays the same file, with the
//! same size and time, for as long as [`STALE`] is taken for abandoned.
//!
//! Deliberately missing: `index.lock`, which `git commit` holds for as long as an editor is open.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a lock must stay unchanged.
const STALE: Duration = Duration::from_secs(1);

/// A file as it was seen: inode, size, time of change.
type Seen = (u64, u64, i64, i64);

/// Removes abandoned locks of refs below `git_dir`; gives how many. Waits only where there are locks.
pub(crate) fn remove_stale(git_dir: &Path) -> io::Result<usize> {
    let mut locks = Vec::new();
    below(&git_dir.join("refs"), &mut locks)?;
    locks.push(git_dir.join("packed-refs.lock"));
    let mut found: Vec<(PathBuf, Seen)> = locks.into_iter().filter_map(|path| seen(&path).map(|seen| (path, seen))).collect();
    let since = Instant::now();
    while !found.is_empty() && since.elapsed() < STALE {
        std::thread::sleep(STALE / 20);
        found.retain(|(path, before)| seen(path).as_ref() == Some(before));
    }
    for (path, _) in &found {
        tracing::warn!(path = %path.display(), "a lock that a dead process left is removed");
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(found.len())
}

fn seen(path: &Path) -> Option<Seen> {
    let file = path.symlink_metadata().ok()?;
    Some((file.ino(), file.len(), file.mtime(), file.mtime_nsec()))
}

fn below(dir: &Path, locks: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            below(&entry.path(), locks)?;
        } else if entry.file_name().as_encoded_bytes().ends_with(b".lock") {
            locks.push(entry.path());
        }
    }
    Ok(())
}
