//! Reading and listing files, of a session's overlay or of a tree.

use crate::EngineError;
use crate::api::{FileContent, FileInfo, FileList, FileType, ListFiles, ReadFile, ReadMany};
use crate::store::{Store, page};
use crate::text::{GlobLimits, PathGlob};
use acetate_overlay::{Entry, FileView, Flow, Overlay, Visit};
use acetate_types::{Classify as _, EntryKind, ErrorKind, FileMode, ObjectId, Objects as _, RepoPath, Text};
use bytes::Bytes;
use std::sync::Arc;

/// The revision of a file: its blob's id, also while the blob exists only in the overlay.
pub(crate) fn etag(store: &Store, file: &FileView) -> Result<String, EngineError> {
    match file.id() {
        Some(id) => Ok(id.to_hex()),
        None => Ok(acetate_git::blob_id(store.repo.format(), &file.read(&store.repo)?).to_hex()),
    }
}

/// A file's content, bounded.
pub(crate) fn content_of(store: &Store, overlay: &Overlay, path: &RepoPath) -> Result<FileContent, EngineError> {
    let file = overlay.file(&store.repo, path)?;
    let limit = store.options.limits.file_bytes;
    if file.known_size().is_some_and(|size| size > limit) {
        return Err(too_large(path, limit));
    }
    let content = match (file.mode(), file.id()) {
        (FileMode::Submodule, Some(commit)) => Bytes::from(commit.to_hex()),
        _ => match file.read(&store.repo) {
            Ok(content) => content,
            Err(error) if error.problem().kind == ErrorKind::Limit => return Err(too_large(path, limit)),
            Err(error) => return Err(error.into()),
        },
    };
    let etag = match file.id() {
        Some(id) => id.to_hex(),
        None => acetate_git::blob_id(store.repo.format(), &content).to_hex(),
    };
    Ok(FileContent { path: path.clone(), mode: file.mode(), etag, content: Text(content) })
}

fn too_large(path: &RepoPath, limit: u64) -> EngineError {
    EngineError::limit("file_too_large", format!("{path} has more than {limit} bytes")).hint("read a large file through Git, or in ranges")
}

/// An entry of a listing.
pub(crate) fn info(path: RepoPath, file: &FileView) -> FileInfo {
    FileInfo { path, file_type: file_type(file.mode()), mode: Some(file.mode()), id: file.id(), size: file.known_size(), deleted: false }
}

fn file_type(mode: FileMode) -> FileType {
    match mode {
        FileMode::Regular | FileMode::Executable => FileType::File,
        FileMode::Symlink => FileType::Symlink,
        FileMode::Submodule => FileType::Submodule,
    }
}

/// A path that is gone.
fn deleted(path: RepoPath, mode: FileMode) -> FileInfo {
    FileInfo { path, file_type: file_type(mode), mode: None, id: None, size: None, deleted: true }
}

fn directory(path: RepoPath) -> FileInfo {
    FileInfo { path, file_type: FileType::Directory, mode: None, id: None, size: None, deleted: false }
}

/// A compiled glob.
pub(crate) fn glob<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<PathGlob, EngineError> {
    PathGlob::any(patterns, &GlobLimits::default()).map_err(|error| EngineError::invalid("glob_invalid", error.to_string()))
}

/// The most bytes of paths in a flattened tree.
const LONGEST: usize = 1 << 30;

/// All files of a tree, flattened; kept by tree id, for a tree never changes.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Paths one after the other.
    paths: Bytes,
    /// For each file the end of its path, its mode and its object.
    files: Vec<(u32, FileMode, ObjectId)>,
}

impl Listing {
    /// The flattened tree; `None` if its paths do not fit.
    fn of(store: &Store, tree: &ObjectId) -> Result<Option<Self>, EngineError> {
        let mut paths = Vec::new();
        let mut files = Vec::new();
        let mut fits = true;
        Overlay::new(*tree).walk(&store.repo, None, &mut |visit| {
            if let Visit::File { path, file } = visit
                && let Some(id) = file.id()
            {
                // Whoever lists makes paths of these bytes without looking again. What no path can hold is left out, as everywhere.
                if RepoPath::existing(Bytes::copy_from_slice(path)).is_err() {
                    return Flow::Continue;
                }
                paths.extend_from_slice(path);
                match u32::try_from(paths.len()) {
                    Ok(end) => files.push((end, file.mode(), id)),
                    Err(_) => fits = false,
                }
            }
            // Beyond that nobody wants it in memory; pages are walked for instead.
            fits &= paths.len() < LONGEST;
            if fits { Flow::Continue } else { Flow::Stop }
        })?;
        Ok(fits.then(|| Self { paths: paths.into(), files }))
    }

