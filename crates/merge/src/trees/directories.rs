//! Following renamed directories: what one side added to a directory goes where the other side moved it.
//!
//! The rules are those of Git with `merge.directoryRenames=true`: a directory was renamed if it is gone from a side and most of its files
//! went to one place; nothing is moved when both sides renamed it, when several files would end at one path, or when something is there.

use super::conflict::{ConflictKind, FindingKind};
use super::entry::{Entry, Fate, OURS, Paths, THEIRS, bit, other};
use super::outcome::{MergeError, Move};
use super::report::{Report, show, who};
use crate::renames::DirectoryCounts;
use acetate_types::{EntryKind, ObjectId, Objects};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A path that is new on a side, and where it came from if it was renamed.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub side: usize,
    pub from: Option<Bytes>,
    pub to: Bytes,
    pub recorded: bool,
}

/// Where directories went, per side: old path to new path (empty for the root).
type Renamed = [HashMap<Bytes, Bytes>; 3];

/// Where paths of a side would go, and which ones.
type Arrivals = BTreeMap<Bytes, (BTreeSet<Bytes>, bool)>;

/// Moves what has to follow a renamed directory; `pairs` then have their new paths.
pub(super) fn follow<O: Objects>(
    objects: &O,
    roots: [&ObjectId; 3],
    paths: &mut Paths,
    pairs: &mut [Vec<Pair>; 3],
    counts: &[DirectoryCounts; 3],
    moves: [&[Move]; 3],
    report: &mut Report,
) -> Result<(), MergeError> {
    let renamed = renamed(paths, counts, moves, report)?;
    let mut arrivals = [Arrivals::new(), arrivals(&pairs[OURS], &renamed[THEIRS]), arrivals(&pairs[THEIRS], &renamed[OURS])];
    for side in [OURS, THEIRS] {
        for pair in &mut pairs[side] {
            if arrivals[other(side)].contains_key(&pair.to) {
                continue;
            }
            let Some((old, new)) = directory_of(&pair.to, &renamed[other(side)]) else { continue };
            if renamed[side].contains_key(new) {
                // Git warns here: the new place was itself renamed on this side, and following twice would go astray.
                continue;
            }
            let to = moved(&pair.to, old, new);
            let Some((sources, reported)) = arrivals[side].get_mut(&to) else { continue };
            let blocked = is_there(objects, roots[side], paths, &to, side)?;
            if blocked || sources.len() > 1 || !movable(paths, &pair.to, &to) {
                if !std::mem::replace(reported, true) {
                    let names: Vec<String> = sources.iter().map(show).collect();
                    let why = format!(
                        "{} moved the directory {} to {}, which would put {} at {}, {}",
                        who(other(side)),
                        show(old),
                        show(new),
                        names.join(", "),
                        show(&to),
                        if blocked { "where something is already" } else { "where only one can be" }
                    );
                    report.conflict(ConflictKind::DirectoryRenameBlocked, &to, [None, None, None], None, why)?;
                }
                continue;
            }
            relocate(paths, &pair.to, &to, side);
            report.finding(FindingKind::DirectoryRenameApplied, Some(&to), Some(&pair.to))?;
            pair.to = to;
        }
    }
    Ok(())
}

/// The directories that each side renamed and the other did not.
fn renamed(paths: &Paths, counts: &[DirectoryCounts; 3], moves: [&[Move]; 3], report: &mut Report) -> Result<Renamed, MergeError> {
    let mut renamed = Renamed::default();
    for side in [OURS, THEIRS] {
        let recorded: HashMap<Bytes, Bytes> = moves[side]
            .iter()
            .map(|moved| (moved.from.to_bytes(), moved.to.to_bytes()))
            .filter(|(from, _)| paths.followed[side] && paths.removed[side].contains_key(from))
            .collect();
        for (old, winner) in counts[side].winners() {
            // The move of a directory is a record for what is below it too; votes are guesses.
            if !recorded.contains_key(&old) && above(&old).any(|dir| recorded.contains_key(dir)) {
                continue;
            }
            match winner {
                Ok(new) => drop(renamed[side].insert(old, new)),
                Err(_) if recorded.contains_key(&old) => {}
                Err(places) => {
                    let places: Vec<String> = places.iter().map(show).collect();
                    let why = format!(
                        "{} moved the files of {} to {}, equally many to each, so that it is unclear where the directory went",
                        who(side),
                        show(&old),
                        places.join(", ")
                    );
                    report.conflict(ConflictKind::DirectoryRenameSplit, &old, [None, None, None], None, why)?;
                }
            }
        }
        renamed[side].extend(recorded);
    }
    let both: Vec<Bytes> = renamed[OURS].keys().filter(|old| renamed[THEIRS].contains_key(*old)).cloned().collect();
    for old in both {
        renamed[OURS].remove(&old);
        renamed[THEIRS].remove(&old);
    }
    Ok(renamed)
}

