//! Searching a session's files, in parallel, in path order.
//!
//! Files are taken in blocks; within a block threads share the work and each keeps its own searcher, and blocks are answered in order,
//! so that a page is the same however many threads there are.

use super::files::{glob, listing};
use crate::EngineError;
use crate::api::{CaseRule, Grep, GrepFile, GrepLine, GrepMode, GrepPage};
use crate::store::{Store, page};
use crate::text::{FileMatches, GrepCase, GrepLimits, GrepMode as TextMode, GrepOptions, GrepPattern, PathGlob};
use acetate_overlay::{FileView, Flow, Overlay, Visit};
use acetate_types::{FileMode, RepoPath, Text};
use bytes::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files that one round of threads takes; between rounds the page may be full.
const BLOCK: usize = 4096;

/// Searches an overlay.
pub(super) fn grep(store: &Store, overlay: &Overlay, grep: &Grep) -> Result<GrepPage, EngineError> {
    let pattern = compile(grep)?;
    let glob = grep.glob.as_deref().map(|pattern| glob([pattern])).transpose()?;
    let after = grep.cursor.as_deref().map(cursor).transpose()?;
    let most = store.options.limits.grep_matches;
    let limit = page(grep.limit, most, most)?;
    let files = candidates(store, overlay, grep, glob.as_ref(), after.as_ref())?;
    let mut page = GrepPage { files: Vec::new(), matches: 0, next: None, skipped: 0 };
    for block in files.chunks(BLOCK) {
        for found in search_block(store, block, &pattern, limit)? {
            if found.skipped.is_some() {
                page.skipped += 1;
                continue;
            }
            add(&mut page, found, grep.mode)?;
            if page.matches >= limit as u64 {
                page.next = page.files.last().map(|last| hex::encode(last.path.as_bytes()));
                return Ok(page);
            }
        }
    }
    Ok(page)
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
        before: grep.before as usize,
        after: grep.after as usize,
        mode: match grep.mode {
            GrepMode::Content => TextMode::Content,
            GrepMode::Files => TextMode::FilesWithMatches,
            GrepMode::Count => TextMode::Count,
        },
        ..GrepOptions::default()
    };
    GrepPattern::new(&grep.pattern, options, GrepLimits::default())
        .map_err(|error| EngineError::invalid("pattern_invalid", error.to_string()))
}

fn cursor(text: &str) -> Result<RepoPath, EngineError> {
    let invalid = || EngineError::invalid("cursor_invalid", "the cursor is none that a search gave");
    RepoPath::existing(hex::decode(text).map_err(|_| invalid())?).map_err(|_| invalid())
}

/// The regular files to look into, in path order.
fn candidates(
    store: &Store,
    overlay: &Overlay,
    grep: &Grep,
    glob: Option<&PathGlob>,
    after: Option<&RepoPath>,
) -> Result<Vec<(Bytes, FileView)>, EngineError> {
    let wanted = |path: &[u8]| after.is_none_or(|after| path > after.as_bytes()) && glob.is_none_or(|glob| glob.matches(path));
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
fn search_block(store: &Store, block: &[(Bytes, FileView)], pattern: &GrepPattern, limit: usize) -> Result<Vec<FileMatches>, EngineError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(block.len().div_ceil(64)).max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut searcher = pattern.searcher();
        let mut found = Vec::new();
        loop {
            let from = next.fetch_add(32, Ordering::Relaxed);
            let Some(part) = block.get(from..block.len().min(from + 32)).filter(|part| !part.is_empty()) else { return Ok(found) };
            for (at, (path, file)) in part.iter().enumerate() {
                let text = match file.read(&store.repo) {
                    Ok(text) => text,
                    // Larger than memory takes: passed over like a binary file.
                    Err(acetate_overlay::OverlayError::Object(acetate_types::ObjectError::TooLarge { .. })) => {
                        let skipped = Some(crate::text::Skipped::TooLarge);
                        found.push((from + at, FileMatches { path: path.clone(), lines: Vec::new(), count: 0, more: false, skipped }));
                        continue;
                    }
                    Err(error) => return Err(EngineError::from(error)),
                };
                let matches =
                    searcher.search(path, &text, limit).map_err(|error| EngineError::invalid("pattern_failed", error.to_string()))?;
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
    Ok(all.into_iter().map(|(_, matches)| matches).collect())
}

fn add(page: &mut GrepPage, found: FileMatches, mode: GrepMode) -> Result<(), EngineError> {
    let lines =
        found.lines.into_iter().map(|line| GrepLine { number: line.number, text: Text(line.text), context: line.is_context }).collect();
    let count = found.count as u64;
    page.matches += if mode == GrepMode::Files { 1 } else { count };
    page.files.push(GrepFile { path: RepoPath::existing(found.path)?, count, lines });
    Ok(())
}
