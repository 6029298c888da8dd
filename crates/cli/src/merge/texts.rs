//! Merging three texts: by symbols where the language is known, else exactly as `git merge-file` does.

use super::how::How;
use acetate_merge::files::{FileInput, FileMerge, FileMerged, is_binary};
use acetate_merge::lines::{Favor, GitMerged, LineLimits, TooLarge, merge_as_git};
use acetate_merge::{FileConflict, FileOptions, FilePiece, SymbolFiles};
use acetate_syntax::Language;
use acetate_types::{ErrorKind, Problem, RepoPath};
use bytes::Bytes;

/// The three texts of a file.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Where the result will be; its name tells the language.
    pub path: RepoPath,
    /// What both began with; `None` when both added the file.
    pub base: Option<Bytes>,
    /// Our text.
    pub ours: Bytes,
    /// Their text.
    pub theirs: Bytes,
}

/// What came of a merge.
#[derive(Debug)]
pub struct Merged {
    /// The result, with markers where there are conflicts.
    pub text: Bytes,
    /// How many places have markers.
    pub count: usize,
    /// The conflicts, in the way they were found.
    pub conflicts: Conflicts,
}

/// The conflicts of a merge.
#[derive(Debug)]
pub enum Conflicts {
    /// None, or none that is shown: everything is decided.
    None,
    /// Places where lines disagree.
    Lines(Vec<acetate_merge::ConflictHunk>),
    /// Questions about symbols.
    Symbols(Box<FileConflict>),
}

impl Texts {
    /// Merges.
    ///
    /// # Errors
    /// `merge_binary` and `merge_too_large`: what can't be merged by its text.
    pub fn merge(&self, how: &How) -> Result<Merged, Problem> {
        let empty = Bytes::new();
        let base = self.base.as_ref().unwrap_or(&empty);
        if [base, &self.ours, &self.theirs].into_iter().any(|text| is_binary(text)) {
            return Err(Problem::new(ErrorKind::Invalid, "merge_binary", format!("{} is binary and can't be merged", self.path))
                .hint("take the file of one side"));
        }
        let language = Language::of(self.path.as_bytes());
        // Where one side changed nothing there is nothing to decide.
        if language.is_none() || self.ours == self.theirs || *base == self.ours || *base == self.theirs {
            return self.by_lines(base, how, language);
        }
        let files = SymbolFiles::new(FileOptions { same_symbol: how.same_symbol, ..FileOptions::default() });
        let input = FileInput { path: &self.path, base: self.base.as_ref(), ours: &self.ours, theirs: &self.theirs, ids: [None; 3] };
        match files.merge(&input) {
            FileMerged::Clean(text) => Ok(Merged { text, count: 0, conflicts: Conflicts::None }),
            FileMerged::Conflict(conflict) if conflict.lines.is_none() => Ok(by_symbols(conflict, how)),
            FileMerged::Conflict(_) | FileMerged::Binary => self.by_lines(base, how, language),
            FileMerged::TooLarge(why) => Err(too_large(&self.path, why)),
        }
    }

    fn by_lines(&self, base: &Bytes, how: &How, language: Option<Language>) -> Result<Merged, Problem> {
        let options = how.as_git(language.is_some());
        let GitMerged { text, conflicts } =
            merge_as_git(base, &self.ours, &self.theirs, &options).map_err(|why| too_large(&self.path, why))?;
        let count = conflicts.len();
        let conflicts = if count == 0 { Conflicts::None } else { Conflicts::Lines(conflicts) };
        Ok(Merged { text: text.into(), count, conflicts })
    }
}

fn by_symbols(conflict: Box<FileConflict>, how: &How) -> Merged {
    let opens = conflict.pieces.iter().filter(|piece| matches!(piece, FilePiece::Open(_))).count();
    if let Some(favor) = how.favor {
        return Merged { text: favored(&conflict, favor).into(), count: 0, conflicts: Conflicts::None };
    }
    let text = conflict.render(&how.labels, how.style(), how.marker_size).into();
    Merged { text, count: opens, conflicts: Conflicts::Symbols(conflict) }
}

/// The result with one side's, or both sides', text at each open place.
fn favored(conflict: &FileConflict, favor: Favor) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in &conflict.pieces {
        match piece {
            FilePiece::Merged(bytes) => text.extend_from_slice(bytes),
            FilePiece::Open(open) => {
                if favor != Favor::Theirs {
                    text.extend_from_slice(&open.ours);
                }
                if favor == Favor::Union && open.ours.last().is_some_and(|last| *last != b'\n') {
                    text.extend_from_slice(if open.crlf { b"\r\n" } else { b"\n" });
                }
                if favor != Favor::Ours {
                    text.extend_from_slice(&open.theirs);
                }
            }
        }
    }
    text
}

/// A text beyond the bounds of merging.
pub fn too_large(path: &RepoPath, why: TooLarge) -> Problem {
    let most = LineLimits::default().max_bytes >> 20;
    Problem::new(ErrorKind::Limit, "merge_too_large", format!("{path} can't be merged: {why}"))
        .hint(format!("files up to {most} MiB are merged; take the file of one side"))
}
