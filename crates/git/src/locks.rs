//! Lock files of refs that a dead process left.
//!
//! Git and gix lock a ref by making `<ref>.lock`, and a process that is killed leaves the file; everybody is refused from then on. Nothing
//! in the file says whose it is. Whoever holds one honestly is done within milliseconds, so a lock that stays the same file, with the
//! same size and time, for as long as [`STALE`] is taken for abandoned. So are locks of refs that others write as well, the user's branches
//! and `packed-refs`, but only after [`STALE_OF_OTHERS`], and not while a `git` is at work here: one that runs a hook, or writes a new
//! `packed-refs`, may hold them longer.
//!
//! Deliberately missing: `index.lock`, which `git commit` holds for as long as an editor is open.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a lock must stay unchanged.
const STALE: Duration = Duration::from_secs(1);
/// How long one must that another program may hold.
const STALE_OF_OTHERS: Duration = Duration::from_secs(5);
/// Where refs are that nobody but Acetate writes.
const OWN: [&str; 2] = ["refs/acetate", "refs/namespaces"];

/// A file as it was seen: inode, size, time of change.
type Seen = (u64, u64, i64, i64);

/// Removes abandoned locks of refs below `git_dir`; gives how many. Waits only where there are locks.
pub(crate) fn remove_stale(git_dir: &Path) -> io::Result<usize> {
    let mut locks = Vec::new();
    below(&git_dir.join("refs"), &mut locks)?;
    locks.push(git_dir.join("packed-refs.lock"));
    let mut found: Vec<(PathBuf, Seen)> = locks.into_iter().filter_map(|path| seen(&path).map(|seen| (path, seen))).collect();
    let own = |path: &Path| OWN.iter().any(|own| path.starts_with(git_dir.join(own)));
    let since = Instant::now();
    let due = |path: &Path| since.elapsed() >= if own(path) { STALE } else { STALE_OF_OTHERS };
    while !found.iter().all(|(path, _)| due(path)) {
        std::thread::sleep(STALE / 20);
        found.retain(|(path, before)| seen(path).as_ref() == Some(before));
    }
    let mut removed = 0;
    for (path, _) in &found {
        if !own(path) && git_at_work(git_dir) {
            tracing::warn!(path = %path.display(), "a ref is locked; if no git runs, remove this file");
            continue;
        }
        tracing::warn!(path = %path.display(), "a lock that a dead process left is removed");
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => removed += 1,
        }
    }
    Ok(removed)
}

/// Whether a `git` runs in the repository or its checkout.
fn git_at_work(git_dir: &Path) -> bool {
    let top = if git_dir.ends_with(".git") { git_dir.parent().unwrap_or(git_dir) } else { git_dir };
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    processes.flatten().map(|process| process.path()).any(|process| {
        std::fs::read(process.join("comm")).is_ok_and(|name| name.starts_with(b"git"))
            && std::fs::read_link(process.join("cwd")).is_ok_and(|dir| dir.starts_with(top))
    })
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
