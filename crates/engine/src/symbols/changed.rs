//! What became of the symbols of changed files.

use super::outlined::{Outlined, outlined, parsable};
use crate::EngineError;
use crate::api::{ChangedSymbol, FileDiff, FileStatus};
use crate::session::Pair;
use crate::store::Store;
use acetate_overlay::FileView;
use acetate_syntax::{Outline, SymbolChange, changes};
use acetate_types::RepoPath;
use std::collections::HashMap;

/// Most symbols that are listed for one file.
const LISTED: usize = 1000;

/// How much one call may parse.
pub(crate) struct Budget {
    files: usize,
    bytes: u64,
}

impl Budget {
    /// For an answer that is asked for often.
    pub(crate) const SMALL: Self = Self { files: 100, bytes: 8 << 20 };
    /// For an answer about one change.
    pub(crate) const LARGE: Self = Self { files: 1000, bytes: 64 << 20 };

    fn take(&mut self, bytes: u64) -> bool {
        if self.files == 0 || bytes > self.bytes {
            return false;
        }
        self.files -= 1;
        self.bytes -= bytes;
        true
    }
}

/// What became of a changed path's symbols; `None` where its language has no profile, it can't be parsed, or the budget is spent.
pub(super) fn changed_symbols(store: &Store, pair: &Pair, budget: &mut Budget) -> Result<Option<Vec<ChangedSymbol>>, EngineError> {
    let before = pair.before.map(|(mode, id)| (pair.from.as_ref().unwrap_or(&pair.path), FileView::of_object(mode, id)));
    let after = pair.after.clone().map(|file| (&pair.path, file));
    let size = |side: &Option<(&RepoPath, FileView)>| match side {
        None => Ok(Some(0)),
        Some((path, file)) => parsable(store, path, file),
    };
    let (Some(one), Some(two)) = (size(&before)?, size(&after)?) else { return Ok(None) };
    if !budget.take(one + two) {
        return Ok(None);
    }
    let outline = |side: Option<(&RepoPath, FileView)>| match side {
        None => Ok(Some(None)),
        Some((path, file)) => outlined(store, path, &file).map(|found| found.map(Some)),
    };
    let (Some(before), Some(after)) = (outline(before)?, outline(after)?) else { return Ok(None) };
    Ok(compare(before.as_ref(), after.as_ref()).map(|changed| changed.into_iter().take(LISTED).map(show).collect()))
}

/// What became of the symbols between two versions of a file, of which one may be missing; `None` where they can't be compared.
pub(super) fn compare(before: Option<&Outlined>, after: Option<&Outlined>) -> Option<Vec<SymbolChange>> {
    if let (Some(before), Some(after)) = (before, after)
        && before.language != after.language
    {
        return None;
    }
    let none = Outline::default();
    let (old, new) = (before.map_or(&none, |side| &side.outline), after.map_or(&none, |side| &side.outline));
    let text = |side: Option<&Outlined>| side.map(|side| side.text.clone()).unwrap_or_default();
    Some(changes(old, &text(before), new, &text(after)))
}

fn show(change: SymbolChange) -> ChangedSymbol {
    ChangedSymbol {
        symbol: change.path,
        kind: change.kind.as_str().to_owned(),
        change: change.change.as_str().to_owned(),
        from: change.from,
        body_changed: change.body_changed,
    }
}

/// Says for listed paths what became of their symbols.
pub(crate) fn add_to_statuses(store: &Store, statuses: &mut [FileStatus], pairs: &[Pair], mut budget: Budget) -> Result<(), EngineError> {
    let of: HashMap<&RepoPath, &Pair> = pairs.iter().map(|pair| (&pair.path, pair)).collect();
    for status in statuses {
        if let Some(pair) = of.get(&status.path) {
            status.symbols = changed_symbols(store, pair, &mut budget)?;
        }
    }
    Ok(())
}

/// The same for differences.
pub(crate) fn add_to_diffs(store: &Store, files: &mut [FileDiff], pairs: &[Pair], mut budget: Budget) -> Result<(), EngineError> {
    let of: HashMap<&RepoPath, &Pair> = pairs.iter().map(|pair| (&pair.path, pair)).collect();
    for file in files {
        if let Some(pair) = of.get(&file.path) {
            file.symbols = changed_symbols(store, pair, &mut budget)?;
        }
    }
    Ok(())
}
