//! What a start does with what the last run left: workspaces and heads from the catalog, sessions from catalog and journal, refs on disk
//! brought up to date.

use super::refs::session_refs;
use super::{BUNDLE, Store, disk_name, keep_ref, project_head, served_ref, served_refs};
use crate::EngineError;
use crate::pipeline::{Projection, RefMove};
use crate::session::{Record, Replayed, SessionCell, damaged_open, damaged_record, decode, from_catalog, from_journal, session_of};
use crate::workspace::{Head, WorkspaceState, clear_imports, follow, unborn};
use acetate_catalog::{Batch, Catalog, Expected, WorkspaceRecord, Write};
use acetate_git::RefTarget;
use acetate_journal::{Ending, Replay};
use acetate_types::{ObjectId, SessionId, Text, WorkspaceId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The greatest journal number that a session's record names: numbers up to it are never given out again.
pub(super) fn floor(catalog: &Arc<dyn Catalog>) -> Result<u64, EngineError> {
    let mut floor = 0;
    let mut after: Option<SessionId> = None;
    loop {
        let page = catalog.sessions(None, after.as_ref(), 1000, false)?;
        let Some(last) = page.last() else { return Ok(floor) };
        after = Some(last.id.clone());
        floor = page.iter().map(|record| record.applied_seq).fold(floor, u64::max);
    }
}

/// Workspaces with their heads.
pub(super) fn workspaces(store: &Arc<Store>) -> Result<(), EngineError> {
    let mut after: Option<(String, WorkspaceId)> = None;
    loop {
        let page = store.catalog.workspaces(after.as_ref().map(|(name, id)| (name.as_str(), id)), 500, false)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.name.clone(), last.id.clone()));
        for record in page {
            workspace(store, record)?;
        }
    }
}

fn workspace(store: &Arc<Store>, record: WorkspaceRecord) -> Result<(), EngineError> {
    let state = load(store, record)?;
    store.workspaces.pin().insert(state.id.clone(), state);
    Ok(())
}

/// A workspace with its heads, as the catalog has it.
pub(crate) fn load(store: &Arc<Store>, record: WorkspaceRecord) -> Result<Arc<WorkspaceState>, EngineError> {
    let id = record.id.clone();
    let next = store.catalog.last_version(&id)?.map_or(record.version_base, |version| version.number) + 1;
    let state = Arc::new(WorkspaceState::new(record, next, store.catalog.last_event(&id)?));
    let mut after: Option<bytes::Bytes> = None;
    loop {
        let page = store.catalog.references(&id, b"refs/heads/", after.as_deref(), 1000)?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.0.clone());
        for record in page {
            if let Ok(name) = std::str::from_utf8(&record.name.0) {
                let head =
                    state.commit_point(store, &record.target).or_else(|error| damaged(store, &state, name, record.target, &error))?;
                state.add_line(name, head);
            }
        }
    }
    let default = state.default_branch();
    if state.line(&default).is_none() {
        state.add_line(&default, unborn(store));
    }
    Ok(state)
}

/// A head that can't be read stops its branch, not the store: it is shown, nothing opens or lands there, and everything else goes on.
fn damaged(store: &Store, state: &WorkspaceState, name: &str, target: ObjectId, error: &EngineError) -> Result<Head, EngineError> {
    let text = format!("{name} names {target}, which can't be read: {error}");
    tracing::error!("{text}");
    state.damaged.set(name, text);
    let version = state.version_of(store, &target)?;
    Ok(Head { commit: Some(target), tree: ObjectId::null(target.format()), version, position: Head::START })
}

