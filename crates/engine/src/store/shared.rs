//! What every part of the engine shares.

use crate::api::Timestamp;
use crate::landing::Lander;
use crate::pipeline::Pipeline;
use crate::session::{SessionCell, TokenHash};
use crate::store::Health;
use crate::store::listings::Listings;
use crate::symbols::LandedSymbols;
use crate::workspace::WorkspaceState;
use crate::{EngineError, EngineOptions, Idempotency};
use acetate_catalog::{Catalog, IdempotencyRecord, StoreLock, Write};
use acetate_git::Repository;
use acetate_journal::Journal;
use acetate_merge::{FileOptions, SameSymbol, SymbolFiles};
use acetate_syntax::Syntax;
use acetate_types::{ErrorKind, SessionId, WorkspaceId};
use parking_lot::{Condvar, Mutex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

/// An open store. Everything here is shared by all calls; the maps are lock-free, so that no session waits for another.
pub(crate) struct Store {
    pub(crate) options: EngineOptions,
    pub(crate) repo: Repository,
    pub(crate) state_dir: PathBuf,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) journal: Journal,
    pub(crate) workspaces: papaya::HashMap<WorkspaceId, Arc<WorkspaceState>>,
    /// Workspaces that were deleted since the store was opened; the others of that kind are in the catalog alone.
    pub(crate) deleted: papaya::HashMap<WorkspaceId, Arc<WorkspaceState>>,
    /// Held while a workspace is deleted, brought back or purged, writing included: rare acts of an administrator, of which two would make
    /// two states of one workspace. Taken before all others, and by nothing else.
    pub(crate) deleting: Mutex<()>,
    pub(crate) sessions: papaya::HashMap<SessionId, Arc<SessionCell>>,
    pub(crate) session_tokens: papaya::HashMap<TokenHash, SessionId>,
    /// Tokens that were asked for; `None` for one that was revoked.
    pub(crate) tokens: papaya::HashMap<TokenHash, Option<acetate_catalog::TokenRecord>>,
    /// Fresh at each start, never stored: what repeatable tokens are made from.
    pub(crate) secret: [u8; 32],
    pub(crate) pipeline: Pipeline,
    pub(crate) lander: Lander,
    pub(crate) health: Health,
    /// Flattened trees, for listing and searching without walking.
    pub(crate) listings: Listings,
    /// Outlines and trees of blobs.
    pub(crate) syntax: Arc<Syntax>,
    /// The symbols that landings changed.
    pub(crate) landed: LandedSymbols,
    /// Sessions that were written to and whose contents wait to be put at rest. Held to push an id, or to take all.
    pub(crate) hot: Mutex<Vec<SessionId>>,
    pub(crate) closing: AtomicBool,
    /// Idempotency keys of calls that are under way.
    pub(crate) in_flight: Arc<InFlight>,
    /// Refs written since upkeep packed them last.
    pub(crate) loose_refs: AtomicU64,
    /// Held while room is made in the journal, I/O included: writers that find it nearly full wait for that, which is what bounds them.
    /// Taken before a session's gate (which is only tried) and state, and held with neither of them.
    pub(crate) making_room: Mutex<u64>,
    /// When answers of idempotent calls were pruned last, in milliseconds.
    pub(crate) pruned: AtomicI64,
    /// Sessions that a crash left without the edits they had only in memory: answered as lost.
    pub(crate) lost: papaya::HashMap<SessionId, WorkspaceId>,
    /// Held as long as the store is open; a second daemon is refused by it.
    pub(crate) lock: Mutex<Option<StoreLock>>,
}

impl Store {
    /// Now, in milliseconds.
    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// How the contents of files are merged: by symbols, and as said where both sides changed one.
    pub(crate) fn symbol_files(&self, same_symbol: SameSymbol) -> SymbolFiles {
        SymbolFiles::cached(FileOptions { same_symbol, ..FileOptions::default() }, self.syntax.clone())
    }

    /// A place where tests may stop the work; see [`crate::Points`].
    pub(crate) fn point(&self, name: &'static str) {
        self.options.points.hit(name);
    }

