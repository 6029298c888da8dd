//! A catalog made anew from what Git refs and the trailers of landed commits tell: for a repository that never met Acetate, and where the
//! catalog was lost.
//!
//! Invariant: trailers are text that anybody may write; they count only where Acetate left refs of its own, and only as far as numbers follow.

use super::open::KIND;
use super::served_refs;
use crate::workspace::{default_branch, name_from};
use crate::{EngineError, EngineOptions};
use acetate_catalog::{Batch, Catalog, Expected, VersionRecord, WorkspaceRecord, Write};
use acetate_git::{ObjectKind, RefTarget, Repository};
use acetate_types::{ObjectId, Text, WorkspaceId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A new catalog: says what the store is, and takes in what the repository's refs tell. For a repository that never met Acetate that is
/// the workspace of its own refs; where the catalog was lost it is every workspace (DESIGN.md §5).
pub(super) fn begin(repo: &Repository, catalog: &Arc<dyn Catalog>, kind: &str, options: &EngineOptions) -> Result<(), EngineError> {
    let namespaces = namespaces(repo)?;
    let own = own_refs(repo)?;
    let met = !repo.refs(&served_refs())?.is_empty() || !repo.refs("refs/acetate/")?.is_empty();
    // A store of its own that lost its catalog has only namespaces.
    let kind = if kind == "in_place" && own.is_empty() && !namespaces.is_empty() { "store" } else { kind };
    let setting = |key: &str, value: Value| Write::PutSetting { key: key.to_owned(), value: Some(value) };
    // All of it is one transaction: a start that is cut short leaves nothing, and the next one begins again.
    let mut batch = Batch { writes: vec![setting(KIND, json!(kind))] };
    let now = options.clock.now().0;
    if kind == "in_place" {
        let mut random = [0; 10];
        options.random.fill(&mut random);
        let head = repo.default_branch()?;
        let branch = default_branch(&own, head.clone());
        // An unborn repository still has a branch that the first landing makes.
        let branch = if own.is_empty() {
            head.map_or(branch, |head| if head.starts_with("refs/") { head } else { format!("refs/heads/{head}") })
        } else {
            branch
        };
        rebuild(repo, &mut batch, workspace_record(WorkspaceId::from_random(random), name_of(repo), &branch, true, now), &own, met)?;
    }
    for (id, refs) in namespaces {
        let branch = default_branch(&refs, None);
        let name = format!("restored-{}", id.as_str().get(2..10).unwrap_or_default());
        rebuild(repo, &mut batch, workspace_record(id, name, &branch, false, now), &refs, true)?;
    }
    for result in catalog.apply(&[batch])? {
        result?;
    }
    Ok(())
}

fn workspace_record(id: WorkspaceId, name: String, default_branch: &str, in_place: bool, created: i64) -> WorkspaceRecord {
    WorkspaceRecord {
        id,
        name,
        description: String::new(),
        default_branch: Text(default_branch.to_owned().into()),
        created,
        deleted: None,
        parent: None,
        in_place,
        settings: json!({}),
        version_base: 0,
    }
}

/// The name of a repository that is served in place: its folder's.
fn name_of(repo: &Repository) -> String {
    let folder = repo.work_tree().unwrap_or(repo.git_dir());
    name_from(&folder.file_name().unwrap_or_default().to_string_lossy())
}

/// The kind of a version of which nothing is known any more.
pub(crate) const LOST: &str = "lost";
/// Numbers in a row that may be missing.
const HOLE: u64 = 10_000;

type Refs = Vec<(String, ObjectId)>;

fn own_refs(repo: &Repository) -> Result<Refs, EngineError> {
    let mut refs = Vec::new();
    for prefix in ["refs/heads/", "refs/tags/"] {
        for (name, target) in repo.refs(prefix)? {
            if let RefTarget::Id(id) = target {
                refs.push((name, id));
            }
        }
    }
    Ok(refs)
}

fn namespaces(repo: &Repository) -> Result<BTreeMap<WorkspaceId, Refs>, EngineError> {
    let mut found: BTreeMap<WorkspaceId, Refs> = BTreeMap::new();
    for (name, target) in repo.refs("refs/namespaces/")? {
        let Some((id, inner)) = name.strip_prefix("refs/namespaces/").and_then(|rest| rest.split_once('/')) else { continue };
        if let (Ok(id), RefTarget::Id(target)) = (id.parse(), target)
            && (inner.starts_with("refs/heads/") || inner.starts_with("refs/tags/"))
        {
            found.entry(id).or_default().push((inner.to_owned(), target));
        }
    }
    Ok(found)
}

/// A workspace from its refs: versions are what trailers on the branches' first parents say, or else the default head as v1.
/// Trailers count only in a repository that has `met` Acetate before.
fn rebuild(repo: &Repository, batch: &mut Batch, record: WorkspaceRecord, refs: &Refs, met: bool) -> Result<(), EngineError> {
    let id = record.id.clone();
    let mut versions: BTreeMap<u64, VersionRecord> = BTreeMap::new();
    let mut writes = Batch { writes: Vec::new() };
    for (name, target) in refs {
        let text = Text(name.clone().into());
        writes.push(Write::MoveRef { workspace: id.clone(), name: text.clone(), expected: Expected::Absent, target: Some(*target) });
        writes.push(Write::Projected { workspace: id.clone(), name: text, target: Some(*target) });
        if met && name.starts_with("refs/heads/") && repo.peel(target)?.1 == ObjectKind::Commit {
            trailer_versions(repo, &id, name, *target, &mut versions)?;
        }
    }
    drop_forged(&mut versions);
    let default = String::from_utf8_lossy(&record.default_branch.0).into_owned();
    let first = versions.keys().next().copied();
    let mut record = record;
    match (first, refs.iter().find(|(name, _)| *name == default)) {
        // Numbers go on where they were. The version before the first that a trailer names (an import has none) is that one's parent; what
        // came earlier is not a version any more.
        (Some(first), _) => {
            let before = versions.get(&first).filter(|_| first > 1).and_then(|version| Some((version.parent?, version.branch.clone())));
            let mut first = first;
            if let Some((parent, branch)) = before {
                first -= 1;
                let branch = String::from_utf8_lossy(&branch.0).into_owned();
                versions.insert(first, version_record(repo, &id, &branch, parent, first, "import")?);
            }
            record.version_base = first - 1;
            fill_gaps(repo, &mut versions)?;
        }
        (None, Some((name, target))) => {
            versions.insert(1, version_record(repo, &id, name, *target, 1, "import")?);
        }
        (None, None) => {}
    }
    writes.writes.insert(0, Write::CreateWorkspace(record));
    writes.writes.extend(versions.into_values().map(Write::AddVersion));
    batch.writes.append(&mut writes.writes);
    Ok(())
}

/// Numbers without gaps. Pushes carry no trailer: the version before another one is that one's parent, unless that is a version itself.
/// What nothing tells of is lost, and says so: such a number names no commit.
fn fill_gaps(repo: &Repository, versions: &mut BTreeMap<u64, VersionRecord>) -> Result<(), EngineError> {
    let Some((first, last)) = versions.keys().next().copied().zip(versions.keys().next_back().copied()) else { return Ok(()) };
    let mut known: HashSet<ObjectId> = versions.values().map(|version| version.commit).collect();
    for number in (first..last).rev() {
        if versions.contains_key(&number) {
            continue;
        }
        let Some(after) = versions.get(&(number + 1)) else { continue };
        let (workspace, branch) = (after.workspace.clone(), after.branch.clone());
        let parent = after.parent.filter(|parent| !known.contains(parent));
        let found = match parent {
            Some(parent) => version_record(repo, &workspace, &String::from_utf8_lossy(&branch.0), parent, number, "push")?,
            None => lost(after, number),
        };
        known.insert(found.commit);
        versions.insert(number, found);
    }
    Ok(())
}

/// A version of which nothing is known but that it was there.
fn lost(after: &VersionRecord, number: u64) -> VersionRecord {
    let null = ObjectId::null(after.commit.format());
    VersionRecord {
        number,
        commit: null,
        tree: null,
        parent: None,
        kind: LOST.into(),
        session: None,
        agent: String::new(),
        intent: String::new(),
        author: Text(bytes::Bytes::new()),
        message: Text(bytes::Bytes::new()),
        ..after.clone()
    }
}

/// Leaves out what can't be a number that was given out: trailers are text that anybody may write, and each number is one more than another
/// one. Versions on branches that are gone leave holes, but not this large.
fn drop_forged(versions: &mut BTreeMap<u64, VersionRecord>) {
    let mut last = None;
    let forged = versions.keys().copied().find(|number| last.replace(*number).is_some_and(|last| number - last > HOLE));
    if let Some(forged) = forged {
        tracing::warn!(number = forged, "trailers name versions that can't have been; they are left out");
        drop(versions.split_off(&forged));
    }
}

/// The versions that the trailers of a branch's first parents tell.
fn trailer_versions(
    repo: &Repository,
    workspace: &WorkspaceId,
    branch: &str,
    tip: ObjectId,
    versions: &mut BTreeMap<u64, VersionRecord>,
) -> Result<(), EngineError> {
    let mut without = 0;
    for id in repo.first_parents(&tip, 1_000_000)? {
        let commit = repo.commit(&id)?;
        let number = commit.trailers().filter(|trailer| trailer.key.eq_ignore_ascii_case(b"Acetate-Version")).last();
        let number = number.and_then(|trailer| std::str::from_utf8(&trailer.value).ok()?.strip_prefix('v')?.parse::<u64>().ok());
        match number.filter(|number| (1..=1 << 40).contains(number)) {
            Some(number) => {
                without = 0;
                if let std::collections::btree_map::Entry::Vacant(place) = versions.entry(number) {
                    place.insert(version_record(repo, workspace, branch, id, number, "landing")?);
                }
            }
            // Pushed commits carry no trailer; a long run of them is history from before Acetate.
            None => without += 1,
        }
        if without > 10_000 {
            break;
        }
    }
    Ok(())
}

fn version_record(
    repo: &Repository,
    workspace: &WorkspaceId,
    branch: &str,
    target: ObjectId,
    number: u64,
    kind: &str,
) -> Result<VersionRecord, EngineError> {
    let (id, _) = repo.peel(&target)?;
    let commit = repo.commit(&id)?;
    let trailer = |key: &str| {
        commit
            .trailers()
            .filter(|trailer| trailer.key.eq_ignore_ascii_case(key.as_bytes()))
            .last()
            .map(|trailer| String::from_utf8_lossy(&trailer.value).into_owned())
    };
    Ok(VersionRecord {
        workspace: workspace.clone(),
        number,
        commit: id,
        tree: commit.tree,
        branch: Text(branch.to_owned().into()),
        parent: commit.parents.first().copied(),
        kind: kind.into(),
        session: trailer("Acetate-Session").and_then(|id| id.parse().ok()),
        agent: trailer("Acetate-Agent").unwrap_or_default(),
        intent: trailer("Acetate-Intent").unwrap_or_default(),
        author: Text([&commit.author.name[..], b" <", &commit.author.email, b">"].concat().into()),
        message: Text(bytes::Bytes::copy_from_slice(commit.subject())),
        at: commit.committer.seconds.saturating_mul(1000),
    })
}
