//! Following renamed files: the other side's change goes where the file went.

use super::conflict::{ConflictKind, FindingKind};
use super::contents::{Contents, Merged};
use super::directories::{self, Pair};
use super::entry::{BASE, Entry, Fate, OURS, Paths, THEIRS, bit, other};
use super::outcome::{MergeError, MergeLimits, Move};
use super::report::{Report, repo_path, show, who};
use crate::renames::{DirectoryCounts, RenameLimits, Source, Target, detect};
use acetate_types::{ObjectId, Objects};
use bytes::Bytes;
use std::collections::HashMap;

/// Finds what was renamed and moves the entries of `paths` accordingly.
pub(super) fn renames<O: Objects>(
    contents: &mut Contents<'_, O>,
    roots: [&ObjectId; 3],
    paths: &mut Paths,
    moves: [&[Move]; 3],
    limits: &MergeLimits,
    report: &mut Report,
) -> Result<(), MergeError> {
    if !paths.followed.contains(&true) {
        return Ok(());
    }
    let mut counts: [DirectoryCounts; 3] = Default::default();
    let mut pairs: [Vec<Pair>; 3] = Default::default();
    for side in [OURS, THEIRS] {
        (pairs[side], counts[side]) = pairs_of(contents.objects, paths, side, moves[side], limits, report)?;
    }
    directories::follow(contents.objects, roots, paths, &mut pairs, &counts, moves, report)?;
    let mut renamed: Vec<Pair> = pairs.into_iter().flatten().filter(|pair| pair.from.is_some()).collect();
    // Stable: of two renames of one file, ours comes first.
    renamed.sort_by(|a, b| a.from.cmp(&b.from));
    let mut renamed = renamed.into_iter().peekable();
    while let Some(pair) = renamed.next() {
        let Some(from) = pair.from.clone() else { continue };
        let Some(old) = paths.find(&from).filter(|place| paths.entries[*place].is_open()) else { continue };
        match renamed.next_if(|next| next.from.as_ref() == Some(&from)) {
            Some(second) => twice(contents, paths, old, &pair, &second, report)?,
            None => once(contents, paths, old, &pair, &from, report)?,
        }
    }
    Ok(())
}

/// What is new on a side, with where it came from.
fn pairs_of<O: Objects>(
    objects: &O,
    paths: &mut Paths,
    side: usize,
    moves: &[Move],
    limits: &MergeLimits,
    report: &mut Report,
) -> Result<(Vec<Pair>, DirectoryCounts), MergeError> {
    let (gone, new) = (std::mem::take(&mut paths.gone[side]), std::mem::take(&mut paths.new[side]));
    let mut pairs: Vec<Pair> = new.iter().map(|target| Pair { side, from: None, to: target.path.clone(), recorded: false }).collect();
    if !paths.followed[side] {
        return Ok((pairs, DirectoryCounts::default()));
    }
    let limits = RenameLimits { pairs_root: limits.rename_limit, max_bytes: limits.rename_bytes };
    let found = detect(objects, &gone, &new, &recorded(moves, &gone, &new), &mut paths.removed[side], &limits)?;
    for (pair, found) in pairs.iter_mut().zip(&found.matches) {
        if let Some(found) = found {
            pair.from = gone.get(found.source).map(|source| source.path.clone());
            pair.recorded = found.recorded;
        }
    }
    if found.limited {
        report.finding(FindingKind::RenameLimit, None, None)?;
    }
    Ok((pairs, found.directories))
}

/// Recorded moves as pairs of places: of files, and of what a moved directory held. The deepest move decides.
fn recorded(moves: &[Move], gone: &[Source], new: &[Target]) -> Vec<(usize, usize)> {
    if moves.is_empty() {
        return Vec::new();
    }
    let targets: HashMap<&[u8], usize> = new.iter().enumerate().map(|(at, target)| (&target.path[..], at)).collect();
    let moves: HashMap<&[u8], &[u8]> = moves.iter().map(|moved| (moved.from.as_bytes(), moved.to.as_bytes())).collect();
    let place = |source: &Source| {
        let mut above = &source.path[..];
        loop {
            if let Some(to) = moves.get(above) {
                let target = [*to, &source.path[above.len()..]].concat();
                let target = *targets.get(&target[..])?;
                let (old, new) = (source.mode, new.get(target)?.mode);
                return (old == new || (old.is_file() && new.is_file())).then_some(target);
            }
            above = &above[..memchr::memrchr(b'/', above)?];
        }
    };
    gone.iter().enumerate().filter_map(|(at, source)| Some((at, place(source)?))).collect()
}

/// Both sides renamed a file.
fn twice<O: Objects>(
    contents: &mut Contents<'_, O>,
    paths: &mut Paths,
    old: usize,
    ours: &Pair,
    theirs: &Pair,
    report: &mut Report,
) -> Result<(), MergeError> {
    let (Some(our_place), Some(their_place)) = (paths.find(&ours.to), paths.find(&theirs.to)) else { return Ok(()) };
    let from = paths.entries[old].path.clone();
    let base = paths.entries[old].stages[BASE].clone();
    note(report, ours, &from)?;
    if our_place == their_place {
        let new = &mut paths.entries[our_place];
        new.stages[BASE] = base;
        new.paths[BASE] = from;
        vacate(&mut paths.entries[old], &[BASE]);
        return Ok(());
    }
    let (ours_new, theirs_new) = (paths.entries[our_place].stages[OURS].clone(), paths.entries[their_place].stages[THEIRS].clone());
    let mut text = None;
    if let (Some(ours_new), Some(theirs_new)) = (&ours_new, &theirs_new)
        && ours_new.same_type(theirs_new)
        && let Merged::Conflict(_, conflict) = contents.merge(&repo_path(&from)?, base.as_ref(), ours_new, theirs_new)?
    {
        text = conflict;
    }
    let why = format!("ours renamed {} to {}, theirs to {}", show(&from), show(&ours.to), show(&theirs.to));
    // A followed directory may have brought either here: in its own tree it is elsewhere.
    let sides = [
        base.as_ref().map(|base| (&from, base)),
        ours_new.as_ref().map(|new| (&paths.entries[our_place].paths[OURS], new)),
        theirs_new.as_ref().map(|new| (&paths.entries[their_place].paths[THEIRS], new)),
    ];
    report.conflict(ConflictKind::RenamedDifferently, &from, sides, text, why)?.place = theirs.to.clone();
    for place in [old, our_place, their_place] {
        paths.entries[place].reported = true;
        paths.entries[place].contested = place != old;
    }
    Ok(())
}

