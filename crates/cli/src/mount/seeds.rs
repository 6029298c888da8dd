//! Seeds of a store: copies of ignored folders of a checkout, made once for each state of them, that sessions have views of.
//!
//! Beside the store: `seeds/KEY/tree`, where the key follows from the names, sizes and times of everything in the folder. A seed that no
//! session has used for a week goes when the next one is made. Each session's scratch says which it has, in `seeds.json`.

use super::bring::copy;
use crate::client::{Failure, Store};
use acetate_mount::{seed_is_shown, show_seed};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a seed is kept that nobody uses.
const UNUSED: Duration = Duration::from_secs(7 * 24 * 3600);

/// A seed that a session has a view of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    path: PathBuf,
    key: String,
}

fn folder(store: &Store) -> PathBuf {
    store.state_dir().join("seeds")
}

/// Has a session see a folder as a view of a seed. Gives whether it does; where it can't be, nothing is left of trying.
///
/// # Errors
/// The disk's.
pub fn see(store: &Store, scratch: &Path, from: &Path, path: &Path) -> Result<bool, Failure> {
    let at = scratch.join("files").join(path);
    // What is there already stays.
    match at.symlink_metadata() {
        Ok(meta) if !meta.is_dir() => return Ok(false),
        Ok(_) if fs::read_dir(&at).is_ok_and(|mut entries| entries.next().is_some()) => return Ok(true),
        _ => {}
    }
    if !beside_daemon(store) {
        return Ok(false);
    }
    let key = key(from)?;
    let tree = made(store, from, &key)?;
    if show(scratch, &tree, path, &key).is_err() {
        return Ok(false);
    }
    let mut seen = seen(scratch);
    seen.retain(|seen| seen.path != path);
    seen.push(Seen { path: path.to_owned(), key });
    let text = serde_json::to_vec(&seen).map_err(|error| Failure::unexpected(error.to_string()))?;
    let file = scratch.join("seeds.json");
    fs::write(&file, text).map_err(|error| Failure::file(&file, &error))?;
    Ok(true)
}

/// Whether the daemon sees what this process mounts.
fn beside_daemon(store: &Store) -> bool {
    let pid = crate::daemon::DaemonFile::read(&store.state_dir()).map(|file| file.pid);
    let space = |name: &str| fs::read_link(format!("/proc/{name}/ns/mnt")).ok();
    pid.is_some_and(|pid| space(&pid.to_string()).is_some_and(|there| Some(there) == space("self")))
}

/// Shows again what a session has views of, after the machine was started anew.
pub fn see_again(store: &Store, scratch: &Path) {
    if !beside_daemon(store) {
        return;
    }
    for Seen { path, key } in seen(scratch) {
        let at = scratch.join("files").join(&path);
        // One that was removed in the session is no more.
        let empty = fs::read_dir(&at).is_ok_and(|mut entries| entries.next().is_none());
        if empty
            && !seed_is_shown(&at)
            && let Err(error) = show(scratch, &folder(store).join(&key).join("tree"), &path, &key)
        {
            tracing::debug!(%error, path = %path.display(), "a seed is not shown");
        }
    }
}

fn show(scratch: &Path, tree: &Path, path: &Path, key: &str) -> std::io::Result<()> {
    let name = hex(&Sha256::digest(path.as_os_str().as_bytes()));
    let changes = scratch.join("seeds").join(format!("{key}-{}", name.get(..16).unwrap_or_default()));
    show_seed(tree, &scratch.join("files"), path, &changes)
}

fn seen(scratch: &Path) -> Vec<Seen> {
    fs::read(scratch.join("seeds.json")).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a folder is like: everything in it by name, kind, size and time.
fn key(from: &Path) -> Result<String, Failure> {
    let mut sum = Sha256::new();
    sum.update(from.as_os_str().as_bytes());
    let mut folders = vec![from.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error: std::io::Error| Failure::file(&folder, &error);
        let mut entries = fs::read_dir(&folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let meta = entry.metadata().map_err(failed)?;
            sum.update(entry.path().as_os_str().as_bytes());
            let times = [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()].map(i64::cast_unsigned);
            for number in [u64::from(meta.mode()), meta.size()].into_iter().chain(times) {
                sum.update(number.to_le_bytes());
            }
            if meta.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(hex(&sum.finalize()).get(..32).unwrap_or_default().to_owned())
}

/// The tree of a seed, made if it is not there. Two that make it at once make it twice; one is kept.
fn made(store: &Store, from: &Path, key: &str) -> Result<PathBuf, Failure> {
    let seeds = folder(store);
    let seed = seeds.join(key);
    let used = seed.join("used");
    let failed = |error: std::io::Error| Failure::file(&seeds, &error);
    if !seed.exists() {
        fs::create_dir_all(&seeds).map_err(failed)?;
        tidy(store);
        let aside = tempfile::Builder::new().prefix("new-").tempdir_in(&seeds).map_err(failed)?;
        copy(from, &aside.path().join("tree"))?;
        if let Err(error) = fs::rename(aside.path(), &seed)
            && !seed.exists()
        {
            return Err(failed(error));
        }
    }
    fs::write(&used, "").map_err(failed)?;
    Ok(seed.join("tree"))
}

/// Seeds that no session has, and none had for a week, go.
fn tidy(store: &Store) {
    let scratches = fs::read_dir(store.state_dir().join("scratch")).into_iter().flatten().flatten();
    let had: Vec<String> = scratches.flat_map(|scratch| seen(&scratch.path())).map(|seen| seen.key).collect();
    for seed in fs::read_dir(folder(store)).into_iter().flatten().flatten() {
        let used = fs::metadata(seed.path().join("used")).or_else(|_| seed.metadata()).and_then(|meta| meta.modified());
        let old = used.is_ok_and(|used| SystemTime::now().duration_since(used).is_ok_and(|since| since > UNUSED));
        if old && !had.iter().any(|key| *key.as_str() == *seed.file_name()) {
            drop(fs::remove_dir_all(seed.path()));
        }
    }
}
