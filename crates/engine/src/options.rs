//! What an embedding program passes in: where the store is, time, randomness, limits.

use crate::api::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The time of day, passed in so that tests decide it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A source of unpredictable bytes, for ids and tokens.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no token can be made; Linux's getrandom fails only on kernels that lack it.
        if let Err(error) = getrandom::fill(buffer) {
            tracing::error!(%error, "no randomness to be had");
            std::process::abort();
        }
    }
}

/// Places in the engine's work at which a test may want to stop it, die, or look around. Outside tests nothing happens there.
pub trait Points: Send + Sync {
    /// The work has come to the place of this name; it goes on when this returns.
    fn hit(&self, name: &'static str) {
        let _ = name;
    }
}

/// Stops nowhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPoints;

impl Points for NoPoints {}

/// What is told of the catalog once it is open.
#[doc(hidden)]
pub type WithCatalog = Arc<dyn Fn(&Arc<acetate_catalog::SqliteCatalog>) + Send + Sync>;

/// What tests put under the store in place of the operating system. Not part of the public interface.
#[doc(hidden)]
#[derive(Clone, Default)]
pub struct Underneath {
    /// Where packs are written.
    pub disk: Option<Arc<dyn acetate_git::Disk>>,
    /// Where the journal is written.
    pub journal: Option<Arc<dyn acetate_journal::Storage>>,
    /// Given the catalog once it is open.
    pub catalog: Option<WithCatalog>,
}

/// Bounds of everything that a caller can make grow.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest file that is written or read whole, in bytes.
    pub file_bytes: u64,
    /// Largest file that is written or read as a stream, in bytes.
    pub stream_bytes: u64,
    /// Largest sum of unsaved content of one session, in bytes; contents that are put aside on disk included.
    pub session_bytes: u64,
    /// What the journal may take on disk, in bytes, at least 64 MiB. Writers that come near it say sessions anew, which makes room.
    pub journal_bytes: u64,
    /// Most changed entries of one session.
    pub session_entries: usize,
    /// Most live sessions in the store.
    pub sessions: usize,
    /// Longest time without a call that a session may ask for.
    pub session_ttl: Duration,
    /// The same, where it does not ask.
    pub default_ttl: Duration,
    /// Most edits in one batch or edit call.
    pub batch_edits: usize,
    /// Most entries of one listing page.
    pub list_entries: usize,
    /// Most matching lines of one search page.
    pub grep_matches: usize,
    /// Largest sum of contents that one `read_many` or diff answers with, in bytes.
    pub answer_bytes: usize,
    /// Most paths in one call.
    pub call_paths: usize,
    /// Longest message, in bytes.
    pub message_bytes: usize,
    /// Most submissions that wait in one landing line.
    pub line_queue: usize,
    /// Bytes of the object caches.
    pub cache_bytes: usize,
    /// Largest bundle or pack taken from outside, in bytes.
    pub import_bytes: u64,
    /// Most files that a branch or tag taken from outside may stand for.
    pub import_files: u64,
    /// Packs from which upkeep repacks.
    pub upkeep_packs: usize,
    /// Refs written one by one from which upkeep moves them into one file.
    pub upkeep_refs: u64,
    /// How long the branch of an ended session is kept.
    pub keep_ended: Duration,
    /// How long a deleted workspace can be brought back.
    pub keep_deleted: Duration,
    /// How old an object that nothing names has to be before upkeep removes it, after a deleted workspace went.
    pub keep_unnamed: Duration,
}

impl Limits {
    /// Bytes of the object caches that suit a machine with so much memory, in bytes: a sixteenth of it, at least 256 MiB, at most 2 GiB.
    /// Searching a repository again and again is as quick as it can be when the caches hold all of its text.
    pub fn caches_for(memory: u64) -> usize {
        usize::try_from((memory / 16).clamp(256 << 20, 2 << 30)).unwrap_or(256 << 20)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            stream_bytes: 8 << 30,
            session_bytes: 8 << 30,
            journal_bytes: 1 << 30,
            session_entries: 200_000,
            sessions: 20_000,
            session_ttl: Duration::from_secs(30 * 24 * 3600),
            default_ttl: Duration::from_secs(24 * 3600),
            batch_edits: 1_000,
            list_entries: 200_000,
            grep_matches: 10_000,
            answer_bytes: 64 << 20,
            call_paths: 10_000,
            message_bytes: 64 << 10,
            line_queue: 10_000,
            cache_bytes: 256 << 20,
            import_bytes: 16 << 30,
            import_files: 20_000_000,
            upkeep_packs: 40,
            upkeep_refs: 2_000,
            keep_ended: Duration::from_secs(30 * 24 * 3600),
            keep_deleted: Duration::from_secs(30 * 24 * 3600),
            keep_unnamed: Duration::from_secs(24 * 3600),
        }
    }
}

/// How an engine is opened.
#[derive(Clone)]
pub struct EngineOptions {
    /// A Git repository to serve in place (bare or with a checkout), or the folder of a fresh store.
    pub path: PathBuf,
    /// Make a fresh store if nothing is there.
    pub create: bool,
    /// The hash function of a fresh store.
    pub format: acetate_types::ObjectFormat,
    /// The bounds.
    pub limits: Limits,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub random: Arc<dyn Random>,
    /// Run upkeep, expiry and the following of outside commits in background threads.
    pub background: bool,
    /// Where tests stop the work.
    pub points: Arc<dyn Points>,
    /// What tests put under the store.
    #[doc(hidden)]
    pub underneath: Underneath,
}

impl EngineOptions {
    /// The store or repository at this path, with everything else at its default; nothing is created.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            create: false,
            format: acetate_types::ObjectFormat::Sha1,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            background: true,
            points: Arc::new(NoPoints),
            underneath: Underneath::default(),
        }
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineOptions").field("path", &self.path).field("create", &self.create).finish_non_exhaustive()
    }
}

/// Makes a call that has an effect safe to repeat: the answer is stored in the transaction of the effect and given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The caller's key, at most 200 bytes.
    pub key: String,
    /// A hash of the request; the same key with another body is refused.
    pub body_hash: [u8; 32],
}

/// Receives the progress of long work; called often, must be quick.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);
