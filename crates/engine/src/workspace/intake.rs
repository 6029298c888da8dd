//! Taking a bundle in: untrusted bytes that become refs of a new workspace, or nothing at all.
//!
//! The header is looked at first: names, and what the bundle builds on. Its pack is indexed in quarantine with Git's strict checks and has to
//! be complete. Then the trees are counted, for a few small ones can stand for more files than anybody can list. The refs are those of the new
//! workspace alone, whatever the bundle calls them.

use super::bundled::{BundledSettings, SETTINGS_REF};
use super::create::{TIME, default_branch, import_failed};
use super::names::{branch_name, checkpoint_name};
use crate::store::Store;
use crate::{EngineError, Progress};
use acetate_git::KeptPack;
use acetate_types::{ErrorKind, ObjectId, Objects as _};
use std::collections::HashMap;
use std::path::Path;

/// What a bundle brought.
pub(super) struct Taken {
    pub(super) default_branch: String,
    pub(super) refs: Vec<(String, ObjectId)>,
    pub(super) brought: Option<BundledSettings>,
    pub(super) pack: KeptPack,
}

/// Reads, checks and keeps a bundle's objects. Nothing of it is left when this fails.
pub(super) fn take_bundle(store: &Store, file: &Path, progress: Progress<'_>) -> Result<Taken, EngineError> {
    progress("looking at the bundle");
    let mut bundle = store.repo.open_bundle(file).map_err(import_failed)?;
    for id in &bundle.since {
        if store.repo.kind(id)?.is_none() {
            return Err(EngineError::invalid("bundle_incomplete", format!("the bundle builds on commit {id}, which is not here"))
                .hint("import a whole bundle, or first what this one builds on"));
        }
    }
    let head = bundle.refs.iter().find(|(name, _)| name == "HEAD").map(|(_, id)| *id);
    let settings = bundle.refs.iter().find(|(name, _)| name == SETTINGS_REF).map(|(_, id)| *id);
    let mut refs = Vec::new();
    // Remote branches, notes and the like of others are none of a workspace's.
    for (name, id) in std::mem::take(&mut bundle.refs) {
        let checked = if name.starts_with("refs/heads/") {
            branch_name(&name)
        } else if name.starts_with("refs/tags/") {
            checkpoint_name(&name)
        } else {
            continue;
        };
        checked.map_err(|_| EngineError::invalid("import_failed", format!("the bundle has a ref whose name can't be used: {name:?}")))?;
        refs.push((name, id));
    }
    if refs.is_empty() {
        return Err(EngineError::invalid("bundle_empty", "the bundle has neither a branch nor a tag"));
    }
    progress("checking the bundle");
    let tips: Vec<ObjectId> = refs.iter().map(|(_, id)| *id).chain(settings).collect();
    let limit = store.options.limits.import_bytes;
    let pack = store.repo.ingest(&mut bundle.pack, limit, &tips, TIME).map_err(import_failed)?;
    let checked = tips_hold(store, &refs);
    if let Err(error) = checked {
        if let Err(error) = pack.discard() {
            tracing::warn!(%error, "the objects of a refused bundle stay for git gc");
        }
        return Err(error);
    }
    let brought = settings.and_then(|commit| BundledSettings::read(store, &commit));
    // What HEAD names: the branch at its commit, `main` before others.
    let at_head = |name: &&String| refs.iter().any(|(known, id)| known == *name && Some(*id) == head);
    let usual = ["refs/heads/main".to_owned(), "refs/heads/master".to_owned()];
    let first = refs.iter().map(|(name, _)| name).filter(|name| name.starts_with("refs/heads/"));
    let named = usual.iter().chain(first).find(at_head).cloned();
    Ok(Taken { default_branch: default_branch(&refs, named), refs, brought, pack })
}

/// Branches name commits, and no tip has more files than can be listed.
fn tips_hold(store: &Store, refs: &[(String, ObjectId)]) -> Result<(), EngineError> {
    let mut known = HashMap::new();
    for (name, id) in refs {
        let (commit, kind) = store.repo.peel(id)?;
        match kind {
            acetate_git::ObjectKind::Commit => {
                let tree = store.repo.commit(&commit)?.tree;
                check_size(store, name, &tree, &mut known)?;
            }
            _ if name.starts_with("refs/heads/") => {
                return Err(EngineError::invalid("import_failed", format!("{name} does not name a commit")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Deepest nesting of directories.
const DEEPEST: usize = 1000;

/// Counts the files below a tree, each tree once however often it is there.
pub(super) fn check_size(store: &Store, name: &str, root: &ObjectId, known: &mut HashMap<ObjectId, u64>) -> Result<(), EngineError> {
    let most = store.options.limits.import_files;
    let too_large = || {
        EngineError::new(ErrorKind::Limit, "import_too_large", format!("{name} stands for more than {most} files, or for folders too deep"))
    };
    // Trees on the way down, each with the ones in it that are still to be counted.
    let mut open: Vec<(ObjectId, Vec<ObjectId>, u64)> = Vec::new();
    let enter = |id: ObjectId| -> Result<(ObjectId, Vec<ObjectId>, u64), EngineError> {
        let tree = store.repo.tree(&id)?;
        let below: Vec<ObjectId> = tree.entries().filter(|entry| entry.kind.is_tree()).map(|entry| entry.id).collect();
        let files = tree.len() as u64;
        Ok((id, below, files))
    };
    if !known.contains_key(root) {
        open.push(enter(*root)?);
    }
    while let Some((id, below, files)) = open.last_mut() {
        let Some(next) = below.last().copied() else {
            known.insert(*id, *files);
            open.pop();
            continue;
        };
        match known.get(&next) {
            Some(count) => {
                *files = files.saturating_add(*count);
                below.pop();
                if *files > most {
                    return Err(too_large());
                }
            }
            None if open.len() >= DEEPEST => return Err(too_large()),
            None => open.push(enter(next)?),
        }
    }
    if known.get(root).is_some_and(|files| *files > most) { Err(too_large()) } else { Ok(()) }
}
