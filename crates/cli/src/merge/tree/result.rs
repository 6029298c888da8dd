//! The tree that a merge comes to, conflicts included: as Git would check it out, with markers in files.

use crate::client::Failure;
use acetate_git::{ObjectBatch, Repository};
use acetate_merge::trees::{Conflict, ConflictKind, Edit, MergedContent, MergedEntry, Side, TreeMerge};
use acetate_merge::{Labels, MarkerStyle};
use acetate_overlay::{Entry, Overlay, OverlayError, Sink};
use acetate_types::{Classify as _, FileMode, ObjectId, RepoPath, Tree};
use bytes::Bytes;

/// How conflicts are written into the tree.
#[derive(Debug, Clone)]
pub struct Written {
    /// The names of base, ours and theirs.
    pub labels: [String; 3],
    /// How conflicts between texts are written down.
    pub style: MarkerStyle,
    /// How long markers are.
    pub marker_size: usize,
}

/// One version of a file in conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage {
    /// The path.
    pub path: Bytes,
    /// 1 base, 2 ours, 3 theirs.
    pub stage: u8,
    /// The mode.
    pub mode: FileMode,
    /// The object.
    pub id: ObjectId,
}

/// A merge's tree.
pub struct TreeResult {
    /// Its id.
    pub tree: ObjectId,
    /// The objects that it needs and the repository may lack.
    pub objects: ObjectBatch,
    /// Files in conflict.
    pub stages: Vec<Stage>,
}

/// Applies a merge to ours.
///
/// # Errors
/// When a tree can't be read.
pub fn result(repo: &Repository, ours: ObjectId, merge: &TreeMerge, written: &Written) -> Result<TreeResult, Failure> {
    let mut building = Building { repo, overlay: Overlay::new(ours), objects: ObjectBatch::new(repo.format()), stages: Vec::new() };
    building.edits(&merge.edits)?;
    for conflict in &merge.conflicts {
        building.conflict(conflict, written)?;
    }
    let built = building.overlay.build(repo, &mut Batch(&mut building.objects)).map_err(|error| Failure::from(error.problem()))?;
    building.stages.sort();
    building.stages.dedup_by(|next, kept| (&next.path, next.stage) == (&kept.path, kept.stage));
    Ok(TreeResult { tree: built.tree, objects: building.objects, stages: building.stages })
}

struct Batch<'a>(&'a mut ObjectBatch);

impl Sink for Batch<'_> {
    fn blob(&mut self, data: Bytes) -> ObjectId {
        self.0.blob(data)
    }
    fn tree(&mut self, tree: Tree) -> ObjectId {
        self.0.tree(tree)
    }
}

struct Building<'a> {
    repo: &'a Repository,
    overlay: Overlay,
    objects: ObjectBatch,
    stages: Vec<Stage>,
}

