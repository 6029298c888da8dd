//! Refs: moved by compare-and-swap, and what of them is on disk.

use super::super::columns::{Col, Columns, maybe};
use super::super::read;
use super::{Stop, Table};
use crate::batch::Expected;
use crate::check;
use crate::error::Rejected;
use acetate_types::{ObjectId, Text, WorkspaceId};
use rusqlite::{OptionalExtension, params};

impl Table<'_> {
    pub(super) fn move_ref(
        &self,
        workspace: &WorkspaceId,
        name: &Text,
        expected: &Expected,
        target: Option<&ObjectId>,
    ) -> Result<(), Stop> {
        self.known(workspace)?;
        let (found, projected) = self.ref_state(workspace, name)?;
        if !expected.holds(found.as_ref()) {
            return Err(check::ref_moved(workspace, name, found).into());
        }
        if target.is_some() && found.is_none() {
            self.no_clash(workspace, name)?;
        }
        self.put_ref(workspace, name, target, projected.as_ref())
    }

    pub(super) fn projected(&self, workspace: &WorkspaceId, name: &Text, projected: Option<&ObjectId>) -> Result<(), Stop> {
        self.known(workspace)?;
        let (target, _) = self.ref_state(workspace, name)?;
        self.put_ref(workspace, name, target.as_ref(), projected)
    }

    fn ref_state(&self, workspace: &WorkspaceId, name: &Text) -> Result<(Option<ObjectId>, Option<ObjectId>), Stop> {
        let sql = "SELECT target, projected FROM refs WHERE workspace = ?1 AND name = ?2";
        let state = self.connection.prepare_cached(sql)?.query_row(params![Col(workspace), Col(name)], |row| {
            let mut columns = Columns::new(row);
            Ok((columns.maybe()?, columns.maybe()?))
        });
        Ok(state.optional()?.unwrap_or((None, None)))
    }

    fn put_ref(&self, workspace: &WorkspaceId, name: &Text, target: Option<&ObjectId>, projected: Option<&ObjectId>) -> Result<(), Stop> {
        if target.is_none() && projected.is_none() {
            return self.run("DELETE FROM refs WHERE workspace = ?1 AND name = ?2", params![Col(workspace), Col(name)]);
        }
        self.run(
            "INSERT INTO refs (workspace, name, target, projected) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET target = excluded.target, projected = excluded.projected",
            params![Col(workspace), Col(name), maybe(target), maybe(projected)],
        )
    }

    fn no_clash(&self, workspace: &WorkspaceId, name: &Text) -> Result<(), Stop> {
        for folder in check::folders(&name.0) {
            if let Some(found) = read::reference(self.connection, workspace, folder)? {
                return Err(Rejected::RefClash { name: name.clone(), with: found.name }.into());
            }
        }
        let within = read::references(self.connection, workspace, &check::folder_prefix(&name.0), None, 1)?;
        match within.into_iter().next() {
            Some(found) => Err(Rejected::RefClash { name: name.clone(), with: found.name }.into()),
            None => Ok(()),
        }
    }
}