/// Sessions from the catalog and the journal.
pub(super) fn sessions(store: &Arc<Store>, replay: Replay) -> Result<(), EngineError> {
    if let Ending::Damaged(damage) = replay.ending() {
        tracing::error!(?damage, "the journal is damaged; edits after the damage are lost");
    }
    let mut streams: HashMap<SessionId, Stream> = HashMap::new();
    for record in replay {
        let record = record?;
        let stream = streams.entry(session_of(&record.stream)).or_default();
        stream.last = record.seq.0;
        match decode(&record.payload) {
            Ok(decoded) => stream.records.push((record.seq.0, decoded)),
            Err(error) => stream.damage = Some((record.seq.0, error)),
        }
    }
    let mut after: Option<SessionId> = None;
    loop {
        let page = store.catalog.sessions(None, after.as_ref(), 500, true)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for record in page {
            let Stream { records, damage, last } = streams.remove(&record.id).unwrap_or_default();
            let Some(workspace) = store.workspaces.pin().get(&record.workspace).map(Arc::clone) else {
                // Its workspace was deleted. What a session has not saved stays until that is purged; else nothing is left to replay.
                if last <= record.applied_seq {
                    release(store, &record.id, &records);
                }
                continue;
            };
            let damage = damage.filter(|(seq, _)| record.state.is_open() && *seq > record.applied_seq);
            match damage.map_or_else(|| from_catalog(store, &workspace, &record, &records), |(_, error)| Err(error)) {
                Ok(replayed) => back(store, &record.id, &workspace, replayed, &records),
                Err(error) => {
                    tracing::error!(session = %record.id, %error, "a session can't be replayed; its records stay");
                    keep(store, damaged_record(store, &workspace, &record, last));
                }
            }
        }
    }
    for (id, Stream { records, damage, .. }) in streams {
        let open = records.iter().find_map(|(_, record)| match record {
            Record::Open(open) => Some(open),
            _ => None,
        });
        let workspace =
            open.and_then(|open| open.workspace.parse::<WorkspaceId>().ok()).and_then(|id| store.workspaces.pin().get(&id).map(Arc::clone));
        let (Some(open), Some(workspace)) = (open, workspace) else {
            match damage {
                // Perhaps its opening is what can't be read.
                Some((_, error)) => tracing::error!(session = %id, %error, "a session can't be replayed; its records stay"),
                // Without its opening it was ended, and the rest of its records only wait to be removed.
                None => release(store, &id, &records),
            }
            continue;
        };
        let ended = records.iter().any(|(_, record)| *record == Record::Close);
        match damage.filter(|_| !ended).map_or_else(|| from_journal(store, &workspace, &id, open, &records), |(_, error)| Err(error)) {
            Ok(replayed) => back(store, &id, &workspace, replayed, &records),
            Err(error) => {
                tracing::error!(session = %id, %error, "a session can't be replayed; its records stay");
                if let Some(cell) = damaged_open(store, &workspace, &id, open, &records) {
                    keep(store, cell);
                }
            }
        }
    }
    Ok(())
}

/// What the journal has of one session.
#[derive(Default)]
struct Stream {
    records: Vec<(u64, Record)>,
    /// The last record that can't be read, if one can't.
    damage: Option<(u64, EngineError)>,
    /// The number of the last record.
    last: u64,
}

/// Makes a session known.
pub(crate) fn keep(store: &Store, cell: Arc<SessionCell>) {
    let saved = cell.state.lock().saved_seq;
    store.journal.release(cell.stream(), acetate_journal::Seq(saved));
    store.session_tokens.pin().insert(cell.token_hash, cell.id.clone());
    if cell.purpose.working {
        *cell.workspace.working.lock() = Some(cell.id.clone());
    }
    store.sessions.pin().insert(cell.id.clone(), cell);
}

fn release(store: &Store, id: &SessionId, records: &[(u64, Record)]) {
    if let Some((last, _)) = records.last() {
        store.journal.release(crate::session::stream_of(id), acetate_journal::Seq(*last));
    }
}

fn back(store: &Arc<Store>, id: &SessionId, workspace: &Arc<WorkspaceState>, replayed: Replayed, records: &[(u64, Record)]) {
    match replayed {
        Replayed::Back(cell) => keep(store, cell),
        Replayed::Lost => {
            store.lost.pin().insert(id.clone(), workspace.id.clone());
            release(store, id, records);
        }
        Replayed::Gone => release(store, id, records),
    }
}

