//! Making workspaces: empty, or from a repository or a bundle.

use super::intake::{Taken, check_size, take_bundle};
use super::names::{branch_name, check_name, checkpoint_name, name_from};
use super::point::unborn;
use super::{Head, WorkspaceState};
use crate::api::{CreateWorkspace, WorkspaceInfo, WorkspaceSource};
use crate::pipeline::Projection;
use crate::store::{Begun, Once, Store, project_head};
use crate::{Access, EngineError, Idempotency, Progress};
use acetate_catalog::{Batch, EventDraft, Expected, ForkPoint, OperationDraft, VersionRecord, WorkspaceRecord, Write};
use acetate_git::{FetchRequest, FetchedRef, ObjectBatch, ObjectKind, OpenOptions, RefUpdate, Repository, Source};
use acetate_types::{ErrorKind, ObjectId, Text, WorkspaceId};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long an import may take.
pub(super) const TIME: Duration = Duration::from_secs(4 * 3600);

/// A new workspace's record.
pub(crate) fn record(store: &Store, id: WorkspaceId, name: String, create: &CreateWorkspace, default_branch: &str) -> WorkspaceRecord {
    WorkspaceRecord {
        id,
        name,
        description: create.description.clone().unwrap_or_default(),
        default_branch: Text(default_branch.to_owned().into()),
        created: store.now().0,
        deleted: None,
        parent: None,
        in_place: false,
        settings: json!({}),
        version_base: 0,
    }
}

/// Makes a workspace. Long work reports its progress.
pub(crate) fn create(
    store: &Arc<Store>,
    access: &Access,
    create: &CreateWorkspace,
    once: Option<&Idempotency>,
    progress: Progress<'_>,
) -> Result<WorkspaceInfo, EngineError> {
    let once = match Once::begin::<WorkspaceInfo>(store, &access.actor, None, once)? {
        Begun::Again(answer) => return Ok(answer),
        Begun::New(once) => once,
    };
    store.check_open()?;
    let source_name = match &create.from {
        Some(WorkspaceSource::Git(from) | WorkspaceSource::Bundle(from)) => name_from(last_part(from)),
        _ => "workspace".to_owned(),
    };
    let name = match &create.name {
        Some(name) => name.clone(),
        // Nobody chose it, so nobody minds another.
        None if store.catalog.workspace_named(&source_name)?.is_some() => format!("{source_name}-{}", hex::encode(store.random::<3>())),
        None => source_name,
    };
    check_name(&name)?;
    store.check_message(create.description.as_deref())?;
    if store.catalog.workspace_named(&name)?.is_some() {
        let error = EngineError::new(ErrorKind::Conflict, "name_taken", format!("there is a workspace {name:?} already"));
        return Err(error.hint("choose another name"));
    }
    let id = WorkspaceId::from_random(store.random());
    let (default_branch, refs) = match &create.from {
        None => ("refs/heads/main".to_owned(), Vec::new()),
        Some(WorkspaceSource::Workspace(_) | WorkspaceSource::Template(_)) => {
            return Err(EngineError::invalid("source_invalid", "a workspace is made from another through that one's handle"));
        }
        Some(WorkspaceSource::Bundle(path)) => return from_bundle(store, access, (id, name, create), &absolute(path)?, once, progress),
        Some(WorkspaceSource::Git(from)) => match git_source(from)? {
            Found::Source(source) => import(store, &id, &source, progress)?,
            Found::Bundle(path) => return from_bundle(store, access, (id, name, create), &path, once, progress),
        },
    };
    let record = record(store, id.clone(), name, create, &default_branch);
    let made = make(store, access, record, Origin::Imported(&refs), "workspace_created", once);
    if create.from.is_some() {
        // What the catalog knows is made, whatever the answer.
        end_import(store, &id, made.is_ok() || !matches!(store.catalog.workspace(&id), Ok(None)));
    }
    made
}

fn last_part(from: &str) -> &str {
    from.trim_end_matches('/').rsplit(['/', ':']).find(|part| !part.is_empty() && *part != ".git").unwrap_or(from)
}

fn absolute(path: &str) -> Result<PathBuf, EngineError> {
    std::fs::canonicalize(path).map_err(|error| EngineError::not_found("source_not_found", format!("{path}: {error}")))
}

