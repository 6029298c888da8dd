//! The repository that is served in place: its branches on disk follow the catalog, and what others do to them is taken in.
//!
//! The catalog's head is the truth. After a landing the branch on disk is moved by compare-and-swap from the value that Acetate last put
//! there. A checkout with uncommitted changes on landed paths is never touched: the branch lags, and says so. A branch that is found
//! elsewhere is imported (DESIGN.md §5).

use super::land::{Foreign, land_foreign};
use super::state::Notes;
use super::{Head, Line, Workspace, WorkspaceState, tags};
use crate::error::RETRY;
use crate::landing::{agent_commit, apply, commit_message, merge};
use crate::pipeline::RefMove;
use crate::store::Store;
use crate::{Access, EngineError};
use acetate_git::{Advance, Expected, RefTarget, RefUpdate};
use acetate_merge::SameSymbol;
use acetate_types::ObjectId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long moving a checkout may take.
const TIME: Duration = Duration::from_secs(120);

/// How long a landing waits for a follower that is moving a checkout.
const GATE: Duration = Duration::from_secs(1);

/// Brings a branch on disk to the head that is durable now; one that is gone is deleted. Gives what the branch names then, or nothing if it
/// lags: what has landed is kept by the ref from which it is served. Called after a landing and by the follower; the workspace's gate keeps
/// the two apart, and the target is looked up behind it, so that an older call never takes a branch back.
pub(crate) fn advance(store: &Arc<Store>, moved: &RefMove) -> Option<RefMove> {
    let Some(_gate) = moved.workspace.projecting.try_lock_for(GATE) else {
        return lag(moved, "the checkout is being moved; the branch follows when that is done");
    };
    let target = moved.workspace.line(&moved.name).and_then(|line| line.head.load().commit);
    let moved = RefMove { target, ..moved.clone() };
    match step(store, &moved) {
        Ok(None) => {
            seen(&moved.workspace, &moved.name, target);
            clear(&moved.workspace, &moved.name);
            Some(moved)
        }
        Ok(Some(why)) => lag(&moved, &why),
        Err(error) => lag(&moved, &error.to_string()),
    }
}

fn lag(moved: &RefMove, why: &str) -> Option<RefMove> {
    let text = format!("{} on disk lags behind: {why}", moved.name);
    if moved.workspace.lagging.set(&moved.name, text.clone()) {
        tracing::warn!("{text}");
    }
    None
}

/// `Ok(Some(why))` when the branch has to lag.
fn step(store: &Arc<Store>, moved: &RefMove) -> Result<Option<String>, EngineError> {
    let repo = &store.repo;
    let found = repo.resolve_ref(&moved.name)?;
    if found == moved.target {
        return Ok(None);
    }
    // What Acetate last put there; anything else is somebody's own, and is imported by the follower instead of being overwritten.
    if let Some(found) = &found
        && !ours(store, &moved.workspace, &moved.name, found)?
    {
        return Ok(Some(format!("it names {found}, which somebody else put there; it will be taken in")));
    }
    if repo.work_tree().is_some() && repo.is_checked_out(&moved.name, TIME)? {
        return checkout(store, moved, found);
    }
    repo.update_refs(&[update(moved, found)])?;
    Ok(None)
}

fn update(moved: &RefMove, expected: Option<ObjectId>) -> RefUpdate {
    RefUpdate {
        name: moved.name.clone(),
        expected: expected.map_or(Expected::Absent, Expected::At),
        new: moved.target,
        message: moved.message.clone(),
    }
}

/// Moves a branch that is checked out, together with the checkout.
fn checkout(store: &Arc<Store>, moved: &RefMove, found: Option<ObjectId>) -> Result<Option<String>, EngineError> {
    let repo = &store.repo;
    let Some(new) = moved.target else { return Ok(Some("it is checked out".to_owned())) };
    if repo.default_branch()?.is_none_or(|branch| branch != moved.name && format!("refs/heads/{branch}") != moved.name) {
        return Ok(Some("it is checked out in another worktree; update that one, then run `acetate workspace catch-up`".to_owned()));
    }
    // An unborn branch stands on the empty tree.
    let empty = ObjectId::empty_tree(repo.format());
    let old = found.unwrap_or(empty);
    if let Advance::Blocked { paths } = repo.advance_checkout(&old, &new, TIME)? {
        let paths: Vec<String> = paths.iter().take(5).map(ToString::to_string).collect();
        return Ok(Some(format!(
            "the checkout has uncommitted changes in {}; commit or stash them, then run `acetate workspace catch-up`",
            paths.join(", ")
        )));
    }
    store.point("checkout.advanced");
    if let Err(error) = repo.update_refs(&[update(moved, found)]) {
        // The branch moved between the look and the swap: the checkout goes back to what the branch says.
        let _ = repo.advance_checkout(&new, &old, TIME)?;
        return Err(error.into());
    }
    Ok(None)
}

