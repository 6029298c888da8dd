//! Versions, differences and changes.

use super::{Head, Workspace, WorkspaceState};
use crate::api::{ChangeRecord, Right, Timestamp, TreeDiff, VersionInfo, VersionPage};
use crate::session::{file_diffs, pairs, renamed, statuses};
use crate::store::{LOST, Store, page};
use crate::symbols::{Budget, add_to_statuses};
use crate::{DiffOptions, EngineError};
use acetate_catalog::VersionRecord;
use acetate_overlay::Overlay;
use acetate_types::{ObjectId, SessionId, Text, WorkspaceId};
use std::sync::Arc;

/// Versions of one page at most.
const PAGE: usize = 500;

impl WorkspaceState {
    /// A version, also one from before the fork point.
    pub(crate) fn version(&self, store: &Store, number: u64) -> Result<Option<VersionRecord>, EngineError> {
        let mut id = self.id.clone();
        let mut record = (**self.record.load()).clone();
        // A chain of forks ends where a workspace has no parent; each link has a smaller base.
        while number <= record.version_base {
            let Some(parent) = record.parent else { return Ok(None) };
            id = parent.workspace;
            let Some(next) = store.catalog.workspace(&id)? else { return Ok(None) };
            record = next;
        }
        // The number is remembered, the commit is not.
        Ok(store.catalog.version(&id, number)?.filter(|version| version.kind != LOST))
    }

    /// The version that a commit is, here or before the fork point.
    pub(crate) fn version_of(&self, store: &Store, commit: &ObjectId) -> Result<Option<u64>, EngineError> {
        let mut id = self.id.clone();
        let mut most = u64::MAX;
        loop {
            if let Some(version) = store.catalog.version_of(&id, commit)?.filter(|version| version.number <= most) {
                return Ok(Some(version.number));
            }
            let Some(record) = store.catalog.workspace(&id)? else { return Ok(None) };
            let Some(parent) = record.parent else { return Ok(None) };
            most = record.version_base;
            id = parent.workspace;
        }
    }

    /// Versions, newest first, through the parents of a fork.
    fn versions(&self, store: &Store, branch: Option<&str>, before: Option<u64>, limit: usize) -> Result<Vec<VersionRecord>, EngineError> {
        let mut id = self.id.clone();
        let mut before = before;
        let mut found = Vec::new();
        loop {
            found.extend(store.catalog.versions(&id, branch.map(str::as_bytes), before, limit - found.len())?);
            let Some(record) = store.catalog.workspace(&id)? else { return Ok(found) };
            let Some(parent) = record.parent.filter(|_| found.len() < limit) else { return Ok(found) };
            before = Some(before.map_or(record.version_base + 1, |before| before.min(record.version_base + 1)));
            id = parent.workspace;
        }
    }
}

fn show(version: VersionRecord) -> VersionInfo {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    VersionInfo {
        version: version.number,
        commit: version.commit,
        branch: String::from_utf8_lossy(&version.branch.0).into_owned(),
        kind: version.kind,
        session: version.session.map(|session| session.to_string()),
        agent: some(version.agent),
        intent: some(version.intent),
        message: String::from_utf8_lossy(&version.message.0).into_owned(),
        at: Timestamp(version.at),
    }
}

impl Workspace {
    pub(super) fn version_page(&self, before: Option<u64>, limit: Option<usize>, branch: Option<&str>) -> Result<VersionPage, EngineError> {
        let limit = page(limit, 100, PAGE)?;
        let branch = branch.map(super::branch_name).transpose()?;
        let mut versions: Vec<VersionInfo> =
            self.state.versions(&self.store, branch.as_deref(), before, limit + 1)?.into_iter().map(show).collect();
        let more = versions.len() > limit;
        versions.truncate(limit);
        let next = versions.last().map(|last| last.version).filter(|_| more);
        Ok(VersionPage { versions, next })
    }

    pub(super) fn diff_between(&self, from: &str, to: &str, options: &DiffOptions) -> Result<TreeDiff, EngineError> {
        let (from, to) = (self.point(Some(from))?, self.point(Some(to))?);
        let overlay = Overlay::from_trees(&self.store.repo, from.tree, to.tree)?;
        let changes = overlay.changes(&self.store.repo)?;
        let moves = renamed(&self.store, &changes)?;
        let pairs = pairs(changes, &moves);
        let (files, truncated, _) = file_diffs(&self.store, &pairs, options)?;
        let null = ObjectId::null(self.store.repo.format());
        Ok(TreeDiff { from: from.commit.unwrap_or(null), to: to.commit.unwrap_or(null), files, truncated })
    }
}

