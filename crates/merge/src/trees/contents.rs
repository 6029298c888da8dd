//! Merging what three versions of one file hold: mode and content, each by itself.

use super::ahead::Ahead;
use super::conflict::ConflictKind;
use super::entry::{BASE, OURS, THEIRS, Version};
use crate::files::{FileConflict, FileInput, FileMerge, FileMerged};
use acetate_types::{FileMode, ObjectError, Objects, RepoPath};
use bytes::Bytes;

/// The merge of three versions.
pub(super) enum Merged {
    Clean(Version),
    Conflict(ConflictKind, Option<Box<FileConflict>>),
}

/// Reads and merges versions.
pub(super) struct Contents<'a, O> {
    pub objects: &'a O,
    pub files: &'a dyn FileMerge,
    /// How many files were merged by their texts.
    pub merged: usize,
    /// What was merged before its turn came.
    pub ahead: Ahead,
}

impl<O: Objects> Contents<'_, O> {
    /// The content of a version.
    fn read(&self, version: &Version) -> Result<Bytes, ObjectError> {
        match &version.bytes {
            Some(bytes) => Ok(bytes.clone()),
            None => self.objects.blob(&version.id),
        }
    }

    /// Whether two versions have the same content.
    pub fn same(&self, a: &Version, b: &Version) -> Result<bool, ObjectError> {
        if a.bytes.is_none() && b.bytes.is_none() {
            return Ok(a.id == b.id);
        }
        Ok(a.mode != FileMode::Submodule && b.mode != FileMode::Submodule && self.read(a)? == self.read(b)?)
    }

    /// Merges three versions of which both sides' have one type.
    pub fn merge(&mut self, path: &RepoPath, base: Option<&Version>, ours: &Version, theirs: &Version) -> Result<Merged, ObjectError> {
        let base_mode = base.map(|base| base.mode);
        let mode = if ours.mode == theirs.mode || Some(ours.mode) == base_mode {
            Some(theirs.mode)
        } else if Some(theirs.mode) == base_mode {
            Some(ours.mode)
        } else {
            None
        };
        let kept = |side: &Version| base.map_or(Ok(false), |base| self.same(base, side));
        let content = if self.same(ours, theirs)? || kept(ours)? {
            Ok(theirs.clone())
        } else if kept(theirs)? {
            Ok(ours.clone())
        } else {
            // A base of another type is no ancestor of these contents.
            let ancestor = base.filter(|base| base.same_type(ours));
            match ours.mode {
                FileMode::Regular | FileMode::Executable => self.merge_texts(path, ancestor, ours, theirs)?,
                FileMode::Symlink if ancestor.is_none() => Err((ConflictKind::AddedDifferently, None)),
                FileMode::Symlink => Err((ConflictKind::Symlink, None)),
                FileMode::Submodule => Err((ConflictKind::Submodule, None)),
            }
        };
        Ok(match (content, mode) {
            (Ok(version), Some(mode)) => Merged::Clean(Version { mode, ..version }),
            (Ok(_), None) => Merged::Conflict(ConflictKind::Mode, None),
            (Err((kind, text)), _) => Merged::Conflict(kind, text),
        })
    }

    #[expect(clippy::type_complexity, reason = "the two halves of one conflict, used once")]
    fn merge_texts(
        &mut self,
        path: &RepoPath,
        base: Option<&Version>,
        ours: &Version,
        theirs: &Version,
    ) -> Result<Result<Version, (ConflictKind, Option<Box<FileConflict>>)>, ObjectError> {
        self.merged += 1;
        let id = |version: &Version| version.bytes.is_none().then_some(version.id);
        let ids = [base.and_then(id), id(ours), id(theirs)];
        let known = match ids {
            [Some(base), Some(ours), Some(theirs)] => self.ahead.remove(&(path.clone(), [base, ours, theirs])),
            _ => None,
        };
        let ancestor = base.map(|base| self.read(base)).transpose()?;
        let (our_text, their_text) = (self.read(ours)?, self.read(theirs)?);
        let input = FileInput { path, base: ancestor.as_ref(), ours: &our_text, theirs: &their_text, ids };
        Ok(match known.unwrap_or_else(|| self.files.merge(&input)) {
            FileMerged::Clean(text) if text == our_text => Ok(ours.clone()),
            FileMerged::Clean(text) if text == their_text => Ok(theirs.clone()),
            FileMerged::Clean(text) => Ok(Version { mode: ours.mode, id: ours.id, bytes: Some(text) }),
            FileMerged::Conflict(text) if base.is_none() => Err((ConflictKind::AddedDifferently, Some(text))),
            FileMerged::Conflict(text) => Err((ConflictKind::BothChanged, Some(text))),
            FileMerged::Binary => Err((ConflictKind::Binary, None)),
            FileMerged::TooLarge(_) => Err((ConflictKind::TooLarge, None)),
        })
    }
}

/// The versions of an entry that a merge takes, if both sides have one of the same type.
pub(super) fn mergeable(stages: &[Option<Version>; 3]) -> Option<(Option<&Version>, &Version, &Version)> {
    match (&stages[OURS], &stages[THEIRS]) {
        (Some(ours), Some(theirs)) if ours.same_type(theirs) => Some((stages[BASE].as_ref(), ours, theirs)),
        _ => None,
    }
}
