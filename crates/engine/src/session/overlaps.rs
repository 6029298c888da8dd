//! What several live sessions edit at once: told once to each of them, in its next answer, and listed by `status`.
//!
//! Writing only notes that two sessions are in one file. Which symbols that concerns is found out when an answer is made, and again only
//! when one of the two has written since.

use super::cell::SessionCell;
use crate::EngineError;
use crate::api::OverlapNotice;
use crate::store::Store;
use crate::symbols::{Edited, common, edited};
use acetate_types::{RepoPath, SessionId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Most pairs of a path and another session that a session looks out for.
const WATCHED: usize = 200;
/// Most overlaps that are told of one path and session at once, and most that `status` lists.
const TOLD: usize = 20;
const LISTED: usize = 100;

/// Another session in the same file.
pub(crate) struct Watched {
    path: RepoPath,
    other: SessionId,
    /// What was told: symbols, or the file as a whole.
    told: BTreeSet<Option<String>>,
    /// How often the two had written when they were looked at.
    looked: Option<(u64, u64)>,
}

impl SessionCell {
    /// Looks out for what another session does to a path, from now on.
    pub(super) fn look_out(&self, path: &RepoPath, other: &SessionId) {
        let mut watched = self.watched.lock();
        watched.retain(|known| (&known.path, &known.other) != (path, other));
        if watched.len() < WATCHED {
            watched.push(Watched { path: path.clone(), other: other.clone(), told: BTreeSet::new(), looked: None });
        }
    }
}

/// Overlaps that were not told yet; they count as told from now on.
pub(super) fn new_overlaps(store: &Store, cell: &SessionCell) -> Vec<OverlapNotice> {
    let mut watched = std::mem::take(&mut *cell.watched.lock());
    if watched.is_empty() {
        return Vec::new();
    }
    let mut notices = Vec::new();
    watched.retain_mut(|one| match other_in(store, cell, &one.path, &one.other) {
        None => false,
        Some(other) => {
            let now = (cell.edits.load(Ordering::Acquire), other.edits.load(Ordering::Acquire));
            if one.looked != Some(now) {
                one.looked = Some(now);
                let fresh: Vec<_> = meeting(store, cell, &other, &one.path).into_iter().filter(|found| !one.told.contains(found)).collect();
                for symbol in fresh.into_iter().take(TOLD) {
                    notices.push(notice(&one.path, symbol.clone(), &other));
                    one.told.insert(symbol);
                }
            }
            true
        }
    });
    // Whoever came in meanwhile is looked at next time.
    let mut now = cell.watched.lock();
    let newer = std::mem::take(&mut *now);
    watched.retain(|one| !newer.iter().any(|new| (&new.path, &new.other) == (&one.path, &one.other)));
    watched.extend(newer);
    *now = watched;
    notices
}

/// All overlaps there are now.
pub(super) fn all_overlaps(store: &Store, cell: &SessionCell) -> Vec<OverlapNotice> {
    let entered: Vec<RepoPath> = cell.state.lock().entered.iter().cloned().collect();
    let mut found = Vec::new();
    for path in entered {
        for other in cell.workspace.live.editors(&path).iter().filter(|other| **other != cell.id) {
            if let Some(other) = other_in(store, cell, &path, other) {
                found.extend(meeting(store, cell, &other, &path).into_iter().take(TOLD).map(|symbol| notice(&path, symbol, &other)));
            }
        }
        if found.len() >= LISTED {
            found.truncate(LISTED);
            break;
        }
    }
    found
}

/// The other session, if both still edit the path on one branch.
fn other_in(store: &Store, cell: &SessionCell, path: &RepoPath, other: &SessionId) -> Option<Arc<SessionCell>> {
    let editors = cell.workspace.live.editors(path);
    if !editors.contains(other) || !editors.contains(&cell.id) {
        return None;
    }
    store.sessions.pin().get(other).filter(|other| other.branch == cell.branch).map(Arc::clone)
}

/// What two sessions both edit in a file. What can't be read is no reason to be silent: the file itself is what they meet in.
fn meeting(store: &Store, cell: &SessionCell, other: &SessionCell, path: &RepoPath) -> Vec<Option<String>> {
    let of = |cell: &SessionCell| -> Result<Edited, EngineError> {
        let overlay = cell.state.lock().overlay.clone();
        edited(store, &overlay, path)
    };
    let side = |cell: &SessionCell| {
        of(cell).unwrap_or_else(|error| {
            tracing::debug!(%error, %path, "what a session edits in a file can't be told");
            Edited::Whole
        })
    };
    common(&side(cell), &side(other))
}

fn notice(path: &RepoPath, symbol: Option<String>, other: &SessionCell) -> OverlapNotice {
    OverlapNotice {
        path: path.clone(),
        symbol,
        session: other.id.clone(),
        agent: other.agent.to_string(),
        intent: other.intent.as_deref().map(ToOwned::to_owned),
    }
}
