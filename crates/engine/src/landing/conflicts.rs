//! Conflicts as doors show them: with their texts, bounded, and who made the head's side.

use crate::EngineError;
use crate::api::{ConflictInfo, ConflictSide, LineSpan, Person};
use crate::store::Store;
use crate::workspace::{Head, WorkspaceState};
use acetate_git::Commit;
use acetate_merge::{Conflict, ConflictHunk, LineRange, Side};
use acetate_types::{EntryKind, FileMode, ObjectId, Objects as _, RepoPath, Text, Tree};
use bytes::Bytes;
use std::sync::Arc;

/// Most bytes of one text shown in a conflict.
const SHOWN: usize = 16 << 10;
/// Most bytes of all texts of an answer; sides past it say what they are, not what they hold.
const TEXTS: usize = 1 << 20;
/// Most commits that are looked at for who made the head's sides.
const LOOK_BACK: usize = 200;

/// Conflicts of what was made on `base` with `head`, as doors show them.
pub(crate) fn conflict_infos(
    store: &Store,
    workspace: &WorkspaceState,
    base: &Head,
    head: &Head,
    session_author: &Person,
    conflicts: &[Conflict],
) -> Result<Vec<ConflictInfo>, EngineError> {
    let paths = conflicts.iter().map(|conflict| conflict.ours.as_ref().map_or(&conflict.path, |side| &side.path));
    let authors = last_authors(store, workspace, base, head, &paths.collect::<Vec<_>>())?;
    let mut room = TEXTS;
    let mut infos = Vec::with_capacity(conflicts.len());
    for (conflict, head_author) in conflicts.iter().zip(authors) {
        let mut side = |side: &Option<Side>, range: fn(&ConflictHunk) -> LineRange| {
            side.as_ref().map(|side| show(store, side, &conflict.hunks, range, &mut room)).transpose()
        };
        infos.push(ConflictInfo {
            path: conflict.path.clone(),
            symbol: None,
            kind: conflict.kind.as_str().to_owned(),
            why: conflict.why.clone(),
            base: side(&conflict.base, |hunk| hunk.base)?,
            head: side(&conflict.ours, |hunk| hunk.ours)?,
            session: side(&conflict.theirs, |hunk| hunk.theirs)?,
            head_author,
            session_author: Some(session_author.clone()),
            proposal: conflict.proposal.as_ref().map(|proposal| proposal.text.clone()),
            resolved: false,
        });
    }
    Ok(infos)
}

/// The blob of a side, also where the merge made its text and nobody stored it.
pub(crate) fn side_id(side: &Side) -> ObjectId {
    side.text.as_ref().map_or(side.id, |text| acetate_git::blob_id(side.id.format(), text))
}

fn show(
    store: &Store,
    side: &Side,
    hunks: &[ConflictHunk],
    range: fn(&ConflictHunk) -> LineRange,
    room: &mut usize,
) -> Result<ConflictSide, EngineError> {
    let mut shown = ConflictSide {
        path: side.path.clone(),
        mode: side.mode.as_str().to_owned(),
        id: side_id(side),
        places: Vec::new(),
        texts: Vec::new(),
        size: None,
    };
    if side.mode == FileMode::Submodule {
        return Ok(shown);
    }
    let size = side.text.as_ref().map_or_else(|| store.repo.blob_size(&side.id), |text| Ok(text.len() as u64))?;
    if *room == 0 || size > store.options.limits.file_bytes {
        shown.size = Some(size);
        return Ok(shown);
    }
    let text = side.text.as_ref().map_or_else(|| store.repo.blob(&side.id), |text| Ok(text.clone()))?;
    let mut clip = |text: Bytes| {
        let most = text.len().min(SHOWN).min(*room);
        *room -= most;
        if most < text.len() {
            shown.size = Some(size);
        }
        shown.texts.push(Text(text.slice(..most)));
    };
    if hunks.is_empty() {
        if !acetate_merge::files::is_binary(&text) {
            clip(text);
        }
        return Ok(shown);
    }
    // Starts of lines, so that each place can be cut out.
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', &text).map(|at| at + 1));
    let at = |line: u32| starts.get(line as usize).copied().unwrap_or(text.len());
    for hunk in hunks {
        let range = range(hunk);
        shown.places.push(LineSpan { start: u64::from(range.start) + 1, lines: u64::from(range.len) });
        clip(text.slice(at(range.start)..at(range.end()).max(at(range.start))));
    }
    Ok(shown)
}

