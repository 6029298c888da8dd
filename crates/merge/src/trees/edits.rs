//! Turning what was decided into edits, and into what settles each conflict.

use super::conflict::ConflictKind;
use super::entry::{Entry, Fate, OURS, Paths, THEIRS, Version, file};
use super::outcome::{Edit, MergeError, MergedContent, MergedEntry, Move};
use super::report::{Found, repo_path};
use acetate_types::EntryKind;
use bytes::Bytes;
use std::collections::HashMap;

/// The edits that turn ours into what was decided. Where a conflict involves a path of ours, it stays as it is, and so does what would
/// come to lie below it: those edits are kept with the conflict, for whoever takes theirs.
pub(super) fn edits(paths: &Paths, conflicts: &mut [Found]) -> Result<Vec<Edit>, MergeError> {
    hold_what_moved_below(paths, conflicts)?;
    let held = Held::of(paths, conflicts);
    let mut edits = Vec::new();
    for entry in &paths.entries {
        let Some(edit) = edit(entry)? else { continue };
        match held.by(&entry.path)[..] {
            [] => edits.push(edit),
            ref holders => {
                for holder in holders {
                    conflicts[*holder].conflict.settle.shared.push(edit.clone());
                }
            }
        }
    }
    sort(&mut edits);
    for found in conflicts {
        settle(paths, found)?;
    }
    Ok(edits)
}

/// A file that theirs moved to where it meets something of ours is not gone from its old place before that is settled: who takes ours
/// keeps it there. Where ours changed the file, the conflict says so itself.
pub(super) fn hold_sources(paths: &Paths, conflicts: &mut [Found], moves: &[Move]) {
    if conflicts.is_empty() || moves.is_empty() {
        return;
    }
    for found in conflicts.iter_mut().filter(|found| found.conflict.kind == ConflictKind::FileDirectory) {
        hold_directory(paths, found, moves);
    }
    let moves: HashMap<&[u8], &[u8]> = moves.iter().map(|moved| (moved.to.as_bytes(), moved.from.as_bytes())).collect();
    for found in conflicts {
        let Some(side) = found.conflict.theirs.as_ref().filter(|_| found.conflict.base.is_none()) else { continue };
        let mut to = side.path.as_bytes();
        loop {
            if let Some(from) = moves.get(to) {
                let from: Bytes = [*from, side.path.as_bytes().get(to.len()..).unwrap_or_default()].concat().into();
                if our_file(paths, &from) && !found.holds.contains(&from) {
                    found.holds.push(from);
                }
                break;
            }
            match memchr::memrchr(b'/', to) {
                Some(at) => to = &to[..at],
                None => break,
            }
        }
    }
}

/// The same for a directory that theirs moved to where ours has a file: it goes from its old place only with those who take theirs.
fn hold_directory(paths: &Paths, found: &mut Found, moves: &[Move]) {
    let Some(file) = found.conflict.ours.as_ref().map(|side| side.path.clone()) else { return };
    for moved in moves {
        let source = if moved.to.starts_with(&file) {
            moved.from.to_bytes()
        } else if let Some(below) = file.strip_prefix(&moved.to) {
            [moved.from.as_bytes(), b"/", below].concat().into()
        } else {
            continue;
        };
        let gone = |path: &[u8]| paths.find(path).is_some_and(|place| matches!(paths.entries[place].fate, Fate::Whole(None)));
        let mut at: &[u8] = &source;
        while !at.is_empty() && !gone(at) {
            at = crate::renames::directory(at);
        }
        if !at.is_empty() && !found.holds.iter().any(|known| known == at) {
            found.holds.push(Bytes::copy_from_slice(at));
        }
    }
}

/// What theirs moved to below a file of ours that is in conflict is not gone from its old place before that is settled either: who takes
/// ours has it neither there nor here, else.
fn hold_what_moved_below(paths: &Paths, conflicts: &mut [Found]) -> Result<(), MergeError> {
    let held = Held::of(paths, conflicts);
    if held.files.is_empty() {
        return Ok(());
    }
    for entry in &paths.entries {
        let source = &entry.paths[OURS];
        let holders = held.above(&entry.path);
        if *source == entry.path || holders.is_empty() || !our_file(paths, source) {
            continue;
        }
        if edit(entry)?.is_some_and(|edit| edit.entry.is_some()) {
            for holder in holders {
                if !conflicts[holder].holds.contains(source) {
                    conflicts[holder].holds.push(source.clone());
                }
            }
        }
    }
    Ok(())
}

/// Removals first, then by path.
fn sort(edits: &mut [Edit]) {
    edits.sort_by(|a, b| (a.entry.is_some(), &a.path).cmp(&(b.entry.is_some(), &b.path)));
}