    /// The files in path order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], FileMode, ObjectId)> + '_ {
        let mut start = 0;
        self.files.iter().map(move |(end, mode, id)| {
            let path = self.paths.get(start..*end as usize).unwrap_or_default();
            start = *end as usize;
            (path, *mode, *id)
        })
    }

    /// Bytes of memory.
    pub(crate) fn memory(&self) -> usize {
        self.paths.len() + self.files.len() * size_of::<(u32, FileMode, ObjectId)>()
    }

    /// How many files.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    fn infos(&self) -> impl Iterator<Item = FileInfo> + '_ {
        let mut start = 0;
        self.files.iter().map(move |(end, mode, id)| {
            let path = RepoPath::known(self.paths.slice(start..*end as usize));
            start = *end as usize;
            FileInfo { path, file_type: file_type(*mode), mode: Some(*mode), id: Some(*id), size: None, deleted: false }
        })
    }
}

/// The flattened tree, from the cache where it is there.
pub(crate) fn listing(store: &Store, tree: &ObjectId) -> Result<Option<Arc<Listing>>, EngineError> {
    if let Some(listing) = store.listings.get(tree) {
        return Ok(Some(listing));
    }
    let Some(listing) = Listing::of(store, tree)? else { return Ok(None) };
    let listing = Arc::new(listing);
    store.listings.put(*tree, Arc::clone(&listing));
    Ok(Some(listing))
}

/// Lists an overlay. A whole listing is that of the base's tree, from the cache of flattened trees, with what the overlay changed.
pub(crate) fn list_overlay(store: &Store, overlay: &Overlay, list: &ListFiles) -> Result<FileList, EngineError> {
    let most = store.options.limits.list_entries;
    let limit = page(list.limit, most, most)?;
    let glob = list.glob.as_deref().map(|pattern| glob([pattern])).transpose()?;
    let mut page = if list.shallow {
        shallow(store, overlay, list)?
    } else if list.changed {
        changed(store, overlay, list, glob.as_ref())?
    } else if list.prefix.is_none() {
        whole(store, overlay, list, glob.as_ref(), limit)?
    } else {
        walked(store, overlay, list, glob.as_ref(), limit)?
    };
    if let Some(after) = &list.after
        && (list.shallow || list.changed)
    {
        page.retain(|entry| entry.path > *after);
    }
    let next = (page.len() > limit).then(|| page.get(limit - 1).map(|last| last.path.clone())).flatten();
    page.truncate(limit);
    if list.sizes {
        for entry in &mut page {
            if entry.size.is_none()
                && let Some(id) = entry.id
            {
                entry.size = if entry.file_type == FileType::Submodule { Some(0) } else { Some(store.repo.blob_size(&id)?) };
            }
        }
    }
    Ok(FileList { files: page, next })
}

fn shallow(store: &Store, overlay: &Overlay, list: &ListFiles) -> Result<Vec<FileInfo>, EngineError> {
    let prefix = list.prefix.as_ref();
    let glob = list.glob.as_deref().map(|pattern| glob([pattern])).transpose()?;
    let mut page = Vec::new();
    for entry in overlay.list(&store.repo, prefix)? {
        let path = match prefix {
            Some(prefix) => prefix.join(&entry.name),
            None => RepoPath::existing(entry.name.clone()),
        };
        let Ok(path) = path else { continue };
        if glob.as_ref().is_some_and(|glob| !glob.matches(path.as_bytes())) {
            continue;
        }
        page.push(match entry.kind {
            EntryKind::Tree => directory(path),
            EntryKind::File(mode) => {
                let mut info = info(path, &FileView::of_object(mode, entry.id.unwrap_or(ObjectId::null(store.repo.format()))));
                info.id = entry.id;
                info.size = entry.size;
                info
            }
        });
    }
    page.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(page)
}

fn changed(store: &Store, overlay: &Overlay, list: &ListFiles, glob: Option<&PathGlob>) -> Result<Vec<FileInfo>, EngineError> {
    let mut page = Vec::new();
    for change in overlay.changes(&store.repo)? {
        let wanted = list.prefix.as_ref().is_none_or(|prefix| change.path.starts_with(prefix))
            && glob.is_none_or(|glob| glob.matches(change.path.as_bytes()));
        match (&change.before, &change.after) {
            _ if !wanted => {}
            (_, Some(after)) => page.push(info(change.path, after)),
            (Some((mode, _)), None) => page.push(deleted(change.path, *mode)),
            (None, None) => {}
        }
    }
    Ok(page)
}

