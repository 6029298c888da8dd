//! A glance at one branch on disk, by whoever is about to stand on it or to land on it: what people just committed there is in what they ask for next.
//!
//! It costs one stat(2) while nobody moved the branch. Deliberately missing: looking at all branches, at tags and at packed refs, and bringing branches
//! up that lag; the follower does that by and by ([`super::follow`]).

use super::follow::{look_at, noted};
use super::{Line, WorkspaceState};
use crate::store::Store;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What was seen of a branch on disk.
#[derive(Default)]
pub(crate) struct Glanced {
    /// The stamp of its file that was looked at last; 0 before the first time.
    stamp: AtomicU64,
    /// Held while somebody looks: who comes meanwhile waits, for what is found is for them too.
    looking: Mutex<()>,
}

/// Takes in what others did to a branch on disk since it was looked at last. What can't be taken in is said of the branch, as by the follower.
pub(crate) fn glance(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, line: &Arc<Line>) {
    if !workspace.in_place() {
        return;
    }
    let Ok(stamp) = store.repo.ref_stamp(&line.name) else { return };
    let known = || line.glanced.stamp.load(Ordering::Acquire) == stamp;
    if known() {
        return;
    }
    let _looking = line.glanced.looking.lock();
    if known() {
        return;
    }
    let Ok(Some(found)) = store.repo.resolve_ref(&line.name) else { return };
    let put = workspace.on_disk.lock().get(&*line.name).copied();
    if line.head.load().commit != Some(found) && put != Some(found) {
        noted(&workspace.lagging, &line.name, look_at(store, workspace, line));
    }
    line.glanced.stamp.store(stamp, Ordering::Release);
}
