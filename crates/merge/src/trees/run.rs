//! The merge from beginning to end.

use super::ahead::Ahead;
use super::contents::Contents;
use super::outcome::{MergeError, TreeMerge, TreeOptions};
use super::report::Report;
use super::walk::Walk;
use super::{ahead, decide, edits, follow};
use crate::files::{FileMerge, LineFiles};
use acetate_types::{ObjectId, Objects};

/// Merges the changes from `base` to `ours` with those from `base` to `theirs`; texts are merged by lines.
///
/// # Errors
/// When an object can't be read, a tree holds an impossible name, or more paths differ than [`super::MergeLimits::max_paths`]. A conflict is
/// no error.
pub fn merge_trees<O: Objects>(
    objects: &O,
    base: &ObjectId,
    ours: &ObjectId,
    theirs: &ObjectId,
    options: &TreeOptions,
) -> Result<TreeMerge, MergeError> {
    merge_trees_with(objects, base, ours, theirs, options, &LineFiles { limits: options.limits.lines })
}

/// As [`merge_trees`], with files merged by `files`.
///
/// # Errors
/// As [`merge_trees`].
pub fn merge_trees_with<O: Objects>(
    objects: &O,
    base: &ObjectId,
    ours: &ObjectId,
    theirs: &ObjectId,
    options: &TreeOptions,
    files: &dyn FileMerge,
) -> Result<TreeMerge, MergeError> {
    let roots = [base, ours, theirs];
    let mut report = Report::default();
    let mut contents = Contents { objects, files, merged: 0, ahead: Ahead::default() };
    let mut paths = Walk::new(objects, options.limits.max_paths).run(roots)?;
    follow::renames(&mut contents, roots, &mut paths, [&[], &options.our_moves, &options.their_moves], &options.limits, &mut report)?;
    ahead::merge(&mut contents, &paths)?;
    decide::all(&mut contents, &mut paths, &mut report)?;
    edits::hold_sources(&paths, &mut report.conflicts, &options.their_moves);
    let edits = edits::edits(&paths, &mut report.conflicts)?;
    let counts = decide::counts(&paths, contents.merged);
    let Report { conflicts, mut findings } = report;
    let mut conflicts: Vec<_> = conflicts.into_iter().map(|found| found.conflict).collect();
    conflicts.sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
    findings.sort_by(|a, b| (&a.path, a.kind, &a.from).cmp(&(&b.path, b.kind, &b.from)));
    findings.dedup();
    Ok(TreeMerge { edits, conflicts, findings, counts })
}