impl Building<'_> {
    fn edits(&mut self, edits: &[Edit]) -> Result<(), Failure> {
        edits.iter().try_for_each(|edit| self.edit(&edit.path, edit.entry.as_ref())).map_err(|error| error.problem().into())
    }

    fn edit(&mut self, path: &RepoPath, entry: Option<&MergedEntry>) -> Result<(), OverlayError> {
        match entry {
            None => match self.overlay.remove(self.repo, path) {
                // Gone with its directory already.
                Ok(_) | Err(OverlayError::NotFound(_)) => Ok(()),
                Err(error) => Err(error),
            },
            Some(MergedEntry::Tree(id)) => self.overlay.put_tree(self.repo, path, *id),
            Some(MergedEntry::File { mode, content }) => {
                // A directory, emptied by the edits before this one or not, makes room.
                if let Some(Entry::Directory(_)) = self.overlay.get(self.repo, path)? {
                    self.overlay.remove(self.repo, path)?;
                }
                match (mode, content) {
                    (FileMode::Submodule, MergedContent::Object(id)) => self.overlay.submodule(self.repo, path, *id),
                    (_, MergedContent::Object(id)) => self.overlay.put_object(self.repo, path, *mode, *id),
                    (_, MergedContent::Bytes(text)) => self.overlay.write(self.repo, path, Some(*mode), text.clone()),
                }
                .map(drop)
            }
        }
    }

    fn put(&mut self, path: &RepoPath, mode: FileMode, content: MergedContent) -> Result<(), Failure> {
        self.edit(path, Some(&MergedEntry::File { mode, content })).map_err(|error| error.problem().into())
    }

    fn conflict(&mut self, conflict: &Conflict, written: &Written) -> Result<(), Failure> {
        let settle = &conflict.settle;
        let (ours, theirs) = (conflict.ours.as_ref(), conflict.theirs.as_ref());
        let mut moved = None;
        match (conflict.kind, ours, theirs) {
            (ConflictKind::RenamedDifferently, _, _) => {
                self.edits(&settle.ours)?;
                self.edits(&settle.theirs)?;
            }
            (ConflictKind::FileDirectory, Some(side), None) | (ConflictKind::FileDirectory, None, Some(side)) => {
                if ours.is_some() {
                    self.edits(&settle.shared)?;
                }
                let label = &written.labels[if ours.is_some() { 1 } else { 2 }];
                let place = self.unique(&conflict.path, label)?;
                self.put(&place, side.mode, side.content())?;
                moved = Some(place);
            }
            (_, Some(ours), Some(theirs)) => {
                self.edits(&settle.shared)?;
                let content = match &conflict.text {
                    Some(text) => MergedContent::Bytes(text.render(&labels(conflict, written), written.style, written.marker_size).into()),
                    None => ours.content(),
                };
                let mode = if conflict.text.is_some() { mode(conflict.base.as_ref(), ours, theirs) } else { ours.mode };
                self.put(&settle.place, mode, content)?;
            }
            (_, None, Some(_)) => {
                self.edits(&settle.shared)?;
                self.edits(&settle.theirs)?;
            }
            // Ours stays.
            (_, Some(_), None) | (_, None, None) => {}
        }
        for (stage, side) in [(1, &conflict.base), (2, &conflict.ours), (3, &conflict.theirs)] {
            let Some(side) = side else { continue };
            let apart = conflict.kind == ConflictKind::RenamedDifferently;
            let path = if apart { &side.path } else { moved.as_ref().unwrap_or(&conflict.path) };
            let id = match &side.text {
                Some(text) => self.objects.blob(text.clone()),
                None => side.id,
            };
            self.stages.push(Stage { path: path.to_bytes(), stage, mode: side.mode, id });
        }
        Ok(())
    }

    /// A name beside a directory that is in the way: `path~branch`, with a number where that is taken.
    fn unique(&self, path: &RepoPath, label: &str) -> Result<RepoPath, Failure> {
        let branch: String = label.chars().map(|char| if char == '/' { '_' } else { char }).collect();
        let mut name = [path.as_bytes(), b"~", branch.as_bytes()].concat();
        for number in 0u32.. {
            let place = RepoPath::existing(name).map_err(|error| Failure::unexpected(error.to_string()))?;
            if self.overlay.get(self.repo, &place).map_err(|error| Failure::from(error.problem()))?.is_none() {
                return Ok(place);
            }
            name = [path.as_bytes(), b"~", branch.as_bytes(), format!("_{number}").as_bytes()].concat();
        }
        Ok(path.clone())
    }
}

/// The labels, with paths where a rename makes them differ.
fn labels(conflict: &Conflict, written: &Written) -> Labels {
    let path = |side: &Option<Side>| side.as_ref().map_or(&conflict.path, |side| &side.path).clone();
    let paths = [path(&conflict.base), path(&conflict.ours), path(&conflict.theirs)];
    let differ = paths[0] != paths[1] || paths[1] != paths[2];
    let [base, ours, theirs] = [0, 1, 2].map(|at: usize| {
        if differ {
            format!("{}:{}", written.labels[at], String::from_utf8_lossy(paths[at].as_bytes()))
        } else {
            written.labels[at].clone()
        }
    });
    Labels { base, ours, theirs }
}

/// The mode of a text that both sides have.
fn mode(base: Option<&Side>, ours: &Side, theirs: &Side) -> FileMode {
    if base.is_some_and(|base| base.mode == ours.mode) { theirs.mode } else { ours.mode }
}
