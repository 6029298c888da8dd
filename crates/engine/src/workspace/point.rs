//! Points of a workspace's history: `v12`, a full ref, or a commit id (DESIGN.md §1).

use super::history::{session_of, session_workspace};
use super::{Head, Workspace, WorkspaceState};
use crate::store::{Store, keep_ref};
use crate::{Access, EngineError};
use acetate_git::{GitError, ObjectKind};
use acetate_types::ObjectId;
use std::time::Duration;

/// Tags, and kept states, that are looked at to find whether a commit is a workspace's.
const TIPS: usize = 5000;
/// How long looking for a commit in a history may take.
const LOOK: Duration = Duration::from_secs(60);

impl Workspace {
    /// The state that a point names, as far as this caller may know it.
    pub(super) fn point(&self, at: Option<&str>) -> Result<Head, EngineError> {
        self.state.point(&self.store, &self.access, at)
    }
}

impl WorkspaceState {
    /// The state that a point names; without one the default branch's head.
    pub(crate) fn point(&self, store: &Store, access: &Access, at: Option<&str>) -> Result<Head, EngineError> {
        let Some(at) = at else { return Ok(self.default_head(store)) };
        let missing = || {
            EngineError::not_found("point_not_found", format!("{at:?} names no point of this workspace"))
                .hint("name a version (v12), a full ref or a commit")
        };
        if let Some(number) = version_number(at) {
            let version = self.version(store, number)?.ok_or_else(missing)?;
            return Ok(Head { commit: Some(version.commit), tree: version.tree, version: Some(number), position: Head::START });
        }
        if at.starts_with("refs/") {
            if let Some(line) = self.line(at) {
                return Ok((**line.head.load()).clone());
            }
            let found = store.catalog.reference(&self.id, at.as_bytes())?.ok_or_else(missing)?;
            let point = self.commit_point(store, &found.target).map_err(|_| missing())?;
            let shown = at.starts_with("refs/tags/") || self.reaches(store, access, point.commit)?;
            return if shown { Ok(point) } else { Err(missing()) };
        }
        let id: ObjectId = at.parse().map_err(|_| missing())?;
        if id.format() != store.repo.format() {
            return Err(missing());
        }
        let point = self.commit_point(store, &id).map_err(|_| missing())?;
        // What no ref of this workspace reaches is another's, or may be pruned at any moment.
        if self.reaches(store, access, point.commit)? { Ok(point) } else { Err(missing()) }
    }

    /// Whether a commit is part of this workspace: of a version, a branch, a checkpoint, an earlier state that is kept, or a session that the
    /// caller sees.
    fn reaches(&self, store: &Store, access: &Access, commit: Option<ObjectId>) -> Result<bool, EngineError> {
        let Some(commit) = commit else { return Ok(true) };
        if self.version_of(store, &commit)?.is_some() {
            return Ok(true);
        }
        let object = store.repo.commit(&commit)?;
        if let Some(session) = session_of(&object)
            && session_workspace(store, &session)?.is_some_and(|known| known == self.id)
            && access.sees_session(&session, &self.id)
        {
            return Ok(true);
        }
        let mut tips: Vec<ObjectId> = self.lines.pin().values().filter_map(|line| line.head.load().commit).collect();
        for prefix in ["refs/tags/".to_owned(), keep_ref(self.id.as_str(), "")] {
            let kept = store.catalog.references(&self.id, prefix.as_bytes(), None, TIPS)?;
            tips.extend(kept.into_iter().map(|kept| store.repo.peel(&kept.target).map_or(kept.target, |(id, _)| id)));
        }
        tips.sort_unstable();
        tips.dedup();
        // A damaged tip reaches nothing that can be told.
        tips.retain(|tip| matches!(store.repo.kind(tip), Ok(Some(ObjectKind::Commit))));
        if tips.contains(&commit) {
            return Ok(true);
        }
        match store.repo.reached(&commit, &tips, LOOK) {
            // A history with a hole in it.
            Err(GitError::Failed { .. }) => Ok(false),
            // That it took too long, or could not be asked, says nothing about the commit.
            other => Ok(other?),
        }
    }

    /// The state of a commit, or of the commit behind a tag.
    pub(crate) fn commit_point(&self, store: &Store, id: &ObjectId) -> Result<Head, EngineError> {
        let (id, kind) = store.repo.peel(id)?;
        if kind != ObjectKind::Commit {
            return Err(EngineError::not_found("point_not_found", format!("{id} is no commit")));
        }
        let tree = store.repo.commit(&id)?.tree;
        let version = self.version_of(store, &id)?;
        Ok(Head { commit: Some(id), tree, version, position: Head::START })
    }

    /// The head of the default branch; unborn if there is none.
    pub(crate) fn default_head(&self, store: &Store) -> Head {
        self.line(&self.default_branch()).map_or_else(|| unborn(store), |line| (**line.head.load()).clone())
    }
}

/// The state of a branch without commits.
pub(crate) fn unborn(store: &Store) -> Head {
    Head { commit: None, tree: ObjectId::empty_tree(store.repo.format()), version: None, position: Head::START }
}

/// The number in `v12`; `None` for anything else.
fn version_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('v')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) { None } else { digits.parse().ok() }
}
