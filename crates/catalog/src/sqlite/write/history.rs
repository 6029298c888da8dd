//! Versions, operations, events: appended under numbers without gaps. The one writer makes "last plus one" safe.

use super::super::columns::{Col, Columns, maybe};
use super::{Stop, Table};
use crate::check;
use crate::error::Rejected;
use crate::record::{EventDraft, OperationDraft, VersionRecord};
use acetate_types::WorkspaceId;
use rusqlite::{OptionalExtension, params};

impl Table<'_> {
    pub(super) fn add_version(&self, record: &VersionRecord) -> Result<(), Stop> {
        let sql = "SELECT deleted IS NOT NULL, max(version_base,
                coalesce((SELECT max(number) FROM versions WHERE workspace = ?1), 0)) FROM workspaces WHERE id = ?1";
        let state = self.connection.prepare_cached(sql)?.query_row([Col(&record.workspace)], |row| {
            let mut columns = Columns::new(row);
            Ok((columns.plain::<bool>()?, columns.get::<u64>()?))
        });
        let (deleted, last) = state.optional()?.ok_or_else(|| check::no_workspace(&record.workspace))?;
        if deleted {
            return Err(Rejected::WorkspaceDeleted(record.workspace.clone()).into());
        }
        if last.checked_add(1) != Some(record.number) {
            return Err(Rejected::VersionTaken { workspace: record.workspace.clone(), last }.into());
        }
        self.run(
            "INSERT INTO versions (workspace, number, commit_id, tree_id, branch, parent, kind, session, agent, intent, author, message, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                Col(&record.workspace),
                Col(record.number),
                Col(&record.commit),
                Col(&record.tree),
                Col(&record.branch),
                maybe(record.parent.as_ref()),
                record.kind,
                maybe(record.session.as_ref()),
                record.agent,
                record.intent,
                Col(&record.author),
                Col(&record.message),
                record.at,
            ],
        )
    }

    pub(super) fn add_operation(&self, draft: &OperationDraft) -> Result<u64, Stop> {
        self.known(&draft.workspace)?;
        if let Some(undone) = draft.undoes {
            let sql = "SELECT 1 FROM operations WHERE workspace = ?1 AND number = ?2";
            if !self.connection.prepare_cached(sql)?.exists(params![Col(&draft.workspace), Col(undone)])? {
                return Err(check::no_operation(undone).into());
            }
        }
        let number = self.next("SELECT coalesce(max(number), 0) + 1 FROM operations WHERE workspace = ?1", &draft.workspace)?;
        self.run(
            "INSERT INTO operations (workspace, number, kind, actor, at, before, after, undoes, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                Col(&draft.workspace),
                Col(number),
                draft.kind,
                draft.actor,
                draft.at,
                Col(&draft.before),
                Col(&draft.after),
                maybe(draft.undoes),
                Col(&draft.detail),
            ],
        )?;
        Ok(number)
    }

    pub(super) fn add_event(&self, draft: &EventDraft) -> Result<u64, Stop> {
        self.known(&draft.workspace)?;
        let number = self.next("SELECT coalesce(max(number), 0) + 1 FROM events WHERE workspace = ?1", &draft.workspace)?;
        self.run(
            "INSERT INTO events (workspace, number, kind, at, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![Col(&draft.workspace), Col(number), draft.kind, draft.at, Col(&draft.payload)],
        )?;
        Ok(number)
    }

    /// The next number. A statement of its own: INSERT … SELECT … RETURNING goes through two temporary tables.
    fn next(&self, sql: &str, workspace: &WorkspaceId) -> Result<u64, Stop> {
        Ok(self.connection.prepare_cached(sql)?.query_row([Col(workspace)], |row| Columns::new(row).get())?)
    }
}
