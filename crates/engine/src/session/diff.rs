//! Differences between two overlays' worth of files, as hunks and as a patch.

use super::handle::DiffOptions;
use crate::EngineError;
use crate::api::{FileDiff, FileStatus, Hunk, HunkLine, LineKind, PathChange};
use crate::store::Store;
use crate::symbols::{Budget, add_to_diffs};
use crate::text::{DiffLimits, Side, UnifiedOptions, diff_stats, hunks, is_binary, unified};
use acetate_overlay::{Change, FileView};
use acetate_types::{FileMode, ObjectId, RepoPath, Text};
use bytes::Bytes;
use std::collections::HashMap;

/// A changed path with both sides.
pub(crate) struct Pair {
    pub(crate) path: RepoPath,
    pub(crate) from: Option<RepoPath>,
    pub(crate) before: Option<(FileMode, ObjectId)>,
    pub(crate) after: Option<FileView>,
}

impl Pair {
    fn change(&self) -> PathChange {
        match (&self.before, &self.after) {
            (_, Some(_)) if self.from.is_some() => PathChange::Renamed,
            (None, _) => PathChange::Added,
            (_, None) => PathChange::Deleted,
            (Some((mode, id)), Some(after)) if *mode != after.mode() && after.id() == Some(*id) => PathChange::Mode,
            _ => PathChange::Modified,
        }
    }
}

/// Joins recorded moves: a deleted source and an added target become one renamed path. Files of a moved directory are joined too.
pub(crate) fn pairs(changes: Vec<Change>, moves: &[acetate_overlay::Move]) -> Vec<Pair> {
    let mut gone: HashMap<RepoPath, (FileMode, ObjectId)> =
        changes.iter().filter(|change| change.after.is_none()).filter_map(|change| Some((change.path.clone(), change.before?))).collect();
    // By target, the last one to each; a path is looked up with its directories, for there may be very many of both.
    let targets: HashMap<&RepoPath, (usize, &RepoPath)> =
        moves.iter().enumerate().map(|(at, moved)| (&moved.to, (at, &moved.from))).collect();
    let source = |path: &RepoPath| {
        let above = std::iter::successors(Some(path.clone()), RepoPath::parent);
        let (_, from, below) =
            above.filter_map(|to| targets.get(&to).map(|(at, from)| (*at, *from, path.strip_prefix(&to)))).max_by_key(|found| found.0)?;
        match below? {
            b"" => Some(from.clone()),
            below => RepoPath::existing([from.as_bytes(), b"/", below].concat()).ok(),
        }
    };
    let mut out: Vec<Pair> = Vec::new();
    for change in changes {
        if change.before.is_none()
            && change.after.is_some()
            && let Some(from) = source(&change.path)
            && let Some(before) = gone.remove(&from)
        {
            out.push(Pair { path: change.path, from: Some(from), before: Some(before), after: change.after });
        } else {
            out.push(Pair { path: change.path, from: None, before: change.before, after: change.after });
        }
    }
    let joined: std::collections::HashSet<RepoPath> = out.iter().filter_map(|pair| pair.from.clone()).collect();
    out.retain(|pair| !(pair.after.is_none() && joined.contains(&pair.path)));
    out
}

/// Changed paths as doors list them.
pub(crate) fn statuses(pairs: &[Pair]) -> Vec<FileStatus> {
    let show = |pair: &Pair| FileStatus {
        path: pair.path.clone(),
        change: pair.change(),
        from: pair.from.clone(),
        file: pair.after.as_ref().map(|file| super::files::info(pair.path.clone(), file)),
        symbols: None,
    };
    pairs.iter().map(show).collect()
}

/// The differences of many paths, bounded in bytes; the patch too where it is asked for.
pub(crate) fn file_diffs(
    store: &Store,
    pairs: &[Pair],
    options: &DiffOptions,
) -> Result<(Vec<FileDiff>, bool, Option<Bytes>), EngineError> {
    let mut files = Vec::new();
    let mut patch = Vec::new();
    let mut bytes = 0;
    let mut truncated = false;
    for pair in pairs {
        if !options.paths.is_empty()
            && !options
                .paths
                .iter()
                .any(|path| pair.path.starts_with(path) || pair.from.as_ref().is_some_and(|from| from.starts_with(path)))
        {
            continue;
        }
        if bytes > store.options.limits.answer_bytes {
            truncated = true;
            break;
        }
        let (file, cost) = one(store, pair, options, &mut patch)?;
        bytes += cost;
        files.push(file);
    }
    if options.symbols {
        add_to_diffs(store, &mut files, pairs, Budget::LARGE)?;
    }
    Ok((files, truncated, options.patch.then(|| patch.into())))
}

