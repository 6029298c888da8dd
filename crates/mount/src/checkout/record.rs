//! What a checked-out folder and its session had in common when they were last the same: kept in the folder's `.git`.

use super::folder::Folder;
use acetate_types::{FileMode, ObjectId, RepoPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The file in `.git`, lines of JSON: a head, then a line for each path.
const FILE: &str = "acetate-checkout";
/// The form of the file that this code reads and writes.
const FORM: u32 = 1;

/// By what a file on disk is told from what it was, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When it was written last, in nanoseconds since 1970.
    pub modified: i64,
    /// When anything of it changed last, likewise.
    pub changed: i64,
    /// Its number in its file system.
    pub inode: u64,
}

impl Stamp {
    /// Of a file.
    pub fn of(meta: &Metadata) -> Self {
        let time = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self {
            size: meta.size(),
            modified: time(meta.mtime(), meta.mtime_nsec()),
            changed: time(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
        }
    }
}

/// A path that both had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The mode.
    pub mode: FileMode,
    /// The blob's id; a submodule's commit.
    pub id: ObjectId,
    /// The file on disk; none of a submodule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The session.
    pub session: String,
    /// The head that the folder's `.git` shows, as far as Acetate made it.
    pub shown: Option<ObjectId>,
    /// The commit made in the folder that became a turn last.
    pub taken: Option<ObjectId>,
    /// The paths.
    pub files: BTreeMap<RepoPath, Recorded>,
    /// When the record was written, in nanoseconds since 1970: a file stamped then or later may have changed without its stamp saying so.
    pub(super) written: i64,
}

#[derive(Serialize, Deserialize)]
struct Head {
    form: u32,
    session: String,
    shown: Option<ObjectId>,
    #[serde(default)]
    taken: Option<ObjectId>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    path: RepoPath,
    #[serde(flatten)]
    recorded: Recorded,
}

impl Record {
    /// Of a fresh folder.
    pub fn new(session: &str) -> Self {
        Self { session: session.to_owned(), ..Self::default() }
    }

    /// Whether a folder was checked out from a session.
    pub fn is_there(root: &Path) -> bool {
        root.join(".git").join(FILE).is_file()
    }

    /// Reads a folder's.
    ///
    /// # Errors
    /// When it is missing or not of this form.
    pub fn read(folder: &Folder) -> io::Result<Self> {
        let (file, stamp) = folder.read_own(FILE)?;
        let written = stamp.modified;
        let mut lines = BufReader::new(file).lines();
        let bad = |error: serde_json::Error| io::Error::new(io::ErrorKind::InvalidData, error);
        let head: Head = serde_json::from_str(&lines.next().transpose()?.unwrap_or_default()).map_err(bad)?;
        if head.form != FORM {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it was written by another version"));
        }
        let mut files = BTreeMap::new();
        for line in lines {
            let Line { path, recorded } = serde_json::from_str(&line?).map_err(bad)?;
            files.insert(path, recorded);
        }
        Ok(Self { session: head.session, shown: head.shown, taken: head.taken, files, written })
    }

    /// Writes it, in one step, on stable storage.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, folder: &Folder) -> io::Result<()> {
        let head = Head { form: FORM, session: self.session.clone(), shown: self.shown, taken: self.taken };
        let lines = self.files.iter().map(|(path, recorded)| Line { path: path.clone(), recorded: recorded.clone() });
        folder.write_own(FILE, |file| {
            let mut file = BufWriter::new(file);
            let mut line = |value: serde_json::Result<String>| -> io::Result<()> {
                file.write_all(value.map_err(io::Error::other)?.as_bytes())?;
                file.write_all(b"\n")
            };
            line(serde_json::to_string(&head))?;
            for each in lines {
                line(serde_json::to_string(&each))?;
            }
            file.flush()
        })?;
        Ok(())
    }
}
