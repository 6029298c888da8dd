//! A consistent copy of a running catalog.

use super::SqliteCatalog;
use super::connect::{create_file, open_file, sync_folder};
use super::failure::{failed, io};
use crate::error::CatalogError;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

impl SqliteCatalog {
    pub(super) fn copy_to(&self, to: &Path) -> Result<(), CatalogError> {
        if to.try_exists().map_err(io(to))? {
            return Err(CatalogError::Io(format!("{}: exists already", to.display())));
        }
        let partial = partial_name(to);
        let copied = self.copy_and_sync(&partial).and_then(|()| fs::rename(&partial, to).map_err(io(to)));
        if copied.is_err() {
            // The error of the copy is the one to tell; a leftover is refused, not trusted, next time.
            let _ = fs::remove_file(&partial);
        }
        copied?;
        sync_folder(to)
    }

    fn copy_and_sync(&self, partial: &Path) -> Result<(), CatalogError> {
        let name = partial.to_str().ok_or_else(|| CatalogError::Io(format!("{}: not UTF-8", partial.display())))?;
        // SQLite fills an empty file, and makes one that anyone may read. What a copy cut short left behind is no use.
        match fs::remove_file(partial) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(partial)(error)),
            _ => drop(create_file(partial).map_err(io(partial))?),
        }
        // A connection of its own: the copy takes its time, and reads and writes go on.
        let connection = open_file(&self.path)?;
        connection.execute("VACUUM INTO ?1", [name]).map_err(failed)?;
        // SQLite doesn't sync what it vacuums into.
        File::open(partial).and_then(|file| file.sync_all()).map_err(io(partial))
    }
}

fn partial_name(to: &Path) -> PathBuf {
    let mut name = OsString::from(to);
    name.push(".partial");
    PathBuf::from(name)
}
