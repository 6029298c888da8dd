//! What a question's place is called: as outlines call it, so that one symbol has one name everywhere.

use super::context::{BASE, OURS, THEIRS};
use acetate_syntax::{Outline, Parsed};
use std::cell::OnceCell;
use std::ops::Range;

/// The outlines of base, ours and theirs, made when they are asked for.
pub(super) struct Names<'a> {
    texts: [&'a [u8]; 3],
    parsed: [&'a Parsed; 3],
    /// The base's, where it is known.
    base: Option<&'a Outline>,
    outlines: [OnceCell<Outline>; 3],
}

impl<'a> Names<'a> {
    pub fn new(texts: [&'a [u8]; 3], parsed: [&'a Parsed; 3], base: Option<&'a Outline>) -> Self {
        Self { texts, parsed, base, outlines: Default::default() }
    }

    /// The path of the innermost symbol at a place: the base's name for it where the base has it.
    pub fn path(&self, place: [Option<&Range<usize>>; 3]) -> Option<String> {
        [BASE, OURS, THEIRS].into_iter().find_map(|side| {
            let range = place[side].filter(|range| !range.is_empty())?;
            let text = self.texts[side].get(range.clone())?;
            let first = range.start + text.iter().position(|byte| !byte.is_ascii_whitespace())?;
            let made = || self.outlines[side].get_or_init(|| Outline::of(self.parsed[side], self.texts[side]));
            let outline = self.base.filter(|_| side == BASE).unwrap_or_else(made);
            outline.at(first).and_then(|at| outline.symbols.get(at)).map(|symbol| symbol.path.clone())
        })
    }
}