/// Whether a value found on disk is one that Acetate put there (or that was there when it began): the last one it put there; after a start
/// what was projected last, or a version after that, for projecting is recorded late.
fn ours(store: &Store, workspace: &WorkspaceState, name: &str, found: &ObjectId) -> Result<bool, EngineError> {
    if let Some(put) = workspace.on_disk.lock().get(name) {
        return Ok(put == found);
    }
    let projected = projected(store, workspace, name)?;
    Ok(projected == Some(*found) || (workspace.version_of(store, found)?.is_some() && descends(store, found, projected)?))
}

/// What the catalog was told last that a ref names on disk, also of one that is to go.
fn projected(store: &Store, workspace: &WorkspaceState, name: &str) -> Result<Option<ObjectId>, EngineError> {
    match store.catalog.reference(&workspace.id, name.as_bytes())? {
        Some(record) => Ok(record.projected),
        None => pending_value(store, workspace, name),
    }
}

/// What a ref named on disk whose deletion was not done there yet; the null id where that is not known.
pub(super) fn pending_value(store: &Store, workspace: &WorkspaceState, name: &str) -> Result<Option<ObjectId>, EngineError> {
    let pending = store.catalog.unprojected(Some(&workspace.id), None, 100_000)?;
    Ok(pending
        .into_iter()
        .find(|pending| pending.target.is_none() && pending.name.0 == name.as_bytes())
        .and_then(|pending| pending.projected))
}

/// Looks at every branch and tag on disk and takes in what others did. Called at start (`first`), now and then, and by `catch-up`. What goes
/// wrong with one of them is said of that one, and stops no other.
pub(crate) fn look(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, first: bool) -> Result<(), EngineError> {
    let mut found = BTreeMap::new();
    for (name, target) in store.repo.refs("refs/heads/")? {
        if let RefTarget::Id(id) = target {
            found.insert(name, id);
        }
    }
    let lines: Vec<Arc<Line>> = workspace.lines.pin().values().map(Arc::clone).collect();
    workspace.lagging.retain(|name| found.contains_key(name) || lines.iter().any(|line| *line.name == *name));
    // What went makes room for what came.
    for line in lines.iter().filter(|line| !found.contains_key(&*line.name)) {
        noted(&workspace.lagging, &line.name, gone(store, workspace, line, first));
    }
    for (name, id) in found {
        let done = match workspace.line(&name) {
            Some(line) => look_at(store, workspace, &line),
            None => new_branch(store, workspace, &name, id, first),
        };
        noted(&workspace.lagging, &name, done);
    }
    tags::look(store, workspace, first)
}

/// Says of a ref why it can't be followed. What only met a landing at the same moment is looked at again soon.
pub(super) fn noted(notes: &Notes, name: &str, done: Result<(), EngineError>) {
    let Err(error) = done else { return };
    if ["branch_moved", "ref_moved", RETRY].contains(&error.code()) {
        return tracing::debug!(name, %error, "moved meanwhile");
    }
    let text = format!("{name} on disk can't be followed: {error}");
    if notes.set(name, text.clone()) {
        tracing::warn!("{text}");
    }
}

/// A branch that is not on disk: somebody deleted it, or it was not written yet.
fn gone(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, line: &Arc<Line>, first: bool) -> Result<(), EngineError> {
    let head: Head = (**line.head.load()).clone();
    let (Some(commit), false) = (head.commit, workspace.damaged.of(&line.name).is_some()) else { return Ok(()) };
    let put = {
        let _gate = workspace.projecting.lock();
        if store.repo.resolve_ref(&line.name)?.is_some() {
            return Ok(());
        }
        let put = workspace.on_disk.lock().get(&*line.name).copied();
        if first { put.or(projected(store, workspace, &line.name)?) } else { put }
    };
    if put.is_none() {
        let name = line.name.to_string();
        bring_up(
            store,
            workspace,
            RefMove { workspace: Arc::clone(workspace), name, target: Some(commit), message: "acetate: catch up".to_owned() },
        );
        return Ok(());
    }
    // The default branch stays: the next landing makes it again.
    if *line.name == *workspace.default_branch() {
        return Ok(());
    }
    Workspace::new(Arc::clone(store), Arc::clone(workspace), Access::engine()).drop_branch(&line.name, commit, &head, None)
}

