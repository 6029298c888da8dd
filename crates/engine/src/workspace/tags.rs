//! Tags of the repository that is served in place: what others did to them is taken in, and what is theirs is never overwritten.
//!
//! A tag on disk moves only from a value that Acetate put there or has taken in; one that is found elsewhere becomes the checkpoint, and
//! one that is gone takes its checkpoint with it. What they named before is kept.

use super::follow::{noted, pending_value};
use super::{Workspace, WorkspaceState};
use crate::pipeline::RefMove;
use crate::store::{Store, keep_ref};
use crate::{Access, EngineError};
use acetate_catalog::{Batch, Expected, Write};
use acetate_git::{RefError, RefTarget};
use acetate_types::{ObjectId, Text};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where tags are.
const TAGS: &str = "refs/tags/";

/// Whether a move is one of a tag that others may move as well.
pub(crate) fn are_followed(moved: &RefMove) -> bool {
    moved.workspace.in_place() && moved.name.starts_with(TAGS)
}

/// What a tag must name on disk to be moved.
pub(crate) fn expected(store: &Store, moved: &RefMove) -> Result<acetate_git::Expected, RefError> {
    use acetate_git::Expected;
    if store.repo.read_ref(&moved.name)? == moved.target.map(RefTarget::Id) {
        return Ok(Expected::Any);
    }
    Ok(moved.workspace.on_disk.lock().get(&moved.name).map_or(Expected::Absent, |put| Expected::At(*put)))
}

/// Notes that a move is on disk.
pub(crate) fn written(moved: &RefMove) {
    if are_followed(moved) {
        seen(&moved.workspace, &moved.name, moved.target);
    }
}

fn seen(workspace: &WorkspaceState, name: &str, target: Option<ObjectId>) {
    let mut on_disk = workspace.on_disk.lock();
    match target {
        Some(target) => drop(on_disk.insert(name.to_owned(), target)),
        None => drop(on_disk.remove(name)),
    }
}

/// A tag that others moved: what the catalog has, and what is on disk.
type Outside = (Option<ObjectId>, Option<ObjectId>);

/// Takes in what others did to tags. `first`: at a start, where nothing is on its way to disk and memory knows nothing yet.
pub(super) fn look(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, first: bool) -> Result<(), EngineError> {
    let mut outside = differences(store, workspace, first)?;
    if outside.is_empty() {
        return Ok(());
    }
    if !first {
        // What was only on its way is on disk after this.
        store.pipeline.settle()?;
        let again = differences(store, workspace, first)?;
        outside.retain(|name, found| again.get(name) == Some(found));
    }
    // What went makes room for what came.
    let (gone, there): (Vec<_>, Vec<_>) = outside.into_iter().partition(|(_, (_, found))| found.is_none());
    for (name, (known, found)) in gone.into_iter().chain(there) {
        noted(&workspace.aside, &name, take_in(store, workspace, &name, known, found));
    }
    Ok(())
}

fn differences(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, first: bool) -> Result<BTreeMap<String, Outside>, EngineError> {
    let mut on_disk = BTreeMap::new();
    for (name, target) in store.repo.refs(TAGS)? {
        if let RefTarget::Id(id) = target {
            on_disk.insert(name, id);
        }
    }
    let mut known: BTreeMap<String, (ObjectId, Option<ObjectId>)> = BTreeMap::new();
    let mut after: Option<bytes::Bytes> = None;
    loop {
        let page = store.catalog.references(&workspace.id, TAGS.as_bytes(), after.as_deref(), 1000)?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.0.clone());
        let named =
            |record: acetate_catalog::RefRecord| Some((String::from_utf8(record.name.0.to_vec()).ok()?, (record.target, record.projected)));
        known.extend(page.into_iter().filter_map(named));
    }
    let names: BTreeSet<&String> = on_disk.keys().chain(known.keys()).collect();
    let mut outside = BTreeMap::new();
    for name in names {
        let (found, known) = (on_disk.get(name).copied(), known.get(name).copied());
        let put = workspace.on_disk.lock().get(name).copied();
        let put = if first { put.or(known.and_then(|(_, projected)| projected)) } else { put };
        let ours = match (known, found) {
            (Some((target, _)), Some(found)) => {
                if target == found || put == Some(found) {
                    seen(workspace, name, Some(found));
                }
                target == found || put == Some(found)
            }
            // Not written yet, or gone from where it was. What can't be read, or is symbolic, is not gone.
            (Some(_), None) => put.is_none_or(|put| put.is_null()) || !matches!(store.repo.read_ref(name), Ok(None)),
            (None, Some(found)) if first => {
                // A deletion that was not done yet; where it began is not always known.
                let pending = pending_value(store, workspace, name)?;
                let ours = pending.is_some_and(|put| put == found || put.is_null());
                if ours {
                    seen(workspace, name, Some(found));
                }
                ours
            }
            (None, found) => put == found,
        };
        if !ours {
            outside.insert(name.clone(), (known.map(|(target, _)| target), found));
        }
    }
    Ok(outside)
}

fn take_in(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    name: &str,
    known: Option<ObjectId>,
    found: Option<ObjectId>,
) -> Result<(), EngineError> {
    if let Some(found) = &found
        && store.repo.kind(found)?.is_none()
    {
        return Err(EngineError::not_found("object_missing", format!("it names {found}, which is not there")));
    }
    let message = || "acetate: follow".to_owned();
    let text = Text(name.to_owned().into());
    let mut writes = Batch::default();
    let mut refs = Vec::new();
    if let Some(known) = known
        && store.repo.kind(&known)?.is_some()
    {
        let keep = keep_ref(workspace.id.as_str(), &known.to_hex());
        let name = Text(keep.clone().into());
        writes.push(Write::MoveRef { workspace: workspace.id.clone(), name, expected: Expected::Any, target: Some(known) });
        refs.push(RefMove { workspace: Arc::clone(workspace), name: keep, target: Some(known), message: message() });
    }
    let expected = known.map_or(Expected::Absent, Expected::At);
    writes.push(Write::MoveRef { workspace: workspace.id.clone(), name: text.clone(), expected, target: found });
    writes.push(Write::Projected { workspace: workspace.id.clone(), name: text, target: found });
    let (kind, side) = (if found.is_some() { "checkpoint_created" } else { "checkpoint_deleted" }, |tag: Option<ObjectId>| match tag {
        Some(tag) => json!({ "ref": name, "tag": tag }),
        None => json!({}),
    });
    Workspace::new(Arc::clone(store), Arc::clone(workspace), Access::engine()).note(&mut writes, kind, side(known), side(found));
    refs.push(RefMove { workspace: Arc::clone(workspace), name: name.to_owned(), target: found, message: message() });
    let published = (Arc::clone(workspace), name.to_owned());
    let publish = Box::new(move |_: &acetate_catalog::Applied| seen(&published.0, &published.1, found));
    store.pipeline.commit(Vec::new(), writes, refs, Some(publish))?;
    Ok(())
}