/// Makes a workspace of a bundle.
fn from_bundle(
    store: &Arc<Store>,
    access: &Access,
    (id, name, create): (WorkspaceId, String, &CreateWorkspace),
    path: &Path,
    once: Option<Once>,
    progress: Progress<'_>,
) -> Result<WorkspaceInfo, EngineError> {
    let Taken { default_branch, refs, brought, pack } = take_bundle(store, path, progress)?;
    progress("recording");
    let mut record = record(store, id.clone(), name, create, &default_branch);
    if let Some(settings) = brought {
        settings.apply(&mut record, create.description.is_none(), &refs);
    }
    let made = make(store, access, record, Origin::Taken(&refs), "workspace_created", once);
    if made.is_err() && matches!(store.catalog.workspace(&id), Ok(None)) {
        if let Err(error) = pack.discard() {
            tracing::warn!(%error, "the objects of a failed import stay for git gc");
        }
    } else {
        // Its refs were sent before: they are on stable storage when the pack is let go.
        store.pipeline.project(Projection::Refs { refs: Vec::new(), written: Vec::new(), kept: Some(pack) });
    }
    made
}

/// Where a workspace is to come from.
enum Found {
    Source(Source),
    Bundle(PathBuf),
}

/// A URL where the text looks like one, else a path on this machine: a repository, or a bundle.
fn git_source(from: &str) -> Result<Found, EngineError> {
    if from.contains("://") || (from.contains(':') && !Path::new(from).exists()) {
        return Ok(Found::Source(Source::url(from)?));
    }
    let path = absolute(from)?;
    if !path.is_dir() {
        return Ok(Found::Bundle(path));
    }
    // A shallow or partial clone says so here; a fetch from one leaves branches out without an error.
    Repository::open(&path, &OpenOptions::default())?;
    Ok(Found::Source(Source::path(&path)?))
}

/// What Git says of a source is about the source, not about this store.
pub(super) fn import_failed(error: acetate_git::GitError) -> EngineError {
    use acetate_types::Classify as _;
    let mut problem = error.problem();
    problem.code = "import_failed".into();
    if problem.kind == ErrorKind::Internal {
        problem.kind = ErrorKind::Invalid;
    }
    problem.into()
}

/// What says that an import or a removal is under way: the refs of a workspace that the catalog does not know are removed, at the next
/// start if need be.
const IMPORT: &str = "import-";

/// Where all refs are that are Acetate's alone.
const OURS: &str = "refs/acetate/";

/// A workspace is about to be removed, or to be made; beside its own namespace these refs, or those below one that ends in a slash, go with it.
pub(super) fn begin_import(store: &Store, id: &WorkspaceId, refs: &[String]) -> Result<(), EngineError> {
    std::fs::write(store.state_dir.join(format!("{IMPORT}{id}")), refs.join("\n"))
        .map_err(|error| EngineError::new(ErrorKind::Unavailable, "import_failed", format!("the import can't be noted on disk: {error}")))
}

/// Ends an import or a removal; what was not made, or was removed, has no refs any more.
pub(super) fn end_import(store: &Store, id: &WorkspaceId, made: bool) {
    if !made && let Err(error) = drop_refs(store, id) {
        tracing::warn!(%error, "what a failed import left goes at the next start");
        return;
    }
    let _ = std::fs::remove_file(store.state_dir.join(format!("{IMPORT}{id}")));
}

fn drop_refs(store: &Store, id: &WorkspaceId) -> Result<(), EngineError> {
    let noted = std::fs::read_to_string(store.state_dir.join(format!("{IMPORT}{id}"))).unwrap_or_default();
    let own = format!("refs/namespaces/{id}/");
    let mut found = Vec::new();
    for name in std::iter::once(own.as_str()).chain(noted.lines().filter(|name| name.starts_with(OURS))) {
        if name.ends_with('/') {
            found.extend(store.repo.refs(name)?.into_iter().map(|(name, _)| name));
        } else {
            found.push(name.to_owned());
        }
    }
    let gone = |name| RefUpdate { name, expected: acetate_git::Expected::Any, new: None, message: "acetate: not there".to_owned() };
    Ok(store.repo.update_refs(&found.into_iter().map(gone).collect::<Vec<_>>())?)
}

