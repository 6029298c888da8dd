//! Renames between two trees of which nobody recorded any: by equal content first, then by similarity, as the merge follows them.

use crate::EngineError;
use crate::store::Store;
use acetate_merge::renames::{Directories, Relevance, RenameLimits, Source, Target, detect};
use acetate_overlay::{Change, Move};

/// As many pairs as Git compares by itself, and no text that would take long.
const LIMITS: RenameLimits = RenameLimits { pairs_root: 1000, max_bytes: 1 << 20 };

/// The moves that two trees' differences look like.
pub(crate) fn renamed(store: &Store, changes: &[Change]) -> Result<Vec<Move>, EngineError> {
    let gone: Vec<&Change> = changes.iter().filter(|change| change.after.is_none()).collect();
    let new: Vec<&Change> = changes.iter().filter(|change| change.before.is_none()).collect();
    if gone.is_empty() || new.is_empty() {
        return Ok(Vec::new());
    }
    let sources: Vec<Source> = gone
        .iter()
        .filter_map(|change| {
            let (mode, id) = change.before?;
            Some(Source { path: change.path.to_bytes(), mode, id, relevance: Relevance::Content })
        })
        .collect();
    let mut targets = Vec::new();
    for change in &new {
        // Both are trees: every file is an object.
        let Some((mode, id)) = change.after.as_ref().and_then(|after| Some((after.mode(), after.id()?))) else { return Ok(Vec::new()) };
        targets.push(Target { path: change.path.to_bytes(), mode, id });
    }
    let found = detect(&store.repo, &sources, &targets, &[], &mut Directories::new(), &LIMITS)?;
    let moves = found.matches.iter().zip(&new).filter_map(|(found, to)| {
        let from = gone.get(found.as_ref()?.source)?;
        Some(Move { from: from.path.clone(), to: to.path.clone() })
    });
    Ok(moves.collect())
}