fn one(store: &Store, pair: &Pair, options: &DiffOptions, patch: &mut Vec<u8>) -> Result<(FileDiff, usize), EngineError> {
    let before_view = pair.before.map(|(mode, id)| FileView::of_object(mode, id));
    let before = before_view.as_ref().map(|file| text(store, file)).transpose()?;
    let after = pair.after.as_ref().map(|file| text(store, file)).transpose()?;
    let unknown = matches!((&before, &after), (Some(None), _) | (_, Some(None)));
    let (before_text, after_text) = (before.flatten().unwrap_or_default(), after.flatten().unwrap_or_default());
    let mut file = FileDiff {
        path: pair.path.clone(),
        change: pair.change(),
        from: pair.from.clone(),
        before_mode: pair.before.map(|(mode, _)| mode),
        after_mode: pair.after.as_ref().map(FileView::mode),
        binary: unknown || is_binary(&before_text) || is_binary(&after_text),
        added: 0,
        removed: 0,
        symbols: None,
        hunks: Vec::new(),
    };
    let limits = DiffLimits::default();
    let mut cost = 256;
    if !file.binary && options.hunks {
        match hunks(&before_text, &after_text, options.context as usize, &limits) {
            Ok(found) => {
                for hunk in found {
                    let lines: Vec<HunkLine> = hunk.lines.iter().map(hunk_line).collect();
                    cost += lines.iter().map(|line| line.text.0.len() + 32).sum::<usize>();
                    file.added += lines.iter().filter(|line| line.kind == LineKind::Added).count() as u64;
                    file.removed += lines.iter().filter(|line| line.kind == LineKind::Removed).count() as u64;
                    file.hunks.push(Hunk {
                        before_start: hunk.before_start as u64,
                        before_lines: hunk.before_lines as u64,
                        after_start: hunk.after_start as u64,
                        after_lines: hunk.after_lines as u64,
                        lines,
                    });
                }
            }
            // Too large to compare: shown like a binary file.
            Err(_) => file.binary = true,
        }
    } else if !file.binary {
        match diff_stats(&before_text, &after_text, &limits) {
            Ok(stats) => (file.added, file.removed) = (stats.added as u64, stats.removed as u64),
            Err(_) => file.binary = true,
        }
    }
    if options.patch {
        let from = pair.from.as_ref().unwrap_or(&pair.path);
        // Texts that are not known, or too large to compare, are named only.
        let opaque = file.binary;
        let before = pair.before.map(|(mode, id)| Side { path: from.as_bytes(), mode, id: Some(id), text: &before_text, opaque });
        let made = || (!unknown).then(|| acetate_git::blob_id(store.repo.format(), &after_text));
        let id = pair.after.as_ref().and_then(|after| after.id().or_else(made));
        let after = pair.after.as_ref().map(|after| Side { path: pair.path.as_bytes(), mode: after.mode(), id, text: &after_text, opaque });
        let start = patch.len();
        unified(before, after, &UnifiedOptions { context: options.context as usize, ..UnifiedOptions::default() }, patch)
            .map_err(too_large)?;
        cost += patch.len() - start;
    }
    Ok((file, cost))
}

fn too_large(error: crate::text::DiffError) -> EngineError {
    EngineError::limit("diff_too_large", error.to_string())
}

fn hunk_line(line: &crate::text::HunkLine) -> HunkLine {
    HunkLine { kind: kind(line.kind), text: Text(without_end(&line.text)), no_newline: line.lacks_newline() }
}

fn kind(kind: crate::text::LineKind) -> LineKind {
    match kind {
        crate::text::LineKind::Context => LineKind::Context,
        crate::text::LineKind::Remove => LineKind::Removed,
        crate::text::LineKind::Add => LineKind::Added,
    }
}

fn without_end(line: &Bytes) -> Bytes {
    line.slice(..line.len() - usize::from(line.ends_with(b"\n")))
}

/// The text to compare; `None` for one that is too large. A submodule shows as Git shows it.
fn text(store: &Store, file: &FileView) -> Result<Option<Bytes>, EngineError> {
    if file.mode() == FileMode::Submodule {
        return Ok(file.id().map(|id| Bytes::from(format!("Subproject commit {id}\n"))));
    }
    if super::write::size_of(store, file)? > store.options.limits.answer_bytes as u64 {
        return Ok(None);
    }
    Ok(Some(file.read(&store.repo)?))
}
