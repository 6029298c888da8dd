//! Which Git ref on disk stands for which ref of a workspace.

use super::Store;
use crate::EngineError;
use crate::workspace::WorkspaceState;
use acetate_types::{SessionId, WorkspaceId};

/// Refs of Acetate itself, hidden from Git clients.
const OWN: &str = "refs/acetate/";
/// Where the refs are that keep commits of earlier states.
pub(crate) const KEEP: &str = "refs/acetate/keep/";

/// The namespace from which Git clients are served the repository in place: exactly the heads and checkpoints of the catalog, also where a
/// branch on disk lags or went elsewhere. It keeps what has landed as well. No workspace has an id like this.
pub(crate) const IN_PLACE: &str = "in-place";

/// The ref that stands for a branch or checkpoint of the repository in place in [`IN_PLACE`].
pub(crate) fn served_ref(name: &str) -> Option<String> {
    let shown = name.starts_with("refs/heads/") || name.starts_with("refs/tags/");
    shown.then(|| format!("{}{name}", served_refs()))
}

/// Where those refs are.
pub(crate) fn served_refs() -> String {
    format!("refs/namespaces/{IN_PLACE}/")
}

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

/// Makes the `HEAD` of a workspace's namespace name its default branch, so that a clone checks it out. The `HEAD` of a repository that is
/// served in place is nobody else's to move.
pub(crate) fn project_head(store: &Store, workspace: &WorkspaceState) -> Result<(), EngineError> {
    let namespace = if workspace.in_place() { IN_PLACE.to_owned() } else { workspace.id.to_string() };
    let branch = format!("refs/namespaces/{namespace}/{}", workspace.default_branch());
    // For `git fsck` a ref that names one which is not there is a fault: nobody is to find one in a repository of theirs.
    if store.repo.read_ref(&branch)?.is_none() {
        return Ok(());
    }
    Ok(store.repo.set_symbolic_ref(&format!("refs/namespaces/{namespace}/HEAD"), &branch)?)
}
