//! The merge of three texts.

use super::outcome::{ConflictHunk, LineConflict, LineLimits, LineMerge, Piece, TooLarge};
use super::regions::{Region, Take, Texts, narrow, wide};
use crate::diff::{Budget, Change, Exhausted, Lines, LinesOf, compare};
use std::ops::Range;

/// Merges the changes from `base` to `ours` with those from `base` to `theirs`.
///
/// Costs are about linear in the texts for ordinary files. Where one side equals the base or the other side, nothing is compared.
pub fn merge_lines(base: &[u8], ours: &[u8], theirs: &[u8], limits: &LineLimits) -> LineMerge {
    if ours == theirs || base == theirs {
        return LineMerge::Clean(ours.to_vec());
    }
    if base == ours {
        return LineMerge::Clean(theirs.to_vec());
    }
    compare_sides(base, ours, theirs, limits).and_then(|mut compared| compared.merge()).unwrap_or_else(LineMerge::TooLarge)
}

/// For each side the runs of bytes that it replaced: where they are in the base, and in the side.
pub(crate) type Replaced = [Vec<[Range<usize>; 2]>; 2];

/// Three texts with what each side changed.
pub(crate) struct Compared<'a> {
    texts: Texts<'a>,
    changes: [Vec<Change>; 2],
    budget: Budget,
}

/// Compares two sides with their base.
pub(crate) fn compare_sides<'a>(base: &'a [u8], ours: &'a [u8], theirs: &'a [u8], limits: &LineLimits) -> Result<Compared<'a>, TooLarge> {
    if [base, ours, theirs].iter().any(|text| text.len() > limits.max_bytes as usize) {
        return Err(TooLarge::Bytes);
    }
    let mut lines = Lines::default();
    let mut add = |text| lines.add(text, limits.max_lines).ok_or(TooLarge::Lines);
    let texts = Texts { base: add(base)?, ours: add(ours)?, theirs: add(theirs)? };
    let mut budget = Budget(limits.max_comparisons);
    let mut changes =
        |side: &LinesOf<'_>| compare(&texts.base.tokens, &side.tokens, &mut budget).map_err(|Exhausted| TooLarge::Comparisons);
    let changes = [changes(&texts.ours)?, changes(&texts.theirs)?];
    Ok(Compared { texts, changes, budget })
}

impl Compared<'_> {
    /// What each side replaced.
    pub(crate) fn replaced(&self) -> Replaced {
        [(&self.texts.ours, &self.changes[0]), (&self.texts.theirs, &self.changes[1])].map(|(side, changes)| {
            let spans = |change: &Change| [self.texts.base.span(change.before, change.removed), side.span(change.after, change.added)];
            changes.iter().map(spans).collect()
        })
    }

    /// The merge.
    pub(crate) fn merge(&mut self) -> Result<LineMerge, TooLarge> {
        merge(&self.texts, &self.changes, &mut self.budget).map_err(|Exhausted| TooLarge::Comparisons)
    }
}

fn merge(texts: &Texts<'_>, [ours, theirs]: &[Vec<Change>; 2], budget: &mut Budget) -> Result<LineMerge, Exhausted> {
    let mut wide = wide(texts, ours, theirs);
    let narrow = narrow(texts, &mut wide, budget)?;
    if narrow.iter().all(|region| region.take != Take::Conflict) {
        let mut text = Vec::with_capacity(texts.ours.text.len().max(texts.theirs.text.len()));
        for piece in pieces(texts, &narrow) {
            if let Piece::Merged(bytes) = piece {
                text.extend_from_slice(&bytes);
            }
        }
        return Ok(LineMerge::Clean(text));
    }
    let hunks = wide
        .iter()
        .filter(|region| region.take == Take::Conflict)
        .map(|region| ConflictHunk { base: region.base, ours: region.ours, theirs: region.theirs })
        .collect();
    Ok(LineMerge::Conflict(LineConflict {
        hunks,
        wide: pieces(texts, &wide),
        narrow: pieces(texts, &narrow),
        base: texts.base.text.to_vec(),
        ours: texts.ours.text.to_vec(),
        theirs: texts.theirs.text.to_vec(),
    }))
}

/// The result, piece by piece. What lies between regions is the same on both sides and is taken from ours.
fn pieces(texts: &Texts<'_>, regions: &[Region]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut merged: Vec<u8> = Vec::new();
    let mut at = 0;
    for region in regions {
        let (ours, theirs) = (region.ours, region.theirs);
        let (start, end) = (ours.start as usize, ours.end() as usize);
        merged.extend_from_slice(texts.ours.bytes(at, start.saturating_sub(at)));
        at = end;
        match region.take {
            Take::Ours | Take::Same => merged.extend_from_slice(texts.ours.bytes(start, ours.len as usize)),
            Take::Theirs => merged.extend_from_slice(texts.theirs.bytes(theirs.start as usize, theirs.len as usize)),
            Take::Conflict => {
                if !merged.is_empty() {
                    pieces.push(Piece::Merged(std::mem::take(&mut merged)));
                }
                pieces.push(Piece::Conflict {
                    base: texts.base.span(region.base.start as usize, region.base.len as usize),
                    ours: texts.ours.span(start, ours.len as usize),
                    theirs: texts.theirs.span(theirs.start as usize, theirs.len as usize),
                    crlf: ends_in_crlf(texts, region),
                });
            }
        }
    }
    merged.extend_from_slice(texts.ours.bytes(at, texts.ours.len().saturating_sub(at)));
    if !merged.is_empty() {
        pieces.push(Piece::Merged(merged));
    }
    pieces
}

/// Whether markers at this region end in CR LF: if the line before it does on both sides and the base's first line does, as far as they tell.
pub(super) fn ends_in_crlf(texts: &Texts<'_>, region: &Region) -> bool {
    let mut answer = None;
    for (lines, at) in
        [(&texts.ours, region.ours.start.saturating_sub(1)), (&texts.theirs, region.theirs.start.saturating_sub(1)), (&texts.base, 0)]
    {
        match crlf_at(lines, at as usize) {
            Some(false) => return false,
            known => answer = known,
        }
    }
    answer.unwrap_or(false)
}

/// Whether a line ends in CR LF; `None` when the text does not tell. A last line without an end is judged by the one before it.
fn crlf_at(lines: &LinesOf<'_>, at: usize) -> Option<bool> {
    if lines.is_empty() {
        return None;
    }
    let line = lines.line(at);
    if line.ends_with(b"\n") {
        return Some(line.ends_with(b"\r\n"));
    }
    at.checked_sub(1).map(|before| lines.line(before).ends_with(b"\r\n"))
}