/// Removes what imports left that a crash cut short.
pub(crate) fn clear_imports(store: &Store) -> Result<(), EngineError> {
    let Ok(entries) = std::fs::read_dir(&store.state_dir) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(Ok(id)) = name.to_str().and_then(|name| name.strip_prefix(IMPORT)).map(str::parse::<WorkspaceId>) else { continue };
        end_import(store, &id, store.catalog.workspace(&id)?.is_some());
    }
    Ok(())
}

/// Fetches a source into a namespace of its own; gives the default branch and the refs. Nothing is left of it when it fails.
fn import(
    store: &Store,
    id: &WorkspaceId,
    source: &Source,
    progress: Progress<'_>,
) -> Result<(String, Vec<(String, ObjectId)>), EngineError> {
    begin_import(store, id, &[])?;
    fetch(store, id, source, progress).inspect_err(|_| end_import(store, id, false))
}

fn fetch(
    store: &Store,
    id: &WorkspaceId,
    source: &Source,
    progress: Progress<'_>,
) -> Result<(String, Vec<(String, ObjectId)>), EngineError> {
    progress("looking at the source");
    let head = store.repo.remote_head(source, TIME).map_err(import_failed)?;
    progress("fetching");
    let request = FetchRequest {
        source: source.clone(),
        prefix: format!("refs/namespaces/{id}/"),
        max_bytes: store.options.limits.import_bytes,
        timeout: TIME,
    };
    let fetched: Vec<FetchedRef> = store.repo.fetch(&request).map_err(import_failed)?;
    store.point("import.after_fetch");
    progress("recording");
    let branch = head.as_deref().map(|head| if head.starts_with("refs/") { head.to_owned() } else { format!("refs/heads/{head}") });
    if let Some(branch) = branch
        && !fetched.iter().any(|fetched| fetched.name == branch)
    {
        let message = format!("the source did not give its branch {branch}");
        return Err(EngineError::invalid("import_failed", message)
            .hint("a shallow clone gives none; complete it with `git fetch --unshallow`, or give it a commit first"));
    }
    for FetchedRef { name, .. } in &fetched {
        // A name that no call takes could never be used or removed.
        let checked = if name.starts_with("refs/tags/") { checkpoint_name(name) } else { branch_name(name) };
        checked.map_err(|_| EngineError::invalid("import_failed", format!("the source has a ref whose name can't be used: {name:?}")))?;
    }
    let refs: Vec<(String, ObjectId)> = fetched.into_iter().map(|fetched| (fetched.name, fetched.id)).collect();
    let mut known = HashMap::new();
    for (name, id) in &refs {
        if let (commit, ObjectKind::Commit) = store.repo.peel(id)? {
            check_size(store, name, &store.repo.commit(&commit)?.tree, &mut known)?;
        }
    }
    Ok((default_branch(&refs, head), refs))
}

/// The branch that HEAD names if it is there, else `main`, `master`, or the first.
pub(crate) fn default_branch(refs: &[(String, ObjectId)], head: Option<String>) -> String {
    let there = |name: &str| refs.iter().any(|(known, _)| known == name);
    let full = |name: String| if name.starts_with("refs/") { name } else { format!("refs/heads/{name}") };
    [head.map(full), Some("refs/heads/main".to_owned()), Some("refs/heads/master".to_owned())]
        .into_iter()
        .flatten()
        .find(|name| there(name))
        // The work of sessions that a bundle took along is nobody's default.
        .or_else(|| {
            let own = |name: &String| name.starts_with("refs/heads/") && !name.starts_with("refs/heads/sessions/");
            refs.iter().map(|(name, _)| name.clone()).find(own)
        })
        .unwrap_or_else(|| "refs/heads/main".to_owned())
}

