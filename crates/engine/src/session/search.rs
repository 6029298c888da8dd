//! Searching a session's files, in parallel, in path order.
//!
//! Files are taken in blocks; within a block threads share the work and each keeps its own searcher, and blocks are answered in order,
//! so that a page is the same however many threads there are.

use super::files::{glob, listing};
use crate::EngineError;
use crate::api::{CaseRule, Grep, GrepFile, GrepLine, GrepMode, GrepPage};
use crate::store::{Store, page};
use crate::text::{
    FileMatches, FileSearcher, GrepCase, GrepLimits, GrepMode as TextMode, GrepOptions, GrepPattern, PathGlob, Skipped, file_type_globs,
};
use acetate_overlay::{FileView, Flow, Overlay, Visit};
use acetate_types::{Classify as _, FileMode, RepoPath, Text};
use bytes::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files that one round of threads takes; between rounds the page may be full.
const BLOCK: usize = 4096;

/// Where a page ended: at a file, or within one.
struct Cursor {
    path: RepoPath,
    /// The last line that was given of it; without one the file is done.
    line: Option<u64>,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, EngineError> {
        let invalid = || EngineError::invalid("cursor_invalid", "the cursor is none that a search gave");
        let (path, line) = text.split_once('.').map_or((text, None), |(path, line)| (path, Some(line)));
        let path = RepoPath::existing(hex::decode(path).map_err(|_| invalid())?).map_err(|_| invalid())?;
        Ok(Self { path, line: line.map(|line| line.parse().map_err(|_| invalid())).transpose()? })
    }

    fn text(&self) -> String {
        let path = hex::encode(self.path.as_bytes());
        self.line.map_or_else(|| path.clone(), |line| format!("{path}.{line}"))
    }

    /// Whether a path is still to be looked into.
    fn before(&self, path: &[u8]) -> bool {
        path > self.path.as_bytes() || (self.line.is_some() && path == self.path.as_bytes())
    }

    /// The lines of a file that were given already.
    fn given(&self, path: &[u8]) -> u64 {
        self.line.filter(|_| path == self.path.as_bytes()).unwrap_or(0)
    }
}

/// Searches an overlay.
pub(super) fn grep(store: &Store, overlay: &Overlay, grep: &Grep) -> Result<GrepPage, EngineError> {
    let pattern = compile(grep)?;
    let glob = grep.glob.as_deref().map(|pattern| glob([pattern])).transpose()?;
    let of_type = grep.file_type.as_deref().map(of_type).transpose()?;
    let cursor = grep.cursor.as_deref().map(Cursor::parse).transpose()?;
    let most = store.options.limits.grep_matches;
    let limit = page(grep.limit, most, most)?;
    // Counts are counts of whole files.
    let of_file = if grep.mode == GrepMode::Count { usize::MAX } else { limit };
    let files = candidates(store, overlay, grep, (glob.as_ref(), of_type.as_ref()), cursor.as_ref())?;
    let mut page = GrepPage { files: Vec::new(), matches: 0, next: None, skipped: 0 };
    for block in files.chunks(BLOCK) {
        let given = |path: &[u8]| cursor.as_ref().map_or(0, |cursor| cursor.given(path));
        for (at, mut found) in search_block(store, block, &pattern, of_file, &given)? {
            // That a binary file matches is all there is to say, and in this mode it is what was asked.
            let named = grep.mode == GrepMode::Files && found.skipped == Some(Skipped::Binary);
            if found.skipped.is_some() && !named {
                page.skipped += 1;
                continue;
            }
            let left = limit.saturating_sub(usize::try_from(page.matches).unwrap_or(usize::MAX));
            if grep.mode == GrepMode::Content
                && found.count > left
                && let Some((path, file)) = block.get(at)
            {
                // Once in a page: no more of its last file than the page has room for.
                let shorter = search_one(store, &mut pattern.searcher(), path, file, left, given(path))?;
                found = shorter.unwrap_or(found);
            }
            let more = found.more && grep.mode == GrepMode::Content;
            let line = found.lines.last().map(|line| line.number).filter(|_| more);
            add(&mut page, found, grep.mode, more)?;
            if line.is_some() || page.matches >= limit as u64 {
                page.next = page.files.last().map(|last| Cursor { path: last.path.clone(), line }.text());
                return Ok(page);
            }
        }
    }
    Ok(page)
}

/// The glob of a type of files.
fn of_type(name: &str) -> Result<PathGlob, EngineError> {
    let globs = file_type_globs(name).map_err(|error| EngineError::from(error.problem()))?;
    glob(globs.iter().map(String::as_str))
}

