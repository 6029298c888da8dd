//! Shapes that only this door needs: lists as objects, and the bodies of calls that take several arguments.

use acetate_engine::api::{BranchInfo, CheckpointInfo, StringEdit, Written};
use acetate_types::{FileMode, RepoPath, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The branches of a workspace, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchList {
    pub(crate) branches: Vec<BranchInfo>,
}

/// The checkpoints of a workspace, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckpointList {
    pub(crate) checkpoints: Vec<CheckpointInfo>,
}

/// What the steps of a batch came to, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchWritten {
    pub(crate) written: Vec<Written>,
}

/// Replaces exact texts in a file, all or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditFile {
    /// The file.
    #[schema(value_type = Object)]
    pub(crate) path: RepoPath,
    /// The replacements, one after the other.
    pub(crate) edits: Vec<StringEdit>,
    /// Only if the file's revision is this one.
    #[serde(default)]
    pub(crate) expect: Option<String>,
}

/// Changes a file's mode.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetMode {
    /// The file.
    #[schema(value_type = Object)]
    pub(crate) path: RepoPath,
    /// `100644` or `100755`.
    #[schema(value_type = String)]
    pub(crate) mode: FileMode,
}

/// Where a backup goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupTo {
    /// A new folder on the server's machine, as an absolute path.
    #[schema(value_type = Object)]
    pub(crate) path: Text,
}

/// Whether the server is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    pub(crate) status: &'static str,
}
