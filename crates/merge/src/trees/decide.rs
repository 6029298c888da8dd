//! Deciding each path, and turning the decisions into edits.

use super::conflict::{ConflictKind, FindingKind};
use super::contents::{Contents, Merged, mergeable};
use super::entry::{BASE, Entry, Fate, OURS, Paths, THEIRS, Version, bit, file, other};
use super::outcome::{Counts, MergeError};
use super::report::{Report, Sides, repo_path, show, who};
use acetate_types::{EntryKind, Objects};
use bytes::Bytes;
use std::collections::HashSet;

/// Decides every path that is still open. Children come before their directories, so that it is known whether a directory stays.
pub(super) fn all<O: Objects>(contents: &mut Contents<'_, O>, paths: &mut Paths, report: &mut Report) -> Result<(), MergeError> {
    let mut alive = HashSet::new();
    for dir in &paths.kept {
        keep(&mut alive, dir);
    }
    let mut order: Vec<usize> = (0..paths.entries.len()).collect();
    order.sort_by(|a, b| paths.entries[*b].path.cmp(&paths.entries[*a].path));
    for place in order {
        let entry = &mut paths.entries[place];
        let is_dir = alive.contains(&entry.path);
        if entry.is_open() {
            entry.fate = one(contents, entry, is_dir, report)?;
        }
        let (stays, as_file) = match &entry.fate {
            Fate::File(version) => (version.is_some(), version.is_some()),
            Fate::Whole(named) => (named.is_some(), file(named).is_some()),
            Fate::Open | Fate::Conflict => (entry.reported || entry.fate == Fate::Conflict, false),
        };
        if as_file && is_dir {
            // Only a followed directory can bring this about: Git's walk has seen every other case.
            conflict(report, ConflictKind::FileDirectory, entry, None, format!("{} would be a file and a directory", show(&entry.path)))?;
            entry.fate = Fate::Conflict;
        }
        if stays {
            keep(&mut alive, crate::renames::directory(&entry.path));
            if matches!(&entry.fate, Fate::Whole(Some((EntryKind::Tree, _)))) {
                keep(&mut alive, &entry.path);
            }
        }
    }
    Ok(())
}

/// Marks a directory and those above it.
fn keep(alive: &mut HashSet<Bytes>, dir: &[u8]) {
    let mut dir = dir;
    while !alive.contains(dir) {
        alive.insert(Bytes::copy_from_slice(dir));
        dir = crate::renames::directory(dir);
    }
}

/// Decides one path. `is_dir`: in the result this is a directory.
fn one<O: Objects>(contents: &mut Contents<'_, O>, entry: &Entry, is_dir: bool, report: &mut Report) -> Result<Fate, MergeError> {
    let files = entry.files();
    if files == 0 || (is_dir && files == bit(BASE)) {
        return Ok(if entry.reported { Fate::Conflict } else { Fate::File(None) });
    }
    if entry.contested && entry.stages[OURS].is_some() && entry.stages[THEIRS].is_some() && entry.stages[OURS] != entry.stages[THEIRS] {
        let text = match mergeable(&entry.stages) {
            Some((base, ours, theirs)) => match contents.merge(&repo_path(&entry.path)?, base, ours, theirs)? {
                Merged::Conflict(_, text) => text,
                Merged::Clean(_) => None,
            },
            None => None,
        };
        let why = format!("each side has another file at {}, one of them by a rename", show(&entry.path));
        conflict(report, ConflictKind::AddedDifferently, entry, text, why)?;
        return Ok(Fate::Conflict);
    }
    if entry.reported && is_dir && entry.stages[THEIRS].is_some() && entry.dirs & bit(OURS) != 0 {
        let why = why(ConflictKind::FileDirectory, entry);
        conflict(report, ConflictKind::FileDirectory, entry, None, why)?;
        return Ok(Fate::Conflict);
    }
    let same = entry.same & !entry.dirs;
    let stage = |place: usize| entry.stages[place].clone();
    let decided = if same != 0 {
        if same == 6 {
            report.finding(FindingKind::SameChange, Some(&entry.path), None)?;
        }
        match same {
            3 => Ok(stage(THEIRS)),
            _ => Ok(stage(OURS)),
        }
    } else if let Some((base, ours, theirs)) = mergeable(&entry.stages) {
        match contents.merge(&repo_path(&entry.path)?, base, ours, theirs)? {
            Merged::Clean(version) => Ok(Some(version)),
            Merged::Conflict(kind, text) => Err((kind, text)),
        }
    } else {
        match files {
            6 | 7 => Err((ConflictKind::DistinctTypes, None)),
            3 | 5 => Err((ConflictKind::ChangedDeleted, None)),
            2 => Ok(stage(OURS)),
            4 => Ok(stage(THEIRS)),
            _ => Ok(None),
        }
    };
    let (kind, text) = match decided {
        Ok(version) if entry.reported => return Ok(if version.is_none() && same != 0 { Fate::File(None) } else { Fate::Conflict }),
        Ok(version) if !is_dir || version.is_none() => return Ok(Fate::File(version)),
        Ok(_) => (ConflictKind::FileDirectory, None),
        Err(_) if entry.reported => return Ok(Fate::Conflict),
        Err((_, text)) if is_dir => (ConflictKind::FileDirectory, text),
        Err(conflict) => conflict,
    };
    conflict(report, kind, entry, text, why(kind, entry))?;
    Ok(Fate::Conflict)
}

