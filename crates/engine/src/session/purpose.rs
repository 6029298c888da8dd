//! What a session is for, beside an agent's own work: it is its workspace's working session, or it merges a branch.
//!
//! Kept in the catalog's record, for which there is no column; such sessions are recorded there when they are opened.

use acetate_catalog::SessionRecord;
use acetate_types::ObjectId;
use serde_json::{Map, Value, json};

/// What a session is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Purpose {
    /// It is the one that is used where a caller names only the workspace: its commits land at once.
    pub(crate) working: bool,
    /// The commit of a branch that its landing merges: the landed commit has it as a second parent.
    pub(crate) merges: Option<ObjectId>,
}

impl Purpose {
    /// Whether the catalog has to know.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// As it is kept in a record.
    pub(super) fn enter(&self, extra: &mut Map<String, Value>) {
        if self.working {
            extra.insert("working".to_owned(), true.into());
        }
        if let Some(merges) = &self.merges {
            extra.insert("merges".to_owned(), json!(merges));
        }
    }

    /// From a record.
    pub(super) fn of(record: &SessionRecord) -> Self {
        let merges = record.extra.get("merges").and_then(|id| id.as_str()?.parse().ok());
        Self { working: record.extra.get("working") == Some(&true.into()), merges }
    }
}
