//! A consistent copy of a running store: a Git repository with its `acetate` folder, ready to be served.
//!
//! Order makes it consistent: the journal, then packs that only it names, then the catalog, then what the catalog names. A catalog newer
//! than its journal is what a power cut leaves, and comes up; a journal newer than its catalog names bases and texts that the catalog
//! does not know, and would not replay. Refs of the copy are written from the catalog's copy, not from the disk, so what moved meanwhile
//! does no harm. Most objects are copied before all that, so that little is left to do.

use super::handle::BackupReport;
use crate::api::Right;
use crate::store::{Store, disk_name, served_ref};
use crate::{Access, EngineError, Progress};
use acetate_catalog::{Catalog as _, SqliteCatalog, SqliteOptions};
use acetate_git::{Expected, OpenOptions, RefTarget, RefUpdate, Repository};
use acetate_types::{ErrorKind, ObjectId, WorkspaceId};
use std::collections::HashSet;
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
    progress("bringing refs to disk");
    store.pipeline.settle()?;
    progress("copying objects and refs");
    store.repo.mirror_to(to, TIME)?;
    let state = to.join("acetate");
    std::fs::create_dir_all(&state).map_err(io("making the backup's folder"))?;
    progress("copying the journal");
    store.journal.sync()?;
    copy_journal(&store.state_dir.join("journal"), &state.join("journal")).map_err(io("copying the journal"))?;
    store.repo.copy_kept_to(to).map_err(io("copying packs"))?;
    progress("copying the catalog");
    store.catalog.backup(&state.join("catalog.db"))?;
    progress("copying what came meanwhile");
    let refs = named(&SqliteCatalog::open(&state.join("catalog.db"), &SqliteOptions::default())?)?;
    store.repo.push_refs_to(to, &refs, TIME)?;
    remove_others(to, &refs)?;
    Ok(BackupReport { path: to.to_string_lossy().into_owned(), bytes: size(to).map_err(io("measuring the backup"))? })
}

/// Every ref that a catalog names, as it is called on disk.
fn named(catalog: &SqliteCatalog) -> Result<Vec<(String, ObjectId)>, EngineError> {
    let mut refs = Vec::new();
    let mut after: Option<(String, WorkspaceId)> = None;
    loop {
        let page = catalog.workspaces(after.as_ref().map(|(name, id)| (name.as_str(), id)), 500, true)?;
        let Some(last) = page.last() else { return Ok(refs) };
        after = Some((last.name.clone(), last.id.clone()));
        for workspace in &page {
            let mut after: Option<bytes::Bytes> = None;
            loop {
                let page = catalog.references(&workspace.id, b"refs/", after.as_deref(), 1000)?;
                let Some(last) = page.last() else { break };
                after = Some(last.name.0.clone());
                for (name, target) in page.iter().filter_map(|record| Some((std::str::from_utf8(&record.name.0).ok()?, record.target))) {
                    refs.push((disk_name(&workspace.id, workspace.in_place, name), target));
                    refs.extend(served_ref(name).filter(|_| workspace.in_place).map(|served| (served, target)));
                }
            }
        }
    }
}

/// Removes the copy's refs in Acetate's own places that its catalog does not name: they came after it.
fn remove_others(to: &Path, refs: &[(String, ObjectId)]) -> Result<(), EngineError> {
    let known: HashSet<&str> = refs.iter().map(|(name, _)| name.as_str()).collect();
    let copy = Repository::open(to, &OpenOptions::default())?;
    let mut updates = Vec::new();
    for prefix in ["refs/acetate/", "refs/namespaces/"] {
        for (name, target) in copy.refs(prefix)? {
            if matches!(target, RefTarget::Id(_)) && !name.ends_with("/HEAD") && !known.contains(name.as_str()) {
                updates.push(RefUpdate { name, expected: Expected::Any, new: None, message: String::new() });
            }
        }
    }
    copy.update_refs(&updates)?;
    let names: Vec<&str> = refs.iter().map(|(name, _)| name.as_str()).collect();
    Ok(copy.sync_refs(&names)?)
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
