//! Syntax trees of the versions of a file: the base's from nothing, the others' from the base's.

use crate::diff::{Budget, Lines, compare};
use acetate_syntax::{Language, ParseLimits, Parsed, Splice};

/// The tree of a text that differs from one whose tree is there.
pub(super) fn from_base(base: &Parsed, before: &[u8], text: &[u8], limits: &ParseLimits, budget: &mut Budget) -> Option<Parsed> {
    match splices(before, text, budget) {
        Some(splices) => base.again(&splices, before, text, limits).ok(),
        None => Parsed::new(base.language(), text, limits).ok(),
    }
}

/// The tree of a text.
pub(super) fn from_nothing(language: Language, text: &[u8], limits: &ParseLimits) -> Option<Parsed> {
    Parsed::new(language, text, limits).ok()
}

/// What differs, by lines; `None` where it is so much that nothing is gained by knowing.
fn splices(before: &[u8], after: &[u8], budget: &mut Budget) -> Option<Vec<Splice>> {
    let mut lines = Lines::default();
    let (old, new) = (lines.add(before, u32::MAX)?, lines.add(after, u32::MAX)?);
    let changes = compare(&old.tokens, &new.tokens, budget).ok()?;
    let splices: Vec<Splice> = changes
        .iter()
        .map(|change| {
            let (from, to) = (old.span(change.before, change.removed), new.span(change.after, change.added));
            Splice { before: from.start, removed: from.len(), after: to.start, added: to.len() }
        })
        .collect();
    let changed: usize = splices.iter().map(|splice| splice.removed + splice.added).sum();
    (changed * 2 <= before.len() + after.len()).then_some(splices)
}