/// What a turn or a landing changed: the difference to its first parent, with what its trailers and the catalog say. A commit that no
/// workspace in reach has as a version, turn or history answers as absent.
pub(crate) fn change(store: &Arc<Store>, access: &crate::Access, commit: &ObjectId) -> Result<ChangeRecord, EngineError> {
    access.need(Right::Read)?;
    let missing = || EngineError::not_found("change_not_found", format!("there is no change {commit}"));
    if commit.format() != store.repo.format() {
        return Err(missing());
    }
    let object = store.repo.commit(commit).map_err(|_| missing())?;
    let trailer = |key: &str| {
        object
            .trailers()
            .filter(|trailer| trailer.key.eq_ignore_ascii_case(key.as_bytes()))
            .last()
            .map(|trailer| String::from_utf8_lossy(&trailer.value).into_owned())
    };
    let session = session_of(&object);
    let (version, seen) = reach(store, access, commit, session.as_ref())?;
    if !seen {
        return Err(missing());
    }
    let parent = object.parents.first().copied();
    let before = match &parent {
        Some(parent) => store.repo.commit(parent)?.tree,
        None => ObjectId::empty_tree(store.repo.format()),
    };
    let overlay = Overlay::from_trees(&store.repo, before, object.tree)?;
    let changes = overlay.changes(&store.repo)?;
    let moves = renamed(store, &changes)?;
    let pairs = pairs(changes, &moves);
    let options = DiffOptions { hunks: true, patch: false, symbols: false, context: 3, paths: Vec::new() };
    let (files, mut truncated, _) = file_diffs(store, &pairs, &options)?;
    let mut paths = statuses(&pairs);
    truncated |= paths.len() > 10_000;
    paths.truncate(10_000);
    add_to_statuses(store, &mut paths, &pairs, Budget::LARGE)?;
    Ok(ChangeRecord {
        commit: *commit,
        parent,
        version,
        session,
        author: format!("{} <{}>", String::from_utf8_lossy(&object.author.name), String::from_utf8_lossy(&object.author.email)),
        intent: trailer("Acetate-Intent"),
        message: Text(object.message.clone()),
        at: Timestamp(object.committer.seconds.saturating_mul(1000)),
        paths,
        files,
        truncated,
    })
}

/// The session that a commit says it was made in.
pub(super) fn session_of(commit: &acetate_git::Commit) -> Option<SessionId> {
    let trailer = commit.trailers().filter(|trailer| trailer.key.eq_ignore_ascii_case(b"Acetate-Session")).last()?;
    std::str::from_utf8(&trailer.value).ok()?.parse().ok()
}

/// Whose session it is, if there is or was one.
pub(super) fn session_workspace(store: &Store, session: &SessionId) -> Result<Option<WorkspaceId>, EngineError> {
    if let Some(cell) = store.sessions.pin().get(session) {
        return Ok(Some(cell.workspace.id.clone()));
    }
    Ok(store.catalog.session(session)?.map(|record| record.workspace))
}

/// Whether the caller may know of a commit, and the version it is.
fn reach(
    store: &Arc<Store>,
    access: &crate::Access,
    commit: &ObjectId,
    session: Option<&SessionId>,
) -> Result<(Option<u64>, bool), EngineError> {
    let workspaces: Vec<Arc<WorkspaceState>> = store.workspaces.pin().values().map(Arc::clone).collect();
    for workspace in workspaces.iter().filter(|workspace| access.sees_workspace(&workspace.id)) {
        if let Some(version) = workspace.version_of(store, commit)? {
            return Ok((Some(version), true));
        }
    }
    if let Some(session) = session {
        let workspace = session_workspace(store, session)?;
        if workspace.is_some_and(|workspace| access.sees_session(session, &workspace)) {
            return Ok((None, true));
        }
    }
    // Commits from before Acetate: part of a branch's history.
    for workspace in workspaces.iter().filter(|workspace| access.covers_workspace(&workspace.id)) {
        let heads: Vec<Head> = workspace.lines.pin().values().map(|line| (**line.head.load()).clone()).collect();
        for head in heads.iter().filter_map(|head| head.commit) {
            if store.repo.is_ancestor(commit, &head)? {
                return Ok((None, true));
            }
        }
    }
    Ok((None, false))
}