/// Moves a branch on disk, and has that synced and recorded.
fn bring_up(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, moved: RefMove) {
    // A landing may have waited at the gate in vain.
    for _ in 0..10 {
        let Some(moved) = advance(store, &moved) else { return };
        let head = workspace.line(&moved.name).and_then(|line| line.head.load().commit);
        let again = head != moved.target;
        store.pipeline.project(crate::pipeline::Projection::Refs { refs: Vec::new(), written: vec![moved], kept: None });
        if !again {
            return;
        }
    }
}

/// Somebody made a branch; or, at a start, one is still there whose deletion was answered.
fn new_branch(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, name: &str, found: ObjectId, first: bool) -> Result<(), EngineError> {
    if store.catalog.reference(&workspace.id, name.as_bytes())?.is_some() {
        return Ok(());
    }
    if first && pending_value(store, workspace, name)? == Some(found) {
        let message = "acetate: delete branch".to_owned();
        bring_up(store, workspace, RefMove { workspace: Arc::clone(workspace), name: name.to_owned(), target: None, message });
        return Ok(());
    }
    let head = workspace.commit_point(store, &found)?;
    Workspace::new(Arc::clone(store), Arc::clone(workspace), Access::engine()).adopt_branch(name, head)
}

pub(super) fn look_at(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, line: &Arc<Line>) -> Result<(), EngineError> {
    // Behind the gate, so that a landing does not move the branch between the look and the judgement.
    let (found, head, own) = {
        let _gate = workspace.projecting.lock();
        let Some(found) = store.repo.resolve_ref(&line.name)? else { return Ok(()) };
        let head: Head = (**line.head.load()).clone();
        if head.commit == Some(found) {
            seen(workspace, &line.name, Some(found));
            clear(workspace, &line.name);
            return Ok(());
        }
        (found, head, ours(store, workspace, &line.name, &found)?)
    };
    let Some(known) = head.commit else {
        // Born outside.
        return take_in(store, workspace, line, &head, found, "import");
    };
    if workspace.damaged.of(&line.name).is_some() {
        // A way out of damage: somebody moved the branch to a commit that is whole.
        if !own {
            take_in(store, workspace, line, &head, found, "import")?;
            workspace.damaged.clear(&line.name);
        }
        return Ok(());
    }
    if own {
        // Acetate's own value, merely behind: bring it up.
        let moved = RefMove {
            workspace: Arc::clone(workspace),
            name: line.name.to_string(),
            target: Some(known),
            message: "acetate: catch up".to_owned(),
        };
        bring_up(store, workspace, moved);
        return Ok(());
    }
    if store.repo.is_ancestor(&known, &found)? {
        return take_in(store, workspace, line, &head, found, "push");
    }
    let put = workspace.on_disk.lock().get(&*line.name).copied();
    let put = match put {
        Some(put) => Some(put),
        None => store.catalog.reference(&workspace.id, line.name.as_bytes())?.and_then(|record| record.projected),
    };
    let common = match put {
        Some(put) => store.repo.is_ancestor(&put, &found)?,
        None => false,
    };
    if common { merge_in(store, workspace, line, &head, found) } else { rewound(workspace, line, found) }
}

fn descends(store: &Store, found: &ObjectId, projected: Option<ObjectId>) -> Result<bool, EngineError> {
    Ok(match projected {
        Some(projected) => store.repo.is_ancestor(&projected, found)?,
        None => true,
    })
}

/// The branch on disk is where it should be.
fn clear(workspace: &WorkspaceState, name: &str) {
    workspace.lagging.clear(name);
    workspace.diverged.clear(name);
}

/// Notes what a branch on disk names now, as far as that is Acetate's doing or as it should be.
fn seen(workspace: &WorkspaceState, name: &str, target: Option<ObjectId>) {
    let mut on_disk = workspace.on_disk.lock();
    match target {
        Some(target) => drop(on_disk.insert(name.to_owned(), target)),
        None => drop(on_disk.remove(name)),
    }
}

