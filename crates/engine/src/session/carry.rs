//! Carrying edits over: what was written while a session's base moved under it.
//!
//! Nobody is there to be asked about one symbol changed on both sides: its lines decide, as in Git.
//! Each path written meanwhile is merged three ways: the text when the move began, the text on the new base, the text now. A path that
//! can't be merged cleanly leaves the whole session where it stood, so that its next submission meets the conflict in the open.

use crate::EngineError;
use crate::store::Store;
use acetate_merge::{FileInput, FileMerge as _, FileMerged, SameSymbol};
use acetate_overlay::{Entry, FileView, Overlay};
use acetate_types::RepoPath;

/// What became of the edits made meanwhile.
pub(crate) enum Carried {
    /// There were none.
    Nothing,
    /// They are in this overlay of the new base now.
    Over(Overlay),
    /// This path excludes it.
    Conflict(RepoPath),
}

/// Carries what differs between `before` and `now` (overlays of one base) over to `onto` (an overlay of another).
pub(crate) fn carry_over(store: &Store, before: &Overlay, now: &Overlay, onto: &Overlay) -> Result<Carried, EngineError> {
    let paths = now.diff_since(&store.repo, before)?;
    if paths.is_empty() {
        return Ok(Carried::Nothing);
    }
    let mut over = onto.clone();
    // Deletions first, so that a file can take a deleted directory's place.
    let (gone, kept): (Vec<RepoPath>, Vec<RepoPath>) = paths.into_iter().partition(|path| matches!(now.get(&store.repo, path), Ok(None)));
    for path in gone.iter().chain(&kept) {
        match carry(store, before, now, &mut over, path) {
            Ok(true) => {}
            Ok(false) => return Ok(Carried::Conflict(path.clone())),
            Err(error) if in_the_way(&error) => return Ok(Carried::Conflict(path.clone())),
            Err(error) => return Err(error),
        }
    }
    for moved in now.moves(&store.repo)? {
        over.hint_move(moved);
    }
    Ok(Carried::Over(over))
}

/// Whether an edit has no place on the new base: something else is where it, or a directory above it, would be.
fn in_the_way(error: &EngineError) -> bool {
    ["not_a_directory", "is_a_directory", "path_exists", "not_a_file", "path_too_deep"].contains(&error.code())
}

fn carry(store: &Store, before: &Overlay, now: &Overlay, over: &mut Overlay, path: &RepoPath) -> Result<bool, EngineError> {
    let file = |overlay: &Overlay| -> Result<Option<FileView>, EngineError> {
        Ok(overlay.get(&store.repo, path)?.as_ref().and_then(Entry::file).cloned())
    };
    let (was, is) = (file(before)?, file(now)?);
    let there = over.get(&store.repo, path)?;
    let here = there.as_ref().and_then(Entry::file).cloned();
    if let Some(Entry::Directory(_)) = now.get(&store.repo, path)? {
        if there.is_none() {
            over.make_directory(&store.repo, path)?;
        }
        return Ok(!matches!(there, Some(Entry::File(_))));
    }
    let unmoved = match (&was, &here) {
        (None, None) => !there.as_ref().is_some_and(Entry::is_directory),
        (Some(was), Some(here)) => was.same(here, &store.repo)?,
        _ => false,
    };
    if unmoved {
        match is {
            Some(is) => put(store, over, path, &is)?,
            None if here.is_some() => {
                over.remove(&store.repo, path)?;
            }
            None => {}
        }
        return Ok(true);
    }
    match (&was, &here, &is) {
        // Both went the same way.
        (_, Some(here), Some(is)) if here.same(is, &store.repo)? => Ok(true),
        (_, None, None) => Ok(true),
        (Some(was), Some(here), Some(is)) if was.mode() == is.mode() || here.mode() == was.mode() => {
            let (base, ours, theirs) = (was.read(&store.repo)?, here.read(&store.repo)?, is.read(&store.repo)?);
            if !is.mode().is_file() {
                return Ok(false);
            }
            let ids = [was.id(), here.id(), is.id()];
            let input = FileInput { path, base: Some(&base), ours: &ours, theirs: &theirs, ids };
            let FileMerged::Clean(text) = store.symbol_files(SameSymbol::Merge).merge(&input) else { return Ok(false) };
            let mode = if was.mode() == is.mode() { here.mode() } else { is.mode() };
            over.write(&store.repo, path, Some(mode), text)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Puts a file as another overlay has it.
pub(crate) fn put(store: &Store, over: &mut Overlay, path: &RepoPath, file: &FileView) -> Result<(), EngineError> {
    match file.id() {
        Some(id) => over.put_object(&store.repo, path, file.mode(), id)?,
        None => over.write(&store.repo, path, Some(file.mode()), file.read(&store.repo)?)?,
    };
    Ok(())
}
