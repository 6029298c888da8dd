//! The store, its settings, workspaces and refs.

use super::super::columns::{Col, Columns, limit};
use crate::record::{ForkPoint, PendingRef, RefRecord, StoreRecord, WorkspaceRecord};
use acetate_types::{ObjectId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

pub(in super::super) fn store(connection: &Connection) -> rusqlite::Result<StoreRecord> {
    let sql = "SELECT id, format, user_version, created FROM store, pragma_user_version";
    connection.prepare_cached(sql)?.query_row([], |row| {
        let mut columns = Columns::new(row);
        Ok(StoreRecord { id: columns.plain()?, format: columns.get()?, schema_version: columns.plain()?, created: columns.plain()? })
    })
}

pub(in super::super) fn setting(connection: &Connection, key: &str) -> rusqlite::Result<Option<Value>> {
    let sql = "SELECT value FROM settings WHERE key = ?1";
    connection.prepare_cached(sql)?.query_row([key], |row| Columns::new(row).get()).optional()
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, description, default_branch, created, deleted, parent, parent_version, parent_commit, in_place, settings, ",
            "version_base FROM workspaces ",
            $rest
        )
    };
}

fn record(row: &Row<'_>) -> rusqlite::Result<WorkspaceRecord> {
    let mut columns = Columns::new(row);
    Ok(WorkspaceRecord {
        id: columns.get()?,
        name: columns.plain()?,
        description: columns.plain()?,
        default_branch: columns.get()?,
        created: columns.plain()?,
        deleted: columns.plain()?,
        parent: fork_point(columns.maybe()?, columns.maybe()?, columns.maybe()?),
        in_place: columns.plain()?,
        settings: columns.get()?,
        version_base: columns.get()?,
    })
}

fn fork_point(workspace: Option<WorkspaceId>, version: Option<u64>, commit: Option<ObjectId>) -> Option<ForkPoint> {
    Some(ForkPoint { workspace: workspace?, version: version?, commit: commit? })
}

pub(in super::super) fn workspace(connection: &Connection, id: &WorkspaceId) -> rusqlite::Result<Option<WorkspaceRecord>> {
    connection.prepare_cached(select!("WHERE id = ?1"))?.query_row([Col(id)], record).optional()
}

pub(in super::super) fn workspace_named(connection: &Connection, name: &str) -> rusqlite::Result<Option<WorkspaceRecord>> {
    connection.prepare_cached(select!("WHERE name = ?1 AND deleted IS NULL"))?.query_row([name], record).optional()
}

pub(in super::super) fn workspaces(
    connection: &Connection,
    after: Option<(&str, &WorkspaceId)>,
    count: usize,
    include_deleted: bool,
) -> rusqlite::Result<Vec<WorkspaceRecord>> {
    let sql = if include_deleted {
        select!("WHERE (name, id) > (?1, ?2) ORDER BY name, id LIMIT ?3")
    } else {
        select!("WHERE (name, id) > (?1, ?2) AND deleted IS NULL ORDER BY name, id LIMIT ?3")
    };
    // No id is empty, so this pair comes before every other.
    let (name, id) = after.map_or(("", ""), |(name, id)| (name, id.as_str()));
    connection.prepare_cached(sql)?.query_map(params![name, id, limit(count)], record)?.collect()
}

macro_rules! refs {
    ($rest:literal) => {
        concat!("SELECT name, target, projected FROM refs WHERE ", $rest)
    };
}

pub(in super::super) fn reference(connection: &Connection, workspace: &WorkspaceId, name: &[u8]) -> rusqlite::Result<Option<RefRecord>> {
    let sql = refs!("workspace = ?1 AND name = ?2 AND target IS NOT NULL");
    connection.prepare_cached(sql)?.query_row(params![Col(workspace), name], live_ref).optional()
}

fn live_ref(row: &Row<'_>) -> rusqlite::Result<RefRecord> {
    let mut columns = Columns::new(row);
    Ok(RefRecord { name: columns.get()?, target: columns.get()?, projected: columns.maybe()? })
}

pub(in super::super) fn references(
    connection: &Connection,
    workspace: &WorkspaceId,
    prefix: &[u8],
    after: Option<&[u8]>,
    count: usize,
) -> rusqlite::Result<Vec<RefRecord>> {
    // A bound that can be absent would keep SQLite from stopping at it: two statements.
    let from = after.map_or_else(|| prefix.to_vec(), |after| next_after(after).max(prefix.to_vec()));
    match end_of(prefix) {
        Some(end) => connection
            .prepare_cached(refs!("workspace = ?1 AND name >= ?2 AND target IS NOT NULL AND name < ?4 ORDER BY name LIMIT ?3"))?
            .query_map(params![Col(workspace), from, limit(count), end], live_ref)?
            .collect(),
        None => connection
            .prepare_cached(refs!("workspace = ?1 AND name >= ?2 AND target IS NOT NULL ORDER BY name LIMIT ?3"))?
            .query_map(params![Col(workspace), from, limit(count)], live_ref)?
            .collect(),
    }
}

/// The name that follows `name` directly in byte order.
fn next_after(name: &[u8]) -> Vec<u8> {
    [name, b"\0"].concat()
}

/// The first name after all that begin with `prefix`, if there can be one.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

macro_rules! pending {
    ($rest:literal) => {
        concat!(
            "SELECT workspace, name, target, projected FROM refs INDEXED BY refs_unprojected WHERE target IS NOT projected AND ",
            $rest,
            " ORDER BY workspace, name LIMIT ?3"
        )
    };
}

pub(in super::super) fn unprojected(
    connection: &Connection,
    workspace: Option<&WorkspaceId>,
    after: Option<(&WorkspaceId, &[u8])>,
    count: usize,
) -> rusqlite::Result<Vec<PendingRef>> {
    // The partial index holds nothing but what is pending.
    let record = |row: &Row<'_>| {
        let mut columns = Columns::new(row);
        Ok(PendingRef { workspace: columns.get()?, name: columns.get()?, target: columns.maybe()?, projected: columns.maybe()? })
    };
    let (of, name) = after.map_or(("", b"".as_slice()), |(of, name)| (of.as_str(), name));
    match workspace {
        Some(workspace) => connection
            .prepare_cached(pending!("(workspace, name) > (?1, ?2) AND workspace = ?4"))?
            .query_map(params![of, name, limit(count), Col(workspace)], record)?
            .collect(),
        None => connection
            .prepare_cached(pending!("(workspace, name) > (?1, ?2)"))?
            .query_map(params![of, name, limit(count)], record)?
            .collect(),
    }
}
