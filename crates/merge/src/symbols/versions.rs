//! Syntax trees of the versions of a file: the base's from nothing, the others' from the base's.

use crate::diff::{Budget, Lines, compare};
use acetate_syntax::{ParseLimits, Parsed, Splice};
use std::ops::Range;

/// The tree of a text that differs by `splices` from one whose tree is there.
pub(super) fn from_base(base: &Parsed, splices: &[Splice], before: &[u8], text: &[u8], limits: &ParseLimits) -> Option<Parsed> {
    let changed: usize = splices.iter().map(|splice| splice.removed + splice.added).sum();
    // Where it is so much, nothing is gained by knowing.
    if changed * 2 <= before.len() + text.len() {
        base.again(splices, before, text, limits).ok()
    } else {
        Parsed::new(base.language(), text, limits).ok()
    }
}

/// The tree of a text that differs from one whose tree is there.
pub(super) fn changed(base: &Parsed, before: &[u8], text: &[u8], limits: &ParseLimits, budget: &mut Budget) -> Option<Parsed> {
    from_base(base, &splices(before, text, budget)?, before, text, limits)
}

/// What differs, by lines; `None` past the budget.
pub(super) fn splices(before: &[u8], after: &[u8], budget: &mut Budget) -> Option<Vec<Splice>> {
    let mut lines = Lines::default();
    let (old, new) = (lines.add(before, u32::MAX)?, lines.add(after, u32::MAX)?);
    let changes = compare(&old.tokens, &new.tokens, budget).ok()?;
    Some(changes.iter().map(|change| splice([old.span(change.before, change.removed), new.span(change.after, change.added)])).collect())
}

/// A run of bytes in the place of another.
pub(super) fn splice([before, after]: [Range<usize>; 2]) -> Splice {
    Splice { before: before.start, removed: before.len(), after: after.start, added: after.len() }
}
