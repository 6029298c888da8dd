//! What a session writes into the journal, in postcard's format. The journal itself does not know what it means.
//!
//! Edits are byte ranges where the text before is at hand, whole texts where it is not. A splice names a hash of the text it changes, so
//! that a replay never applies it to another text. Unknown records end a replay with an error: a newer version wrote them.

use acetate_journal::StreamId;
use acetate_types::{FileMode, ObjectId, RepoPath, SessionId};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Record {
    /// A session was opened.
    Open(Box<OpenRecord>),
    /// Edits that took effect together.
    Edits(Vec<EditRecord>),
    /// The overlay as a whole, on another base than before.
    Snapshot(SnapshotRecord),
    /// It ended; nothing of it is left to replay.
    Close,
}

/// What is needed to bring a session back that the catalog does not know yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenRecord {
    pub(crate) workspace: String,
    pub(crate) branch: String,
    pub(crate) agent: String,
    pub(crate) intent: Option<String>,
    pub(crate) owner: String,
    pub(crate) memory: bool,
    pub(crate) token_hash: [u8; 32],
    /// The token that opened it; none for the owner.
    pub(crate) opener: Option<[u8; 32]>,
    pub(crate) created: i64,
    pub(crate) ttl_ms: i64,
    pub(crate) base: BaseRecord,
}

/// What a session stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BaseRecord {
    pub(crate) commit: Option<Id>,
    pub(crate) tree: Id,
    pub(crate) version: Option<u64>,
}

/// An overlay as edits of its base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SnapshotRecord {
    pub(crate) base: BaseRecord,
    pub(crate) edits: Vec<EditRecord>,
}

/// A path, without checks: it was checked when it came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Path(Bytes);

impl From<&RepoPath> for Path {
    fn from(path: &RepoPath) -> Self {
        Self(path.to_bytes())
    }
}

impl Path {
    /// The path; an error for a damaged record.
    pub(crate) fn get(&self) -> Result<RepoPath, acetate_types::PathError> {
        RepoPath::existing(self.0.clone())
    }
}

/// An object id as raw bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Id(Bytes);

impl From<&ObjectId> for Id {
    fn from(id: &ObjectId) -> Self {
        Self(Bytes::copy_from_slice(id.as_bytes()))
    }
}

impl Id {
    /// The id; an error for a damaged record.
    pub(crate) fn get(&self) -> Result<ObjectId, acetate_types::IdError> {
        ObjectId::from_bytes(&self.0)
    }
}

/// A mode as one byte.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Mode {
    Regular,
    Executable,
    Symlink,
    Submodule,
}

impl From<FileMode> for Mode {
    fn from(mode: FileMode) -> Self {
        match mode {
            FileMode::Regular => Self::Regular,
            FileMode::Executable => Self::Executable,
            FileMode::Symlink => Self::Symlink,
            FileMode::Submodule => Self::Submodule,
        }
    }
}

impl From<Mode> for FileMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Regular => Self::Regular,
            Mode::Executable => Self::Executable,
            Mode::Symlink => Self::Symlink,
            Mode::Submodule => Self::Submodule,
        }
    }
}

/// One replaced range of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Range {
    /// Where, in the text before this record.
    pub(crate) at: u64,
    /// How many bytes go.
    pub(crate) removed: u64,
    /// What comes.
    pub(crate) inserted: Bytes,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum EditRecord {
    /// A file's whole text (a link's target, for that mode).
    Write { path: Path, mode: Option<Mode>, text: Bytes },
    /// Ranges of a file's text, ascending.
    Splice { path: Path, before: u64, ranges: Vec<Range> },
    /// A file whose text is an object already.
    Object { path: Path, mode: Mode, id: Id },
    /// A whole directory that is a tree already.
    Tree { path: Path, id: Id },
    /// A file or directory goes.
    Remove { path: Path },
    /// A file or directory moves.
    Rename { from: Path, to: Path, replace: bool },
    /// A file's mode changes.
    SetMode { path: Path, mode: Mode },
    /// An empty directory.
    Directory { path: Path },
    /// A hint that something was moved.
    Moved { from: Path, to: Path },
    /// A part of a large file of `size` bytes: `removed` of them at `at` become so many zeros and then `inserted`.
    Part { path: Path, size: u64, at: u64, removed: u64, zeros: u64, inserted: Bytes },
}

/// The hash by which a splice names the text it changes.
pub(crate) fn text_hash(text: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text)
}

/// The stream of a session: its random bits.
pub(crate) fn stream_of(id: &SessionId) -> StreamId {
    let mut bytes = [0; 16];
    bytes[..10].copy_from_slice(&id.to_random());
    StreamId(bytes)
}

/// The session of a stream.
pub(crate) fn session_of(stream: &StreamId) -> SessionId {
    let mut random = [0; 10];
    random.copy_from_slice(&stream.0[..10]);
    SessionId::from_random(random)
}
