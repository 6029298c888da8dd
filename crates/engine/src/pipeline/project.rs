//! Bringing Git refs on disk up to date with the catalog.
//!
//! The catalog is the truth; refs are a projection that plain Git reads. Most are written after the callers were answered; only the
//! branches of a repository that is served in place move before (DESIGN.md §5). A pack loses its `.keep` only when the refs that
//! reach its objects are on stable storage. A ref that can't be written stops no other one: it is set aside with a note, its target is
//! kept by another ref, and it is tried again now and then.

use crate::EngineError;
use crate::store::{KEEP, Store, disk_name, keep_ref, project_head, served_ref, served_refs};
use crate::workspace::{WorkspaceState, follow, tags};
use acetate_catalog::{Batch, Write};
use acetate_git::{Expected, KeptPack, RefError, RefUpdate};
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

/// How often what was set aside is tried again.
const ASIDE_EVERY: Duration = Duration::from_secs(5);
/// How many refs in a row may fail one by one before the disk is taken to be at fault, and how often that may happen before a ref that is
/// locked is set aside.
const FAILURES: u32 = 4;

/// Takes projections until the store closes, then leaves everything synced.
pub(crate) fn run(store: &Arc<Store>, projections: &Receiver<Projection>) {
    let mut projector = Projector {
        store,
        pending: BTreeMap::new(),
        written: BTreeMap::new(),
        kept: Vec::new(),
        since: Instant::now(),
        aside: BTreeMap::new(),
        tried: Instant::now(),
        failures: 0,
    };
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
    /// Moves that are not on disk yet. What the disk refuses stays here and is tried again.
    pending: BTreeMap<String, RefMove>,
    /// Moves that are on disk and not synced yet.
    written: BTreeMap<String, RefMove>,
    /// Packs that may lose their `.keep` once both are empty.
    kept: Vec<KeptPack>,
    /// When the oldest of all this came.
    since: Instant,
    /// Moves that can't be made as refs are: another ref is in the way, or somebody else's value, or a lock. Other refs keep their objects.
    aside: BTreeMap<String, RefMove>,
    /// When those were tried last.
    tried: Instant,
    /// How often in a row nothing at all could be written.
    failures: u32,
}

impl Projector<'_> {
    fn take(&mut self, refs: Vec<RefMove>, written: Vec<RefMove>, kept: Option<KeptPack>) {
        if self.pending.is_empty() && self.written.is_empty() && self.kept.is_empty() {
            self.since = Instant::now();
        }
        let name = |moved: &RefMove| disk_name(&moved.workspace.id, moved.workspace.in_place(), &moved.name);
        for moved in refs {
            let name = name(&moved);
            self.aside.remove(&name);
            self.pending.insert(name, moved);
        }
        self.written.extend(written.into_iter().map(|moved| (name(&moved), moved)));
        self.kept.extend(kept);
    }

    /// Writes and syncs what is due.
    fn work(&mut self, write_now: bool, sync_now: bool) -> Result<(), EngineError> {
        if !self.aside.is_empty() && self.tried.elapsed() >= ASIDE_EVERY {
            self.tried = Instant::now();
            self.pending.append(&mut self.aside);
        }
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
                return Err(error);
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
            let due = self.pending.iter().filter(|(name, moved)| step(name, moved) == now);
            let names = due.map(|(name, _)| name.clone()).collect();
            self.write_some(names)?;
        }
        self.store.point("projector.after_refs");
        Ok(())
    }

    /// Writes these pending moves at once, or one by one where that is refused.
    fn write_some(&mut self, asked: Vec<String>) -> Result<(), EngineError> {
        let (mut names, mut updates) = (Vec::new(), Vec::new());
        for name in asked {
            match self.pending.get(&name).map(|moved| update(self.store, &name, moved)) {
                Some(Ok(made)) => {
                    updates.push(made);
                    names.push(name);
                }
                // What is on disk there can't be read: no reason for the others to wait.
                Some(Err(error)) => self.set_aside(&name, &error),
                None => {}
            }
        }
        if updates.is_empty() {
            return Ok(());
        }
        if self.store.repo.update_refs(&updates).is_ok() {
            self.failures = 0;
            names.iter().for_each(|name| self.done(name));
            return Ok(());
        }
        let mut failed: Vec<(String, RefError)> = Vec::new();
        let (mut in_row, mut any) = (0, false);
        for (name, update) in names.into_iter().zip(updates) {
            match self.store.repo.update_refs(&[update]) {
                Ok(()) => {
                    (in_row, any) = (0, true);
                    self.done(&name);
                }
                Err(error) if matches!(error, RefError::Io { .. } | RefError::Locked { .. }) => {
                    in_row += 1;
                    failed.push((name, error));
                    if in_row == FAILURES && !any {
                        break;
                    }
                }
                Err(error) => self.set_aside(&name, &error),
            }
        }
        self.failures = if any || failed.is_empty() { 0 } else { self.failures + 1 };
        let mut rest = None;
        for (name, error) in failed {
            // One ref of many, or a lock that stays: not the disk's fault.
            if any || (self.failures >= FAILURES && matches!(error, RefError::Locked { .. })) {
                self.set_aside(&name, &error);
            } else {
                rest = Some(error);
            }
        }
        rest.map_or(Ok(()), |error| Err(error.into()))
    }

    /// A move is on disk.
    fn done(&mut self, name: &str) {
        let Some(moved) = self.pending.remove(name) else { return };
        tags::written(&moved);
        moved.workspace.aside.clear(name);
        // Of the repository in place it is the served copy that has a HEAD of its own.
        let served = !moved.workspace.in_place() || moved.name.starts_with(&served_refs());
        let default = moved.target.is_some() && served && name.ends_with(&moved.workspace.default_branch());
        if default && let Err(error) = project_head(self.store, &moved.workspace) {
            tracing::warn!(%error, "which branch is the default one is not on disk");
        }
        self.store.loose_refs.fetch_add(1, Ordering::Relaxed);
        self.written.insert(name.to_owned(), moved);
    }

    /// A move has to wait until somebody makes room for it; what it names is kept meanwhile.
    fn set_aside(&mut self, name: &str, error: &RefError) {
        let Some(moved) = self.pending.remove(name) else { return };
        let text = format!("{} can't be written to disk: {error}", moved.name);
        if moved.workspace.aside.set(name, text.clone()) {
            tracing::warn!("{text}");
        }
        if let Some(target) = moved.target {
            let keep = keep_ref(moved.workspace.id.as_str(), &target.to_hex());
            if let Err(error) = self.store.repo.update_refs(&[any(&keep, &moved)]) {
                tracing::error!(%error, "what a ref names that can't be written is not kept");
            }
        }
        self.aside.insert(name.to_owned(), moved);
    }

    /// Syncs written refs, records them as projected, releases the packs.
    fn sync(&mut self) -> Result<(), EngineError> {
        // Deleted ones too: a folder that forgets a file has to be synced as well.
        let names: Vec<&str> = self.written.keys().map(String::as_str).collect();
        self.store.repo.sync_refs(&names)?;
        self.store.point("projector.after_sync");
        // The refs from which the repository in place is served are made from what the catalog has; it does not know of them.
        let known = self.written.values().filter(|moved| !moved.name.starts_with(&served_refs()));
        let writes = known.map(|moved| Write::Projected {
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
            // One that stays kept is released at the next start.
            if let Err(error) = pack.release() {
                tracing::warn!(%error, "a pack stays kept");
            }
        }
        self.store.point("projector.after_release");
        Ok(())
    }
}

