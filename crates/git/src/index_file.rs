//! Git's index as a file: written as Git would have it after a checkout, and read for what a checkout has unchanged.
//!
//! Format: <https://git-scm.com/docs/index-format>. Deliberately missing: staging, conflicts, extensions; Git writes those itself.

use crate::odb::{foreign_id, hash_kind, own_id};
use acetate_types::{FileMode, ObjectFormat, ObjectId};
use bstr::ByteSlice as _;
use gix::index::entry::{Flags, Mode, Stage, Stat, stat::Time};
use gix::index::{File, State};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A file as a checkout has it.
#[derive(Debug, Clone)]
pub struct CheckedOut {
    /// The path from the root.
    pub path: Vec<u8>,
    /// Its mode.
    pub mode: FileMode,
    /// Its blob.
    pub id: ObjectId,
    stat: Stat,
}

fn stat_of(meta: &Metadata) -> Stat {
    let low = |number: u64| (number & u64::from(u32::MAX)) as u32;
    let time = |secs: i64, nsecs: i64| Time { secs: secs as u32, nsecs: u32::try_from(nsecs).unwrap_or(0) };
    Stat {
        mtime: time(meta.mtime(), meta.mtime_nsec()),
        ctime: time(meta.ctime(), meta.ctime_nsec()),
        dev: low(meta.dev()),
        ino: low(meta.ino()),
        uid: meta.uid(),
        gid: meta.gid(),
        size: low(meta.size()),
    }
}

impl CheckedOut {
    /// A file whose content and metadata are known to belong together; without metadata Git looks at the file itself.
    pub fn new(path: Vec<u8>, mode: FileMode, id: ObjectId, meta: Option<&Metadata>) -> Self {
        Self { path, mode, id, stat: meta.map(stat_of).unwrap_or_default() }
    }

    /// Whether a file on disk is still the one that was checked out: its times, size and number say so.
    pub fn is(&self, meta: &Metadata) -> bool {
        let now = stat_of(meta);
        self.stat.mtime.secs != 0 && now == self.stat
    }
}

/// An index with these files, as it stands on disk.
///
/// # Errors
/// When a path is too long for an index.
pub fn index_of(format: ObjectFormat, files: impl IntoIterator<Item = CheckedOut>) -> io::Result<Vec<u8>> {
    let mut state = State::new(hash_kind(format));
    for file in files {
        let mode = match file.mode {
            FileMode::Regular => Mode::FILE,
            FileMode::Executable => Mode::FILE_EXECUTABLE,
            FileMode::Symlink => Mode::SYMLINK,
            FileMode::Submodule => Mode::COMMIT,
        };
        let id = foreign_id(&file.id).map_err(io::Error::other)?;
        state.dangerously_push_entry(file.stat, id, Flags::empty(), mode, file.path.as_bstr());
    }
    state.sort_entries();
    let mut text = Vec::new();
    let index = File::from_state(state, "");
    index.write_to(&mut text, gix::index::write::Options::default()).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(text)
}

/// What an index says of a checkout. Costs the index.
///
/// # Errors
/// When it can't be read.
pub fn read_index(path: &Path, format: ObjectFormat) -> io::Result<Vec<CheckedOut>> {
    let read = File::at(path, hash_kind(format), true, gix::index::decode::Options::default());
    let index = read.map_err(|error| io::Error::other(error.to_string()))?;
    let mut files = Vec::with_capacity(index.entries().len());
    for entry in index.entries() {
        let mode = match entry.mode {
            Mode::FILE => FileMode::Regular,
            Mode::FILE_EXECUTABLE => FileMode::Executable,
            Mode::SYMLINK => FileMode::Symlink,
            _ => continue,
        };
        // What waits for its content, or for a decision, says nothing about the file.
        if entry.stage() == Stage::Unconflicted
            && !entry.flags.intersects(Flags::INTENT_TO_ADD | Flags::ASSUME_VALID | Flags::SKIP_WORKTREE)
        {
            files.push(CheckedOut { path: entry.path(&index).to_vec(), mode, id: own_id(&entry.id), stat: entry.stat });
        }
    }
    Ok(files)
}
