//! Which Git ref on disk stands for which ref of a workspace.

use super::Store;
use crate::EngineError;
use crate::workspace::WorkspaceState;
use acetate_types::{SessionId, WorkspaceId};

/// Refs of Acetate itself, hidden from Git clients.
const OWN: &str = "refs/acetate/";
/// Where the refs are that keep commits of earlier states.
pub(crate) const KEEP: &str = "refs/acetate/keep/";

/// The name on disk of a workspace's ref. The repository that is served in place is the workspace of its own refs (DESIGN.md §5).
pub(crate) fn disk_name(workspace: &WorkspaceId, in_place: bool, name: &str) -> String {
    if in_place || name.starts_with(OWN) { name.to_owned() } else { format!("refs/namespaces/{workspace}/{name}") }
}

/// Where the refs of sessions' own branches are.
pub(crate) fn session_refs() -> String {
    format!("{OWN}sessions/")
}

/// The ref of a session's own branch.
pub(crate) fn session_ref(session: &SessionId) -> String {
    format!("{}{session}", session_refs())
}

/// The ref that keeps a commit of an earlier state from `git gc`.
pub(crate) fn keep_ref(owner: &str, what: &str) -> String {
    format!("{KEEP}{owner}/{what}")
}

/// Makes the `HEAD` of a workspace's namespace name its default branch, so that a clone checks it out. The repository that is served in
/// place has a `HEAD` of its own, which is nobody else's to move.
pub(crate) fn project_head(store: &Store, workspace: &WorkspaceState) -> Result<(), EngineError> {
    if workspace.in_place() {
        return Ok(());
    }
    let name = format!("refs/namespaces/{}/HEAD", workspace.id);
    Ok(store.repo.set_symbolic_ref(&name, &disk_name(&workspace.id, false, &workspace.default_branch()))?)
}
