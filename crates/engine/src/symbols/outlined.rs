//! The outline of one file, through the shared cache.

use crate::EngineError;
use crate::session::size_of;
use crate::store::Store;
use acetate_overlay::{Entry, FileView, Overlay};
use acetate_syntax::{Language, Outline};
use acetate_types::{ObjectId, RepoPath};
use bytes::Bytes;
use std::sync::Arc;

/// Largest text that is outlined, in bytes.
const LARGEST: u64 = 4 << 20;

/// A file's symbols with its text.
pub(crate) struct Outlined {
    pub(crate) language: Language,
    pub(crate) outline: Arc<Outline>,
    pub(crate) text: Bytes,
}

/// Whether a file may have symbols: a regular one in a known language, of a size that is parsed. Gives its size.
pub(super) fn parsable(store: &Store, path: &RepoPath, file: &FileView) -> Result<Option<u64>, EngineError> {
    if !file.mode().is_file() || Language::of(path.as_bytes()).is_none() {
        return Ok(None);
    }
    let size = size_of(store, file)?;
    Ok((size <= LARGEST).then_some(size))
}

/// Has a file's tree and symbols in the cache, so that a merge on it need not make them.
pub(super) fn parse_ahead(store: &Store, tree: &ObjectId, path: &RepoPath) -> Result<(), EngineError> {
    let base = Overlay::new(*tree);
    let Some(file) = base.get(&store.repo, path)?.as_ref().and_then(Entry::file).cloned() else { return Ok(()) };
    let (Some(language), Some(id)) = (Language::of(path.as_bytes()), file.id()) else { return Ok(()) };
    if parsable(store, path, &file)?.is_some() && store.syntax.known(id, language).is_none() {
        // What can't be parsed is merged by lines: nothing to prepare.
        let text = file.read(&store.repo)?;
        if !acetate_merge::files::is_binary(&text) && store.syntax.parsed(id, language, &text).is_ok() {
            let _ = store.syntax.outline(id, language, &text);
        }
    }
    Ok(())
}

/// The symbols of a file; `None` where its language has no profile, or it can't be parsed.
pub(crate) fn outlined(store: &Store, path: &RepoPath, file: &FileView) -> Result<Option<Outlined>, EngineError> {
    let Some(language) = Language::of(path.as_bytes()) else { return Ok(None) };
    if parsable(store, path, file)?.is_none() {
        return Ok(None);
    }
    let text = file.read(&store.repo)?;
    if acetate_merge::files::is_binary(&text) {
        return Ok(None);
    }
    let id = file.id().unwrap_or_else(|| acetate_git::blob_id(store.repo.format(), &text));
    Ok(store.syntax.outline(id, language, &text).ok().map(|outline| Outlined { language, outline, text }))
}
