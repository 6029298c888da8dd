//! Workspaces.

use super::super::columns::{Col, Columns, maybe};
use super::super::read;
use super::{Stop, Table};
use crate::check;
use crate::error::Rejected;
use crate::record::WorkspaceRecord;
use acetate_types::WorkspaceId;
use rusqlite::{OptionalExtension, params};

impl Table<'_> {
    pub(super) fn create_workspace(&self, record: &WorkspaceRecord) -> Result<(), Stop> {
        let exists = "SELECT 1 FROM workspaces WHERE id = ?1";
        if self.connection.prepare_cached(exists)?.exists([Col(&record.id)])? {
            return Err(Rejected::Exists(record.id.clone()).into());
        }
        if let Some(parent) = &record.parent {
            self.known(&parent.workspace)?;
        }
        self.name_is_free(record)?;
        let parent = record.parent.as_ref();
        self.run(
            "INSERT INTO workspaces (id, name, description, default_branch, created, deleted, parent, parent_version, parent_commit,
                in_place, settings, version_base)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                Col(&record.id),
                record.name,
                record.description,
                Col(&record.default_branch),
                record.created,
                record.deleted,
                maybe(parent.map(|parent| &parent.workspace)),
                maybe(parent.map(|parent| parent.version)),
                maybe(parent.map(|parent| &parent.commit)),
                record.in_place,
                Col(&record.settings),
                Col(record.version_base),
            ],
        )
    }

    pub(super) fn update_workspace(&self, record: &WorkspaceRecord) -> Result<(), Stop> {
        let old = self.stored(&record.id)?;
        let fixed = [
            ("created", old.created == record.created),
            ("parent", old.parent == record.parent),
            ("version_base", old.version_base == record.version_base),
        ];
        if let Some((field, _)) = fixed.into_iter().find(|(_, same)| !same) {
            return Err(Rejected::Fixed { workspace: record.id.clone(), field }.into());
        }
        self.name_is_free(record)?;
        self.run(
            "UPDATE workspaces SET name = ?2, description = ?3, default_branch = ?4, deleted = ?5, in_place = ?6, settings = ?7
             WHERE id = ?1",
            params![
                Col(&record.id),
                record.name,
                record.description,
                Col(&record.default_branch),
                record.deleted,
                record.in_place,
                Col(&record.settings),
            ],
        )
    }

    pub(super) fn delete_workspace(&self, id: &WorkspaceId, at: i64) -> Result<(), Stop> {
        self.known(id)?;
        self.run("UPDATE workspaces SET deleted = coalesce(deleted, ?2) WHERE id = ?1", params![Col(id), at])
    }

    pub(super) fn purge_workspace(&self, id: &WorkspaceId) -> Result<(), Stop> {
        if self.stored(id)?.deleted.is_none() {
            return Err(Rejected::NotDeleted(id.clone()).into());
        }
        let forks = "SELECT id FROM workspaces WHERE parent = ?1 ORDER BY id LIMIT 1";
        let fork = self.connection.prepare_cached(forks)?.query_row([Col(id)], |row| Columns::new(row).get()).optional()?;
        if let Some(fork) = fork {
            return Err(Rejected::HasForks { workspace: id.clone(), fork }.into());
        }
        self.run("DELETE FROM tokens WHERE scope_kind = 'workspace' AND scope_id = ?1", [Col(id)])?;
        self.run(
            "DELETE FROM tokens WHERE scope_kind = 'session' AND scope_id IN (SELECT id FROM sessions WHERE workspace = ?1)",
            [Col(id)],
        )?;
        // Everything else of it follows by foreign key.
        self.run("DELETE FROM workspaces WHERE id = ?1", [Col(id)])
    }

    fn stored(&self, id: &WorkspaceId) -> Result<WorkspaceRecord, Stop> {
        read::workspace(self.connection, id)?.ok_or_else(|| check::no_workspace(id).into())
    }

    fn name_is_free(&self, record: &WorkspaceRecord) -> Result<(), Stop> {
        if record.deleted.is_some() {
            return Ok(());
        }
        match read::workspace_named(self.connection, &record.name)? {
            Some(other) if other.id != record.id => Err(Rejected::NameTaken { name: record.name.clone(), by: other.id }.into()),
            _ => Ok(()),
        }
    }
}
