//! What every implementation refuses before it looks at its state, so that all can store the same values.

use crate::batch::{Batch, Write};
use crate::error::Rejected;
use acetate_types::ObjectId;
use serde_json::Value;

/// How deep JSON may be nested: well within what a parser takes (128 levels), so that whatever is stored can be read.
pub const MAX_JSON_DEPTH: usize = 64;

/// Checks the ranges of every value in a batch.
pub(crate) fn batch(batch: &Batch) -> Result<(), Rejected> {
    batch.writes.iter().try_for_each(write)
}

fn write(write: &Write) -> Result<(), Rejected> {
    match write {
        Write::CreateWorkspace(record) | Write::UpdateWorkspace(record) => {
            json("settings", &record.settings)?;
            counter("version_base", record.version_base)?;
            record.parent.as_ref().map_or(Ok(()), |parent| counter("parent.version", parent.version))
        }
        Write::AddVersion(record) => counter("number", record.number),
        Write::PutSession(record) => {
            counter("base_version", record.base_version.unwrap_or(0))?;
            counter("applied_seq", record.applied_seq)?;
            counter("quota", record.quota)?;
            json("landed", record.landed.as_ref().unwrap_or(&Value::Null))?;
            json("moves", &record.moves)?;
            json("conflicts", &record.conflicts)?;
            json("extra", &record.extra)
        }
        Write::AddOperation(draft) => {
            counter("undoes", draft.undoes.unwrap_or(0))?;
            json("before", &draft.before)?;
            json("after", &draft.after)?;
            json("detail", &draft.detail)
        }
        Write::AddEvent(draft) => json("payload", &draft.payload),
        Write::PutIdempotency(record) => json("answer", &record.answer),
        Write::PutSubmission(record) => json("answer", &record.answer),
        Write::PutChange(record) => json("body", &record.body),
        Write::PutSetting { value, .. } => json("value", value.as_ref().unwrap_or(&Value::Null)),
        Write::DeleteWorkspace { .. }
        | Write::PurgeWorkspace(_)
        | Write::MoveRef { .. }
        | Write::Projected { .. }
        | Write::RemoveSession(_)
        | Write::PutToken(_)
        | Write::RemoveToken(_)
        | Write::PruneIdempotency { .. }
        | Write::RemoveChange(_) => Ok(()),
    }
}

fn counter(field: &'static str, value: u64) -> Result<(), Rejected> {
    i64::try_from(value).map(drop).map_err(|_| Rejected::OutOfRange { field })
}

fn json(field: &'static str, value: &Value) -> Result<(), Rejected> {
    if nested_within(value, MAX_JSON_DEPTH) { Ok(()) } else { Err(Rejected::OutOfRange { field }) }
}

fn nested_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| nested_within(item, levels - 1)),
        Value::Object(fields) => levels > 0 && fields.values().all(|field| nested_within(field, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// The answer of a conditional ref move whose condition isn't met.
pub(crate) fn ref_moved(workspace: &acetate_types::WorkspaceId, name: &acetate_types::Text, found: Option<ObjectId>) -> Rejected {
    Rejected::RefMoved { workspace: workspace.clone(), name: name.clone(), found }
}

/// The names of the folders that a ref lies in, shortest first, without the slash.
pub(crate) fn folders(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &name[..at])
}

/// What the names of all refs in a ref's folder begin with.
pub(crate) fn folder_prefix(name: &[u8]) -> Vec<u8> {
    [name, b"/"].concat()
}

/// The answer to a write that needs a workspace which isn't there.
pub(crate) fn no_workspace(id: &acetate_types::WorkspaceId) -> Rejected {
    Rejected::Missing { what: "workspace", id: id.to_string() }
}

/// The answer to undoing an operation that isn't there.
pub(crate) fn no_operation(number: u64) -> Rejected {
    Rejected::Missing { what: "operation", id: number.to_string() }
}