/// Who made the newest commit between `base` and `head` that changed each path: looks back along first parents, a bounded number of them,
/// once for all paths. The commits are asked first: a head that becomes durable together with this answer is not in the catalog yet.
fn last_authors(
    store: &Store,
    workspace: &WorkspaceState,
    base: &Head,
    head: &Head,
    paths: &[&RepoPath],
) -> Result<Vec<Option<Person>>, EngineError> {
    let mut authors = vec![None; paths.len()];
    let mut left: Vec<(&[u8], usize)> = paths.iter().enumerate().map(|(at, path)| (path.as_bytes(), at)).collect();
    left.sort_unstable();
    let mut next = head.commit;
    for _ in 0..LOOK_BACK {
        let Some(id) = next.filter(|id| Some(*id) != base.commit && !left.is_empty()) else { break };
        let commit = store.repo.commit(&id)?;
        next = commit.parents.first().copied();
        let before = next.map(|parent| store.repo.commit(&parent)).transpose()?.map(|commit| commit.tree);
        let mut found = Vec::new();
        touched(store, before, Some(commit.tree), &left, &mut found)?;
        if !found.is_empty() {
            let person = person_of(store, workspace, &id, &commit)?;
            for at in found {
                authors[at] = Some(person.clone());
            }
            left.retain(|(_, at)| authors[*at].is_none());
        }
    }
    Ok(authors)
}

/// Which of some sorted paths are not the same in two trees; looks only into directories that differ.
fn touched(
    store: &Store,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
    paths: &[(&[u8], usize)],
    found: &mut Vec<usize>,
) -> Result<(), EngineError> {
    if before == after {
        return Ok(());
    }
    let tree = |id: Option<ObjectId>| id.map(|id| store.repo.tree(&id)).transpose();
    let (before, after) = (tree(before)?, tree(after)?);
    let first = |path: &[u8]| memchr::memchr(b'/', path).unwrap_or(path.len());
    let mut rest = paths;
    while let [(path, _), ..] = rest {
        let name = path.get(..first(path)).unwrap_or_default();
        let same = rest.iter().take_while(|(path, _)| path.get(..first(path)) == Some(name)).count();
        let (group, others) = rest.split_at(same);
        rest = others;
        let named = |tree: &Option<Arc<Tree>>| tree.as_ref().and_then(|tree| tree.get(name)).map(|entry| (entry.kind, entry.id));
        let (one, two) = (named(&before), named(&after));
        if one == two {
            continue;
        }
        let mut below = Vec::new();
        for (path, at) in group {
            match path.get(name.len() + 1..) {
                Some(path) => below.push((path, *at)),
                None => found.push(*at),
            }
        }
        if !below.is_empty() {
            let directory = |entry: Option<(EntryKind, ObjectId)>| entry.filter(|(kind, _)| kind.is_tree()).map(|(_, id)| id);
            touched(store, directory(one), directory(two), &below, found)?;
        }
    }
    Ok(())
}

/// Who made a commit: as the catalog says, or where it does not know the commit (yet), as the commit itself does.
fn person_of(store: &Store, workspace: &WorkspaceState, id: &ObjectId, commit: &Commit) -> Result<Person, EngineError> {
    if let Some(version) = store.catalog.version_of(&workspace.id, id)? {
        let name = if version.agent.is_empty() { String::from_utf8_lossy(&version.author.0).into_owned() } else { version.agent };
        let intent = Some(version.intent).filter(|intent| !intent.is_empty());
        return Ok(Person { name, intent, session: version.session, version: Some(version.number) });
    }
    let trailer = |key: &str| {
        let found = commit.trailers().filter(|trailer| trailer.key.eq_ignore_ascii_case(key.as_bytes())).last();
        found.map(|trailer| String::from_utf8_lossy(&trailer.value).into_owned()).filter(|value| !value.is_empty())
    };
    Ok(Person {
        name: String::from_utf8_lossy(&commit.author.name).into_owned(),
        intent: trailer("Acetate-Intent"),
        session: trailer("Acetate-Session").and_then(|id| id.parse().ok()),
        version: trailer("Acetate-Version").and_then(|version| version.strip_prefix('v')?.parse().ok()),
    })
}
