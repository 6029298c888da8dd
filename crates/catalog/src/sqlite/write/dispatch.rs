//! Which write goes where.

use super::super::columns::Col;
use super::{Stop, Table};
use crate::batch::{Applied, Write};
use crate::check;
use acetate_types::WorkspaceId;
use rusqlite::{Params, params};

impl Table<'_> {
    pub(in super::super) fn write(&self, write: &Write, applied: &mut Applied) -> Result<(), Stop> {
        match write {
            Write::CreateWorkspace(record) => self.create_workspace(record),
            Write::UpdateWorkspace(record) => self.update_workspace(record),
            Write::DeleteWorkspace { id, at } => self.delete_workspace(id, *at),
            Write::PurgeWorkspace(id) => self.purge_workspace(id),
            Write::MoveRef { workspace, name, expected, target } => self.move_ref(workspace, name, expected, target.as_ref()),
            Write::Projected { workspace, name, target } => self.projected(workspace, name, target.as_ref()),
            Write::AddVersion(record) => self.add_version(record),
            Write::PutSession(record) => self.put_session(record),
            Write::RemoveSession(id) => self.remove_session(id),
            Write::AddOperation(draft) => self.add_operation(draft).map(|number| applied.operations.push(number)),
            Write::AddEvent(draft) => self.add_event(draft).map(|number| applied.events.push(number)),
            Write::PutToken(record) => self.put_token(record),
            Write::RemoveToken(hash) => self.run("DELETE FROM tokens WHERE hash = ?1", [hash]),
            Write::PutIdempotency(record) => self.put_idempotency(record),
            Write::PruneIdempotency { before } => self.run("DELETE FROM idempotency WHERE created < ?1", [before]),
            Write::PutSubmission(record) => self.put_submission(record),
            Write::PutChange(record) => self.run(
                "INSERT INTO changes (commit_id, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
                params![Col(&record.commit), Col(&record.body)],
            ),
            Write::RemoveChange(commit) => self.run("DELETE FROM changes WHERE commit_id = ?1", [Col(commit)]),
            Write::PutSetting { key, value: Some(value) } => self.run(
                "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
                params![key, Col(value)],
            ),
            Write::PutSetting { key, value: None } => self.run("DELETE FROM settings WHERE key = ?1", [key]),
        }
    }

    pub(super) fn run(&self, sql: &str, values: impl Params) -> Result<(), Stop> {
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    pub(super) fn known(&self, workspace: &WorkspaceId) -> Result<(), Stop> {
        let sql = "SELECT 1 FROM workspaces WHERE id = ?1";
        if self.connection.prepare_cached(sql)?.exists([Col(workspace)])? { Ok(()) } else { Err(check::no_workspace(workspace).into()) }
    }
}
