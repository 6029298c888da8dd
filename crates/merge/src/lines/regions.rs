//! Laying two sets of changes to one base over each other.
//!
//! The rules are those of libxdiff's merge: changes that overlap or touch form one region; a region in which both sides did the same is
//! no conflict; what both sides have in common within a conflict splits it ("zealous"); conflicts with at most three lines between them
//! are shown as one.

use super::outcome::LineRange;
use crate::diff::{Algorithm, Budget, Change, Exhausted, LinesOf, compare_by};

/// The three texts as lines.
pub(super) struct Texts<'a> {
    pub base: LinesOf<'a>,
    pub ours: LinesOf<'a>,
    pub theirs: LinesOf<'a>,
}

/// What becomes of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    Ours,
    Theirs,
    /// Both sides have the same bytes here.
    Same,
    Conflict,
}

/// A region of the three texts that is not the same in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub take: Take,
    pub base: LineRange,
    pub ours: LineRange,
    pub theirs: LineRange,
}

fn range(start: usize, end: usize) -> LineRange {
    LineRange { start: start as u32, len: (end - start) as u32 }
}

/// The regions in order, conflicts as wide as the changes that made them. Regions never touch in ours or theirs.
pub(super) fn wide(texts: &Texts<'_>, our_changes: &[Change], their_changes: &[Change]) -> Vec<Region> {
    let mut regions = Vec::new();
    let (mut ours, mut theirs) = (our_changes.iter().peekable(), their_changes.iter().peekable());
    // How far a line of the base has moved on each side after the changes passed so far.
    let (mut our_shift, mut their_shift) = (0isize, 0isize);
    let moved = |line: usize, shift: isize| line.saturating_add_signed(shift);
    loop {
        let (our, their) = match (ours.peek(), theirs.peek()) {
            (None, None) => return regions,
            (our, their) => (our.map(|change| **change), their.map(|change| **change)),
        };
        let ours_first = match (our, their) {
            (Some(our), Some(their)) => our.before_end() < their.before,
            (our, _) => our.is_some(),
        };
        let theirs_first = match (our, their) {
            (Some(our), Some(their)) => their.before_end() < our.before,
            (_, their) => their.is_some(),
        };
        match (our, their) {
            (Some(our), _) if ours_first => {
                let region = Region {
                    take: Take::Ours,
                    base: range(our.before, our.before_end()),
                    ours: range(our.after, our.after_end()),
                    theirs: range(moved(our.before, their_shift), moved(our.before_end(), their_shift)),
                };
                append(&mut regions, region);
                our_shift = our.after_end() as isize - our.before_end() as isize;
                ours.next();
            }
            (_, Some(their)) if theirs_first => {
                let region = Region {
                    take: Take::Theirs,
                    base: range(their.before, their.before_end()),
                    ours: range(moved(their.before, our_shift), moved(their.before_end(), our_shift)),
                    theirs: range(their.after, their.after_end()),
                };
                append(&mut regions, region);
                their_shift = their.after_end() as isize - their.before_end() as isize;
                theirs.next();
            }
            (Some(our), Some(their)) => {
                let same = our.before == their.before
                    && our.removed == their.removed
                    && texts.ours.tokens.get(our.after..our.after_end()) == texts.theirs.tokens.get(their.after..their.after_end());
                if !same {
                    // Stretch both to the union of what they replace in the base.
                    let (start, end) = (our.before.min(their.before), our.before_end().max(their.before_end()));
                    let stretched = |change: &Change| {
                        range(change.after.saturating_sub(change.before - start), change.after_end() + (end - change.before_end()))
                    };
                    let region = Region { take: Take::Conflict, base: range(start, end), ours: stretched(&our), theirs: stretched(&their) };
                    append(&mut regions, region);
                }
                if our.before_end() >= their.before_end() {
                    their_shift = their.after_end() as isize - their.before_end() as isize;
                    theirs.next();
                }
                if their.before_end() >= our.before_end() {
                    our_shift = our.after_end() as isize - our.before_end() as isize;
                    ours.next();
                }
            }
            (None, _) | (_, None) => return regions,
        }
    }
}

/// Adds a region, joining it with the one before where they touch on either side.
fn append(regions: &mut Vec<Region>, next: Region) {
    match regions.last_mut() {
        Some(last) if next.ours.start <= last.ours.end() || next.theirs.start <= last.theirs.end() => {
            if last.take != next.take {
                last.take = Take::Conflict;
            }
            for (last, next) in [(&mut last.base, next.base), (&mut last.ours, next.ours), (&mut last.theirs, next.theirs)] {
                last.len = next.end().saturating_sub(last.start);
            }
        }
        _ => regions.push(next),
    }
}

/// The regions with each conflict reduced to the lines on which the sides really differ. The base's range stays that of the whole conflict.
/// A wide conflict of which nothing remains is none: its `take` becomes [`Take::Same`].
pub(super) fn narrow(texts: &Texts<'_>, wide: &mut [Region], budget: &mut Budget) -> Result<Vec<Region>, Exhausted> {
    Ok(join_close(refined(texts, wide, Algorithm::Histogram, budget)?, |_| false))
}

/// As [`narrow`], by this algorithm, with nothing joined.
pub(super) fn refined(texts: &Texts<'_>, wide: &mut [Region], algorithm: Algorithm, budget: &mut Budget) -> Result<Vec<Region>, Exhausted> {
    let mut regions = Vec::with_capacity(wide.len());
    for region in wide {
        if region.take != Take::Conflict || region.ours.len == 0 || region.theirs.len == 0 {
            regions.push(*region);
            continue;
        }
        let lines = |lines: &LinesOf<'_>, range: LineRange| -> Vec<u32> {
            lines.tokens.get(range.start as usize..range.end() as usize).unwrap_or_default().to_vec()
        };
        let changes = compare_by(algorithm, &lines(&texts.ours, region.ours), &lines(&texts.theirs, region.theirs), budget)?;
        if changes.is_empty() {
            region.take = Take::Same;
            regions.push(*region);
        }
        regions.extend(changes.iter().map(|change| Region {
            take: Take::Conflict,
            base: region.base,
            ours: LineRange { start: region.ours.start + change.before as u32, len: change.removed as u32 },
            theirs: LineRange { start: region.theirs.start + change.after as u32, len: change.added as u32 },
        }));
    }
    Ok(regions)
}

/// Joins conflicts with at most three lines of ours between them, or with such lines as `over` says: that takes no more room, and reads
/// better.
pub(super) fn join_close(regions: Vec<Region>, over: impl Fn(std::ops::Range<usize>) -> bool) -> Vec<Region> {
    let mut joined: Vec<Region> = Vec::with_capacity(regions.len());
    for next in regions {
        match joined.last_mut() {
            Some(last)
                if last.take == Take::Conflict
                    && next.take == Take::Conflict
                    && (next.ours.start.saturating_sub(last.ours.end()) <= 3
                        || over(last.ours.end() as usize..next.ours.start as usize)) =>
            {
                last.base.len = next.base.end().saturating_sub(last.base.start);
                last.ours.len = next.ours.end().saturating_sub(last.ours.start);
                last.theirs.len = next.theirs.end().saturating_sub(last.theirs.start);
            }
            _ => joined.push(next),
        }
    }
    joined
}
