//! Collecting conflicts and findings while a merge is decided.

use super::conflict::{Conflict, ConflictKind, Finding, FindingKind, Settle, Side};
use super::entry::{BASE, OURS, THEIRS, Version};
use super::outcome::MergeError;
use crate::files::FileConflict;
use acetate_types::RepoPath;
use bytes::Bytes;

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub conflicts: Vec<Found>,
    pub findings: Vec<Finding>,
}

/// A conflict, with what is needed to say how it is settled.
#[derive(Debug)]
pub(super) struct Found {
    pub conflict: Conflict,
    /// Where theirs goes if it is taken.
    pub place: Bytes,
    /// More paths of ours that it concerns.
    pub holds: Vec<Bytes>,
    /// What theirs has elsewhere and gets back if it is taken.
    pub restores: Vec<(Bytes, Version)>,
}

/// The three versions in a conflict with their paths.
pub(super) type Sides<'a> = [Option<(&'a Bytes, &'a Version)>; 3];

/// A path as the trees have it.
pub(super) fn repo_path(path: &Bytes) -> Result<RepoPath, MergeError> {
    RepoPath::existing(path.clone()).map_err(|why| MergeError::Path { path: String::from_utf8_lossy(path).into_owned(), why })
}

impl Report {
    pub fn conflict(
        &mut self,
        kind: ConflictKind,
        path: &Bytes,
        sides: Sides<'_>,
        text: Option<Box<FileConflict>>,
        why: String,
    ) -> Result<&mut Found, MergeError> {
        let side = |place: usize| -> Result<Option<Side>, MergeError> {
            let Some((path, version)) = sides[place] else { return Ok(None) };
            Ok(Some(Side { path: repo_path(path)?, mode: version.mode, id: version.id, text: version.bytes.clone() }))
        };
        let at = repo_path(path)?;
        let none = Vec::new;
        let conflict = Conflict {
            settle: Settle { place: at.clone(), keeps: Vec::new(), ours: none(), shared: none(), theirs: none() },
            path: at,
            kind,
            base: side(BASE)?,
            ours: side(OURS)?,
            theirs: side(THEIRS)?,
            hunks: text.iter().flat_map(|text| &text.questions).flat_map(|question| question.hunks.clone()).collect(),
            why,
            proposal: None,
            text,
        };
        let found = Found { conflict, place: path.clone(), holds: Vec::new(), restores: Vec::new() };
        Ok(self.conflicts.push_mut(found))
    }

    pub fn finding(&mut self, kind: FindingKind, path: Option<&Bytes>, from: Option<&Bytes>) -> Result<(), MergeError> {
        let path = path.map(repo_path).transpose()?;
        let from = from.map(repo_path).transpose()?;
        self.findings.push(Finding { kind, path, from });
        Ok(())
    }
}

/// A path for a person.
pub(super) fn show(path: &Bytes) -> String {
    String::from_utf8_lossy(path).escape_debug().to_string()
}

/// Who a side is, for a person.
pub(super) fn who(side: usize) -> &'static str {
    if side == THEIRS { "theirs" } else { "ours" }
}
