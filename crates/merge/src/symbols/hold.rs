//! A clean merge that is held back: what was merged becomes the proposal.
//!
//! Around the open pieces stands what was merged, in them what each version has there: by its symbols, or, where a side would lose something
//! if it were taken that way, by its lines; at last the whole file is the question.

use super::context::{BASE, OURS, THEIRS};
use super::findings::{Finding, MERGED, Place, Version};
use super::finish::{LineNumbers, in_crlf};
use super::naming::Names;
use super::tokens::{hash, is_space, words};
use crate::diff::{Budget, Change, Lines, LinesOf, compare};
use crate::files::{FileConflict, FilePiece, Open, Pick, Question};
use crate::lines::ConflictHunk;
use bytes::Bytes;
use foldhash::{HashMap, HashSet};
use std::cmp::Reverse;
use std::ops::Range;

/// The merged text with a question for each finding.
pub(super) fn hold(versions: [Version<'_>; 4], findings: Vec<Finding>) -> FileConflict {
    let merged = versions[MERGED].text;
    // A question about the whole file has room for no other.
    if findings.iter().all(|finding| !finding.places.is_empty()) {
        let by_symbols = ask(versions, &findings);
        if loses_nothing(versions, &by_symbols) {
            return by_symbols;
        }
        if let Some(findings) = by_lines(versions, &findings) {
            let by_lines = ask(versions, &findings);
            if loses_nothing(versions, &by_lines) {
                return by_lines;
            }
        }
    }
    let first = findings.iter().find(|finding| finding.places.is_empty()).or(findings.first());
    let whole = Place { merged: 0..merged.len(), versions: [0, 1, 2].map(|at: usize| Some(0..versions[at].text.len())) };
    let all: Vec<Finding> = first.into_iter().map(|finding| Finding { places: vec![whole.clone()], ..finding.clone() }).collect();
    ask(versions, &all)
}

/// The findings as questions.
fn ask(versions: [Version<'_>; 4], findings: &[Finding]) -> FileConflict {
    let merged = versions[MERGED].text;
    let mut places: Vec<(usize, Place)> = Vec::new();
    let mut questions: Vec<Question> = Vec::new();
    let lines = [BASE, OURS, THEIRS].map(|side| LineNumbers::of(versions[side].text));
    let names =
        Names::new([BASE, OURS, THEIRS].map(|side| versions[side].text), [BASE, OURS, THEIRS].map(|side| versions[side].parsed), None);
    for finding in findings {
        let Finding { kind, symbol, why, places: found, also } = finding;
        // What another question asks already is not asked twice, nor what a place around it asks.
        let mut found: Vec<&Place> = found.iter().collect();
        found.sort_by_key(|place| (place.merged.start, Reverse(place.merged.end)));
        let mut free: Vec<Place> = Vec::new();
        for place in found {
            let taken = places.iter().map(|(_, other)| other).chain(&free);
            if apart(place, taken) {
                free.push(place.clone());
            }
        }
        if free.is_empty() {
            continue;
        }
        let range = |side: usize, place: &Place| lines[side].range(&place.versions[side].clone().unwrap_or(0..0));
        let mut hunks: Vec<ConflictHunk> = free
            .iter()
            .map(|place| ConflictHunk { base: range(BASE, place), ours: range(OURS, place), theirs: range(THEIRS, place) })
            .collect();
        hunks.extend(also.iter().map(|also| ConflictHunk { base: lines[BASE].range(also), ..ConflictHunk::default() }));
        // The whole file is in no symbol.
        let named = symbol.as_ref().and_then(|symbol| {
            let place = free.first().map(|place| place.versions.each_ref().map(Option::as_ref));
            place.and_then(|place| names.path(place)).or_else(|| Some(symbol.clone()))
        });
        questions.push(Question { kind: *kind, symbol: named, hunks, why: why.clone(), proposal: Some(why.clone()) });
        places.extend(free.into_iter().map(|place| (questions.len() - 1, place)));
    }
    places.sort_by_key(|(_, place)| (place.merged.start, place.merged.end));
    let crlf = in_crlf(merged);
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

/// Whether a place has nothing of the merged text in common with any of the others.
fn apart<'a>(place: &Place, mut others: impl Iterator<Item = &'a Place>) -> bool {
    others.all(|other| place.merged.end <= other.merged.start || other.merged.end <= place.merged.start)
}

/// Whether taking a side loses nothing that the side and the merged text both have, and no word that the side brought in.
fn loses_nothing(versions: [Version<'_>; 4], conflict: &FileConflict) -> bool {
    let lines = |text: &[u8]| -> HashMap<u64, usize> {
        let mut lines = HashMap::default();
        for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            *lines.entry(hash(line)).or_default() += 1;
        }
        lines
    };
    let vocabulary = |text: &[u8]| -> HashSet<u64> { words(text).into_iter().filter(|word| !is_space(word)).map(hash).collect() };
    let (merged, base) = (lines(versions[MERGED].text), vocabulary(versions[BASE].text));
    [(OURS, Pick::Ours), (THEIRS, Pick::Theirs)].into_iter().all(|(side, pick)| {
        let text = conflict.text(|_| pick);
        let (taken, known) = (lines(&text), vocabulary(&text));
        let kept = lines(versions[side].text)
            .iter()
            .all(|(line, times)| taken.get(line).copied().unwrap_or(0) >= (*times).min(merged.get(line).copied().unwrap_or(0)));
        kept && vocabulary(versions[side].text).iter().all(|word| base.contains(word) || known.contains(word))
    })
}

/// The findings' places as whole lines, with the lines of each version that stand beside them.
fn by_lines(versions: [Version<'_>; 4], findings: &[Finding]) -> Option<Vec<Finding>> {
    let mut lines = Lines::default();
    let merged = lines.add(versions[MERGED].text, u32::MAX)?;
    let mut budget = Budget(20_000_000);
    let mut sides: Vec<(LinesOf<'_>, Vec<Change>)> = Vec::new();
    for side in [BASE, OURS, THEIRS] {
        let of = lines.add(versions[side].text, u32::MAX)?;
        let changes = compare(&merged.tokens, &of.tokens, &mut budget).ok()?;
        sides.push((of, changes));
    }
    let numbers = LineNumbers::of(versions[MERGED].text);
    let place = |place: &Place| {
        let touched = numbers.range(&place.merged);
        let (mut start, mut end) = (touched.start as usize, touched.end() as usize);
        // Whole changes, in every version.
        loop {
            let before = (start, end);
            for change in sides.iter().flat_map(|(_, changes)| changes) {
                if change.before < end && start < change.before_end() {
                    (start, end) = (start.min(change.before), end.max(change.before_end()));
                }
            }
            if (start, end) == before {
                break;
            }
        }
        let mut found = Place { merged: merged.span(start, end - start), versions: Default::default() };
        for (side, (of, changes)) in sides.iter().enumerate() {
            // What stands at the edges belongs to what is around.
            let shift = |at: usize, last: bool| {
                let passed = changes
                    .iter()
                    .filter(|change| change.before_end() < at || (change.before_end() == at && (change.removed > 0 || !last)));
                passed.fold(at as isize, |line, change| line + change.added as isize - change.removed as isize).max(0) as usize
            };
            let (from, to) = (shift(start, false), shift(end, true));
            found.versions[side] = Some(of.span(from, to.saturating_sub(from)));
        }
        found
    };
    Some(findings.iter().map(|finding| Finding { places: finding.places.iter().map(place).collect(), ..finding.clone() }).collect())
}
