//! Acetate's merge of a case, in process: the one place that says how Acetate merges a file here.

use super::case::{Texts, Verdict};
use super::clock::{Clock, Took, Whose};
use super::outcome::{Outcome, Status};
use acetate_merge::{
    FileConflict, FileInput, FileMerge as _, FileMerged, FileOptions, FilePiece, Labels, MarkerStyle, Pick, SameSymbol, SymbolFiles,
};
use acetate_syntax::{Language, ParseLimits, Syntax};
use acetate_types::{ObjectId, RepoPath};
use bytes::Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What Acetate made of a case.
#[derive(Debug)]
pub struct Answer {
    /// The outcome, timed with nothing known of the file before: parsing included.
    pub outcome: Outcome,
    /// The time when the base's tables are known, as in landing; `None` as long as the merge takes none.
    pub cached: Option<Took>,
    /// The time of parsing the base alone.
    pub base: Option<Took>,
    /// Whether swapping the sides changed the verdict, clean bytes or a question.
    pub sides_matter: bool,
    /// The text when every question is answered with its proposal; `None` where one has none.
    pub proposal: Option<Vec<u8>>,
}

/// Merges a case.
pub fn merge(path: &str, texts: &Texts, policy: SameSymbol) -> Answer {
    let clock = Clock::start(Whose::Thread);
    let merged = catch_unwind(AssertUnwindSafe(|| file(path, &texts.base, &texts.ours, &texts.theirs, policy)));
    let took = clock.stop();
    let swapped = catch_unwind(AssertUnwindSafe(|| file(path, &texts.base, &texts.theirs, &texts.ours, policy)));
    let (Ok(Some(merged)), Ok(Some(swapped))) = (merged, swapped) else {
        let outcome = Outcome { status: Status::Failed, text: Bytes::new(), took };
        return Answer { outcome, cached: None, base: None, sides_matter: false, proposal: None };
    };
    let sides_matter = !mirrored(&merged, &swapped);
    let (base, cached) = cached(path, texts, policy).unzip();
    let (status, text, proposal) = match merged {
        FileMerged::Clean(text) => (Verdict::Clean.into(), text, None),
        FileMerged::Conflict(conflict) => {
            let text = conflict.render(&Labels::default(), MarkerStyle::Diff3, 7).into();
            (Verdict::Conflict.into(), text, proposal(&conflict))
        }
        FileMerged::Binary | FileMerged::TooLarge(_) => (Status::Failed, Bytes::new(), None),
    };
    Answer { outcome: Outcome { status, text, took }, cached, base, sides_matter, proposal }
}

/// How long parsing the base takes, and the merge when the base's tables are known, as they are when a session lands.
fn cached(path: &str, texts: &Texts, policy: SameSymbol) -> Option<(Took, Took)> {
    let language = Language::of(path.as_bytes())?;
    // Any id will do: it only names the text.
    let id: ObjectId = "0000000000000000000000000000000000000001".parse().ok()?;
    let syntax = Arc::new(Syntax::new(4 << 30, ParseLimits::default()));
    let clock = Clock::start(Whose::Thread);
    syntax.parsed(id, language, &texts.base).ok()?;
    let base = clock.stop();
    syntax.tables(id, language, &texts.base).ok()?;
    let files = SymbolFiles::cached(FileOptions { same_symbol: policy, ..FileOptions::default() }, syntax);
    let path = RepoPath::existing(path.to_owned()).ok()?;
    let input = FileInput { path: &path, base: Some(&texts.base), ours: &texts.ours, theirs: &texts.theirs, ids: [Some(id), None, None] };
    let clock = Clock::start(Whose::Thread);
    let merged = catch_unwind(AssertUnwindSafe(|| files.merge(&input)));
    let took = clock.stop();
    merged.is_ok().then_some((base, took))
}

/// How Acetate merges one file. `None` for a path that it does not take.
fn file(path: &str, base: &Bytes, ours: &Bytes, theirs: &Bytes, policy: SameSymbol) -> Option<FileMerged> {
    let files = SymbolFiles::new(FileOptions { same_symbol: policy, ..FileOptions::default() });
    let path = RepoPath::existing(path.to_owned()).ok()?;
    Some(files.merge(&FileInput { path: &path, base: Some(base), ours, theirs, ids: [None; 3] }))
}

fn proposal(conflict: &FileConflict) -> Option<Vec<u8>> {
    conflict.questions.iter().all(|question| question.proposal.is_some()).then(|| conflict.text(|_| Pick::Proposal))
}

/// Whether two merges are the same with their sides swapped.
fn mirrored(merged: &FileMerged, swapped: &FileMerged) -> bool {
    match (merged, swapped) {
        (FileMerged::Clean(text), FileMerged::Clean(other)) => text == other,
        (FileMerged::Conflict(conflict), FileMerged::Conflict(other)) => {
            let piece = |(piece, other): (&FilePiece, &FilePiece)| match (piece, other) {
                (FilePiece::Merged(text), FilePiece::Merged(other)) => text == other,
                (FilePiece::Open(open), FilePiece::Open(other)) => {
                    (&open.base, &open.ours, &open.theirs, &open.proposal) == (&other.base, &other.theirs, &other.ours, &other.proposal)
                }
                _ => false,
            };
            let kinds = |conflict: &FileConflict| -> Vec<_> {
                conflict.questions.iter().map(|question| (question.kind, question.symbol.clone())).collect()
            };
            conflict.pieces.len() == other.pieces.len()
                && conflict.pieces.iter().zip(&other.pieces).all(piece)
                && kinds(conflict) == kinds(other)
        }
        (FileMerged::Binary, FileMerged::Binary) | (FileMerged::TooLarge(_), FileMerged::TooLarge(_)) => true,
        _ => false,
    }
}
