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
    if too_deep(text) {
        return None;
    }
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

/// More open brackets than this take a grammar's stack of versions where releasing it needs more of the thread's stack than there is.
const OPEN: usize = 10_000;

/// Whether brackets are open deeper than a text is parsed.
pub(super) fn too_deep(text: &[u8]) -> bool {
    let opens = |byte: &u8| matches!(byte, b'(' | b'[' | b'{');
    if text.len() <= OPEN || text.iter().filter(|byte| opens(byte)).count() <= OPEN {
        return false;
    }
    let mut open = 0usize;
    text.iter().any(|byte| {
        match byte {
            byte if opens(byte) => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > OPEN
    })
}

/// The tree of a text.
pub(super) fn from_nothing(language: Language, text: &[u8], limits: &ParseLimits) -> Option<Parsed> {
    Parsed::new(language, text, limits).ok()
}

/// What differs, by lines; `None` past the budget.
fn splices(before: &[u8], after: &[u8], budget: &mut Budget) -> Option<Vec<Splice>> {
    let mut lines = Lines::default();
    let (old, new) = (lines.add(before, u32::MAX)?, lines.add(after, u32::MAX)?);
    let changes = compare(&old.tokens, &new.tokens, budget).ok()?;
    let splice = |change: &crate::diff::Change| {
        let (from, to) = (old.span(change.before, change.removed), new.span(change.after, change.added));
        Splice { before: from.start, removed: from.len(), after: to.start, added: to.len() }
    };
    Some(changes.iter().map(splice).collect())
}
