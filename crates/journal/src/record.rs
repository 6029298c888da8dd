//! The words of a journal that its callers meet: streams, numbers, records, and how a log ended.

use bytes::Bytes;

/// Whose record it is: a name the caller chose. The journal gives it no meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub [u8; 16]);

impl std::fmt::Debug for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StreamId({:032x})", u128::from_be_bytes(self.0))
    }
}

impl From<u128> for StreamId {
    fn from(value: u128) -> Self {
        Self(value.to_be_bytes())
    }
}

/// A record's number: over all streams of a journal, strictly increasing, never handed out twice as long as
/// [`Options::floor`](crate::Options::floor) is kept. The first is 1; 0 stands for "before the first".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

impl std::fmt::Display for Seq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One record as it is replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub seq: Seq,
    /// Whose it is.
    pub stream: StreamId,
    /// What was appended, the parts joined.
    pub payload: Bytes,
}

/// How the log that was opened ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// With a whole record, or empty.
    Clean,
    /// With a record that was cut short and nothing readable after it: the usual trace of a process or a machine that died while it
    /// wrote. That record was never acknowledged as durable as far as the log can tell.
    Torn {
        /// The segment's file.
        segment: String,
        /// Where in it the log ends, bytes.
        offset: u64,
    },
    /// With something unreadable, and readable records after it that were not replayed.
    Damaged(Damage),
}

/// What was found beyond the place where a log became unreadable. Everything before it was kept and is replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment's file.
    pub segment: String,
    /// Where in it the readable part ends, bytes.
    pub offset: u64,
    /// The last record that is replayed.
    pub last: Seq,
    /// How many records beyond are readable (their headers at least), none of which is replayed.
    pub beyond: u64,
    /// `true`: the log itself proves that lost records had been on stable storage, so the device or somebody else changed them.
    /// `false`: a power cut, which may keep later sectors and lose earlier ones that no sync had covered, explains it as well (or the
    /// proof was in the part that can't be read).
    pub lost_synced: bool,
    /// Files that were renamed and left for a person to look at; the journal never reads them again.
    pub set_aside: Vec<String>,
}
