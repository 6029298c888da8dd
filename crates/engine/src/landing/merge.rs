//! Merging a session's tree onto a head.

use crate::EngineError;
use crate::api::{ConflictInfo, ConflictSide, LineSpan, Person};
use crate::store::Store;
use crate::workspace::{Head, WorkspaceState};
use acetate_git::{Commit, ObjectBatch};
use acetate_merge::{
    Conflict, ConflictHunk, Finding, FindingKind, LineRange, MergedContent, MergedEntry, Move, Side, TreeMerge, TreeOptions, merge_trees,
};
use acetate_overlay::{Entry, Overlay, OverlayError};
use acetate_types::{FileMode, ObjectId, Objects as _, RepoPath, Text};
use std::sync::Arc;

/// Most bytes of a text shown in a conflict.
const SHOWN: usize = 16 << 10;
/// Most commits that are looked at for who made the head's side of a conflict.
const LOOK_BACK: usize = 200;

/// A merged tree with the objects it needs.
pub(crate) struct MergedTree {
    /// The tree.
    pub(crate) tree: ObjectId,
    /// What turns the head into it.
    pub(crate) overlay: Overlay,
    /// New objects.
    pub(crate) objects: ObjectBatch,
    /// Paths that differ from the head, directories taken whole counted once; at most a thousand are listed.
    pub(crate) paths: Vec<RepoPath>,
    /// How many there are.
    pub(crate) count: u64,
    /// Findings in words.
    pub(crate) findings: Vec<String>,
}

/// Merges `tree`, made on `base`, onto `head`. `Err` in the inner result are the conflicts.
pub(crate) fn merge_onto(
    store: &Store,
    base: &ObjectId,
    head: &ObjectId,
    tree: &ObjectId,
    moves: &[Move],
) -> Result<Result<MergedTree, TreeMerge>, EngineError> {
    let options = TreeOptions { their_moves: moves.to_vec(), ..TreeOptions::default() };
    let merge = merge_trees(&store.repo, base, head, tree, &options)?;
    if !merge.is_clean() {
        return Ok(Err(merge));
    }
    apply(store, head, merge).map(Ok)
}

/// Applies a merge's edits to the head.
pub(crate) fn apply(store: &Store, head: &ObjectId, merge: TreeMerge) -> Result<MergedTree, EngineError> {
    let mut overlay = Overlay::new(*head);
    let mut paths = Vec::new();
    let count = merge.edits.len() as u64;
    for edit in &merge.edits {
        match &edit.entry {
            None => match overlay.remove(&store.repo, &edit.path) {
                // Gone with its directory already.
                Ok(_) | Err(OverlayError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            },
            Some(MergedEntry::Tree(id)) => {
                overlay.put_tree(&store.repo, &edit.path, *id)?;
            }
            Some(MergedEntry::File { mode, content }) => {
                // An edit says what is there afterwards: a directory, emptied by the edits before this one or not, makes room.
                if let Some(Entry::Directory(_)) = overlay.get(&store.repo, &edit.path)? {
                    overlay.remove(&store.repo, &edit.path)?;
                }
                put(store, &mut overlay, &edit.path, *mode, content)?;
            }
        }
        if paths.len() < 1000 {
            paths.push(edit.path.clone());
        }
    }
    let mut objects = ObjectBatch::new(head.format());
    let built = overlay.build(&store.repo, &mut BatchSink(&mut objects))?;
    let findings = merge.findings.iter().map(describe).collect();
    Ok(MergedTree { tree: built.tree, overlay: built.overlay, objects, paths, count, findings })
}

fn put(store: &Store, overlay: &mut Overlay, path: &RepoPath, mode: FileMode, content: &MergedContent) -> Result<(), EngineError> {
    match (mode, content) {
        (FileMode::Submodule, MergedContent::Object(id)) => overlay.submodule(&store.repo, path, *id)?,
        (FileMode::Symlink, MergedContent::Bytes(target)) => overlay.symlink(&store.repo, path, target.clone())?,
        (_, MergedContent::Object(id)) => overlay.put_object(&store.repo, path, mode, *id)?,
        (_, MergedContent::Bytes(text)) => overlay.write(&store.repo, path, Some(mode), text.clone())?,
    };
    Ok(())
}

/// New objects go into a batch.
pub(crate) struct BatchSink<'a>(pub(crate) &'a mut ObjectBatch);

impl acetate_overlay::Sink for BatchSink<'_> {
    fn blob(&mut self, data: bytes::Bytes) -> ObjectId {
        self.0.blob(data)
    }
    fn tree(&mut self, tree: acetate_types::Tree) -> ObjectId {
        self.0.tree(tree)
    }
}

fn describe(finding: &Finding) -> String {
    let path = finding.path.as_ref().map(ToString::to_string).unwrap_or_default();
    let from = finding.from.as_ref().map(ToString::to_string).unwrap_or_default();
    match finding.kind {
        FindingKind::RecordedMove => format!("recorded_move: {from} -> {path}"),
        FindingKind::RenameFollowed => format!("rename_followed: {from} -> {path}"),
        FindingKind::DirectoryRenameApplied => format!("directory_rename_applied: {from} -> {path}"),
        FindingKind::SameChange => format!("same_change: {path}"),
        FindingKind::RenameLimit => "rename_limit: too many candidates; only exact and recorded renames were followed".to_owned(),
        _ => format!("{:?}: {path}", finding.kind),
    }
}