fn whole(store: &Store, overlay: &Overlay, list: &ListFiles, glob: Option<&PathGlob>, limit: usize) -> Result<Vec<FileInfo>, EngineError> {
    let Some(listing) = listing(store, &overlay.base_tree())? else { return walked(store, overlay, list, glob, limit) };
    let changes = if overlay.is_clean() { Vec::new() } else { overlay.changes(&store.repo)? };
    let mut changes = changes.into_iter().peekable();
    let after = list.after.as_ref();
    let wanted =
        |entry: &FileInfo| after.is_none_or(|after| entry.path > *after) && glob.is_none_or(|glob| glob.matches(entry.path.as_bytes()));
    let mut page = Vec::with_capacity(listing.len().min(limit + 1));
    let mut base = listing.infos().peekable();
    while page.len() <= limit {
        // Both are in byte order. At one path, what the overlay says counts.
        let changed = match (base.peek(), changes.peek()) {
            (Some(entry), Some(change)) => change.path <= entry.path,
            (_, change) => change.is_some(),
        };
        let entry = if changed {
            let change = changes.next();
            if base.peek().is_some_and(|entry| change.as_ref().is_some_and(|change| change.path == entry.path)) {
                base.next();
            }
            change.and_then(|change| change.after.map(|file| info(change.path, &file)))
        } else {
            match base.next() {
                Some(entry) => Some(entry),
                None => break,
            }
        };
        page.extend(entry.filter(&wanted));
    }
    Ok(page)
}

fn walked(store: &Store, overlay: &Overlay, list: &ListFiles, glob: Option<&PathGlob>, limit: usize) -> Result<Vec<FileInfo>, EngineError> {
    if let Some(prefix) = &list.prefix
        && overlay.get(&store.repo, prefix)?.is_none()
    {
        return Err(acetate_overlay::OverlayError::NotFound(prefix.clone()).into());
    }
    let mut page = Vec::new();
    overlay.walk(&store.repo, list.prefix.as_ref(), &mut |visit| match visit {
        Visit::Directory { path, .. } => {
            if glob.is_some_and(|glob| !glob.may_match_below(path)) {
                Flow::Skip
            } else {
                Flow::Continue
            }
        }
        Visit::File { path, file } => {
            let wanted = list.after.as_ref().is_none_or(|after| path > after.as_bytes()) && glob.is_none_or(|glob| glob.matches(path));
            if wanted && let Ok(path) = RepoPath::existing(Bytes::copy_from_slice(path)) {
                page.push(info(path, &file));
            }
            if page.len() > limit { Flow::Stop } else { Flow::Continue }
        }
    })?;
    Ok(page)
}

/// Reads many files; bounded in paths and in the sum of contents.
pub(crate) fn read_many(
    store: &Store,
    overlay: &Overlay,
    read: &ReadMany,
    each: &mut dyn FnMut(ReadFile) -> bool,
) -> Result<(), EngineError> {
    let limits = &store.options.limits;
    if read.paths.len() > limits.call_paths {
        return Err(EngineError::limit("too_many_paths", format!("at most {} paths in one call", limits.call_paths)));
    }
    let mut paths = read.paths.clone();
    if !read.globs.is_empty() {
        let glob = glob(read.globs.iter().map(String::as_str))?;
        let list = ListFiles { limit: Some(limits.call_paths + 1), ..ListFiles::default() };
        let found = whole(store, overlay, &list, Some(&glob), limits.call_paths)?;
        if found.len() > limits.call_paths {
            return Err(EngineError::limit("too_many_paths", format!("the globs match more than {} files", limits.call_paths))
                .hint("use narrower globs"));
        }
        paths.extend(found.into_iter().map(|entry| entry.path));
    }
    let mut bytes = 0;
    for path in paths {
        let read = if bytes > limits.answer_bytes {
            let message = format!("the answer would exceed {} bytes; ask for the rest in another call", limits.answer_bytes);
            ReadFile::Error { path, kind: ErrorKind::Limit, code: "answer_too_large".to_owned(), message }
        } else {
            match content_of(store, overlay, &path) {
                Ok(content) => {
                    bytes += content.content.0.len();
                    ReadFile::File(content)
                }
                Err(error) => {
                    let code = error.code().to_owned();
                    ReadFile::Error { path, kind: error.kind(), code, message: error.to_string() }
                }
            }
        };
        if !each(read) {
            break;
        }
    }
    Ok(())
}

/// Whether anything is at a path, for stats.
pub(crate) fn entry(store: &Store, overlay: &Overlay, path: &RepoPath) -> Result<Entry, EngineError> {
    overlay.get(&store.repo, path)?.ok_or_else(|| acetate_overlay::OverlayError::NotFound(path.clone()).into())
}

/// A directory's entry in a listing.
pub(crate) fn directory_info(path: &RepoPath) -> FileInfo {
    directory(path.clone())
}
