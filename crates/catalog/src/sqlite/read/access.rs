//! Tokens, idempotency keys, submissions, changes.

use super::super::columns::{Col, Columns, limit};
use crate::record::{ChangeRecord, Digest, IdempotencyRecord, SubmissionRecord, TokenRecord, TokenScope};
use acetate_types::{ObjectId, SessionId, WorkspaceId};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, params};

macro_rules! tokens {
    ($rest:literal) => {
        concat!("SELECT hash, scope_kind, scope_id, rights, label, created, expires FROM tokens WHERE ", $rest)
    };
}

/// A scope as its two columns.
pub(in super::super) fn scope_columns(scope: &TokenScope) -> (&'static str, &str) {
    match scope {
        TokenScope::Store => ("store", ""),
        TokenScope::Workspace(id) => ("workspace", id.as_str()),
        TokenScope::Session(id) => ("session", id.as_str()),
    }
}

fn scope(kind: &str, id: &str) -> rusqlite::Result<TokenScope> {
    let damaged = |error: Box<dyn std::error::Error + Send + Sync>| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error);
    match kind {
        "store" => Ok(TokenScope::Store),
        "workspace" => id.parse().map(TokenScope::Workspace).map_err(|error| damaged(Box::new(error))),
        "session" => id.parse().map(TokenScope::Session).map_err(|error| damaged(Box::new(error))),
        _ => Err(damaged(Box::new(FromSqlError::InvalidType))),
    }
}

fn token_record(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    let mut columns = Columns::new(row);
    Ok(TokenRecord {
        hash: columns.plain()?,
        scope: scope(&columns.plain::<String>()?, &columns.plain::<String>()?)?,
        rights: columns.plain()?,
        label: columns.plain()?,
        created: columns.plain()?,
        expires: columns.plain()?,
    })
}

pub(in super::super) fn token(connection: &Connection, hash: &Digest) -> rusqlite::Result<Option<TokenRecord>> {
    connection.prepare_cached(tokens!("hash = ?1"))?.query_row([hash], token_record).optional()
}

pub(in super::super) fn tokens(
    connection: &Connection,
    scope: Option<&TokenScope>,
    after: Option<&Digest>,
    count: usize,
) -> rusqlite::Result<Vec<TokenRecord>> {
    // The empty byte string comes before every hash.
    let after = after.map_or(b"".as_slice(), Digest::as_slice);
    match scope.map(scope_columns) {
        Some((kind, id)) => connection
            .prepare_cached(tokens!("hash > ?1 AND scope_kind = ?3 AND scope_id = ?4 ORDER BY hash LIMIT ?2"))?
            .query_map(params![after, limit(count), kind, id], token_record)?
            .collect(),
        None => connection
            .prepare_cached(tokens!("hash > ?1 ORDER BY hash LIMIT ?2"))?
            .query_map(params![after, limit(count)], token_record)?
            .collect(),
    }
}

pub(in super::super) fn idempotent(
    connection: &Connection,
    caller: &str,
    workspace: Option<&WorkspaceId>,
    key: &str,
) -> rusqlite::Result<Option<IdempotencyRecord>> {
    let sql = "SELECT body_hash, answer, status, created FROM idempotency WHERE caller = ?1 AND workspace = ?2 AND key = ?3";
    connection
        .prepare_cached(sql)?
        .query_row(params![caller, workspace.map_or("", WorkspaceId::as_str), key], |row| {
            let mut columns = Columns::new(row);
            Ok(IdempotencyRecord {
                caller: caller.to_owned(),
                workspace: workspace.cloned(),
                key: key.to_owned(),
                body_hash: columns.plain()?,
                answer: columns.get()?,
                status: columns.plain()?,
                created: columns.plain()?,
            })
        })
        .optional()
}

macro_rules! submissions {
    ($rest:literal) => {
        concat!("SELECT id, workspace, session, state, answer, created, finished FROM submissions WHERE ", $rest)
    };
}

fn submission_record(row: &Row<'_>) -> rusqlite::Result<SubmissionRecord> {
    let mut columns = Columns::new(row);
    Ok(SubmissionRecord {
        id: columns.plain()?,
        workspace: columns.get()?,
        session: columns.get()?,
        state: columns.plain()?,
        answer: columns.get()?,
        created: columns.plain()?,
        finished: columns.plain()?,
    })
}

pub(in super::super) fn submission(connection: &Connection, id: &str) -> rusqlite::Result<Option<SubmissionRecord>> {
    connection.prepare_cached(submissions!("id = ?1"))?.query_row([id], submission_record).optional()
}

pub(in super::super) fn submissions(
    connection: &Connection,
    session: &SessionId,
    after: Option<&str>,
    count: usize,
) -> rusqlite::Result<Vec<SubmissionRecord>> {
    let sql = submissions!("session = ?1 AND id >= ?2 ORDER BY id LIMIT ?3");
    // The id that follows the cursor directly.
    let from = after.map_or_else(String::new, |after| format!("{after}\0"));
    connection.prepare_cached(sql)?.query_map(params![Col(session), from, limit(count)], submission_record)?.collect()
}

pub(in super::super) fn change(connection: &Connection, commit: &ObjectId) -> rusqlite::Result<Option<ChangeRecord>> {
    let sql = "SELECT body FROM changes WHERE commit_id = ?1";
    let record = |row: &Row<'_>| Ok(ChangeRecord { commit: *commit, body: Columns::new(row).get()? });
    connection.prepare_cached(sql)?.query_row([Col(commit)], record).optional()
}
