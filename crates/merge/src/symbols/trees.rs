//! The three versions of a file with their syntax trees.

use super::context::{BASE, OURS, THEIRS};
use super::versions::from_base;
use acetate_syntax::{Language, ParseLimits, Parsed, Splice, Syntax};
use acetate_types::ObjectId;

/// Three texts with their trees, and where the sides differ from the base.
pub(super) struct Trees<'a> {
    pub texts: [&'a [u8]; 3],
    pub parsed: [Parsed; 3],
    pub splices: [Vec<Splice>; 2],
}

impl<'a> Trees<'a> {
    /// Parses the sides from the base's tree, or looks them up by their ids.
    pub fn new(
        base: Parsed,
        texts: [&'a [u8]; 3],
        splices: [Vec<Splice>; 2],
        ids: [Option<ObjectId>; 3],
        syntax: Option<&Syntax>,
        limits: &ParseLimits,
    ) -> Option<Self> {
        let side = |side: usize| {
            let place = syntax.zip(ids[side]);
            if let Some(known) = place.and_then(|(syntax, id)| syntax.known(id, base.language())) {
                return Some(known);
            }
            let parsed = from_base(&base, &splices[side - 1], texts[BASE], texts[side], limits)?;
            if let Some((syntax, id)) = place {
                syntax.insert_parsed(id, parsed.clone());
            }
            Some(parsed)
        };
        let (ours, theirs) = (side(OURS)?, side(THEIRS)?);
        Some(Self { texts, parsed: [base, ours, theirs], splices })
    }

    /// The side that changed more: what was merged of both differs least from it. A side with errors is none, for what is made of its tree may
    /// differ from what is made from nothing.
    pub fn nearest(&self) -> usize {
        let changed = |side: usize| self.splices[side - 1].iter().map(|splice| splice.removed + splice.added).sum::<usize>();
        let side = if changed(OURS) >= changed(THEIRS) { OURS } else { THEIRS };
        if self.parsed[side].is_clean() { side } else { BASE }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.parsed[BASE].language()
    }
}
