//! Versions, operations, events.

use super::super::columns::{Col, Columns, limit};
use crate::record::{EventRecord, OperationRecord, VersionRecord};
use acetate_types::{ObjectId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, Row, params};

macro_rules! versions {
    ($rest:literal) => {
        concat!(
            "SELECT workspace, number, commit_id, tree_id, branch, parent, kind, session, agent, intent, author, message, at ",
            "FROM versions ",
            $rest
        )
    };
}

fn version_record(row: &Row<'_>) -> rusqlite::Result<VersionRecord> {
    let mut columns = Columns::new(row);
    Ok(VersionRecord {
        workspace: columns.get()?,
        number: columns.get()?,
        commit: columns.get()?,
        tree: columns.get()?,
        branch: columns.get()?,
        parent: columns.maybe()?,
        kind: columns.plain()?,
        session: columns.maybe()?,
        agent: columns.plain()?,
        intent: columns.plain()?,
        author: columns.get()?,
        message: columns.get()?,
        at: columns.plain()?,
    })
}

pub(in super::super) fn version(connection: &Connection, of: &WorkspaceId, number: u64) -> rusqlite::Result<Option<VersionRecord>> {
    let Ok(number) = i64::try_from(number) else { return Ok(None) };
    connection
        .prepare_cached(versions!("WHERE workspace = ?1 AND number = ?2"))?
        .query_row(params![Col(of), number], version_record)
        .optional()
}

pub(in super::super) fn version_of(
    connection: &Connection,
    of: &WorkspaceId,
    commit: &ObjectId,
) -> rusqlite::Result<Option<VersionRecord>> {
    // Left to itself, SQLite walks the versions from the newest on.
    let sql = versions!("INDEXED BY versions_commit WHERE workspace = ?1 AND commit_id = ?2 ORDER BY number DESC LIMIT 1");
    connection.prepare_cached(sql)?.query_row(params![Col(of), Col(commit)], version_record).optional()
}

pub(in super::super) fn versions(
    connection: &Connection,
    of: &WorkspaceId,
    branch: Option<&[u8]>,
    before: Option<u64>,
    count: usize,
) -> rusqlite::Result<Vec<VersionRecord>> {
    let last = newest(before);
    match branch {
        Some(branch) => connection
            .prepare_cached(versions!("WHERE workspace = ?1 AND number <= ?2 AND branch = ?4 ORDER BY number DESC LIMIT ?3"))?
            .query_map(params![Col(of), last, limit(count), branch], version_record)?
            .collect(),
        None => connection
            .prepare_cached(versions!("WHERE workspace = ?1 AND number <= ?2 ORDER BY number DESC LIMIT ?3"))?
            .query_map(params![Col(of), last, limit(count)], version_record)?
            .collect(),
    }
}

/// The highest number before a cursor.
fn newest(before: Option<u64>) -> i64 {
    before.map_or(i64::MAX, |before| i64::try_from(before).map_or(i64::MAX, |before| before - 1))
}

macro_rules! operations {
    ($rest:literal) => {
        concat!("SELECT workspace, number, kind, actor, at, before, after, undoes, detail FROM operations WHERE workspace = ?1 AND ", $rest)
    };
}

fn operation_record(row: &Row<'_>) -> rusqlite::Result<OperationRecord> {
    let mut columns = Columns::new(row);
    Ok(OperationRecord {
        workspace: columns.get()?,
        number: columns.get()?,
        kind: columns.plain()?,
        actor: columns.plain()?,
        at: columns.plain()?,
        before: columns.get()?,
        after: columns.get()?,
        undoes: columns.maybe()?,
        detail: columns.get()?,
    })
}

pub(in super::super) fn operation(connection: &Connection, of: &WorkspaceId, number: u64) -> rusqlite::Result<Option<OperationRecord>> {
    let Ok(number) = i64::try_from(number) else { return Ok(None) };
    connection.prepare_cached(operations!("number = ?2"))?.query_row(params![Col(of), number], operation_record).optional()
}

pub(in super::super) fn operations(
    connection: &Connection,
    of: &WorkspaceId,
    before: Option<u64>,
    count: usize,
) -> rusqlite::Result<Vec<OperationRecord>> {
    let sql = operations!("number <= ?2 ORDER BY number DESC LIMIT ?3");
    connection.prepare_cached(sql)?.query_map(params![Col(of), newest(before), limit(count)], operation_record)?.collect()
}

pub(in super::super) fn events(connection: &Connection, of: &WorkspaceId, after: u64, count: usize) -> rusqlite::Result<Vec<EventRecord>> {
    let sql = "SELECT workspace, number, kind, at, payload FROM events WHERE workspace = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    connection
        .prepare_cached(sql)?
        .query_map(params![Col(of), Col(after), limit(count)], |row| {
            let mut columns = Columns::new(row);
            Ok(EventRecord {
                workspace: columns.get()?,
                number: columns.get()?,
                kind: columns.plain()?,
                at: columns.plain()?,
                payload: columns.get()?,
            })
        })?
        .collect()
}

pub(in super::super) fn last_event(connection: &Connection, of: &WorkspaceId) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(number), 0) FROM events WHERE workspace = ?1";
    connection.prepare_cached(sql)?.query_row([Col(of)], |row| Columns::new(row).get())
}
