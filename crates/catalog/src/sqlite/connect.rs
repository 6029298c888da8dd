//! Opening connections, each with the same settings.

use super::failure::{failed, io};
use super::readers::Readers;
use super::schema::{self, Found};
use super::writer::Writer;
use super::{SCHEMA_VERSION, SqliteCatalog};
use crate::error::CatalogError;
use crate::record::StoreIdentity;
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Bounds of an SQLite catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How many connections read at the same time, at least one. Default 4.
    pub readers: usize,
    /// How long to wait for another process that holds the database. Default 5 s.
    pub busy_timeout: Duration,
    /// How many bytes of pages each connection caches. Default 4 MiB.
    pub cache_bytes: u32,
    /// The most bytes the database may take, its write-ahead log not counted; writes beyond give `DiskFull`. Default: no bound.
    pub max_bytes: Option<u64>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { readers: 4, busy_timeout: Duration::from_secs(5), cache_bytes: 4 << 20, max_bytes: None }
    }
}

// As many as there are statements in this crate, with room.
const STATEMENTS: usize = 128;

/// How much of the write-ahead log's file is kept for reuse after a checkpoint: overwriting is faster than growing.
const KEPT_LOG_BYTES: u32 = 64 << 20;

impl SqliteCatalog {
    /// Opens the catalog at `path`, bringing its schema up to date.
    ///
    /// # Errors
    /// `NotFound`, `Foreign`, `SchemaNewer`, or the storage fails.
    pub fn open(path: &Path, options: &SqliteOptions) -> Result<Self, CatalogError> {
        Self::prepare(path, options, None)
    }

    /// Creates the catalog of a new store at `path`, readable by its owner only. Durable when it returns.
    ///
    /// # Errors
    /// There is a file already (`Io`), or the storage fails.
    pub fn create(path: &Path, options: &SqliteOptions, identity: &StoreIdentity) -> Result<Self, CatalogError> {
        create_file(path).map_err(io(path))?;
        Self::prepare(path, options, Some(identity))
    }

    /// Opens the catalog at `path`; where there is none (or only the trace of a creation cut short), creates it under `identity`.
    /// Compare [`Catalog::store`](crate::Catalog::store) to tell which.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(path: &Path, options: &SqliteOptions, identity: &StoreIdentity) -> Result<Self, CatalogError> {
        match create_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(io(path)(error)),
            _ => Self::prepare(path, options, Some(identity)),
        }
    }

    fn prepare(path: &Path, options: &SqliteOptions, identity: Option<&StoreIdentity>) -> Result<Self, CatalogError> {
        if !path.try_exists().map_err(io(path))? {
            return Err(CatalogError::NotFound(path.display().to_string()));
        }
        let mut connection = open_file(path)?;
        connection.busy_timeout(options.busy_timeout).map_err(failed)?;
        let found = schema::look(&connection, path)?;
        if found == Found::Nothing && identity.is_none() {
            return Err(CatalogError::NotFound(path.display().to_string()));
        }
        writing(&connection, options)?;
        if found != Found::Version(SCHEMA_VERSION) {
            schema::migrate(&mut connection, path, identity)?;
            sync_folder(path)?;
        }
        Ok(Self { path: path.to_owned(), writer: Mutex::new(Writer::new(path, options, connection)), readers: Readers::new(path, options) })
    }
}

/// An empty file that only its owner may read; the log beside it inherits the rights.
pub(super) fn create_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes the names in a file's folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), CatalogError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io(folder))
}

/// A connection to an existing file, without any setting.
pub(super) fn open_file(path: &Path) -> Result<Connection, CatalogError> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)
}

fn common(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise SQLite plans a statement anew whenever a parameter changes that its choice of a partial index looked at.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -i64::from(options.cache_bytes / 1024))
}

/// Makes a connection a reader.
pub(super) fn reading(connection: &Connection, options: &SqliteOptions) -> Result<(), CatalogError> {
    common(connection, options).and_then(|()| connection.pragma_update(None, "query_only", true)).map_err(failed)
}

/// Makes a connection the writer.
pub(super) fn writing(connection: &Connection, options: &SqliteOptions) -> Result<(), CatalogError> {
    common(connection, options).map_err(failed)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(CatalogError::Io(format!("the file system allows journal mode {mode} only, not WAL")));
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.pragma_update_and_check(None, "journal_size_limit", KEPT_LOG_BYTES, |_| Ok(())).map_err(failed)?;
    bound(connection, options.max_bytes)
}

/// Bounds the size of the database; never below what it has already.
pub(super) fn bound(connection: &Connection, max_bytes: Option<u64>) -> Result<(), CatalogError> {
    let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(failed)?;
    let pages = max_bytes.map_or(u64::from(u32::MAX) - 1, |bytes| (bytes / u64::from(page.max(1))).clamp(1, u64::from(u32::MAX) - 1));
    let pages = i64::try_from(pages).unwrap_or(i64::MAX);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).map_err(failed)
}
