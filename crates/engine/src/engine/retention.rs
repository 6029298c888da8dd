//! Retention of turn commits: once their work has landed, and the days that the workspace's policy gives are over, the refs that keep them go.
//! The landed commit has their work; landed versions and checkpoints are never touched.

use crate::EngineError;
use crate::pipeline::RefMove;
use crate::store::{Store, keep_ref};
use crate::workspace::WorkspaceState;
use acetate_catalog::{Batch, Expected, SessionRecord, Write};
use acetate_types::{ObjectId, SessionId, WorkspaceId};
use std::collections::HashSet;
use std::sync::Arc;

/// A day in milliseconds.
pub(super) const DAY: i64 = 24 * 3_600_000;
/// A session's own branch is not followed further than this; of a longer one nothing goes.
const MOST: usize = 100_000;

/// Drops the turns of all workspaces that have such a policy.
pub(super) fn retain(store: &Arc<Store>) -> Result<(), EngineError> {
    let workspaces: Vec<Arc<WorkspaceState>> = store.workspaces.pin().values().map(Arc::clone).collect();
    for workspace in workspaces {
        let Some(days) = workspace.retention().and_then(|policy| policy.turns_days) else { continue };
        let before = store.now().0 - i64::from(days) * DAY;
        let named = checkpoints(store, &workspace.id)?;
        let mut after: Option<SessionId> = None;
        loop {
            let page = store.catalog.sessions(Some(&workspace.id), after.as_ref(), 500, true)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for record in &page {
                forget_turns(store, &workspace, record, before, &named)?;
            }
        }
    }
    Ok(())
}

/// Drops the turns of one session that have landed and are older, but for those that checkpoints name.
fn forget_turns(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    record: &SessionRecord,
    before: i64,
    named: &HashSet<ObjectId>,
) -> Result<(), EngineError> {
    let mut old = Vec::new();
    for (name, commit) in kept(store, &workspace.id, record)? {
        let made = store.repo.commit(&commit)?.committer.seconds.saturating_mul(1000);
        if made <= before && !holds_up(record, &name) && !named.contains(&commit) {
            old.push((name, commit, made));
        }
    }
    // Most rounds end here, for most sessions.
    if old.is_empty() {
        return Ok(());
    }
    let landed = if record.state.is_open() { landed(store, &record.id)? } else { i64::MAX };
    let Some(open) = open_turns(store, record)? else { return Ok(()) };
    let mut writes = Batch::default();
    let mut refs = Vec::new();
    for (name, commit, _) in old.into_iter().filter(|(_, commit, made)| *made <= landed && !open.contains(commit)) {
        writes.push(Write::MoveRef {
            workspace: workspace.id.clone(),
            name: acetate_types::Text(name.clone().into()),
            expected: Expected::At(commit),
            target: None,
        });
        refs.push(RefMove { workspace: Arc::clone(workspace), name, target: None, message: "acetate: retention".to_owned() });
    }
    if !refs.is_empty() {
        store.pipeline.commit(Vec::new(), writes, refs, None)?;
    }
    Ok(())
}

/// When work of a session landed last; what it did after that has not, though it may not be on its branch any more.
fn landed(store: &Store, session: &SessionId) -> Result<i64, EngineError> {
    let mut newest = i64::MIN;
    let mut last: Option<String> = None;
    loop {
        let page = store.catalog.submissions(session, last.as_deref(), 500)?;
        let Some(end) = page.last() else { return Ok(newest) };
        last = Some(end.id.clone());
        let landed = page.iter().filter(|submission| submission.state == "landed").filter_map(|submission| submission.finished);
        newest = landed.fold(newest, i64::max);
    }
}

/// Whether a ref keeps what an open session was made from: a fork's contents are in no commit of its own yet.
fn holds_up(record: &SessionRecord, name: &str) -> bool {
    record.state.is_open() && name.starts_with(&keep_ref(record.id.as_str(), "t0-"))
}

/// The refs that keep a session's turns.
fn kept(store: &Store, workspace: &WorkspaceId, record: &SessionRecord) -> Result<Vec<(String, ObjectId)>, EngineError> {
    let prefix = keep_ref(record.id.as_str(), "");
    let mut found = Vec::new();
    let mut last: Option<bytes::Bytes> = None;
    loop {
        let page = store.catalog.references(workspace, prefix.as_bytes(), last.as_deref(), 1000)?;
        let Some(end) = page.last() else { return Ok(found) };
        last = Some(end.name.0.clone());
        found.extend(page.iter().filter_map(|kept| Some((String::from_utf8(kept.name.0.to_vec()).ok()?, kept.target))));
    }
}

/// The turns that have not landed: the session's branch, down to what it stands on; of a paused one also what was put aside. `None` where it is
/// longer than is followed.
fn open_turns(store: &Store, record: &SessionRecord) -> Result<Option<HashSet<ObjectId>>, EngineError> {
    let paused = record.extra.get("paused_commit").and_then(|id| id.as_str()?.parse().ok());
    let mut open = HashSet::new();
    for start in [record.tip_commit, paused].into_iter().flatten() {
        let mut next = Some(start);
        while let Some(id) = next.filter(|id| *id != record.base_commit && open.insert(*id)) {
            if open.len() > MOST {
                return Ok(None);
            }
            next = store.repo.commit(&id)?.parents.first().copied();
        }
    }
    Ok(Some(open))
}

/// The commits that checkpoints name.
fn checkpoints(store: &Store, workspace: &WorkspaceId) -> Result<HashSet<ObjectId>, EngineError> {
    let mut found = HashSet::new();
    let mut last: Option<bytes::Bytes> = None;
    loop {
        let page = store.catalog.references(workspace, b"refs/tags/", last.as_deref(), 1000)?;
        let Some(end) = page.last() else { return Ok(found) };
        last = Some(end.name.0.clone());
        found.extend(page.iter().filter_map(|tag| Some(store.repo.peel(&tag.target).ok()?.0)));
    }
}
