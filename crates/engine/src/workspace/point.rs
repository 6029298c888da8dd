//! Points of a workspace's history: `v12`, a full ref, or a commit id (DESIGN.md §1).

use super::{Head, WorkspaceState};
use crate::EngineError;
use crate::store::Store;
use acetate_git::ObjectKind;
use acetate_types::ObjectId;

impl WorkspaceState {
    /// The state that a point names; without one the default branch's head.
    pub(crate) fn point(&self, store: &Store, at: Option<&str>) -> Result<Head, EngineError> {
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
            return self.commit_point(store, &found.target).map_err(|_| missing());
        }
        let id: ObjectId = at.parse().map_err(|_| missing())?;
        if id.format() != store.repo.format() {
            return Err(missing());
        }
        self.commit_point(store, &id).map_err(|_| missing())
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
