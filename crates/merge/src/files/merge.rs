//! Merging the contents of one file, and the merge by lines alone.

use super::FileConflict;
use crate::lines::{LineLimits, LineMerge, Replaced, TooLarge, compare_sides};
use acetate_types::{ObjectId, RepoPath};
use bytes::Bytes;

/// One file that both sides changed.
#[derive(Debug, Clone)]
pub struct FileInput<'a> {
    /// Where the result will be.
    pub path: &'a RepoPath,
    /// The content in the base; `None` when both sides added the file (it is then merged as if from an empty file).
    pub base: Option<&'a Bytes>,
    /// Our content.
    pub ours: &'a Bytes,
    /// Their content.
    pub theirs: &'a Bytes,
    /// The blobs of base, ours and theirs where they have one, so that what is known of a blob is looked up and not made again.
    pub ids: [Option<ObjectId>; 3],
}

/// What became of the three contents.
#[derive(Debug, Clone)]
pub enum FileMerged {
    /// One content with the changes of both sides.
    Clean(Bytes),
    /// The changes exclude each other.
    Conflict(Box<FileConflict>),
    /// One of the contents is binary; nothing was merged.
    Binary,
    /// One of the contents is too large to be merged; nothing was.
    TooLarge(TooLarge),
}

/// Merges the contents of one file. Must be pure, and symmetric: swapping the sides must not change the verdict or clean bytes.
pub trait FileMerge: Sync {
    /// Merges three contents. Called only when both sides changed the content, and differently.
    fn merge(&self, input: &FileInput<'_>) -> FileMerged;
}

/// Files merged by lines, binary ones not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineFiles {
    /// Bounds of the line merge.
    pub limits: LineLimits,
}

impl FileMerge for LineFiles {
    fn merge(&self, input: &FileInput<'_>) -> FileMerged {
        self.compared(input).0
    }
}

impl LineFiles {
    /// The merge by lines, with what each side replaced, where they were compared.
    pub(crate) fn compared(&self, input: &FileInput<'_>) -> (FileMerged, Option<Replaced>) {
        let base = input.base.map_or(&[][..], |base| &base[..]);
        if [base, input.ours, input.theirs].into_iter().any(is_binary) {
            return (FileMerged::Binary, None);
        }
        if input.ours == input.theirs || base == input.theirs {
            return (FileMerged::Clean(input.ours.clone()), None);
        }
        if base == input.ours {
            return (FileMerged::Clean(input.theirs.clone()), None);
        }
        let merged = compare_sides(base, input.ours, input.theirs, &self.limits).and_then(|mut compared| {
            let replaced = compared.replaced();
            Ok((compared.merge()?, replaced))
        });
        match merged {
            Ok((LineMerge::Clean(text), replaced)) => (FileMerged::Clean(text.into()), Some(replaced)),
            Ok((LineMerge::Conflict(conflict), replaced)) => {
                (FileMerged::Conflict(Box::new(FileConflict::of_lines(conflict))), Some(replaced))
            }
            Ok((LineMerge::TooLarge(why), _)) | Err(why) => (FileMerged::TooLarge(why), None),
        }
    }
}

/// Whether Git takes these bytes for binary: a NUL among the first 8,000.
pub fn is_binary(data: &[u8]) -> bool {
    memchr::memchr(0, &data[..data.len().min(8000)]).is_some()
}
