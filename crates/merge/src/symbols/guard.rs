//! The last look at what was merged by symbols: a line that one side took out and the other left where it was must not be there.

use super::context::{BASE, OURS, THEIRS};
use crate::diff::{Budget, Lines, LinesOf, compare};
use crate::files::{FileMerged, FilePiece};
use std::collections::HashMap;

/// Shorter lines say nothing.
const TELLING: usize = 4;

/// Whether everything that is decided keeps to it. Lines that are in the base more than once are not judged, nor are lines that were only
/// indented anew.
pub(super) fn stays_deleted(texts: [&[u8]; 3], merged: &FileMerged, budget: &mut Budget) -> bool {
    let text = match merged {
        FileMerged::Clean(text) => text.to_vec(),
        FileMerged::Conflict(conflict) => {
            let mut text = Vec::new();
            for piece in &conflict.pieces {
                match piece {
                    FilePiece::Merged(bytes) => text.extend_from_slice(bytes),
                    FilePiece::Open(_) => text.push(b'\n'),
                }
            }
            text
        }
        FileMerged::Binary | FileMerged::TooLarge(_) => return true,
    };
    let Some(mut gone) = gone(texts, budget) else { return true };
    let mut take = |line: &[u8]| match gone.get_mut(line) {
        Some(0) => false,
        Some(times) => {
            *times -= 1;
            true
        }
        None => true,
    };
    text.split(|byte| *byte == b'\n').all(|line| {
        let (plain, indented) = (plain(line), indented(line));
        take(plain) && (plain.len() == indented.len() || take(indented))
    })
}

/// A line without what belongs to its place: its indentation, and the comma that its container needs.
fn plain(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    line.strip_suffix(b",").unwrap_or(line)
}

/// A line with its indentation.
fn indented(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_end();
    line.strip_suffix(b",").unwrap_or(line)
}

/// The lines that one side took out and the other left where they were, without their indentation and with it, each with how often that other side added the same elsewhere: `try {`.
fn gone<'a>(texts: [&'a [u8]; 3], budget: &mut Budget) -> Option<HashMap<&'a [u8], usize>> {
    let mut lines = Lines::default();
    let base = lines.add(texts[BASE], u32::MAX)?;
    let mut times: HashMap<&[u8], usize> = HashMap::new();
    (0..base.len()).for_each(|at| *times.entry(plain(base.line(at))).or_default() += 1);
    let mut untouched = [Vec::new(), Vec::new()];
    let mut there: [HashMap<&[u8], usize>; 2] = Default::default();
    for side in [OURS, THEIRS] {
        let of: LinesOf<'a> = lines.add(texts[side], u32::MAX)?;
        let mut kept = vec![true; base.len()];
        for change in compare(&base.tokens, &of.tokens, budget).ok()? {
            kept.get_mut(change.before..change.before_end())?.fill(false);
        }
        untouched[side - 1] = kept;
        for at in 0..of.len() {
            let (plain, indented) = (plain(of.line(at)), indented(of.line(at)));
            *there[side - 1].entry(plain).or_default() += 1;
            if plain.len() < indented.len() {
                *there[side - 1].entry(indented).or_default() += 1;
            }
        }
    }
    let gone = |at: usize, side: usize, other: usize| {
        let line = plain(base.line(at));
        let is_gone = line.len() >= TELLING && times.get(line) == Some(&1) && !there[side].contains_key(line) && untouched[other][at];
        is_gone.then(|| [line, indented(base.line(at))].map(|line| (line, there[other].get(line).map_or(0, |times| times - 1))))
    };
    Some((0..base.len()).filter_map(|at| gone(at, 0, 1).or_else(|| gone(at, 1, 0))).flatten().collect())
}
