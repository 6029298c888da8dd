//! What a folder has that its record does not say: found by looking at every file's metadata, and reading those that may have changed.
//!
//! What the folder's `.gitignore` files and its `info/exclude` name is left out, unless the record has it: as in a mounted session.

use super::folder::Folder;
use super::record::{Record, Stamp};
use crate::rules::{Rules, Texts};
use acetate_types::{FileMode, ObjectId, RepoPath};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// The largest file that is carried, in bytes: what a session's file may have.
const LARGEST: u64 = 256 << 20;
/// How exactly file systems keep times, in nanoseconds: a file stamped so shortly before the record was written is read.
const GRAIN: i64 = 2_000_000_000;

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Its mode.
    pub mode: FileMode,
    /// The id of its content.
    pub id: ObjectId,
    /// Its metadata when it was read.
    pub stamp: Stamp,
}

/// A name in the folder that a session can't take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The name from the root.
    pub path: Vec<u8>,
    /// Why, in a few words.
    pub why: &'static str,
}

/// What a folder has.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// New files, and those whose content or mode differs from the record.
    pub changed: BTreeMap<RepoPath, Local>,
    /// Paths of the record that are not there.
    pub gone: BTreeSet<RepoPath>,
    /// Files that were touched and have what the record says.
    pub touched: BTreeMap<RepoPath, Stamp>,
    /// What is left where it is.
    pub skipped: Vec<Skipped>,
}

/// What the walk found, in no order.
#[derive(Default)]
struct Walked {
    seen: Vec<RepoPath>,
    skipped: Vec<Skipped>,
}

impl Scan {
    /// Looks at a folder, and at `also` even if they are ignored; `hash` names a content.
    ///
    /// # Errors
    /// The disk's.
    pub fn of(
        folder: &Folder,
        record: &Record,
        also: &BTreeSet<RepoPath>,
        hash: &(dyn Fn(&[u8]) -> ObjectId + Sync),
    ) -> std::io::Result<Self> {
        let walked = walk(folder, record)?;
        let mut scan = Self { skipped: walked.skipped, ..Self::default() };
        let mut new: BTreeSet<RepoPath> = also.iter().filter(|path| !record.files.contains_key(*path)).cloned().collect();
        for path in walked.seen {
            if !record.files.contains_key(&path) {
                new.insert(path);
            }
        }
        let paths: Vec<&RepoPath> = record.files.keys().chain(&new).collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let parts: Vec<std::io::Result<Self>> = std::thread::scope(|scope| {
            let parts: Vec<_> = paths
                .chunks(paths.len().div_ceil(threads).max(1))
                .map(|paths| {
                    scope.spawn(move || paths.iter().try_fold(Self::default(), |found, path| found.with(folder, record, path, hash)))
                })
                .collect();
            parts.into_iter().map(|part| part.join().unwrap_or_else(|_| Err(std::io::Error::other("a thread ended early")))).collect()
        });
        for part in parts {
            let part = part?;
            scan.changed.extend(part.changed);
            scan.gone.extend(part.gone);
            scan.touched.extend(part.touched);
            scan.skipped.extend(part.skipped);
        }
        Ok(scan)
    }

    fn with(
        mut self,
        folder: &Folder,
        record: &Record,
        path: &RepoPath,
        hash: &(dyn Fn(&[u8]) -> ObjectId + Sync),
    ) -> std::io::Result<Self> {
        let known = record.files.get(path);
        let seen = match folder.look(path) {
            Ok(seen) => seen,
            // What can't be looked at is as it was, as far as anybody knows.
            Err(error) if why(&error).is_some() => {
                let why = why(&error).unwrap_or_default();
                self.skipped.push(Skipped { path: path.as_bytes().to_vec(), why });
                return Ok(self);
            }
            Err(error) => return Err(error),
        };
        // Nobody but Git looks into a submodule; a file in its place is a change.
        if known.is_some_and(|known| known.mode == FileMode::Submodule) && seen.as_ref().is_none_or(|(_, stamp)| stamp.is_none()) {
            return Ok(self);
        }
        let (mode, stamp) = match seen {
            Some((Some(mode), Some(stamp))) => (mode, stamp),
            other => {
                if other.is_some_and(|(_, stamp)| stamp.is_some()) {
                    self.skipped.push(Skipped { path: path.as_bytes().to_vec(), why: "neither a file nor a link" });
                } else if known.is_some() {
                    self.gone.insert(path.clone());
                }
                return Ok(self);
            }
        };
        let sure = |stamp: Stamp| stamp.modified.max(stamp.changed) < record.written - GRAIN;
        if known.is_some_and(|known| known.mode == mode && known.stamp == Some(stamp) && sure(stamp)) {
            return Ok(self);
        }
        if stamp.size > LARGEST {
            self.skipped.push(Skipped { path: path.as_bytes().to_vec(), why: "larger than a session's file may be" });
            return Ok(self);
        }
        let content = match folder.read(path, mode) {
            Err(error) if why(&error).is_some() => {
                self.skipped.push(Skipped { path: path.as_bytes().to_vec(), why: why(&error).unwrap_or_default() });
                return Ok(self);
            }
            read => read?,
        };
        let id = hash(&content);
        match known {
            Some(known) if known.mode == mode && known.id == id => {
                if known.stamp != Some(stamp) {
                    self.touched.insert(path.clone(), stamp);
                }
            }
            _ => drop(self.changed.insert(path.clone(), Local { mode, id, stamp })),
        }
        Ok(self)
    }
}

/// Why something can't be looked at, where that is a matter of that thing alone.
fn why(error: &std::io::Error) -> Option<&'static str> {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => Some("not to be read"),
        std::io::ErrorKind::InvalidFilename => Some("too long a name"),
        _ => None,
    }
}

impl Texts for Folder {
    fn text(&self, path: &RepoPath, most: u64) -> Option<Bytes> {
        let Ok(Some((Some(FileMode::Regular | FileMode::Executable), Some(stamp)))) = self.look(path) else { return None };
        if stamp.size > most {
            return None;
        }
        self.read(path, FileMode::Regular).ok().map(Bytes::from)
    }
}

fn walk(folder: &Folder, record: &Record) -> std::io::Result<Walked> {
    let rules = Rules::new(&folder.exclude());
    let mut walked = Walked::default();
    let mut folders = vec![Vec::new()];
    while let Some(above) = folders.pop() {
        let listed = match folder.list(&above) {
            Ok(listed) => listed,
            // What vanished meanwhile is not there.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                walked.skipped.push(Skipped { path: above, why: why(&error).ok_or(error)? });
                continue;
            }
        };
        for (name, directory) in listed {
            let path = if above.is_empty() { name.clone() } else { [&above[..], b"/", &name].concat() };
            if name.eq_ignore_ascii_case(b".git") || rules.says(folder, &path, directory) {
                continue;
            }
            match RepoPath::new(path.clone()) {
                // What is in a submodule's directory is not the session's.
                Ok(path) if directory && record.files.get(&path).is_some_and(|known| known.mode == FileMode::Submodule) => {}
                Ok(_) if directory => folders.push(path),
                Ok(path) => walked.seen.push(path),
                Err(_) => walked.skipped.push(Skipped { path, why: "not a name that a repository may hold" }),
            }
        }
    }
    Ok(walked)
}