/// Bundles that were on their way in or out when the last process was killed.
fn clear_bundles(store: &Store) {
    let Ok(entries) = std::fs::read_dir(&store.state_dir) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(BUNDLE))) {
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let gone = if folder { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
        if let Err(error) = gone {
            tracing::warn!(%error, path = %entry.path().display(), "what is left of a bundle stays");
        }
    }
}

/// Brings refs on disk up to the catalog, and takes in what others did to a repository that is served in place.
pub(super) fn refs(store: &Arc<Store>) -> Result<(), EngineError> {
    for workspace in store.workspaces.pin().values() {
        if workspace.in_place()
            && let Err(error) = follow::look(store, workspace, true)
        {
            tracing::error!(%error, "the repository's branches can't be followed");
        }
    }
    clear_bundles(store);
    if let Err(error) = clear_imports(store) {
        tracing::warn!(%error, "what an import left stays");
    }
    let mut refs = Vec::new();
    for workspace in store.workspaces.pin().values() {
        missing(store, workspace, &mut refs)?;
        if workspace.in_place() {
            served(store, workspace, &mut refs)?;
        }
        if let Err(error) = project_head(store, workspace) {
            tracing::warn!(%error, "which branch is the default one is not on disk");
        }
    }
    deleted(store, &mut refs)?;
    left_over(store, &mut refs)?;
    if !refs.is_empty() {
        store.pipeline.project(Projection::Refs { refs, written: Vec::new(), kept: None });
    }
    if let Err(error) = store.pipeline.settle() {
        // The projector goes on trying, and what no ref reaches stays in kept packs.
        tracing::error!(%error, "refs could not be brought to disk");
        return Ok(());
    }
    // What the last run kept is reached by refs now, unless it holds large contents that no commit reaches yet.
    let parked = store.sessions.pin().values().any(|cell| cell.state.lock().unsaved);
    let stale = store.repo.kept_packs()?;
    if !parked && !stale.is_empty() {
        // Refs that a killed process wrote, or that were written just now, may not be on stable storage yet.
        let names: Vec<String> = store.repo.refs("refs/")?.into_iter().map(|(name, _)| name).collect();
        store.repo.sync_refs(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        for stale in stale {
            stale.release()?;
        }
    }
    Ok(())
}

/// The refs of deleted workspaces: until they are purged, what they keep stays.
fn deleted(store: &Arc<Store>, refs: &mut Vec<RefMove>) -> Result<(), EngineError> {
    let mut after: Option<(String, WorkspaceId)> = None;
    loop {
        let page = store.catalog.workspaces(after.as_ref().map(|(name, id)| (name.as_str(), id)), 500, true)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.name.clone(), last.id.clone()));
        for record in page.into_iter().filter(|record| record.deleted.is_some()) {
            missing(store, &load(store, record)?, refs)?;
        }
    }
}

/// Brings the refs of one workspace on disk up to the catalog.
///
/// # Errors
/// What can't be read.
pub(crate) fn catch_up(store: &Arc<Store>, workspace: &Arc<WorkspaceState>) -> Result<(), EngineError> {
    let mut refs = Vec::new();
    missing(store, workspace, &mut refs)?;
    if !refs.is_empty() {
        store.pipeline.project(Projection::Refs { refs, written: Vec::new(), kept: None });
    }
    Ok(())
}