fn conflict(
    report: &mut Report,
    kind: ConflictKind,
    entry: &Entry,
    text: Option<Box<crate::files::FileConflict>>,
    why: String,
) -> Result<(), MergeError> {
    let side = |place: usize| entry.stages[place].as_ref().map(|version: &Version| (&entry.paths[place], version));
    let sides: Sides<'_> = [side(BASE), side(OURS), side(THEIRS)];
    let found = report.conflict(kind, &entry.path, sides, text, why)?;
    if kind == ConflictKind::FileDirectory && entry.stages[THEIRS].is_some() {
        // A file that a rename brought here, of it or of its directory, goes back to its own place, rather than in a directory's.
        found.place = entry.paths[THEIRS].clone();
    }
    found.holds.clone_from(&entry.holds);
    found.restores.clone_from(&entry.restores);
    Ok(())
}

fn why(kind: ConflictKind, entry: &Entry) -> String {
    let path = show(&entry.path);
    let having = [OURS, THEIRS].into_iter().find(|side| entry.stages[*side].is_some()).unwrap_or(OURS);
    match kind {
        ConflictKind::BothChanged => format!("both sides changed the same lines of {path}"),
        ConflictKind::AddedDifferently => format!("both sides added {path}, with different contents"),
        ConflictKind::ChangedDeleted => format!("{} changed {path}, {} deleted it", who(having), who(other(having))),
        ConflictKind::FileDirectory => format!("{} has a file at {path}, {} a directory", who(having), who(other(having))),
        ConflictKind::Binary => format!("both sides changed {path}, which is binary"),
        ConflictKind::TooLarge => format!("both sides changed {path}, which is too large to be merged by lines"),
        ConflictKind::Mode => format!("both sides changed the mode of {path}, differently"),
        ConflictKind::DistinctTypes => format!("{path} is a thing of different type on each side"),
        ConflictKind::Symlink => format!("both sides changed where the link {path} points"),
        ConflictKind::Submodule => format!("both sides moved the submodule {path} to other commits"),
        _ => format!("both sides changed {path}, in ways that exclude each other"),
    }
}

/// Counts who changed what.
pub(super) fn counts(paths: &Paths, merged: usize) -> Counts {
    let mut counts = Counts { merged, ..Counts::default() };
    for entry in &paths.entries {
        let whole = matches!(entry.fate, Fate::Whole(_));
        let changed = |side: usize| {
            if whole || entry.dirs == 0 {
                entry.named[side] != entry.named[BASE]
            } else {
                file(&entry.named[side]) != file(&entry.named[BASE])
            }
        };
        match (changed(OURS), changed(THEIRS)) {
            (true, true) => counts.both += 1,
            (true, false) => counts.ours += 1,
            (false, true) => counts.theirs += 1,
            (false, false) => {}
        }
    }
    counts
}
