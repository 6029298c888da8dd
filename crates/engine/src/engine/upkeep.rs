//! What happens by itself: expiry, settling of contents, repacking, snapshots that keep the journal small, following of outside commits,
//! recovery from a full disk. Nothing here stops a call.

use super::retention::{DAY, retain};
use crate::pipeline::RefMove;
use crate::session::{SessionCell, expire, settle};
use crate::store::{Store, keep_ref};
use crate::workspace::{follow, purge};
use crate::{Access, EngineError};
use acetate_catalog::{Batch, Expected, Write};
use acetate_types::SessionId;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the thread looks around.
const TICK: Duration = Duration::from_millis(250);
/// How long a session is not called before its contents are put at rest, in milliseconds.
const REST: i64 = 200;
/// How often it looks for expired sessions, packs and journal segments.
const ROUND: Duration = Duration::from_secs(5);
/// How often it looks for sessions that ended long ago.
const HOUR: Duration = Duration::from_secs(3600);
/// How long a repack may take.
const REPACK: Duration = Duration::from_secs(3600);

/// The repack that is under way, or was the last.
pub(super) type Repacking = Option<JoinHandle<()>>;

/// Runs until the store closes.
pub(super) fn run(store: &Arc<Store>) {
    let mut last = Instant::now();
    let mut seen = None;
    let mut forgotten: Option<Instant> = None;
    let mut repacking = None;
    while !store.closing.load(Ordering::Acquire) {
        std::thread::sleep(TICK);
        follow_outside(store, &mut seen);
        recover(store);
        settle_contents(store);
        if last.elapsed() >= ROUND {
            last = Instant::now();
            round(store, &mut repacking);
        }
        if forgotten.is_none_or(|at| at.elapsed() >= HOUR) {
            forgotten = Some(Instant::now());
            forget(store);
        }
    }
    finish(repacking);
}

/// What has been kept for long enough goes.
pub(super) fn forget(store: &Arc<Store>) {
    if let Err(error) = forget_ended(store) {
        tracing::debug!(%error, "ended sessions stay");
    }
    if let Err(error) = retain(store) {
        tracing::debug!(%error, "turns stay");
    }
    if let Err(error) = remove_deleted(store) {
        tracing::warn!(%error, "what a deleted workspace left stays for now");
    }
}

/// Waits for a repack. Of a store that closes it ends early, so that nothing of it writes once the process is gone.
pub(super) fn finish(repacking: Repacking) {
    if let Some(thread) = repacking {
        let _ = thread.join();
    }
}

/// One round of everything that need not be prompt.
pub(super) fn round(store: &Arc<Store>, repacking: &mut Repacking) {
    expire_sessions(store);
    store.shrink_journal(crate::session::INLINE);
    prune(store);
    repack(store, repacking);
}

fn cells(store: &Store) -> Vec<Arc<SessionCell>> {
    store.sessions.pin().values().map(Arc::clone).collect()
}

