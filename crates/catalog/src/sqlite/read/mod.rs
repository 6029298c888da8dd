//! Reads, one statement each (so each is a snapshot), over any connection.

mod access;
mod history;
mod sessions;
mod workspaces;

pub(super) use access::{change, idempotent, scope_columns, submission, submissions, token, tokens};
pub(super) use history::{events, last_event, operation, operations, version, version_of, versions};
pub(super) use sessions::{session, sessions};
pub(super) use workspaces::{reference, references, setting, store, unprojected, workspace, workspace_named, workspaces};
