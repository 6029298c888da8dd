//! The schema and its history. `PRAGMA user_version` says which migrations a database has seen, `application_id` that it is ours.
//!
//! A migration is never changed once released; a new one is added at the end.

use super::failure::failed;
use crate::error::CatalogError;
use crate::record::StoreIdentity;
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::Path;

/// The version of the schema that this code writes.
pub const SCHEMA_VERSION: u32 = 1;

/// `ACET`, marking the file as a catalog (see `PRAGMA application_id`).
const APPLICATION_ID: u32 = 0x4143_4554;

const MIGRATIONS: [&str; SCHEMA_VERSION as usize] = [include_str!("schema_1.sql")];

/// What a database file is, before anything is written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Version(u32),
}

/// Looks at a database without changing it.
pub(super) fn look(connection: &Connection, path: &Path) -> Result<Found, CatalogError> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).map_err(failed);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    match (pragma("application_id")?, pragma("user_version")?) {
        (0, 0) if tables == 0 => Ok(Found::Nothing),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => Err(CatalogError::SchemaNewer { found, known: SCHEMA_VERSION }),
        (APPLICATION_ID, found) if found > 0 => Ok(Found::Version(found)),
        _ => Err(CatalogError::Foreign(path.display().to_string())),
    }
}

/// Brings a database up to date in one transaction; a new one is given `identity`.
pub(super) fn migrate(connection: &mut Connection, path: &Path, identity: Option<&StoreIdentity>) -> Result<(), CatalogError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Looked at again under the lock: another process may have been quicker.
    let seen = match look(&transaction, path)? {
        Found::Version(SCHEMA_VERSION) => return Ok(()),
        Found::Version(seen) => seen,
        Found::Nothing => 0,
    };
    for migration in MIGRATIONS.iter().skip(seen as usize) {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    if seen == 0 {
        let identity = identity.ok_or_else(|| CatalogError::NotFound(path.display().to_string()))?;
        transaction
            .execute(
                "INSERT INTO store (singleton, id, format, created) VALUES (1, ?1, ?2, ?3)",
                params![identity.id, identity.format.as_str(), identity.created],
            )
            .map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed)?;
    transaction.commit().map_err(failed)
}
