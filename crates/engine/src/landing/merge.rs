//! Merging a session's tree onto a head.

use crate::EngineError;
use crate::store::Store;
use acetate_git::ObjectBatch;
use acetate_merge::{Finding, FindingKind, MergedContent, MergedEntry, Move, SameSymbol, TreeMerge, TreeOptions, merge_trees_with};
use acetate_overlay::{Entry, Overlay, OverlayError};
use acetate_types::{FileMode, ObjectId, RepoPath};
use std::collections::HashSet;

/// Most paths that are listed.
const LISTED: usize = 1000;
/// Most findings that are listed.
const FINDINGS: usize = 1000;

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
    /// The directories among them, with their trees.
    pub(crate) whole: Vec<(RepoPath, ObjectId)>,
    /// How many there are.
    pub(crate) count: u64,
    /// Findings in words.
    pub(crate) findings: Vec<String>,
}

/// Merges `theirs` into `ours`, both made on `base`: every merge of trees in the engine. Who has nobody to ask (carrying over, undoing,
/// following a branch) merges as Git does what two changed in one symbol: [`SameSymbol::Merge`].
pub(crate) fn merge(
    store: &Store,
    [base, ours, theirs]: [&ObjectId; 3],
    moves: Vec<Move>,
    same_symbol: SameSymbol,
) -> Result<TreeMerge, EngineError> {
    let options = TreeOptions { their_moves: moves, ..TreeOptions::default() };
    Ok(merge_trees_with(&store.repo, base, ours, theirs, &options, &store.symbol_files(same_symbol))?)
}

/// Merges `tree`, made on `base`, onto `head`. `Err` in the inner result are the conflicts.
pub(crate) fn merge_onto(
    store: &Store,
    base: &ObjectId,
    head: &ObjectId,
    tree: &ObjectId,
    moves: &[Move],
    same_symbol: SameSymbol,
) -> Result<Result<MergedTree, TreeMerge>, EngineError> {
    let merge = merge(store, [base, head, tree], moves.to_vec(), same_symbol)?;
    if !merge.is_clean() {
        return Ok(Err(merge));
    }
    apply(store, head, merge).map(Ok)
}

/// Applies a merge's edits to the head.
pub(crate) fn apply(store: &Store, head: &ObjectId, merge: TreeMerge) -> Result<MergedTree, EngineError> {
    let mut overlay = Overlay::new(*head);
    let (mut paths, mut whole) = (Vec::new(), Vec::new());
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
        if paths.len() < LISTED {
            paths.push(edit.path.clone());
            if let Some(MergedEntry::Tree(id)) = &edit.entry {
                whole.push((edit.path.clone(), *id));
            }
        }
    }
    let mut objects = ObjectBatch::new(head.format());
    let built = overlay.build(&store.repo, &mut BatchSink(&mut objects))?;
    let mut findings: Vec<String> = merge.findings.iter().take(FINDINGS).map(describe).collect();
    if let Some(more @ 1..) = merge.findings.len().checked_sub(FINDINGS) {
        findings.push(format!("more: {more} further findings, {} in all", merge.findings.len()));
    }
    Ok(MergedTree { tree: built.tree, overlay: built.overlay, objects, paths, whole, count, findings })
}

impl MergedTree {
    /// The files that differ from the head, those in directories taken whole one by one; at most a thousand.
    pub(crate) fn files(&self, store: &Store, head: &ObjectId) -> Result<Vec<RepoPath>, EngineError> {
        let whole: HashSet<&RepoPath> = self.whole.iter().map(|(path, _)| path).collect();
        let mut files: Vec<RepoPath> = self.paths.iter().filter(|path| !whole.contains(path)).cloned().collect();
        for (path, tree) in &self.whole {
            if files.len() >= LISTED {
                break;
            }
            files.extend(changed_in(store, head, path, tree)?);
        }
        files.truncate(LISTED);
        Ok(files)
    }
}

/// The files in which a directory that is taken whole differs from the head's. Costs what differs.
fn changed_in(store: &Store, head: &ObjectId, path: &RepoPath, tree: &ObjectId) -> Result<Vec<RepoPath>, EngineError> {
    let Some(Entry::Directory(Some(before))) = Overlay::new(*head).get(&store.repo, path)? else { return Ok(vec![path.clone()]) };
    let changes = Overlay::from_trees(&store.repo, before, *tree)?.changes(&store.repo)?;
    let whole = |change: &acetate_overlay::Change| {
        let below = change.path.as_bytes();
        RepoPath::existing([path.as_bytes(), b"/", below].concat()).ok()
    };
    Ok(changes.iter().filter_map(whole).collect())
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
