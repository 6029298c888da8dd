//! Merging the texts that will be needed, on all processors, before paths are decided one by one.
//!
//! A file's merge depends on nothing but its three versions, so when it is made changes nothing. Only files that both sides changed in
//! place are merged ahead; the rest (renames, both added) is when its turn comes.

use super::contents::Contents;
use super::entry::{BASE, Entry, OURS, Paths, THEIRS, Version};
use super::outcome::MergeError;
use super::report::repo_path;
use crate::files::{FileInput, FileMerged};
use acetate_types::{ObjectId, Objects, RepoPath};
use bytes::Bytes;
use rayon::prelude::*;
use std::collections::HashMap;

/// Files whose texts are held at once.
const AT_ONCE: usize = 64;

/// What files were merged to, by their paths and versions.
pub(super) type Ahead = HashMap<(RepoPath, [ObjectId; 3]), FileMerged>;

/// Merges the texts of open paths, if there are several.
pub(super) fn merge<O: Objects>(contents: &mut Contents<'_, O>, paths: &Paths) -> Result<(), MergeError> {
    let both: Vec<(&Entry, [ObjectId; 3])> = paths.entries.iter().filter_map(|entry| Some((entry, changed_in_place(entry)?))).collect();
    if both.len() < 2 {
        return Ok(());
    }
    for some in both.chunks(AT_ONCE) {
        let mut texts: Vec<(RepoPath, [ObjectId; 3], [Bytes; 3])> = Vec::new();
        for (entry, ids) in some {
            let [base, ours, theirs] = ids.each_ref().map(|id| contents.objects.blob(id));
            texts.push((repo_path(&entry.path)?, *ids, [base?, ours?, theirs?]));
        }
        let files = contents.files;
        let merged: Vec<FileMerged> = texts
            .par_iter()
            .map(|(path, ids, [base, ours, theirs])| files.merge(&FileInput { path, base: Some(base), ours, theirs, ids: ids.map(Some) }))
            .collect();
        contents.ahead.extend(texts.into_iter().zip(merged).map(|((path, ids, _), merged)| ((path, ids), merged)));
    }
    Ok(())
}

/// The versions of a file that both sides changed, differently, and that is a regular file in all three trees.
fn changed_in_place(entry: &Entry) -> Option<[ObjectId; 3]> {
    let is_open = entry.is_open() && entry.same == 0 && entry.dirs == 0 && !entry.contested && !entry.reported;
    let file = |place: usize| -> Option<&Version> {
        entry.stages[place].as_ref().filter(|version| is_open && version.mode.is_file() && version.bytes.is_none())
    };
    let ids = [file(BASE)?.id, file(OURS)?.id, file(THEIRS)?.id];
    (ids[OURS] != ids[THEIRS] && ids[BASE] != ids[OURS] && ids[BASE] != ids[THEIRS]).then_some(ids)
}