/// Refs that the catalog has and the disk has not, or otherwise. In-place branches are the follower's.
fn missing(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, refs: &mut Vec<RefMove>) -> Result<(), EngineError> {
    let in_place = workspace.in_place();
    let mut after: Option<bytes::Bytes> = None;
    loop {
        let page = store.catalog.references(&workspace.id, b"refs/", after.as_deref(), 1000)?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.0.clone());
        for record in page {
            let Ok(name) = String::from_utf8(record.name.0.to_vec()) else { continue };
            if in_place && name.starts_with("refs/heads/") {
                continue;
            }
            if store.repo.resolve_ref(&disk_name(&workspace.id, in_place, &name))? != Some(record.target) {
                // No ref ever names a missing object.
                if store.repo.kind(&record.target)?.is_none() {
                    let text = format!("{name} names {}, which is not there", record.target);
                    tracing::error!("{text}");
                    workspace.aside.set(&name, text);
                    continue;
                }
                refs.push(RefMove {
                    workspace: Arc::clone(workspace),
                    name,
                    target: Some(record.target),
                    message: "acetate: catch up".to_owned(),
                });
            }
        }
    }
    for pending in store.catalog.unprojected(Some(&workspace.id), None, 100_000)? {
        if pending.target.is_none()
            && let Ok(name) = String::from_utf8(pending.name.0.to_vec())
            && !(in_place && name.starts_with("refs/heads/"))
        {
            refs.push(RefMove { workspace: Arc::clone(workspace), name, target: None, message: "acetate: catch up".to_owned() });
        }
    }
    Ok(())
}

/// The refs from which the repository in place is served: exactly the catalog's heads and checkpoints. What others of them named is kept,
/// where nothing else reaches it: they may be from before the catalog was lost.
fn served(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, refs: &mut Vec<RefMove>) -> Result<(), EngineError> {
    let mut on_disk = BTreeMap::new();
    for (name, target) in store.repo.refs(&served_refs())? {
        if let RefTarget::Id(id) = target {
            on_disk.insert(name, id);
        }
    }
    let mut due: Vec<(String, Option<ObjectId>, Option<ObjectId>)> = Vec::new();
    let mut after: Option<bytes::Bytes> = None;
    loop {
        let page = store.catalog.references(&workspace.id, b"refs/", after.as_deref(), 1000)?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.0.clone());
        for record in page {
            let Some(name) = std::str::from_utf8(&record.name.0).ok().and_then(served_ref) else { continue };
            let old = on_disk.remove(&name);
            if old != Some(record.target) && store.repo.kind(&record.target)?.is_some() {
                due.push((name, old, Some(record.target)));
            }
        }
    }
    due.extend(on_disk.into_iter().map(|(name, old)| (name, Some(old), None)));
    let message = || "acetate: catch up".to_owned();
    let mut kept = (Batch::default(), Vec::new());
    for (name, old, new) in due {
        if let Some(old) = old.filter(|old| new.is_none_or(|new| !store.repo.is_ancestor(old, &new).unwrap_or(false)))
            && store.repo.kind(&old)?.is_some()
        {
            let keep = keep_ref(workspace.id.as_str(), &old.to_hex());
            let name = Text(keep.clone().into());
            kept.0.push(Write::MoveRef { workspace: workspace.id.clone(), name, expected: Expected::Any, target: Some(old) });
            kept.1.push(RefMove { workspace: Arc::clone(workspace), name: keep, target: Some(old), message: message() });
        }
        refs.push(RefMove { workspace: Arc::clone(workspace), name, target: new, message: message() });
    }
    if !kept.1.is_empty() {
        store.pipeline.commit(Vec::new(), kept.0, kept.1, None)?;
    }
    Ok(())
}

/// Branches of sessions that are on disk although the session has none: a branch may come and go several times before the catalog is told
/// what was done on disk. Those of sessions that the catalog does not know are left alone, for it may have been lost.
fn left_over(store: &Arc<Store>, refs: &mut Vec<RefMove>) -> Result<(), EngineError> {
    for (name, _) in store.repo.refs(&session_refs())? {
        let Some(Ok(id)) = name.strip_prefix(&session_refs()).map(str::parse::<SessionId>) else { continue };
        let Some(record) = store.catalog.session(&id)? else { continue };
        let Some(workspace) = store.workspaces.pin().get(&record.workspace).map(Arc::clone) else { continue };
        if store.catalog.reference(&workspace.id, name.as_bytes())?.is_none() {
            refs.push(RefMove { workspace, name, target: None, message: "acetate: catch up".to_owned() });
        }
    }
    Ok(())
}
