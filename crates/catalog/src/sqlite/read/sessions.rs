//! Sessions.

use super::super::columns::{Col, Columns, limit};
use crate::record::SessionRecord;
use acetate_types::{SessionId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, Row, params};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace, branch, agent, intent, owner, state, durability, base_commit, base_tree, base_version, tip_commit, ",
            "tip_tree, turn, applied_seq, landed, token_hash, created, touched, expires, ttl_ms, quota, moves, conflicts, extra ",
            "FROM sessions WHERE ",
            $rest
        )
    };
}

fn record(row: &Row<'_>) -> rusqlite::Result<SessionRecord> {
    let mut columns = Columns::new(row);
    Ok(SessionRecord {
        id: columns.get()?,
        workspace: columns.get()?,
        branch: columns.get()?,
        agent: columns.plain()?,
        intent: columns.plain()?,
        owner: columns.plain()?,
        state: columns.get()?,
        durability: columns.get()?,
        base_commit: columns.get()?,
        base_tree: columns.get()?,
        base_version: columns.maybe()?,
        tip_commit: columns.maybe()?,
        tip_tree: columns.maybe()?,
        turn: columns.plain()?,
        applied_seq: columns.get()?,
        landed: columns.maybe()?,
        token_hash: columns.plain()?,
        created: columns.plain()?,
        touched: columns.plain()?,
        expires: columns.plain()?,
        ttl_ms: columns.plain()?,
        quota: columns.get()?,
        moves: columns.get()?,
        conflicts: columns.get()?,
        extra: columns.get()?,
    })
}

pub(in super::super) fn session(connection: &Connection, id: &SessionId) -> rusqlite::Result<Option<SessionRecord>> {
    connection.prepare_cached(select!("id = ?1"))?.query_row([Col(id)], record).optional()
}

pub(in super::super) fn sessions(
    connection: &Connection,
    workspace: Option<&WorkspaceId>,
    after: Option<&SessionId>,
    count: usize,
    include_closed: bool,
) -> rusqlite::Result<Vec<SessionRecord>> {
    // No id is empty.
    let after = after.map_or("", SessionId::as_str);
    // The condition on the state is written as in the partial indices, so that they serve.
    let sql = match (workspace.is_some(), include_closed) {
        (false, true) => select!("id > ?1 ORDER BY id LIMIT ?2"),
        (false, false) => select!("id > ?1 AND state IN ('active', 'paused') ORDER BY id LIMIT ?2"),
        (true, true) => select!("id > ?1 AND workspace = ?3 ORDER BY id LIMIT ?2"),
        (true, false) => select!("id > ?1 AND workspace = ?3 AND state IN ('active', 'paused') ORDER BY id LIMIT ?2"),
    };
    let mut statement = connection.prepare_cached(sql)?;
    match workspace {
        Some(workspace) => statement.query_map(params![after, limit(count), Col(workspace)], record)?.collect(),
        None => statement.query_map(params![after, limit(count)], record)?.collect(),
    }
}
