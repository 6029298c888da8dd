//! From the result as it was made to what the seam wants.

use super::context::{BASE, Context, OURS, THEIRS};
use super::naming::Names;
use super::out::{OpenPart, Out, Part};
use crate::files::{FileConflict, FileMerged, FilePiece, Open, Question};
use crate::lines::{ConflictHunk, LineRange};
use bytes::Bytes;
use std::ops::Range;

/// The result: clean bytes, or questions with their pieces. Open parts of one symbol and kind are one question.
pub(super) fn finish(context: &Context<'_>, out: Out) -> FileMerged {
    if let Some(text) = out.text() {
        return FileMerged::Clean(text.into());
    }
    let crlf = in_crlf(context.texts[BASE]);
    let lines = context.texts.map(LineNumbers::of);
    let names = Names::new(context.texts, context.parsed, context.outline);
    let mut questions: Vec<Question> = Vec::new();
    let mut pieces = Vec::new();
    for part in out.parts {
        match part {
            Part::Merged(bytes) => pieces.push(FilePiece::Merged(bytes.into())),
            Part::Open(open) => {
                let hunk = ConflictHunk {
                    base: lines[BASE].range(&open.ranges[BASE]),
                    ours: lines[OURS].range(&open.ranges[OURS]),
                    theirs: lines[THEIRS].range(&open.ranges[THEIRS]),
                };
                let OpenPart { kind, symbol, ranges, texts, proposal, why } = open;
                let symbol = match names.path(ranges.each_ref().map(Some)) {
                    Some(path) => Some(inner(path, symbol, context.divider)),
                    None => symbol,
                };
                let known = questions.iter().position(|question| question.kind == kind && question.symbol == symbol);
                let question = known.unwrap_or_else(|| {
                    questions.push(Question { kind, symbol, hunks: Vec::new(), why, proposal: None });
                    questions.len() - 1
                });
                if let Some(question) = questions.get_mut(question) {
                    question.hunks.push(hunk);
                }
                let [base, ours, theirs] = texts.map(Bytes::from);
                pieces.push(FilePiece::Open(Open { question, base, ours, theirs, proposal: proposal.map(Bytes::from), crlf }));
            }
        }
    }
    FileMerged::Conflict(Box::new(FileConflict { questions, pieces, lines: None }))
}

/// A symbol's path; of a function in a function, which outlines leave out, its own below it.
fn inner(path: String, symbol: Option<String>, divider: &str) -> String {
    let below = |symbol: &String| symbol.strip_prefix(&path).is_some_and(|rest| rest.starts_with(divider));
    symbol.filter(below).unwrap_or(path)
}

/// Whether a text's lines end in CR LF, as far as its beginning tells.
pub(super) fn in_crlf(text: &[u8]) -> bool {
    text.windows(2).take(4096).any(|two| two == b"\r\n")
}

/// Where the lines of a text start.
pub(super) struct LineNumbers(Vec<usize>);

impl LineNumbers {
    pub fn of(text: &[u8]) -> Self {
        Self(std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|at| at + 1)).collect())
    }

    /// The lines that a range of bytes touches.
    pub fn range(&self, bytes: &Range<usize>) -> LineRange {
        let line = |at: usize| self.0.partition_point(|start| *start <= at).saturating_sub(1);
        let start = line(bytes.start);
        let end = if bytes.is_empty() { start } else { line(bytes.end.saturating_sub(1)) + 1 };
        LineRange { start: start as u32, len: (end - start) as u32 }
    }
}