/// The nearest renamed directory above a path, with its new place.
fn directory_of<'a>(path: &Bytes, renamed: &'a HashMap<Bytes, Bytes>) -> Option<(&'a Bytes, &'a Bytes)> {
    if renamed.is_empty() {
        return None;
    }
    let mut dir = &path[..];
    while let Some(at) = memchr::memrchr(b'/', dir) {
        dir = &dir[..at];
        if let Some(found) = renamed.get_key_value(dir) {
            return Some(found);
        }
    }
    None
}

/// The directories above a path, from the nearest on.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memrchr_iter(b'/', path).filter_map(|at| path.get(..at))
}

/// A path below `old` as it is below `new`.
fn moved(path: &Bytes, old: &Bytes, new: &Bytes) -> Bytes {
    let rest = path.get(old.len() + 1..).unwrap_or_default();
    if new.is_empty() { Bytes::copy_from_slice(rest) } else { [new, &b"/"[..], rest].concat().into() }
}

fn arrivals(pairs: &[Pair], renamed: &HashMap<Bytes, Bytes>) -> Arrivals {
    let mut arrivals = Arrivals::new();
    for pair in pairs {
        if let Some((old, new)) = directory_of(&pair.to, renamed) {
            arrivals.entry(moved(&pair.to, old, new)).or_default().0.insert(pair.to.clone());
        }
    }
    arrivals
}

/// Whether a side has something at a path already.
fn is_there<O: Objects>(objects: &O, root: &ObjectId, paths: &Paths, path: &Bytes, side: usize) -> Result<bool, MergeError> {
    if let Some(place) = paths.find(path) {
        let entry = &paths.entries[place];
        let gone = paths.left.contains(path) && entry.files() == 0;
        return Ok((!gone && !entry.is_open()) || (entry.files() | entry.dirs) & bit(side) != 0);
    }
    let mut at = (EntryKind::Tree, *root);
    for name in path.split(|byte| *byte == b'/') {
        if !at.0.is_tree() {
            return Ok(false);
        }
        match objects.tree(&at.1)?.get(name) {
            Some(entry) => at = (entry.kind, entry.id),
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// Whether the file at `from` is one side's alone, and `to` can still take it.
fn movable(paths: &Paths, from: &Bytes, to: &Bytes) -> bool {
    let alone = |place: usize| {
        let entry = &paths.entries[place];
        entry.is_open() && matches!(entry.files(), 2 | 4)
    };
    paths.find(from).is_some_and(alone) && paths.find(to).is_none_or(|place| paths.entries[place].is_open())
}

/// Takes the file of `side` from one path to another.
fn relocate(paths: &mut Paths, from: &Bytes, to: &Bytes, side: usize) {
    let Some(place) = paths.find(from) else { return };
    let old = &mut paths.entries[place];
    let (version, origin) = (old.stages[side].take(), old.paths[side].clone());
    old.fate = Fate::File(None);
    paths.left.insert(from.clone());
    let place = match paths.find(to) {
        Some(place) => place,
        None => paths.add(Entry::new(to.clone(), [None; 3])),
    };
    let new = &mut paths.entries[place];
    new.fate = Fate::Open;
    new.stages[side] = version;
    new.paths[side] = origin;
}
