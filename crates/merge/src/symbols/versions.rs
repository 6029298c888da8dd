//! Syntax trees of the versions of a file: the base's from nothing, the others' from the base's.

use crate::diff::{Budget, Lines, compare};
use acetate_syntax::{Language, ParseLimits, Parsed, Splice};

/// The tree of a text that differs from one whose tree is there, unless it is known, and where they differ.
pub(super) fn from_base(
    base: &Parsed,
    before: &[u8],
    text: &[u8],
    known: Option<Parsed>,
    limits: &ParseLimits,
    budget: &mut Budget,
) -> Option<(Parsed, Option<Vec<Splice>>)> {
    let splices = splices(before, text, budget)?;
    let changed: usize = splices.iter().map(|splice| splice.removed + splice.added).sum();
    // Where it is so much, nothing is gained by knowing.
    let parsed = if let Some(known) = known {
        known
    } else if changed * 2 <= before.len() + text.len() {
        base.again(&splices, before, text, limits).ok()?
    } else {
        Parsed::new(base.language(), text, limits).ok()?
    };
    Some((parsed, Some(splices)))
}

/// The tree of a text.
pub(super) fn from_nothing(language: Language, text: &[u8], limits: &ParseLimits) -> Option<Parsed> {
    Parsed::new(language, text, limits).ok()
}

/// What differs, by lines; `None` past the budget.
pub(super) fn splices(before: &[u8], after: &[u8], budget: &mut Budget) -> Option<Vec<Splice>> {
    let mut lines = Lines::default();
    let (old, new) = (lines.add(before, u32::MAX)?, lines.add(after, u32::MAX)?);
    let changes = compare(&old.tokens, &new.tokens, budget).ok()?;
    let splice = |change: &crate::diff::Change| {
        let (from, to) = (old.span(change.before, change.removed), new.span(change.after, change.added));
        Splice { before: from.start, removed: from.len(), after: to.start, added: to.len() }
    };
    Some(changes.iter().map(splice).collect())
}
