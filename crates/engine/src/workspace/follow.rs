//! The repository that is served in place: its branches on disk follow the catalog, and what others do to them is taken in.
//!
//! The catalog's head is the truth. After a landing the branch on disk is moved by compare-and-swap from the value that Acetate last put
//! there. A checkout with uncommitted changes on landed paths is never touched: the branch lags, and says so. A branch that is found
//! elsewhere is imported (DESIGN.md §5).

use super::land::{Foreign, land_foreign};
use super::{Head, Line, WorkspaceState};
use crate::EngineError;
use crate::landing::{agent_commit, apply, commit_message};
use crate::pipeline::RefMove;
use crate::store::{Store, keep_ref};
use acetate_git::{Advance, Expected, RefUpdate};
use acetate_merge::{TreeOptions, merge_trees};
use acetate_types::ObjectId;
use std::sync::Arc;
use std::time::Duration;

/// How long moving a checkout may take.
const TIME: Duration = Duration::from_secs(120);

/// What became of a branch on disk.
pub(crate) enum Advanced {
    /// It names the head, which is in the move.
    Written(RefMove),
    /// It lags; this ref keeps the head's objects meanwhile.
    KeptAs(RefMove),
}

/// Brings a branch on disk to the head that is durable now; one that is gone is deleted. Called after a landing and by the follower; the
/// workspace's gate keeps the two apart, and the target is looked up behind it, so that an older call never takes a branch back.
pub(crate) fn advance(store: &Arc<Store>, moved: &RefMove) -> Advanced {
    let _gate = moved.workspace.projecting.lock();
    let target = moved.workspace.line(&moved.name).and_then(|line| line.head.load().commit);
    let moved = RefMove { target, ..moved.clone() };
    match step(store, &moved) {
        Ok(None) => {
            seen(&moved.workspace, &moved.name, target);
            clear(&moved.workspace, &moved.name);
            Advanced::Written(moved)
        }
        Ok(Some(why)) => lag(&moved, &why),
        Err(error) => lag(&moved, &error.to_string()),
    }
}

fn lag(moved: &RefMove, why: &str) -> Advanced {
    let text = format!("{} on disk lags behind: {why}", moved.name);
    if moved.workspace.lagging.set(&moved.name, text.clone()) {
        tracing::warn!("{text}");
    }
    let name = keep_ref(moved.workspace.id.as_str(), &moved.name.replace('/', "-"));
    Advanced::KeptAs(RefMove { name, ..moved.clone() })
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
    let projected = store.catalog.reference(&workspace.id, name.as_bytes())?.and_then(|record| record.projected);
    Ok(projected == Some(*found) || (workspace.version_of(store, found)?.is_some() && descends(store, found, projected)?))
}

/// Looks at every branch on disk and takes in what others did. Called at start, now and then, and by `catch-up`.
pub(crate) fn look(store: &Arc<Store>, workspace: &Arc<WorkspaceState>) -> Result<(), EngineError> {
    for (name, target) in store.repo.refs("refs/heads/")? {
        let acetate_git::RefTarget::Id(found) = target else { continue };
        match workspace.line(&name) {
            Some(line) => look_at(store, workspace, &line)?,
            None => new_branch(store, workspace, &name, found)?,
        }
    }
    Ok(())
}

/// Somebody made a branch.
fn new_branch(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, name: &str, found: ObjectId) -> Result<(), EngineError> {
    if store.catalog.reference(&workspace.id, name.as_bytes())?.is_some() {
        return Ok(());
    }
    let head = workspace.commit_point(store, &found)?;
    let handle = super::Workspace::new(Arc::clone(store), Arc::clone(workspace), crate::Access::engine());
    handle.adopt_branch(name, head)
}

fn look_at(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, line: &Arc<Line>) -> Result<(), EngineError> {
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
    if own {
        // Acetate's own value, merely behind: bring it up.
        let moved = RefMove {
            workspace: Arc::clone(workspace),
            name: line.name.to_string(),
            target: Some(known),
            message: "acetate: catch up".to_owned(),
        };
        if let Advanced::Written(moved) = advance(store, &moved) {
            store.pipeline.project(crate::pipeline::Projection::Refs { refs: Vec::new(), written: vec![moved], kept: None });
        }
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
    let merge = merge_trees(&store.repo, &base_tree, &head.tree, &outside.tree, &TreeOptions::default())?;
    if !merge.is_clean() {
        let paths: Vec<String> = merge.conflicts.iter().take(5).map(|conflict| conflict.path.to_string()).collect();
        let why =
            format!("{} on disk has commits that conflict with the head in {}; merge {known} into it by hand", line.name, paths.join(", "));
        diverge(workspace, line, why);
        return Ok(());
    }
    let merged = apply(store, &head.tree, merge)?;
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