fn is_keep(name: &str) -> bool {
    name.starts_with(KEEP)
}

fn any(name: &str, moved: &RefMove) -> RefUpdate {
    RefUpdate { name: name.to_owned(), expected: Expected::Any, new: moved.target, message: moved.message.clone() }
}

/// The update that makes a move. Tags of the repository in place are others' as well: they move only from where Acetate knows them to be.
fn update(store: &Store, name: &str, moved: &RefMove) -> Result<RefUpdate, RefError> {
    let expected = if tags::are_followed(moved) { tags::expected(store, moved)? } else { Expected::Any };
    Ok(RefUpdate { expected, ..any(name, moved) })
}

/// Moves the branches of the repository that is served in place, by compare-and-swap; gives the refs that are left for the projector,
/// and those that are written.
pub(crate) fn in_place(store: &Arc<Store>, refs: Vec<RefMove>) -> (Vec<RefMove>, Vec<RefMove>) {
    // Clients are served the catalog's heads and checkpoints, whatever becomes of those on disk.
    let shown = refs.iter().filter(|moved| moved.workspace.in_place());
    let served: Vec<RefMove> = shown.filter_map(|moved| Some(RefMove { name: served_ref(&moved.name)?, ..moved.clone() })).collect();
    let (own, mut rest): (Vec<RefMove>, Vec<RefMove>) =
        refs.into_iter().partition(|moved| moved.workspace.in_place() && moved.name.starts_with("refs/heads/"));
    rest.extend(served);
    let mut last: BTreeMap<String, RefMove> = BTreeMap::new();
    for moved in own {
        last.insert(moved.name.clone(), moved);
    }
    // What keeps a branch that goes has to be there before it goes; the projector writes it again, and syncs it.
    if last.values().any(|moved| moved.target.is_none()) {
        let kept = rest.iter().filter(|moved| is_keep(&moved.name) && moved.target.is_some());
        let kept: BTreeMap<&str, RefUpdate> = kept.map(|moved| (moved.name.as_str(), any(&moved.name, moved))).collect();
        if let Err(error) = store.repo.update_refs(&kept.into_values().collect::<Vec<_>>()) {
            tracing::warn!(%error, "what keeps a deleted branch is written later");
        }
    }
    // Deletions first, so that `a` can make room for `a/b`.
    let (gone, there): (Vec<RefMove>, Vec<RefMove>) = last.into_values().partition(|moved| moved.target.is_none());
    let written = gone.into_iter().chain(there).filter_map(|moved| follow::advance(store, &moved)).collect();
    (rest, written)
}