/// A rewind: nothing lands until somebody decides.
fn rewound(workspace: &WorkspaceState, line: &Line, found: ObjectId) -> Result<(), EngineError> {
    let head = line.head.load();
    let known = head.commit.map(|id| id.to_hex()).unwrap_or_default();
    let why = format!(
        "{} on disk was moved back or elsewhere, to {found}, while the head is {known}; put it back (`git update-ref {} {known}`), or merge {known} into it",
        line.name, line.name
    );
    diverge(workspace, line, why);
    Ok(())
}

fn diverge(workspace: &WorkspaceState, line: &Line, why: String) {
    if workspace.diverged.set(&line.name, why.clone()) {
        tracing::warn!(%why, "diverged");
    }
}

/// Commits made outside on top of the head: they land unchanged, as one version.
fn take_in(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    line: &Arc<Line>,
    head: &Head,
    found: ObjectId,
    kind: &'static str,
) -> Result<(), EngineError> {
    let commit = store.repo.commit(&found)?;
    let foreign = Foreign {
        commit: found,
        tree: commit.tree,
        kind,
        actor: "git",
        agent: "",
        author: format!("{} <{}>", String::from_utf8_lossy(&commit.author.name), String::from_utf8_lossy(&commit.author.email)),
        message: bytes::Bytes::copy_from_slice(commit.subject()),
        objects: Vec::new(),
        undoes: None,
        refs: Vec::new(),
        once: None,
    };
    land_foreign(store, workspace, line, head, foreign)?;
    clear(workspace, &line.name);
    Ok(())
}

/// Commits made outside while others landed: a merge with two parents, so that the branch on disk can follow.
fn merge_in(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    line: &Arc<Line>,
    head: &Head,
    found: ObjectId,
) -> Result<(), EngineError> {
    let Some(known) = head.commit else { return Ok(()) };
    let outside = store.repo.commit(&found)?;
    let base = store.repo.merge_bases(&known, &found)?;
    let base_tree = match base.first() {
        Some(base) => store.repo.commit(base)?.tree,
        None => return rewound(workspace, line, found),
    };
    if base.first() == Some(&found) {
        // Merged before, and the branch on disk could not follow then.
        return settle_merge(store, workspace, line, found, known);
    }
    let merged = merge(store, [&base_tree, &head.tree, &outside.tree], Vec::new(), SameSymbol::Merge)?;
    if !merged.is_clean() {
        let paths: Vec<String> = merged.conflicts.iter().take(5).map(|conflict| conflict.path.to_string()).collect();
        let why =
            format!("{} on disk has commits that conflict with the head in {}; merge {known} into it by hand", line.name, paths.join(", "));
        diverge(workspace, line, why);
        return Ok(());
    }
    let merged = apply(store, &head.tree, merged)?;
    let mut objects = merged.objects;
    let message = commit_message(&format!("Merge what was committed on {} outside", line.name), &[]);
    let commit = agent_commit("Acetate", store.now(), merged.tree, vec![known, found], message);
    let id = objects.commit(&commit);
    let foreign = Foreign {
        commit: id,
        tree: merged.tree,
        kind: "merge",
        actor: "git",
        agent: "",
        author: "Acetate".to_owned(),
        message: bytes::Bytes::copy_from_slice(commit.subject()),
        objects: vec![Arc::new(objects)],
        undoes: None,
        refs: Vec::new(),
        once: None,
    };
    workspace.diverged.clear(&line.name);
    // The branch on disk names `found`, which is a parent of what lands: the projection may move it from there.
    land_foreign(store, workspace, line, head, foreign)?;
    settle_merge(store, workspace, line, found, id)
}

/// After a merge was landed: the branch on disk may go from what was merged to the merge.
fn settle_merge(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    line: &Arc<Line>,
    found: ObjectId,
    merge: ObjectId,
) -> Result<(), EngineError> {
    let _gate = workspace.projecting.lock();
    if store.repo.resolve_ref(&line.name)? != Some(found) {
        return Ok(());
    }
    let moved = RefMove {
        workspace: Arc::clone(workspace),
        name: line.name.to_string(),
        target: Some(merge),
        message: "acetate: merge".to_owned(),
    };
    let blocked = if store.repo.work_tree().is_some() && store.repo.is_checked_out(&line.name, TIME)? {
        checkout(store, &moved, Some(found))?
    } else {
        store.repo.update_refs(&[update(&moved, Some(found))])?;
        None
    };
    match blocked {
        Some(why) => drop(lag(&moved, &why)),
        None => {
            seen(workspace, &line.name, Some(merge));
            clear(workspace, &line.name);
        }
    }
    Ok(())
}
