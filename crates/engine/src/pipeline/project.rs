//! Bringing Git refs on disk up to date with the catalog.
//!
//! The catalog is the truth; refs are a projection that plain Git reads. Most are written after the callers were answered; only the
//! branches of a repository that is served in place move before (DESIGN.md §5). A pack loses its `.keep` only when the refs that
//! reach its objects are on stable storage.

use crate::EngineError;
use crate::store::{Store, disk_name};
use crate::workspace::{WorkspaceState, follow};
use acetate_catalog::{Batch, Write};
use acetate_git::{Expected, KeptPack, RefUpdate};
use acetate_types::ObjectId;
use crossbeam_channel::{Receiver, Sender};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A ref of a workspace that has moved in the catalog.
#[derive(Clone)]
pub(crate) struct RefMove {
    /// The workspace.
    pub(crate) workspace: Arc<WorkspaceState>,
    /// The ref's full name within the workspace.
    pub(crate) name: String,
    /// What it names now; `None` when it is gone.
    pub(crate) target: Option<ObjectId>,
    /// For the reflog.
    pub(crate) message: String,
}

/// What the projector receives.
pub(crate) enum Projection {
    /// Refs to write, and the pack that holds their objects.
    Refs {
        /// The refs, in order; a later move of a ref wins.
        refs: Vec<RefMove>,
        /// Refs that were written already and only have to be synced and recorded.
        written: Vec<RefMove>,
        /// The pack.
        kept: Option<KeptPack>,
    },
    /// Answered once everything before it is on disk.
    Barrier(Sender<Result<(), EngineError>>),
    /// The store closes.
    Stop,
}

/// How long refs may wait for company: one sync serves all of them.
const SYNC_EVERY: Duration = Duration::from_millis(500);
/// Packs that may wait for that sync.
const KEPT_PACKS: usize = 64;

/// Takes projections until the pipeline is gone, then leaves everything synced.
pub(crate) fn run(store: &Arc<Store>, projections: &Receiver<Projection>) {
    let mut kept = Vec::new();
    let mut written = Vec::new();
    let mut since = Instant::now();
    let mut failed = None;
    loop {
        let next = projections.recv_timeout(SYNC_EVERY);
        let mut ended = matches!(next, Err(crossbeam_channel::RecvTimeoutError::Disconnected));
        let mut refs = Vec::new();
        let mut barriers = Vec::new();
        for projection in next.into_iter().chain(projections.try_iter().take(1024)) {
            match projection {
                Projection::Refs { refs: more, written: done, kept: pack } => {
                    refs.extend(more);
                    written.extend(done.into_iter().map(|moved| {
                        let name = disk_name(&moved.workspace.id, moved.workspace.in_place(), &moved.name);
                        (moved, name)
                    }));
                    kept.extend(pack);
                }
                Projection::Barrier(done) => barriers.push(done),
                Projection::Stop => ended = true,
            }
        }
        if kept.is_empty() && written.is_empty() {
            since = Instant::now();
        }
        match write(store, refs) {
            Ok(mut names) => {
                if !names.is_empty() {
                    store.point("projector.after_refs");
                }
                written.append(&mut names);
            }
            Err(error) => {
                // The packs keep their `.keep`: objects that no ref reaches must not be pruned. The next start projects again.
                tracing::error!(%error, "refs could not be brought to disk");
                failed = Some(error);
                kept.clear();
            }
        }
        for done in barriers {
            let _ = done.send(failed.clone().map_or(Ok(()), Err));
        }
        let due = ended || since.elapsed() >= SYNC_EVERY || kept.len() >= KEPT_PACKS;
        if due && !(kept.is_empty() && written.is_empty()) {
            if let Err(error) = settle(store, std::mem::take(&mut written), std::mem::take(&mut kept)) {
                tracing::error!(%error, "refs could not be synced");
            }
            since = Instant::now();
            failed = None;
        }
        if ended {
            return;
        }
    }
}

/// A ref that was written: whose, its name there, and what it names now.
type WrittenRef = (RefMove, String);

/// Writes refs; a later move of a ref wins.
fn write(store: &Arc<Store>, refs: Vec<RefMove>) -> Result<Vec<WrittenRef>, EngineError> {
    let mut last: BTreeMap<String, RefMove> = BTreeMap::new();
    for moved in refs {
        last.insert(disk_name(&moved.workspace.id, moved.workspace.in_place(), &moved.name), moved);
    }
    if last.is_empty() {
        return Ok(Vec::new());
    }
    // Deletions first, so that `a` can make room for `a/b`.
    for deleting in [true, false] {
        let updates: Vec<RefUpdate> = last
            .iter()
            .filter(|(_, moved)| moved.target.is_none() == deleting)
            .map(|(name, moved)| RefUpdate {
                name: name.clone(),
                expected: Expected::Any,
                new: moved.target,
                message: moved.message.clone(),
            })
            .collect();
        if !updates.is_empty() {
            store.repo.update_refs(&updates)?;
        }
    }
    Ok(last.into_iter().map(|(name, moved)| (moved, name)).collect())
}

/// Syncs written refs, records them as projected, releases the packs.
fn settle(store: &Arc<Store>, written: Vec<WrittenRef>, kept: Vec<KeptPack>) -> Result<(), EngineError> {
    let mut last: HashMap<String, RefMove> = HashMap::new();
    for (moved, name) in written {
        last.insert(name, moved);
    }
    let present: Vec<&str> = last.iter().filter(|(_, moved)| moved.target.is_some()).map(|(name, _)| name.as_str()).collect();
    store.repo.sync_refs(&present)?;
    store.point("projector.after_sync");
    let writes = last.values().map(|moved| Write::Projected {
        workspace: moved.workspace.id.clone(),
        name: acetate_types::Text(moved.name.clone().into()),
        target: moved.target,
    });
    // Off the pipeline: this transaction tells nobody anything, and may come late. A workspace may be purged meanwhile.
    for result in store.catalog.apply(&writes.map(|write| Batch { writes: vec![write] }).collect::<Vec<_>>())? {
        if let Err(rejected) = result {
            tracing::debug!(%rejected, "a ref of something that is gone");
        }
    }
    store.point("projector.before_release");
    for pack in kept {
        pack.release()?;
    }
    store.point("projector.after_release");
    Ok(())
}

/// Moves the branches of the repository that is served in place, by compare-and-swap; gives the refs that are left for the projector,
/// and those that are written.
pub(crate) fn in_place(store: &Arc<Store>, refs: Vec<RefMove>) -> (Vec<RefMove>, Vec<RefMove>) {
    let (own, mut rest): (Vec<RefMove>, Vec<RefMove>) =
        refs.into_iter().partition(|moved| moved.workspace.in_place() && moved.name.starts_with("refs/heads/"));
    let mut last: BTreeMap<String, RefMove> = BTreeMap::new();
    for moved in own {
        last.insert(moved.name.clone(), moved);
    }
    let mut written = Vec::new();
    for moved in last.into_values() {
        match follow::advance(store, &moved) {
            follow::Advanced::Written(moved) => written.push(moved),
            follow::Advanced::KeptAs(keep) => rest.push(keep),
        }
    }
    (rest, written)
}
