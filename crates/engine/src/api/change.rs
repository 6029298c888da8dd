//! Changes as records of their own.

use super::{FileStatus, Timestamp};
use acetate_types::{ObjectId, SessionId, Text};
use serde::{Deserialize, Serialize};

/// What a turn or a landing changed, as a record of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChangeRecord {
    /// The commit that names it.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub commit: ObjectId,
    /// The commit before it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub parent: Option<ObjectId>,
    /// The version, if it landed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
    /// The session it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub session: Option<SessionId>,
    /// The author, `name <email>`.
    pub author: String,
    /// The intent of the session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intent: Option<String>,
    /// The message.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub message: Text,
    /// When.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The changed paths, moves included.
    pub paths: Vec<FileStatus>,
    /// The differences, with hunks.
    pub files: Vec<super::FileDiff>,
    /// Whether hunks or paths were left out because the answer would be too large.
    pub truncated: bool,
}