/// Where a new workspace's refs come from.
pub(crate) enum Origin<'a> {
    /// They are on disk already; the default branch is its first version.
    Imported(&'a [(String, ObjectId)]),
    /// They are in a pack that was taken in, and not on disk yet; the default branch is its first version.
    Taken(&'a [(String, ObjectId)]),
    /// They are another workspace's, whose versions go on.
    Forked(&'a [(String, ObjectId)], &'a Arc<WorkspaceState>),
    /// One branch with a commit made for it, which is in these objects and its first version.
    Begun(&'a [(String, ObjectId)], ObjectBatch),
}

/// Records a workspace with its refs and its first version; makes it known.
pub(crate) fn make(
    store: &Arc<Store>,
    access: &Access,
    record: WorkspaceRecord,
    origin: Origin<'_>,
    event: &str,
    once: Option<Once>,
) -> Result<WorkspaceInfo, EngineError> {
    let (refs, parent, on_disk, how) = match &origin {
        Origin::Imported(refs) => (*refs, None, true, "import"),
        Origin::Taken(refs) => (*refs, None, false, "import"),
        Origin::Forked(refs, parent) => (*refs, Some(*parent), false, "fork"),
        Origin::Begun(refs, _) => (*refs, None, false, "template"),
    };
    let objects = match origin {
        Origin::Begun(_, objects) => {
            store.repo.stage(&objects)?;
            vec![Arc::new(objects)]
        }
        _ => Vec::new(),
    };
    let id = record.id.clone();
    let default_branch = String::from_utf8_lossy(&record.default_branch.0).into_owned();
    let now = store.now().0;
    let mut writes = Batch { writes: vec![Write::CreateWorkspace(record.clone())] };
    let mut heads = Vec::new();
    let mut next = record.version_base + 1;
    for (name, target) in refs {
        let text = Text(name.clone().into());
        writes.push(Write::MoveRef { workspace: id.clone(), name: text.clone(), expected: Expected::Absent, target: Some(*target) });
        if on_disk {
            writes.push(Write::Projected { workspace: id.clone(), name: text, target: Some(*target) });
        }
        if !name.starts_with("refs/heads/") {
            continue;
        }
        let (commit, kind) = store.repo.peel(target)?;
        if kind != ObjectKind::Commit {
            return Err(EngineError::invalid("import_failed", format!("{name} does not name a commit")));
        }
        let commit_object = store.repo.commit(&commit)?;
        let mut head = Head { commit: Some(commit), tree: commit_object.tree, version: None, position: Head::START };
        if let Some(parent) = parent {
            head.version = parent.version_of(store, &commit)?;
        } else if *name == default_branch {
            // An import is v1 (DESIGN.md §5).
            head.version = Some(next);
            writes.push(Write::AddVersion(VersionRecord {
                workspace: id.clone(),
                number: next,
                commit,
                tree: commit_object.tree,
                branch: record.default_branch.clone(),
                parent: commit_object.parents.first().copied(),
                kind: how.into(),
                session: None,
                agent: String::new(),
                intent: String::new(),
                author: Text([&commit_object.author.name[..], b" <", &commit_object.author.email, b">"].concat().into()),
                message: Text(bytes::Bytes::copy_from_slice(commit_object.subject())),
                at: now,
            }));
            next += 1;
        }
        heads.push((name.clone(), head));
    }
    let fork: Option<&ForkPoint> = record.parent.as_ref();
    let after =
        json!({ "name": record.name, "default_branch": default_branch, "refs": refs.len(), "parent": fork.map(|fork| &fork.workspace) });
    writes.push(Write::AddOperation(OperationDraft {
        workspace: id.clone(),
        kind: event.into(),
        actor: access.actor.clone(),
        at: now,
        before: json!({}),
        after: after.clone(),
        undoes: None,
        detail: serde_json::Value::Null,
    }));
    writes.push(Write::AddEvent(EventDraft { workspace: id.clone(), kind: event.into(), at: now, payload: after }));
    let state = Arc::new(WorkspaceState::new(record, next, 0));
    for (name, head) in heads {
        state.add_line(&name, head);
    }
    if state.line(&default_branch).is_none() {
        state.add_line(&default_branch, unborn(store));
    }
    let answer = state.show(store, 0);
    if let Some(once) = once {
        writes.push(once.write(&answer)?);
    }
    let moves = match on_disk {
        true => Vec::new(),
        false => refs
            .iter()
            .map(|(name, target)| crate::pipeline::RefMove {
                workspace: Arc::clone(&state),
                name: name.clone(),
                target: Some(*target),
                message: format!("acetate: {how}"),
            })
            .collect(),
    };
    let published = (Arc::clone(store), Arc::clone(&state));
    let publish = Box::new(move |_: &acetate_catalog::Applied| {
        published.0.workspaces.pin().insert(published.1.id.clone(), Arc::clone(&published.1));
    });
    store.pipeline.commit(objects, writes, moves, Some(publish))?;
    // It is durable: nothing that goes wrong from here on undoes it, and the next start tries again.
    if let Err(error) = project_head(store, &state) {
        tracing::warn!(%error, "which branch is the default one is not on disk");
    }
    Ok(answer)
}
