//! A clean merge that is held back: what was merged becomes the proposal.

use super::context::{BASE, OURS, THEIRS};
use super::findings::{Finding, MERGED, Place, Version};
use super::finish::LineNumbers;
use crate::files::{FileConflict, FilePiece, Open, Question};
use crate::lines::ConflictHunk;
use bytes::Bytes;
use std::ops::Range;

/// The merged text with a question for each finding.
pub(super) fn hold(versions: [Version<'_>; 4], findings: Vec<Finding>) -> FileConflict {
    let merged = versions[MERGED].text;
    let whole = || Place { merged: 0..merged.len(), versions: [0, 1, 2].map(|at: usize| Some(0..versions[at].text.len())) };
    let mut places: Vec<(usize, Place)> = Vec::new();
    let mut questions: Vec<Question> = Vec::new();
    let lines = [BASE, OURS, THEIRS].map(|side| LineNumbers::of(versions[side].text));
    // A question about the whole file has room for no other.
    let all_of_it = findings.iter().any(|finding| finding.places.is_empty());
    for finding in findings {
        let Finding { kind, symbol, why, places: found, also } = finding;
        if all_of_it && !found.is_empty() {
            continue;
        }
        let found = if found.is_empty() { vec![whole()] } else { found };
        // What another question asks already is not asked twice.
        let free: Vec<Place> = found
            .into_iter()
            .filter(|place| {
                places.iter().all(|(_, other)| place.merged.end <= other.merged.start || other.merged.end <= place.merged.start)
            })
            .collect();
        if free.is_empty() {
            continue;
        }
        let range = |side: usize, place: &Place| lines[side].range(&place.versions[side].clone().unwrap_or(0..0));
        let mut hunks: Vec<ConflictHunk> = free
            .iter()
            .map(|place| ConflictHunk { base: range(BASE, place), ours: range(OURS, place), theirs: range(THEIRS, place) })
            .collect();
        hunks.extend(also.map(|also| ConflictHunk { base: lines[BASE].range(&also), ..ConflictHunk::default() }));
        questions.push(Question { kind, symbol, hunks, why: why.clone(), proposal: Some(why) });
        places.extend(free.into_iter().map(|place| (questions.len() - 1, place)));
    }
    places.sort_by_key(|(_, place)| (place.merged.start, place.merged.end));
    let crlf = merged.windows(2).take(4096).any(|two| two == b"\r\n");
    let cut = |text: &[u8], range: Range<usize>| Bytes::copy_from_slice(text.get(range).unwrap_or_default());
    let mut pieces = Vec::new();
    let mut at = 0;
    for (question, place) in places {
        if at < place.merged.start {
            pieces.push(FilePiece::Merged(cut(merged, at..place.merged.start)));
        }
        at = place.merged.end;
        let side = |side: usize| place.versions[side].clone().map(|range| cut(versions[side].text, range)).unwrap_or_default();
        let proposal = Some(cut(merged, place.merged.clone()));
        pieces.push(FilePiece::Open(Open { question, base: side(BASE), ours: side(OURS), theirs: side(THEIRS), proposal, crlf }));
    }
    if at < merged.len() {
        pieces.push(FilePiece::Merged(cut(merged, at..merged.len())));
    }
    FileConflict { questions, pieces, lines: None }
}