/// One side renamed a file; the other changed, deleted or replaced it.
fn once<O: Objects>(
    contents: &mut Contents<'_, O>,
    paths: &mut Paths,
    old: usize,
    pair: &Pair,
    from: &Bytes,
    report: &mut Report,
) -> Result<(), MergeError> {
    let Some(new) = paths.find(&pair.to).filter(|new| *new != old) else { return Ok(()) };
    let (side, across) = (pair.side, other(pair.side));
    let Some(target) = paths.entries[new].stages[side].clone() else { return Ok(()) };
    let source = paths.entries[old].clone();
    let deleted = source.files() == bit(BASE);
    let changed = source.stages[across].clone();
    let type_changed = !deleted && changed.as_ref().is_some_and(|changed| changed.mode.is_file() != target.mode.is_file());
    let collision = paths.entries[new].files() & bit(across) != 0 && !type_changed;
    if !deleted {
        note(report, pair, from)?;
    }
    if collision && !deleted {
        if let (Some(base), Some(changed)) = (&source.stages[BASE], &changed) {
            collide(contents, &mut paths.entries[new], pair, from, [base, changed, &target], report)?;
        }
    } else if deleted {
        let sides = |place: usize| match place {
            BASE => source.stages[BASE].as_ref().map(|base| (from, base)),
            place if place == side => Some((&paths.entries[new].paths[side], &target)),
            place => paths.entries[new].stages[place].as_ref().map(|there| (&paths.entries[new].paths[place], there)),
        };
        let why = format!("{} renamed {} to {}, {} deleted it", who(side), show(from), show(&pair.to), who(across));
        report.conflict(ConflictKind::RenamedDeleted, &pair.to, [sides(0), sides(1), sides(2)], None, why)?;
        let entry = &mut paths.entries[new];
        entry.reported = true;
        if !collision {
            entry.stages[BASE] = source.stages[BASE].clone();
            entry.paths[BASE] = from.clone();
        }
    } else {
        let entry = &mut paths.entries[new];
        entry.stages[BASE] = source.stages[BASE].clone();
        entry.paths[BASE] = from.clone();
        if type_changed {
            // What the other side put in the file's place is a thing of its own.
            vacate(&mut paths.entries[old], &[BASE]);
            return Ok(());
        }
        entry.stages[across] = changed;
        entry.paths[across] = from.clone();
    }
    if !type_changed {
        vacate(&mut paths.entries[old], &[BASE, across]);
    }
    Ok(())
}

/// Takes what was renamed from its old path. What a followed directory has brought there meanwhile stays.
fn vacate(entry: &mut Entry, places: &[usize]) {
    for place in places {
        entry.stages[*place] = None;
    }
    entry.same = 0;
    if entry.files() == 0 {
        entry.fate = Fate::File(None);
    }
}

/// A renamed file meets another file of the other side at its new path: the rename's own changes are merged first.
fn collide<O: Objects>(
    contents: &mut Contents<'_, O>,
    entry: &mut Entry,
    pair: &Pair,
    from: &Bytes,
    [base, changed, target]: [&super::entry::Version; 3],
    report: &mut Report,
) -> Result<(), MergeError> {
    let (ours, theirs) = if pair.side == OURS { (target, changed) } else { (changed, target) };
    let to = entry.paths[pair.side].clone();
    let (our_path, their_path) = if pair.side == OURS { (&to, from) } else { (from, &to) };
    let sides = [Some((from, base)), Some((our_path, ours)), Some((their_path, theirs))];
    let at = format!("{} renamed {} to {}", who(pair.side), show(from), show(&pair.to));
    let (text, why) = match contents.merge(&repo_path(&pair.to)?, Some(base), ours, theirs)? {
        Merged::Clean(version) if entry.same == 0 || (version.mode == target.mode && contents.same(&version, target)?) => {
            entry.stages[pair.side] = Some(version);
            entry.holds.push(from.clone());
            if pair.side == OURS {
                entry.restores.push((from.clone(), changed.clone()));
            }
            return Ok(());
        }
        // Taking either would lose the change or undo the copy; Git takes ours, whichever that is.
        Merged::Clean(_) => (None, format!("{at}, where {} has the same, but changed {}", who(other(pair.side)), show(from))),
        Merged::Conflict(_, text) => (text, format!("{at}, where {} has another file, and both changed it", who(other(pair.side)))),
    };
    let place = if pair.side == OURS { from } else { &pair.to };
    report.conflict(ConflictKind::RenameCollision, &pair.to, sides, text, why)?.place = place.clone();
    entry.reported = true;
    entry.contested = true;
    Ok(())
}

fn note(report: &mut Report, pair: &Pair, from: &Bytes) -> Result<(), MergeError> {
    let kind = if pair.recorded { FindingKind::RecordedMove } else { FindingKind::RenameFollowed };
    report.finding(kind, Some(&pair.to), Some(from))
}