fn compile(grep: &Grep) -> Result<GrepPattern, EngineError> {
    let options = GrepOptions {
        fixed_strings: grep.fixed,
        case: match grep.case {
            CaseRule::Sensitive => GrepCase::Sensitive,
            CaseRule::Insensitive => GrepCase::Insensitive,
            CaseRule::Smart => GrepCase::Smart,
        },
        word: grep.word,
        multiline: grep.multiline,
        // Unless line ends are what is looked for.
        crlf: !grep.fixed && grep.pattern.contains('$') && !grep.pattern.contains('\r') && !grep.pattern.contains("\\r"),
        before: grep.before as usize,
        after: grep.after as usize,
        mode: match grep.mode {
            GrepMode::Content => TextMode::Content,
            GrepMode::Files => TextMode::FilesWithMatches,
            GrepMode::Count => TextMode::Count,
        },
        ..GrepOptions::default()
    };
    GrepPattern::new(&grep.pattern, options, GrepLimits::default()).map_err(|error| {
        EngineError::invalid("pattern_invalid", error.to_string())
            .hint("it is a regular expression as ripgrep takes it: put a backslash before ( ) [ ] { } . * + ? | that stand for themselves")
    })
}

/// The regular files to look into, in path order.
fn candidates(
    store: &Store,
    overlay: &Overlay,
    grep: &Grep,
    (glob, of_type): (Option<&PathGlob>, Option<&PathGlob>),
    cursor: Option<&Cursor>,
) -> Result<Vec<(Bytes, FileView)>, EngineError> {
    if let Some(path) = &grep.path
        && overlay.get(&store.repo, path)?.is_none()
    {
        return Err(acetate_overlay::OverlayError::NotFound(path.clone()).into());
    }
    let wanted = |path: &[u8]| {
        let matches = |glob: Option<&PathGlob>| glob.is_none_or(|glob| glob.matches(path));
        cursor.is_none_or(|cursor| cursor.before(path)) && matches(glob) && matches(of_type)
    };
    if overlay.is_clean()
        && grep.path.is_none()
        && let Some(listing) = listing(store, &overlay.base_tree())?
    {
        let files = listing.iter().filter(|(path, mode, _)| mode.is_file() && wanted(path));
        return Ok(files.map(|(path, mode, id)| (Bytes::copy_from_slice(path), FileView::of_object(mode, id))).collect());
    }
    let mut files = Vec::new();
    overlay.walk(&store.repo, grep.path.as_ref(), &mut |visit| match visit {
        Visit::Directory { path, .. } => {
            if glob.is_some_and(|glob| !glob.may_match_below(path)) {
                Flow::Skip
            } else {
                Flow::Continue
            }
        }
        Visit::File { path, file } => {
            if file.mode() != FileMode::Symlink && file.mode() != FileMode::Submodule && wanted(path) {
                files.push((Bytes::copy_from_slice(path), file));
            }
            Flow::Continue
        }
    })?;
    Ok(files)
}

/// Searches a block of files; what has a match (or was passed over) comes back in order.
fn search_block(
    store: &Store,
    block: &[(Bytes, FileView)],
    pattern: &GrepPattern,
    limit: usize,
    given: &(dyn Fn(&[u8]) -> u64 + Sync),
) -> Result<Vec<(usize, FileMatches)>, EngineError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(block.len().div_ceil(64)).max(1);
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, FileMatches)>, EngineError> {
        let mut searcher = pattern.searcher();
        let mut found = Vec::new();
        loop {
            let from = next.fetch_add(32, Ordering::Relaxed);
            let Some(part) = block.get(from..block.len().min(from + 32)).filter(|part| !part.is_empty()) else { return Ok(found) };
            for (at, (path, file)) in part.iter().enumerate() {
                let matches = search_one(store, &mut searcher, path, file, limit, given(path))?;
                found.extend(matches.map(|matches| (from + at, matches)));
            }
        }
    };
    let mut all: Vec<(usize, FileMatches)> = Vec::new();
    if threads == 1 {
        all = work()?;
    } else {
        std::thread::scope(|scope| -> Result<(), EngineError> {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                match worker.join() {
                    Ok(found) => all.extend(found?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(())
        })?;
    }
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all)
}

/// Searches one file, after the lines that were given already.
fn search_one(
    store: &Store,
    searcher: &mut FileSearcher,
    path: &Bytes,
    file: &FileView,
    limit: usize,
    given: u64,
) -> Result<Option<FileMatches>, EngineError> {
    let text = match file.read(&store.repo) {
        Ok(text) => text,
        // Larger than memory takes: passed over like a binary file.
        Err(acetate_overlay::OverlayError::Object(acetate_types::ObjectError::TooLarge { .. })) => {
            let skipped = Some(Skipped::TooLarge);
            return Ok(Some(FileMatches { path: path.clone(), lines: Vec::new(), count: 0, more: false, skipped }));
        }
        Err(error) => return Err(EngineError::from(error)),
    };
    searcher.search_after(path, &text, limit, given).map_err(|error| EngineError::invalid("pattern_failed", error.to_string()))
}

fn add(page: &mut GrepPage, found: FileMatches, mode: GrepMode, more: bool) -> Result<(), EngineError> {
    let lines =
        found.lines.into_iter().map(|line| GrepLine { number: line.number, text: Text(line.text), context: line.is_context }).collect();
    let count = found.count as u64;
    page.matches += if mode == GrepMode::Files { 1 } else { count };
    page.files.push(GrepFile { path: RepoPath::existing(found.path)?, count, more, lines });
    Ok(())
}
