//! SQLite's errors as the catalog's.

use crate::error::CatalogError;
use rusqlite::{Error, ErrorCode};

/// The kind of a failure; the text is SQLite's.
pub(super) fn failed(error: Error) -> CatalogError {
    let text = error.to_string();
    match error {
        Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => CatalogError::DiskFull(text),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => CatalogError::Busy(text),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => CatalogError::Corrupt(text),
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::NoLargeFileSupport => CatalogError::Io(text),
            _ => CatalogError::Internal(text),
        },
        // A value that this code never writes.
        Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..) => {
            CatalogError::Corrupt(text)
        }
        _ => CatalogError::Internal(text),
    }
}

/// Whether the connection that met this must not be used again: its view of the files may be wrong.
pub(super) fn spoils_connection(error: &CatalogError) -> bool {
    matches!(error.cause(), CatalogError::Io(_) | CatalogError::Corrupt(_) | CatalogError::Internal(_))
}

/// An error of the file system outside of SQLite.
pub(super) fn io(what: &std::path::Path) -> impl FnOnce(std::io::Error) -> CatalogError {
    move |error| {
        let text = format!("{}: {error}", what.display());
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => CatalogError::DiskFull(text),
            std::io::ErrorKind::NotFound => CatalogError::NotFound(what.display().to_string()),
            _ => CatalogError::Io(text),
        }
    }
}
