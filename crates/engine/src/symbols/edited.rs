//! Which symbols of a file a session edits, and which two sessions both do.

use super::changed::compare;
use super::outlined::{Outlined, outlined};
use crate::EngineError;
use crate::store::Store;
use acetate_overlay::{Entry, Overlay};
use acetate_syntax::{ChangeKind, Outline};
use acetate_types::RepoPath;
use std::collections::BTreeSet;

/// What a session did to a file.
pub(crate) enum Edited {
    /// Nothing.
    Nothing,
    /// It changed these symbols; an empty name stands for the lines outside of symbols.
    Symbols(BTreeSet<String>),
    /// It changed the file; its symbols are not known.
    Whole,
}

/// What an overlay does to a file of its base.
pub(crate) fn edited(store: &Store, overlay: &Overlay, path: &RepoPath) -> Result<Edited, EngineError> {
    let file =
        |overlay: &Overlay| -> Result<_, EngineError> { Ok(overlay.get(&store.repo, path)?.as_ref().and_then(Entry::file).cloned()) };
    let (before, after) = (file(&Overlay::new(overlay.base_tree()))?, file(overlay)?);
    match (&before, &after) {
        (None, None) => return Ok(Edited::Nothing),
        (Some(before), Some(after)) if before.same(after, &store.repo)? => return Ok(Edited::Nothing),
        (Some(_), None) => return Ok(Edited::Whole),
        _ => {}
    }
    let outline = |file: Option<_>| match file {
        None => Ok(Some(None)),
        Some(file) => outlined(store, path, &file).map(|found| found.map(Some)),
    };
    let (Some(before), Some(after)) = (outline(before)?, outline(after)?) else { return Ok(Edited::Whole) };
    let Some(changed) = compare(before.as_ref(), after.as_ref()) else { return Ok(Edited::Whole) };
    let mut symbols = BTreeSet::new();
    for change in changed {
        symbols.extend(change.from);
        // With what is gone or new comes all that is in it.
        let within = |side: &Option<Outlined>, number: Option<usize>| match (side, number) {
            (Some(side), Some(number)) => inside(&side.outline, number),
            _ => Vec::new(),
        };
        match change.change {
            ChangeKind::Deleted => symbols.extend(within(&before, change.before)),
            ChangeKind::Added => symbols.extend(within(&after, change.after)),
            _ => {}
        }
        symbols.insert(change.path);
    }
    if symbols.is_empty() {
        // Only what belongs to no symbol has changed.
        symbols.insert(String::new());
    }
    Ok(Edited::Symbols(symbols))
}

/// What two sessions both edit in one file: symbols by their paths, `None` for the file as a whole.
pub(crate) fn common(mine: &Edited, theirs: &Edited) -> Vec<Option<String>> {
    match (mine, theirs) {
        (Edited::Nothing, _) | (_, Edited::Nothing) => Vec::new(),
        (Edited::Symbols(mine), Edited::Symbols(theirs)) => {
            mine.intersection(theirs).map(|symbol| Some(symbol.clone()).filter(|symbol| !symbol.is_empty())).collect()
        }
        _ => vec![None],
    }
}

/// The paths of the symbols in a symbol.
fn inside(outline: &Outline, number: usize) -> Vec<String> {
    let mut within = vec![false; outline.symbols.len()];
    let mut found = Vec::new();
    for (at, symbol) in outline.symbols.iter().enumerate() {
        // What a symbol is in comes before it.
        if symbol.parent.is_some_and(|parent| parent == number || within.get(parent).copied().unwrap_or(false)) {
            within[at] = true;
            found.push(symbol.path.clone());
        }
    }
    found
}

/// Whether a symbol is another one or in it, by their paths.
pub(crate) fn is_inside(symbol: &str, outer: &str) -> bool {
    symbol.strip_prefix(outer).is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(all: &[&str]) -> Edited {
        Edited::Symbols(all.iter().map(|symbol| (*symbol).to_owned()).collect())
    }

    #[test]
    fn what_two_edit_is_what_both_name() {
        for (mine, theirs, expect) in [
            (symbols(&["a", "b"]), symbols(&["b", "c"]), vec![Some("b".to_owned())]),
            (symbols(&["a"]), symbols(&["a::b"]), vec![]),
            (symbols(&[""]), symbols(&["", "a"]), vec![None]),
            (Edited::Whole, symbols(&["a"]), vec![None]),
            (Edited::Whole, Edited::Nothing, vec![]),
        ] {
            assert_eq!(common(&mine, &theirs), expect);
            assert_eq!(common(&theirs, &mine), expect);
        }
    }

    #[test]
    fn symbols_are_in_what_their_paths_begin_with() {
        for (symbol, outer, expect) in [
            ("Parser::next", "Parser", true),
            ("Parser", "Parser", true),
            ("Parsers::next", "Parser", false),
            ("a.b.c", "a.b", true),
            ("a", "a.b", false),
        ] {
            assert_eq!(is_inside(symbol, outer), expect, "{symbol} {outer}");
        }
    }
}
