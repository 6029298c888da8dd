//! What happens by itself: expiry, settling of contents, repacking, snapshots that keep the journal small, following of outside commits,
//! recovery from a full disk. Nothing here stops a call.

use crate::Access;
use crate::session::{SessionCell, expire, pause, settle};
use crate::store::Store;
use crate::workspace::follow;
use acetate_catalog::{Batch, Write};
use acetate_types::SessionId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the thread looks around.
const TICK: Duration = Duration::from_millis(250);
/// How often it looks for expired sessions, packs and journal segments.
const ROUND: Duration = Duration::from_secs(5);
/// How long a repack may take.
const REPACK: Duration = Duration::from_secs(3600);

/// Runs until the store closes.
pub(super) fn run(store: &Arc<Store>) {
    let mut last = Instant::now();
    let repacking = Arc::new(AtomicBool::new(false));
    while !store.closing.load(Ordering::Acquire) {
        std::thread::sleep(TICK);
        follow_outside(store);
        recover(store);
        if last.elapsed() >= ROUND {
            last = Instant::now();
            round(store, &repacking);
        }
    }
}

/// One round of everything that need not be prompt; also called by tests.
pub(super) fn round(store: &Arc<Store>, repacking: &Arc<AtomicBool>) {
    expire_sessions(store);
    settle_contents(store);
    snapshot_pinned(store);
    prune(store);
    repack(store, repacking);
}

fn cells(store: &Store) -> Vec<Arc<SessionCell>> {
    store.sessions.pin().values().map(Arc::clone).collect()
}

fn follow_outside(store: &Arc<Store>) {
    let workspaces: Vec<_> = store.workspaces.pin().values().filter(|workspace| workspace.in_place()).map(Arc::clone).collect();
    for workspace in workspaces {
        if let Err(error) = follow::look(store, &workspace) {
            tracing::debug!(%error, "following the repository's branches");
        }
    }
}

/// A store that turned read-only tries again by itself: the journal first, then an empty write through the pipeline.
fn recover(store: &Arc<Store>) {
    if !matches!(store.journal.state(), acetate_journal::State::Healthy)
        && let Err(error) = store.journal.try_recover()
    {
        tracing::debug!(%error, "the journal can't be written yet");
        return;
    }
    if store.health.reason().is_some() {
        let probe = Write::PutSetting { key: "probe".to_owned(), value: Some(serde_json::json!(store.now().0)) };
        if let Err(error) = store.pipeline.commit(Vec::new(), Batch { writes: vec![probe] }, Vec::new(), None) {
            tracing::debug!(%error, "the store can't be written yet");
        }
    }
}

fn expire_sessions(store: &Arc<Store>) {
    let now = store.now();
    for cell in cells(store) {
        if cell.expires() <= now
            && let Err(error) = expire(store, &cell, Access::engine())
        {
            tracing::warn!(session = %cell.id, %error, "an expired session stays for now");
        }
    }
}

/// Contents of sessions that rest for a moment become deltas.
fn settle_contents(store: &Arc<Store>) {
    let now = store.now().0;
    for cell in cells(store) {
        if now - cell.touched.load(Ordering::Relaxed) > 2_000
            && let Err(error) = settle(store, &cell, 1 << 20)
        {
            tracing::debug!(session = %cell.id, %error, "contents stay as they are");
        }
    }
}

/// Sessions that keep old journal segments alive are paused into the catalog and brought back on their next call.
fn snapshot_pinned(store: &Arc<Store>) {
    let stats = store.journal.stats();
    if stats.bytes < stats.max_bytes / 2 {
        return;
    }
    for segment in store.journal.pinned(4) {
        for pinned in segment.streams {
            let id: SessionId = crate::session::session_of(&pinned.stream);
            let Some(cell) = store.sessions.pin().get(&id).map(Arc::clone) else { continue };
            if let Err(error) =
                pause(store, &cell, Access::engine(), false).and_then(|()| crate::session::resume(store, &cell, Access::engine()))
            {
                tracing::warn!(session = %id, %error, "a session keeps the journal long");
            }
        }
    }
}

/// Answers of idempotent calls are kept 24 hours.
fn prune(store: &Arc<Store>) {
    let before = store.now().0 - 24 * 3_600_000;
    if let Err(error) = store.pipeline_prune(before) {
        tracing::debug!(%error, "old answers stay");
    }
}

/// Rolls packs up in a thread of its own, so that a large repository stops nobody.
fn repack(store: &Arc<Store>, repacking: &Arc<AtomicBool>) {
    let packs = store.repo.pack_count().unwrap_or(0);
    if packs < store.options.limits.upkeep_packs || repacking.swap(true, Ordering::AcqRel) {
        return;
    }
    let (store, done) = (Arc::clone(store), Arc::clone(repacking));
    std::thread::spawn(move || {
        if let Err(error) = store.repo.geometric_repack(REPACK) {
            tracing::warn!(%error, "packs could not be rolled up");
        }
        done.store(false, Ordering::Release);
    });
}