/// Looks at the branches on disk when they may have changed. A branch that lags is tried again now and then in any case.
fn follow_outside(store: &Arc<Store>, seen: &mut Option<(u64, Instant)>) {
    let (Ok(heads), Ok(tags)) = (store.repo.refs_stamp("refs/heads/"), store.repo.refs_stamp("refs/tags/")) else { return };
    let stamp = heads ^ tags.rotate_left(1);
    if seen.is_some_and(|(known, at)| known == stamp && at.elapsed() < ROUND) {
        return;
    }
    *seen = Some((stamp, Instant::now()));
    let workspaces: Vec<_> = store.workspaces.pin().values().filter(|workspace| workspace.in_place()).map(Arc::clone).collect();
    for workspace in workspaces {
        if let Err(error) = follow::look(store, &workspace, false) {
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

/// Contents of sessions that were written to, and rest for a moment, become deltas. Costs nothing while nobody writes.
fn settle_contents(store: &Arc<Store>) {
    let now = store.now().0;
    let hot = std::mem::take(&mut *store.hot.lock());
    let mut later = Vec::new();
    for id in hot {
        let Some(cell) = store.sessions.pin().get(&id).map(Arc::clone) else { continue };
        if now - cell.touched.load(Ordering::Relaxed) < REST {
            later.push(id);
            continue;
        }
        cell.hot.store(false, Ordering::Release);
        match settle(store, &cell, 1 << 20) {
            Ok(true) => {}
            Ok(false) => {
                if !cell.hot.swap(true, Ordering::AcqRel) {
                    later.push(id);
                }
            }
            Err(error) => tracing::debug!(session = %cell.id, %error, "contents stay as they are"),
        }
    }
    store.hot.lock().append(&mut later);
}

/// Deleted workspaces go after their time, and with them what no other names.
fn remove_deleted(store: &Arc<Store>) -> Result<(), EngineError> {
    if purge(store)? {
        store.pipeline.settle()?;
        store.repo.collect(store.options.limits.keep_unnamed, REPACK)?;
    }
    Ok(())
}

/// Ended sessions and the refs that kept their branches go after their time (DESIGN.md §2.8).
fn forget_ended(store: &Arc<Store>) -> Result<(), EngineError> {
    let now = store.now().0;
    let usual = i64::try_from(store.options.limits.keep_ended.as_millis()).unwrap_or(i64::MAX);
    let mut after: Option<SessionId> = None;
    loop {
        let page = store.catalog.sessions(None, after.as_ref(), 500, true)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        for record in page {
            if record.state.is_open() {
                continue;
            }
            let Some(workspace) = store.workspaces.pin().get(&record.workspace).map(Arc::clone) else { continue };
            let days = workspace.retention().and_then(|policy| policy.branches_days);
            let kept = days.map_or(usual, |days| i64::from(days) * DAY);
            // Without a policy it is kept as long as it could have been used, and then as long again as the store says.
            let ended = if days.is_some() { record.touched } else { record.touched.max(record.expires) };
            if ended > now - kept {
                continue;
            }
            let prefix = keep_ref(record.id.as_str(), "");
            // As long as the journal has the session's opening, its record is what says at a start that it has ended.
            let journaled = store.journal.first_seq().0 <= record.applied_seq;
            let mut writes = Batch::default();
            if !journaled {
                writes.push(Write::RemoveSession(record.id.clone()));
            }
            let mut refs = Vec::new();
            let mut last: Option<bytes::Bytes> = None;
            loop {
                let page = store.catalog.references(&workspace.id, prefix.as_bytes(), last.as_deref(), 1000)?;
                let Some(end) = page.last() else { break };
                last = Some(end.name.0.clone());
                for kept in page {
                    writes.push(Write::MoveRef {
                        workspace: workspace.id.clone(),
                        name: kept.name.clone(),
                        expected: Expected::Any,
                        target: None,
                    });
                    let name = String::from_utf8_lossy(&kept.name.0).into_owned();
                    refs.push(RefMove { workspace: Arc::clone(&workspace), name, target: None, message: "acetate: forget".to_owned() });
                }
            }
            if !writes.writes.is_empty() {
                store.pipeline.commit(Vec::new(), writes, refs, None)?;
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

/// Rolls packs up and packs refs in a thread of its own, so that a large repository stops nobody.
fn repack(store: &Arc<Store>, repacking: &mut Repacking) {
    let limits = &store.options.limits;
    let packs = store.repo.pack_count().unwrap_or(0) >= limits.upkeep_packs;
    let refs = store.loose_refs.load(Ordering::Relaxed) >= limits.upkeep_refs;
    if !(packs || refs) || repacking.as_ref().is_some_and(|thread| !thread.is_finished()) {
        return;
    }
    let store = Arc::clone(store);
    *repacking = Some(std::thread::spawn(move || {
        let go_on = || {
            let store = Arc::clone(&store);
            move || !store.closing.load(Ordering::Acquire)
        };
        if refs {
            store.loose_refs.store(0, Ordering::Relaxed);
            if let Err(error) = store.repo.pack_refs(REPACK, go_on()) {
                tracing::warn!(%error, "refs could not be packed");
            }
        }
        if packs && let Err(error) = store.repo.geometric_repack(REPACK, go_on()) {
            tracing::warn!(%error, "packs could not be rolled up");
        }
    }));
}
