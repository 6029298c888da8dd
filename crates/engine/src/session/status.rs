//! What a session has changed, and how it is listed.

use super::cell::{Phase, SessionCell, SessionState};
use super::diff::{pairs, statuses};
use crate::EngineError;
use crate::api::{self, SessionInfo, SessionStatus};
use crate::store::Store;
use crate::symbols::{Budget, add_to_statuses};

/// The session as listed.
pub(crate) fn info(cell: &SessionCell, state: &SessionState) -> SessionInfo {
    SessionInfo {
        id: cell.id.clone(),
        workspace: cell.workspace.id.clone(),
        branch: cell.branch.to_string(),
        agent: cell.agent.to_string(),
        intent: cell.intent.as_deref().map(ToOwned::to_owned),
        state: match state.phase {
            Phase::Active => api::SessionState::Active,
            Phase::Paused => api::SessionState::Paused,
            Phase::Damaged => api::SessionState::Damaged,
            Phase::Closed => api::SessionState::Closed,
        },
        durability: cell.durability,
        working: cell.purpose.working,
        base: state.base.base(),
        tip: state.tip.map(|tip| tip.commit),
        turn: state.turn,
        unsaved: state.unsaved,
        unsubmitted: state.unsaved || state.tip.is_some_and(|tip| tip.tree != state.base.tree) || !state.overlay.is_clean(),
        created: cell.created,
        expires: cell.expires(),
        memory: (size_of::<SessionCell>() + state.overlay.memory_bytes()) as u64,
    }
}

/// The session's status.
pub(super) fn status(store: &Store, cell: &SessionCell) -> Result<SessionStatus, EngineError> {
    let (info, overlay, (conflicts, open)) = {
        let state = cell.state.lock();
        let waiting = state.conflicts.as_ref().map(|pending| (pending.conflicts.listed.clone(), pending.conflicts.open));
        (info(cell, &state), state.overlay.clone(), waiting.unwrap_or_default())
    };
    let pairs = pairs(overlay.changes(&store.repo)?, &overlay.moves(&store.repo)?);
    let mut changes = statuses(&pairs);
    let changed = changes.len() as u64;
    changes.truncate(1000);
    add_to_statuses(store, &mut changes, &pairs, Budget::SMALL)?;
    let overlaps = super::overlaps::all_overlaps(store, cell);
    Ok(SessionStatus { session: info, changes, changed, conflicts, open, overlaps })
}

/// The session as listed, by its cell.
pub(crate) fn info_of(cell: &SessionCell) -> SessionInfo {
    info(cell, &cell.state.lock())
}