    /// Unpredictable bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.options.random.fill(&mut bytes);
        bytes
    }

    /// Refuses writes once the store shuts down.
    pub(crate) fn check_open(&self) -> Result<(), EngineError> {
        if self.closing.load(Ordering::Acquire) {
            return Err(
                EngineError::new(ErrorKind::Unavailable, "shutting_down", "the daemon is shutting down").hint("try again once it is back")
            );
        }
        Ok(())
    }

    /// Removes the answers of idempotent calls created before a time. No transaction where there is nothing to remove would be nicer;
    /// one a minute costs nothing either.
    pub(crate) fn pipeline_prune(&self, before: i64) -> Result<(), EngineError> {
        let now = self.now().0;
        if now - self.pruned.load(Ordering::Relaxed) < 600_000 {
            return Ok(());
        }
        self.pruned.store(now, Ordering::Relaxed);
        self.pipeline
            .commit(Vec::new(), acetate_catalog::Batch { writes: vec![Write::PruneIdempotency { before }] }, Vec::new(), None)
            .map(drop)
    }

    /// Bounds a message from outside.
    pub(crate) fn check_message(&self, message: Option<&str>) -> Result<(), EngineError> {
        let limit = self.options.limits.message_bytes;
        match message {
            Some(message) if message.len() > limit => {
                Err(EngineError::limit("message_too_long", format!("the message has {} bytes, more than {limit}", message.len())))
            }
            Some(message) if message.contains('\0') => Err(EngineError::invalid("message_invalid", "the message holds a NUL byte")),
            _ => Ok(()),
        }
    }
}

/// How many entries an answer has at most: as asked for, within a bound. An answer with nothing in it would never end a walk through pages.
pub(crate) fn page(asked: Option<usize>, usual: usize, most: usize) -> Result<usize, EngineError> {
    match asked {
        Some(0) => Err(EngineError::invalid("limit_invalid", "a limit is at least 1")),
        asked => Ok(asked.unwrap_or(usual).min(most).max(1)),
    }
}

type Key = (String, Option<WorkspaceId>, String);

/// Idempotency keys whose calls are under way: a repeated call waits for the first one's answer instead of having its effect again.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    keys: Mutex<HashSet<Key>>,
    freed: Condvar,
}

/// A key in flight; free again when the last copy is dropped.
#[derive(Debug)]
struct Held {
    key: Key,
    of: Arc<InFlight>,
}

impl Held {
    fn wait(of: &Arc<InFlight>, key: Key) -> Self {
        let mut keys = of.keys.lock();
        while !keys.insert(key.clone()) {
            of.freed.wait(&mut keys);
        }
        drop(keys);
        Self { key, of: Arc::clone(of) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.keys.lock().remove(&self.key);
        self.of.freed.notify_all();
    }
}

/// An idempotency key on its way into the transaction of its effect.
#[derive(Debug, Clone)]
pub(crate) struct Once {
    _held: Arc<Held>,
    caller: String,
    workspace: Option<WorkspaceId>,
    asked: Idempotency,
    at: i64,
}

impl Once {
    /// Looks a key up. `Err(answer)` in the inner result is the stored answer, to be given again.
    pub(crate) fn begin<T: DeserializeOwned>(
        store: &Store,
        caller: &str,
        workspace: Option<&WorkspaceId>,
        asked: Option<&Idempotency>,
    ) -> Result<Begun<T>, EngineError> {
        let Some(asked) = asked else { return Ok(Begun::New(None)) };
        if asked.key.is_empty() || asked.key.len() > 200 {
            return Err(EngineError::invalid("idempotency_key_invalid", "an idempotency key has 1 to 200 bytes"));
        }
        let held = Arc::new(Held::wait(&store.in_flight, (caller.to_owned(), workspace.cloned(), asked.key.clone())));
        if let Some(record) = store.catalog.idempotent(caller, workspace, &asked.key)? {
            return Self::answer(&record, asked).map(Begun::Again);
        }
        Ok(Begun::New(Some(Self {
            _held: held,
            caller: caller.to_owned(),
            workspace: workspace.cloned(),
            asked: asked.clone(),
            at: store.now().0,
        })))
    }

    fn answer<T: DeserializeOwned>(record: &IdempotencyRecord, asked: &Idempotency) -> Result<T, EngineError> {
        if record.body_hash != asked.body_hash {
            return Err(EngineError::new(
                ErrorKind::Conflict,
                "idempotency_key_reused",
                "this idempotency key was used for another request",
            )
            .hint("use a fresh key for each request"));
        }
        serde_json::from_value(record.answer.clone()).map_err(|error| {
            EngineError::new(ErrorKind::Internal, "idempotency_answer", format!("the stored answer can't be read: {error}"))
        })
    }

    /// The write that stores the answer beside its effect.
    pub(crate) fn write(&self, answer: &impl Serialize) -> Result<Write, EngineError> {
        let answer = serde_json::to_value(answer)
            .map_err(|error| EngineError::new(ErrorKind::Internal, "idempotency_answer", format!("the answer can't be stored: {error}")))?;
        Ok(Write::PutIdempotency(IdempotencyRecord {
            caller: self.caller.clone(),
            workspace: self.workspace.clone(),
            key: self.asked.key.clone(),
            body_hash: self.asked.body_hash,
            answer,
            status: 200,
            created: self.at,
        }))
    }
}

/// What a look-up of an idempotency key found.
pub(crate) enum Begun<T> {
    /// The request was answered before, like this.
    Again(T),
    /// It is new; store its answer with this, if a key was given.
    New(Option<Once>),
}
