//! Bringing Git refs on disk up to date with the catalog.
//!
//! The catalog is the truth; refs are a projection that plain Git reads. Most are written after the callers were answered; only the
//! branches of a repository that is served in place move before (DESIGN.md §5). A pack loses its `.keep` only when the refs that
//! reach its objects are on stable storage.

use crate::EngineError;
use crate::store::{KEEP, Store, disk_name};
use crate::workspace::{WorkspaceState, follow};
use acetate_catalog::{Batch, Write};
use acetate_git::{Expected, KeptPack, RefUpdate};
use acetate_types::ObjectId;
use crossbeam_channel::{Receiver, Sender};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
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

/// How long a moved ref may wait for company before it is written: a session's ref that moves twice is written once.
const WRITE_EVERY: Duration = Duration::from_millis(100);
/// How long written refs may wait for the sync that serves all of them.
const SYNC_EVERY: Duration = Duration::from_millis(500);
/// Packs that may wait for that sync.
const KEPT_PACKS: usize = 64;

/// Takes projections until the store closes, then leaves everything synced.
pub(crate) fn run(store: &Arc<Store>, projections: &Receiver<Projection>) {
    let mut projector = Projector { store, pending: BTreeMap::new(), written: BTreeMap::new(), kept: Vec::new(), since: Instant::now() };
    loop {
        let next = projections.recv_timeout(WRITE_EVERY);
        let mut ended = matches!(next, Err(crossbeam_channel::RecvTimeoutError::Disconnected));
        let mut barriers = Vec::new();
        for projection in next.into_iter().chain(projections.try_iter().take(1024)) {
            match projection {
                Projection::Refs { refs, written, kept } => projector.take(refs, written, kept),
                Projection::Barrier(done) => barriers.push(done),
                Projection::Stop => ended = true,
            }
        }
        let outcome = projector.work(ended || !barriers.is_empty(), ended);
        for done in barriers {
            let _ = done.send(outcome.clone());
        }
        if ended {
            return;
        }
    }
}

/// What the projector has in hand, by name on disk: a later move of a ref takes the place of an earlier one.
struct Projector<'a> {
    store: &'a Arc<Store>,
    /// Moves that are not on disk yet. What fails to be written stays here and is tried again.
    pending: BTreeMap<String, RefMove>,
    /// Moves that are on disk and not synced yet.
    written: BTreeMap<String, RefMove>,
    /// Packs that may lose their `.keep` once both are empty.
    kept: Vec<KeptPack>,
    /// When the oldest of all this came.
    since: Instant,
}

impl Projector<'_> {
    fn take(&mut self, refs: Vec<RefMove>, written: Vec<RefMove>, kept: Option<KeptPack>) {
        if self.pending.is_empty() && self.written.is_empty() && self.kept.is_empty() {
            self.since = Instant::now();
        }
        let name = |moved: &RefMove| disk_name(&moved.workspace.id, moved.workspace.in_place(), &moved.name);
        self.pending.extend(refs.into_iter().map(|moved| (name(&moved), moved)));
        self.written.extend(written.into_iter().map(|moved| (name(&moved), moved)));
        self.kept.extend(kept);
    }

    /// Writes and syncs what is due.
    fn work(&mut self, write_now: bool, sync_now: bool) -> Result<(), EngineError> {
        if (write_now || self.since.elapsed() >= WRITE_EVERY || self.pending.len() >= 1024)
            && let Err(error) = self.write()
        {
            tracing::error!(%error, "refs could not be brought to disk; trying again");
            return Err(error);
        }
        let due = sync_now || self.since.elapsed() >= SYNC_EVERY || self.kept.len() >= KEPT_PACKS;
        if due && self.pending.is_empty() && !(self.written.is_empty() && self.kept.is_empty()) {
            // The packs keep their `.keep` as long as this fails: objects that no ref surely reaches must not be pruned.
            if let Err(error) = self.sync() {
                tracing::error!(%error, "refs could not be synced; trying again");
                self.since = Instant::now();
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), EngineError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // What keeps a commit comes before what lets go of it. Deletions next, so that `a` can make room for `a/b`.
        let step = |name: &str, moved: &RefMove| match (is_keep(name), moved.target.is_none()) {
            (true, false) => 0,
            (_, true) => 1,
            (false, false) => 2,
        };
        for now in 0..3 {
            let moves = self.pending.iter().filter(|(name, moved)| step(name, moved) == now);
            let updates: Vec<RefUpdate> = moves.map(|(name, moved)| update(name, moved)).collect();
            if !updates.is_empty() {
                self.store.repo.update_refs(&updates)?;
                self.store.loose_refs.fetch_add(updates.len() as u64, Ordering::Relaxed);
            }
        }
        self.store.point("projector.after_refs");
        self.written.append(&mut self.pending);
        Ok(())
    }

    /// Syncs written refs, records them as projected, releases the packs.
    fn sync(&mut self) -> Result<(), EngineError> {
        // Deleted ones too: a folder that forgets a file has to be synced as well.
        let names: Vec<&str> = self.written.keys().map(String::as_str).collect();
        self.store.repo.sync_refs(&names)?;
        self.store.point("projector.after_sync");
        let writes = self.written.values().map(|moved| Write::Projected {
            workspace: moved.workspace.id.clone(),
            name: acetate_types::Text(moved.name.clone().into()),
            target: moved.target,
        });
        // Off the pipeline: this transaction tells nobody anything, and may come late. A workspace may be purged meanwhile.
        for result in self.store.catalog.apply(&writes.map(|write| Batch { writes: vec![write] }).collect::<Vec<_>>())? {
            if let Err(rejected) = result {
                tracing::debug!(%rejected, "a ref of something that is gone");
            }
        }
        self.written.clear();
        self.store.point("projector.before_release");
        for pack in self.kept.drain(..) {
            pack.release()?;
        }
        self.store.point("projector.after_release");
        Ok(())
    }
}

fn is_keep(name: &str) -> bool {
    name.starts_with(KEEP)
}

fn update(name: &str, moved: &RefMove) -> RefUpdate {
    RefUpdate { name: name.to_owned(), expected: Expected::Any, new: moved.target, message: moved.message.clone() }
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
    // What keeps a branch that goes has to be there before it goes; the projector writes it again, and syncs it.
    if last.values().any(|moved| moved.target.is_none()) {
        let kept = rest.iter().filter(|moved| is_keep(&moved.name) && moved.target.is_some());
        let kept: BTreeMap<&str, RefUpdate> = kept.map(|moved| (moved.name.as_str(), update(&moved.name, moved))).collect();
        if let Err(error) = store.repo.update_refs(&kept.into_values().collect::<Vec<_>>()) {
            tracing::warn!(%error, "what keeps a deleted branch is written later");
        }
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
