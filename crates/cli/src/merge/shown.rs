//! A merge as JSON.

use super::texts::{Conflicts, Merged, Texts};
use acetate_engine::api::LineSpan;
use acetate_merge::{ConflictHunk, ConflictKind, LineRange, Pick};
use acetate_types::Text;
use bytes::Bytes;
use serde::Serialize;

/// The result of one merge.
#[derive(Debug, Serialize)]
pub struct ShownMerge {
    /// `clean` or `conflict`.
    pub status: &'static str,
    /// The result, with markers where there are conflicts.
    pub output: Text,
    /// What is not decided.
    pub conflicts: Vec<ShownConflict>,
}

/// One conflict.
#[derive(Debug, Serialize)]
pub struct ShownConflict {
    /// The symbol, by its path in the file; null for lines outside of symbols.
    pub symbol: Option<String>,
    /// The kind, as everywhere: `both_changed`, …
    pub kind: &'static str,
    /// What happened.
    pub why: String,
    /// What the base has.
    pub base: ShownSide,
    /// What ours has.
    pub ours: ShownSide,
    /// What theirs has.
    pub theirs: ShownSide,
    /// A merge that a rule holds back.
    pub proposal: Option<ShownProposal>,
}

/// One side of a conflict.
#[derive(Debug, Serialize)]
pub struct ShownSide {
    /// Its lines, from 1; an empty span names the line it stands before.
    pub places: Vec<LineSpan>,
    /// Their text.
    pub text: Text,
}

/// A proposed text.
#[derive(Debug, Serialize)]
pub struct ShownProposal {
    /// Why it may be right.
    pub why: String,
    /// The text in place of the sides'.
    pub text: Text,
}

impl ShownMerge {
    /// A merge of these texts.
    pub fn of(texts: &Texts, merged: &Merged) -> Self {
        let conflicts = match &merged.conflicts {
            Conflicts::None => Vec::new(),
            Conflicts::Lines(hunks) => lines(texts, hunks),
            Conflicts::Symbols(conflict) => symbols(conflict),
        };
        let status = if merged.count == 0 { "clean" } else { "conflict" };
        Self { status, output: Text(merged.text.clone()), conflicts }
    }
}

fn span(range: LineRange) -> LineSpan {
    LineSpan { start: u64::from(range.start) + 1, lines: u64::from(range.len) }
}

fn lines(texts: &Texts, hunks: &[ConflictHunk]) -> Vec<ShownConflict> {
    let empty = Bytes::new();
    let starts = [texts.base.as_ref().unwrap_or(&empty), &texts.ours, &texts.theirs].map(Starts::of);
    let kind = if texts.base.is_some() { ConflictKind::BothChanged } else { ConflictKind::AddedDifferently };
    let why =
        if texts.base.is_some() { "both sides changed the same lines" } else { "both sides added the file, with different lines here" };
    hunks
        .iter()
        .map(|hunk| {
            let side = |at: usize, range: LineRange| ShownSide { places: vec![span(range)], text: Text(starts[at].slice(range)) };
            ShownConflict {
                symbol: None,
                kind: kind.as_str(),
                why: why.to_owned(),
                base: side(0, hunk.base),
                ours: side(1, hunk.ours),
                theirs: side(2, hunk.theirs),
                proposal: None,
            }
        })
        .collect()
}

/// The questions of a file, with their texts.
pub fn symbols(conflict: &acetate_merge::FileConflict) -> Vec<ShownConflict> {
    let shown = |(at, question): (usize, &acetate_merge::Question)| {
        let side = |range: fn(&ConflictHunk) -> LineRange, pick: Pick<'_>| ShownSide {
            places: question.hunks.iter().map(|hunk| span(range(hunk))).collect(),
            text: conflict.part(at, pick).into(),
        };
        let proposal = question.proposal.as_ref();
        ShownConflict {
            symbol: question.symbol.clone(),
            kind: question.kind.as_str(),
            why: question.why.clone(),
            base: side(|hunk| hunk.base, Pick::Base),
            ours: side(|hunk| hunk.ours, Pick::Ours),
            theirs: side(|hunk| hunk.theirs, Pick::Theirs),
            proposal: proposal.map(|why| ShownProposal { why: why.clone(), text: conflict.part(at, Pick::Proposal).into() }),
        }
    };
    conflict.questions.iter().enumerate().map(shown).collect()
}

/// A text, and where its lines start.
struct Starts<'a> {
    text: &'a Bytes,
    starts: Vec<usize>,
}

impl<'a> Starts<'a> {
    fn of(text: &'a Bytes) -> Self {
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    fn slice(&self, range: LineRange) -> Bytes {
        let at = |line: u32| self.starts.get(line as usize).map_or(self.text.len(), |start| *start);
        self.text.slice(at(range.start)..at(range.end()))
    }
}
