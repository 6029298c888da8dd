//! A consistent copy of a running store: a Git repository with its `acetate` folder, ready to be served.
//!
//! Order makes it consistent: first the catalog's snapshot, then everything that it names. Refs in the copy are written from the
//! catalog's copy, not from the disk, so what moved meanwhile does no harm. Unsaved edits are in it as of the journal's copy, which is
//! taken last: a journal newer than its catalog replays; the other way round it would lose edits.

use super::handle::BackupReport;
use crate::api::Right;
use crate::store::Store;
use crate::{Access, EngineError, Progress};
use acetate_types::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long copying objects may take.
const TIME: Duration = Duration::from_secs(4 * 3600);

pub(super) fn backup(store: &Arc<Store>, access: &Access, to: &Path, progress: Progress<'_>) -> Result<BackupReport, EngineError> {
    access.need_store(Right::Admin)?;
    let io =
        |what: &'static str| move |error: std::io::Error| EngineError::new(ErrorKind::Unavailable, "backup_io", format!("{what}: {error}"));
    if !to.is_absolute() {
        return Err(EngineError::invalid("backup_path", "the backup's folder must be an absolute path"));
    }
    if to.exists() && std::fs::read_dir(to).map_err(io("reading the backup's folder"))?.next().is_some() {
        return Err(
            EngineError::new(ErrorKind::Conflict, "backup_exists", format!("{} is not empty", to.display())).hint("name a new folder")
        );
    }
    // Everything that is durable is also reached by refs on disk, so that copying what refs reach copies everything.
    progress("bringing refs to disk");
    store.pipeline.settle()?;
    progress("copying objects and refs");
    store.repo.mirror_to(to, TIME)?;
    let state = to.join("acetate");
    std::fs::create_dir_all(&state).map_err(io("making the backup's folder"))?;
    progress("copying the catalog");
    store.catalog.backup(&state.join("catalog.db"))?;
    // Once more: what landed between the two copies has its objects too.
    store.pipeline.settle()?;
    store.repo.mirror_to(to, TIME)?;
    progress("copying the journal");
    store.journal.sync()?;
    copy_journal(&store.state_dir.join("journal"), &state.join("journal")).map_err(io("copying the journal"))?;
    Ok(BackupReport { path: to.to_string_lossy().into_owned(), bytes: size(to).map_err(io("measuring the backup"))? })
}

fn copy_journal(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_type()?.is_file() {
            continue;
        }
        match std::fs::copy(entry.path(), to.join(entry.file_name())) {
            Ok(_) => std::fs::File::open(to.join(entry.file_name()))?.sync_all()?,
            // A segment that nobody needs any more may go meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    std::fs::File::open(to)?.sync_all()
}

fn size(path: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