/// What was decided about a path, if it changes ours.
fn edit(entry: &Entry) -> Result<Option<Edit>, MergeError> {
    let ours = &entry.named[OURS];
    let after = match &entry.fate {
        Fate::Open | Fate::Conflict => return Ok(None),
        Fate::Whole(named) if named == ours => return Ok(None),
        Fate::Whole(None) => None,
        Fate::Whole(Some((EntryKind::Tree, id))) => Some(MergedEntry::Tree(*id)),
        Fate::Whole(Some((EntryKind::File(mode), id))) => Some(MergedEntry::File { mode: *mode, content: MergedContent::Object(*id) }),
        // A directory of ours that is no file afterwards is a matter of what is below it.
        Fate::File(version) if *version == file(ours) => return Ok(None),
        Fate::File(None) => None,
        Fate::File(Some(version)) => Some(entry_of(version)),
    };
    Ok(Some(Edit { path: repo_path(&entry.path)?, entry: after }))
}

fn entry_of(version: &Version) -> MergedEntry {
    let content = version.bytes.clone().map_or(MergedContent::Object(version.id), MergedContent::Bytes);
    MergedEntry::File { mode: version.mode, content }
}

/// Which conflicts hold which paths.
struct Held {
    paths: HashMap<Bytes, Vec<usize>>,
    /// Files of ours, below which nothing can come to lie.
    files: HashMap<Bytes, Vec<usize>>,
}

impl Held {
    fn of(paths: &Paths, conflicts: &[Found]) -> Self {
        let mut held = Self { paths: HashMap::new(), files: HashMap::new() };
        for (at, found) in conflicts.iter().enumerate() {
            let conflict = &found.conflict;
            // A question about a directory involves no file: each stays where its side has it.
            if conflict.base.is_none() && conflict.ours.is_none() && conflict.theirs.is_none() {
                continue;
            }
            let ours = conflict.ours.as_ref().map(|side| side.path.to_bytes());
            for path in found.holds.iter().cloned().chain(ours) {
                if our_file(paths, &path) {
                    held.files.entry(path.clone()).or_default().push(at);
                }
                held.paths.entry(path).or_default().push(at);
            }
            let places = held.paths.entry(conflict.path.to_bytes()).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
        held
    }

    fn by(&self, path: &[u8]) -> Vec<usize> {
        if self.paths.is_empty() {
            return Vec::new();
        }
        let mut holders = self.paths.get(path).cloned().unwrap_or_default();
        holders.extend(self.above(path));
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Those that hold a file above a path.
    fn above(&self, path: &[u8]) -> Vec<usize> {
        memchr::memchr_iter(b'/', path).filter_map(|at| self.files.get(&path[..at])).flatten().copied().collect()
    }
}

/// Whether ours has a file at a path that the merge looked at.
fn our_file(paths: &Paths, path: &[u8]) -> bool {
    paths.find(path).is_some_and(|place| file(&paths.entries[place].named[OURS]).is_some())
}

/// Says what each way to settle a conflict does to ours.
fn settle(paths: &Paths, found: &mut Found) -> Result<(), MergeError> {
    let conflict = &mut found.conflict;
    let settle = &mut conflict.settle;
    settle.place = repo_path(&found.place)?;
    if let Some(side) = &conflict.theirs {
        settle.shared.retain(|edit| edit.path != settle.place);
        let entry = MergedEntry::File { mode: side.mode, content: side.content() };
        settle.theirs.push(Edit { path: settle.place.clone(), entry: Some(entry) });
    }
    if let Some(side) = &conflict.ours {
        let theirs_here = |path: &[u8]| {
            let entry = paths.find(path).map(|place| &paths.entries[place]);
            entry.is_some_and(|entry| entry.stages[THEIRS].is_some() && entry.paths[THEIRS] == path)
        };
        let known = settle.shared.iter().chain(&settle.theirs).any(|edit| edit.path == side.path);
        if !known && our_file(paths, side.path.as_bytes()) && !theirs_here(side.path.as_bytes()) {
            settle.shared.push(Edit { path: side.path.clone(), entry: None });
        }
        if side.text.is_some() {
            let entry = MergedEntry::File { mode: side.mode, content: side.content() };
            settle.ours.push(Edit { path: side.path.clone(), entry: Some(entry) });
        }
        settle.keeps.push(side.path.clone());
    }
    for path in &found.holds {
        let path = repo_path(path)?;
        if our_file(paths, path.as_bytes()) && !settle.keeps.contains(&path) {
            settle.keeps.push(path);
        }
    }
    for (path, version) in &found.restores {
        settle.theirs.push(Edit { path: repo_path(path)?, entry: Some(entry_of(version)) });
    }
    sort(&mut settle.shared);
    sort(&mut settle.theirs);
    Ok(())
}
