//! The symbols that landings changed, as their events tell them.
//!
//! A landing waits for nobody's parser: its event is durable without symbols, and whoever reads it has them put in, made from the commit
//! and kept by it. A thread makes those of what has just landed, so that answers about sessions, which never parse, can have them too.

use super::changed::{Budget, changed_symbols};
use crate::EngineError;
use crate::api::Event;
use crate::session::pairs;
use crate::store::Store;
use acetate_overlay::Overlay;
use acetate_types::{ObjectId, RepoPath, SessionId, Text};
use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Symbols of one event at most.
const SHOWN: usize = 200;
/// Commits whose symbols are kept.
const KEPT: usize = 2048;
/// Most commits that wait to be looked at.
const WAITING: usize = 256;

/// What a landing changed.
pub(crate) struct Landed {
    symbols: Value,
    count: u64,
}

/// The symbols of landings by commit, a bounded number of them, the oldest forgotten first.
pub(crate) struct LandedSymbols {
    kept: Mutex<Kept>,
    wanted: Sender<Warm>,
}

#[derive(Default)]
struct Kept {
    by_commit: HashMap<ObjectId, Arc<Landed>>,
    order: VecDeque<ObjectId>,
}

/// What the thread receives.
pub(crate) enum Warm {
    /// A commit that has landed.
    Commit(ObjectId),
    /// Files that a session edits and that have changed at the head: they will be merged.
    Files(SessionId, Vec<RepoPath>),
    /// The store closes.
    Stop,
}

impl LandedSymbols {
    /// None yet, and what the thread receives.
    pub(crate) fn new() -> (Self, Receiver<Warm>) {
        let (wanted, receiver) = unbounded();
        (Self { kept: Mutex::default(), wanted }, receiver)
    }

    /// Something has landed. Never waits; where too much waits already, whoever reads the event makes its symbols.
    pub(crate) fn want(&self, commit: ObjectId) {
        if self.wanted.len() < WAITING {
            let _ = self.wanted.send(Warm::Commit(commit));
        }
    }

    /// A session's files will be merged. Never waits; where too much waits already, the merge parses what it needs.
    pub(crate) fn will_merge(&self, session: SessionId, paths: Vec<RepoPath>) {
        if self.wanted.len() < WAITING {
            let _ = self.wanted.send(Warm::Files(session, paths));
        }
    }

    /// Ends the thread.
    pub(crate) fn stop(&self) {
        let _ = self.wanted.send(Warm::Stop);
    }

    fn get(&self, commit: &ObjectId) -> Option<Arc<Landed>> {
        self.kept.lock().by_commit.get(commit).cloned()
    }

    fn put(&self, commit: ObjectId, landed: &Arc<Landed>) {
        let kept = &mut *self.kept.lock();
        if kept.by_commit.insert(commit, Arc::clone(landed)).is_none() {
            kept.order.push_back(commit);
        }
        while kept.order.len() > KEPT {
            if let Some(oldest) = kept.order.pop_front() {
                kept.by_commit.remove(&oldest);
            }
        }
    }
}

/// Makes the symbols of what lands until the store closes.
pub(crate) fn run_warmer(store: &Store, wanted: &Receiver<Warm>) {
    while let Ok(want) = wanted.recv() {
        match want {
            Warm::Stop => return,
            Warm::Commit(commit) => {
                if let Err(error) = landed(store, &commit) {
                    tracing::debug!(%error, %commit, "the symbols of a landing can't be made");
                }
            }
            Warm::Files(session, paths) => {
                let Some(cell) = store.sessions.pin().get(&session).cloned() else { continue };
                let base = cell.state.lock().base.tree;
                for path in paths {
                    if let Err(error) = super::outlined::parse_ahead(store, &base, &path) {
                        tracing::debug!(%error, %path, "a file that will be merged can't be parsed ahead");
                    }
                }
            }
        }
    }
}

/// An event with the symbols that its landing changed, where they are known or `make` may still make some.
pub(crate) fn with_symbols(store: &Store, mut event: Event, make: &mut usize) -> Event {
    if !["landed", "undone"].contains(&event.kind.as_str()) {
        return event;
    }
    let Some(commit) = event.data.get("commit").and_then(Value::as_str).and_then(|id| id.parse().ok()) else { return event };
    let found = match store.landed.get(&commit) {
        None if *make > 0 => {
            *make -= 1;
            // An event is a fact whether or not its objects can be read just now.
            landed(store, &commit).ok().flatten()
        }
        known => known,
    };
    if let (Some(found), Some(data)) = (found, event.data.as_object_mut()) {
        data.insert("symbols".to_owned(), found.symbols.clone());
        data.insert("symbol_count".to_owned(), found.count.into());
    }
    event
}

/// What a commit changed against its first parent; `None` for one without.
fn landed(store: &Store, commit: &ObjectId) -> Result<Option<Arc<Landed>>, EngineError> {
    if let Some(known) = store.landed.get(commit) {
        return Ok(Some(known));
    }
    let object = store.repo.commit(commit)?;
    let Some(parent) = object.parents.first() else { return Ok(None) };
    let overlay = Overlay::from_trees(&store.repo, store.repo.commit(parent)?.tree, object.tree)?;
    let mut budget = Budget::SMALL;
    let (mut symbols, mut count) = (Vec::new(), 0);
    for pair in pairs(overlay.changes(&store.repo)?, &[]) {
        for changed in changed_symbols(store, &pair, &mut budget)?.unwrap_or_default() {
            count += 1;
            if symbols.len() < SHOWN {
                symbols.push(json!({
                    "path": Text(pair.path.to_bytes()), "symbol": changed.symbol, "kind": changed.kind, "change": changed.change,
                }));
            }
        }
    }
    let made = Arc::new(Landed { symbols: symbols.into(), count });
    store.landed.put(*commit, &made);
    Ok(Some(made))
}
