//! Recorded moves over the times when a session's overlay is only a tree: in the catalog, and while the session rests.

use acetate_overlay::{Move, Overlay};
use acetate_types::RepoPath;
use serde_json::Value;

/// An overlay's moves for the session's record.
pub(super) fn to_json(overlay: &Overlay) -> Value {
    let moves: Vec<(RepoPath, RepoPath)> = overlay.recorded_moves().into_iter().map(|moved| (moved.from, moved.to)).collect();
    // Paths always have a shape in JSON; what had none would only be a hint less.
    if moves.is_empty() { Value::Null } else { serde_json::to_value(moves).unwrap_or_default() }
}

/// Records the moves of a session's record again.
pub(super) fn hint_json(overlay: &mut Overlay, moves: &Value) {
    // A record without moves, or of a shape that this version does not know: they are hints.
    let moves: Vec<(RepoPath, RepoPath)> = serde_json::from_value(moves.clone()).unwrap_or_default();
    for (from, to) in moves {
        overlay.hint_move(Move { from, to });
    }
}

/// Records another overlay's moves too; those whose source is not in the base, or not gone, do not count.
pub(super) fn hint(overlay: &mut Overlay, other: &Overlay) {
    for moved in other.recorded_moves() {
        overlay.hint_move(moved);
    }
}