/// A conflict of what was made on `base` with `head`, as doors show it.
pub(crate) fn conflict_info(
    store: &Store,
    workspace: &Arc<WorkspaceState>,
    base: &Head,
    head: &Head,
    session_author: Person,
    conflict: &Conflict,
) -> Result<ConflictInfo, EngineError> {
    let side = |side: &Option<Side>, range: fn(&ConflictHunk) -> LineRange| {
        side.as_ref().map(|side| show(store, side, &conflict.hunks, range)).transpose()
    };
    let head_path = conflict.ours.as_ref().map_or(&conflict.path, |side| &side.path);
    Ok(ConflictInfo {
        path: conflict.path.clone(),
        symbol: None,
        kind: conflict.kind.as_str().to_owned(),
        why: conflict.why.clone(),
        base: side(&conflict.base, |hunk| hunk.base)?,
        head: side(&conflict.ours, |hunk| hunk.ours)?,
        session: side(&conflict.theirs, |hunk| hunk.theirs)?,
        head_author: last_author(store, workspace, base, head, head_path)?,
        session_author: Some(session_author),
        proposal: conflict.proposal.as_ref().map(|proposal| proposal.text.clone()),
        resolved: false,
    })
}

/// The blob of a side, also where the merge made its text and nobody stored it.
pub(crate) fn side_id(side: &Side) -> ObjectId {
    side.text.as_ref().map_or(side.id, |text| acetate_git::blob_id(side.id.format(), text))
}

fn show(store: &Store, side: &Side, hunks: &[ConflictHunk], range: fn(&ConflictHunk) -> LineRange) -> Result<ConflictSide, EngineError> {
    let mut shown = ConflictSide {
        path: side.path.clone(),
        mode: side.mode.as_str().to_owned(),
        id: side_id(side),
        places: Vec::new(),
        texts: Vec::new(),
    };
    let text = match &side.text {
        Some(text) => text.clone(),
        None if side.mode == FileMode::Submodule || store.repo.blob_size(&side.id)? > store.options.limits.file_bytes => return Ok(shown),
        None => store.repo.blob(&side.id)?,
    };
    let clip = |text: bytes::Bytes| Text(text.slice(..text.len().min(SHOWN)));
    if hunks.is_empty() {
        if !acetate_merge::files::is_binary(&text) {
            shown.texts.push(clip(text));
        }
        return Ok(shown);
    }
    // Starts of lines, so that each place can be cut out.
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', &text).map(|at| at + 1));
    let at = |line: u32| starts.get(line as usize).copied().unwrap_or(text.len());
    for hunk in hunks {
        let range = range(hunk);
        shown.places.push(LineSpan { start: u64::from(range.start) + 1, lines: u64::from(range.len) });
        shown.texts.push(clip(text.slice(at(range.start)..at(range.end()).max(at(range.start)))));
    }
    Ok(shown)
}

/// Who made the newest commit between `base` and `head` that changed a path: looks back along first parents, a bounded number of them.
/// The commits are asked first: a head that becomes durable together with this answer is not in the catalog yet.
fn last_author(
    store: &Store,
    workspace: &WorkspaceState,
    base: &Head,
    head: &Head,
    path: &RepoPath,
) -> Result<Option<Person>, EngineError> {
    let mut next = head.commit;
    for _ in 0..LOOK_BACK {
        let Some(id) = next.filter(|id| Some(*id) != base.commit) else { break };
        let commit = store.repo.commit(&id)?;
        next = commit.parents.first().copied();
        let before = match &next {
            Some(parent) => store.repo.commit(parent)?.tree,
            None => ObjectId::empty_tree(id.format()),
        };
        let (before, after) = (store.repo.entry_at(&before, path)?, store.repo.entry_at(&commit.tree, path)?);
        if before.map(|entry| (entry.id, entry.kind)) != after.map(|entry| (entry.id, entry.kind)) {
            return person_of(store, workspace, &id, &commit).map(Some);
        }
    }
    Ok(None)
}

/// Who made a commit: as the catalog says, or where it does not know the commit (yet), as the commit itself does.
fn person_of(store: &Store, workspace: &WorkspaceState, id: &ObjectId, commit: &Commit) -> Result<Person, EngineError> {
    if let Some(version) = store.catalog.version_of(&workspace.id, id)? {
        let name = if version.agent.is_empty() { String::from_utf8_lossy(&version.author.0).into_owned() } else { version.agent };
        let intent = Some(version.intent).filter(|intent| !intent.is_empty());
        return Ok(Person { name, intent, session: version.session, version: Some(version.number) });
    }
    let trailer = |key: &str| {
        let found = commit.trailers().filter(|trailer| trailer.key.eq_ignore_ascii_case(key.as_bytes())).last();
        found.map(|trailer| String::from_utf8_lossy(&trailer.value).into_owned()).filter(|value| !value.is_empty())
    };
    Ok(Person {
        name: String::from_utf8_lossy(&commit.author.name).into_owned(),
        intent: trailer("Acetate-Intent"),
        session: trailer("Acetate-Session").and_then(|id| id.parse().ok()),
        version: trailer("Acetate-Version").and_then(|version| version.strip_prefix('v')?.parse().ok()),
    })
}
