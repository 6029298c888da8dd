//! Rules on lines that are determinate: one side's change contains the other's, or the changes only touch.

use super::context::{BASE, OURS, THEIRS};
use crate::diff::{Budget, Change, Lines, LinesOf, compare};
use foldhash::HashSet;

/// A line of so many bytes is no accident when both sides added it.
const TELLING: usize = 20;

/// Shorter lines are brackets.
const WORD: usize = 4;

/// Three texts as lines, with what each side changed.
pub(super) struct Sides<'a> {
    texts: [&'a [u8]; 3],
    lines: [LinesOf<'a>; 3],
    /// From the base to ours and to theirs.
    changes: [Vec<Change>; 2],
    /// From ours to theirs.
    between: Vec<Change>,
}

impl<'a> Sides<'a> {
    /// Compares the texts; `None` past the budget.
    pub fn new(texts: [&'a [u8]; 3], budget: &mut Budget) -> Option<Self> {
        let mut lines = Lines::default();
        let lines = [lines.add(texts[BASE], u32::MAX)?, lines.add(texts[OURS], u32::MAX)?, lines.add(texts[THEIRS], u32::MAX)?];
        let ours = compare(&lines[BASE].tokens, &lines[OURS].tokens, budget).ok()?;
        let theirs = compare(&lines[BASE].tokens, &lines[THEIRS].tokens, budget).ok()?;
        let between = compare(&lines[OURS].tokens, &lines[THEIRS].tokens, budget).ok()?;
        Some(Self { texts, lines, changes: [ours, theirs], between })
    }

    /// Whether both sides added a line that says something: put together it would be there twice.
    fn share_additions(&self) -> bool {
        let telling = |side: usize| self.added(side).filter(|line| line.len() >= TELLING);
        telling(OURS).any(|line| telling(THEIRS).any(|other| line == other))
    }

    /// The lines that a side added, without their indentation.
    fn added(&self, side: usize) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.changes[side - 1].iter().flat_map(|change| change.after..change.after_end());
        lines.map(move |at| self.lines[side].line(at).trim_ascii())
    }
}

/// The side whose change holds all of the other's: it has every line that the other added, in order, and lacks every line that the other
/// removed.
pub(super) fn contains<'a>(sides: &Sides<'a>) -> Option<&'a [u8]> {
    let holds = |larger: usize, smaller: usize| {
        let added: usize = sides.changes[smaller - 1].iter().map(|change| change.added).sum();
        if added == 0 {
            // Only taking lines away says too little about what the other side makes of the rest.
            return false;
        }
        // Lines of the smaller side that the larger does not have.
        let missing = |line: usize| {
            sides.between.iter().any(|change| {
                let (start, end) =
                    if smaller == THEIRS { (change.after, change.after_end()) } else { (change.before, change.before_end()) };
                (start..end).contains(&line)
            })
        };
        let new_are_there = sides.changes[smaller - 1].iter().all(|change| (change.after..change.after_end()).all(|line| !missing(line)));
        let removed =
            |side: usize, line: usize| sides.changes[side - 1].iter().any(|change| (change.before..change.before_end()).contains(&line));
        let [kept, known] = [larger, smaller].map(|side| sides.added(side).collect::<HashSet<&[u8]>>());
        // What the larger only indented anew is not gone.
        let indented = |line: usize| {
            let line = sides.lines[BASE].line(line).trim_ascii();
            line.len() >= WORD && kept.contains(line) && !known.contains(line)
        };
        let gone_are_gone = sides.changes[smaller - 1]
            .iter()
            .all(|change| (change.before..change.before_end()).all(|line| removed(larger, line) && !indented(line)));
        new_are_there && gone_are_gone
    };
    match (holds(OURS, THEIRS), holds(THEIRS, OURS)) {
        (true, false) => Some(sides.texts[OURS]),
        (false, true) => Some(sides.texts[THEIRS]),
        _ => None,
    }
}

/// Both sides' changes, if they only touch: no line of the base is changed by both, and they add nothing at one place.
pub(super) fn weave(sides: &Sides<'_>) -> Option<Vec<u8>> {
    let [ours, theirs] = &sides.changes;
    let clash = |a: &Change, b: &Change| {
        let share = a.before.max(b.before) < a.before_end().min(b.before_end());
        let inside = |point: &Change, run: &Change| point.removed == 0 && run.before < point.before && point.before < run.before_end();
        // What one side adds where the other's replaced lines begin or end has no place of its own.
        let at_one = a.added > 0
            && b.added > 0
            && (a.removed == 0 || b.removed == 0)
            && (a.before == b.before || a.before == b.before_end() || b.before == a.before_end());
        share || inside(a, b) || inside(b, a) || at_one
    };
    if ours.iter().any(|a| theirs.iter().any(|b| clash(a, b))) || sides.share_additions() {
        return None;
    }
    let mut all: Vec<(Change, usize)> =
        ours.iter().map(|change| (*change, OURS)).chain(theirs.iter().map(|change| (*change, THEIRS))).collect();
    all.sort_by_key(|(change, _)| (change.before, change.before_end()));
    let mut text = Vec::new();
    let mut at = 0;
    for (change, side) in all {
        text.extend_from_slice(sides.lines[BASE].bytes(at, change.before.checked_sub(at)?));
        text.extend_from_slice(sides.lines[side].bytes(change.after, change.added));
        at = change.before_end();
    }
    text.extend_from_slice(sides.lines[BASE].bytes(at, sides.lines[BASE].len().saturating_sub(at)));
    Some(text)
}
