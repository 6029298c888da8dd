//! The catalog's values as SQLite's: ids and Git's byte strings as BLOB, JSON and names as TEXT, counters as INTEGER.

use crate::record::{SessionDurability, SessionState};
use acetate_types::{ObjectFormat, ObjectId, SessionId, Text, WorkspaceId};
use bytes::Bytes;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde_json::Value;

/// A value on its way into or out of a column.
pub(super) struct Col<T>(pub(super) T);

/// The columns of a row, taken one after the other in the order of the SELECT.
pub(super) struct Columns<'r, 'q> {
    row: &'r Row<'q>,
    next: usize,
}

impl<'r, 'q> Columns<'r, 'q> {
    pub(super) fn new(row: &'r Row<'q>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column, of a type that SQLite knows.
    pub(super) fn plain<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// The next column, of one of the catalog's types.
    pub(super) fn get<T>(&mut self) -> rusqlite::Result<T>
    where
        Col<T>: FromSql,
    {
        self.plain::<Col<T>>().map(|column| column.0)
    }

    /// The next column, which may be NULL.
    pub(super) fn maybe<T>(&mut self) -> rusqlite::Result<Option<T>>
    where
        Col<T>: FromSql,
    {
        Ok(self.plain::<Option<Col<T>>>()?.map(|column| column.0))
    }
}

/// A value that may be NULL.
pub(super) fn maybe<T>(value: Option<T>) -> Option<Col<T>> {
    value.map(Col)
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> FromSqlError {
    FromSqlError::Other(Box::new(error))
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is none of the known words")]
struct UnknownWord(String);

fn word<T: Copy>(value: ValueRef<'_>, known: &[(&str, T)]) -> FromSqlResult<Col<T>> {
    let text = value.as_str()?;
    let found = known.iter().find(|(word, _)| *word == text);
    found.map(|(_, meaning)| Col(*meaning)).ok_or_else(|| damaged(UnknownWord(text.to_owned())))
}

macro_rules! column {
    ($type:ty, |$out:ident| $read:expr, |$in:ident| $write:expr) => {
        impl FromSql for Col<$type> {
            fn column_result($out: ValueRef<'_>) -> FromSqlResult<Self> {
                $read
            }
        }
        impl ToSql for Col<&$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let $in = self.0;
                Ok($write)
            }
        }
    };
}

fn blob(data: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Blob(data))
}

fn text(data: &str) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(data.as_bytes()))
}

column!(ObjectId, |column| ObjectId::from_bytes(column.as_blob()?).map(Col).map_err(damaged), |id| blob(id.as_bytes()));
column!(Text, |column| Ok(Col(Text(Bytes::copy_from_slice(column.as_blob()?)))), |data| blob(&data.0));
column!(WorkspaceId, |column| column.as_str()?.parse().map(Col).map_err(damaged), |id| text(id.as_str()));
column!(SessionId, |column| column.as_str()?.parse().map(Col).map_err(damaged), |id| text(id.as_str()));
column!(Value, |column| serde_json::from_str(column.as_str()?).map(Col).map_err(damaged), |value| ToSqlOutput::from(value.to_string()));
column!(
    ObjectFormat,
    |column| word(column, &[ObjectFormat::Sha1, ObjectFormat::Sha256].map(|format| (format.as_str(), format))),
    |format| text(format.as_str())
);
column!(
    SessionState,
    |column| word(
        column,
        &[SessionState::Active, SessionState::Paused, SessionState::Closed, SessionState::Expired].map(|state| (state.as_str(), state))
    ),
    |state| text(state.as_str())
);
column!(
    SessionDurability,
    |column| word(column, &[SessionDurability::Journal, SessionDurability::Memory].map(|promise| (promise.as_str(), promise))),
    |promise| text(promise.as_str())
);

impl FromSql for Col<u64> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Col).map_err(|_| FromSqlError::OutOfRange(number))
    }
}

impl ToSql for Col<u64> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        // Stored counters were checked to be in range; a cursor beyond it means the end.
        Ok(ToSqlOutput::from(i64::try_from(self.0).unwrap_or(i64::MAX)))
    }
}

/// A page's length as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
