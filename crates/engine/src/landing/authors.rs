//! Who made the head's side of a conflict.

use crate::EngineError;
use crate::api::Person;
use crate::store::Store;
use crate::workspace::{Head, WorkspaceState};
use acetate_git::Commit;
use acetate_types::{EntryKind, ObjectId, Objects as _, RepoPath, Tree};
use std::sync::Arc;

/// Most commits that are looked at for who made the head's sides.
const LOOK_BACK: usize = 200;

/// Who made the newest commit between `base` and `head` that changed each path: looks back along first parents, a bounded number of them,
/// once for all paths. The commits are asked first: a head that becomes durable together with this answer is not in the catalog yet.
pub(super) fn last_authors(
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
