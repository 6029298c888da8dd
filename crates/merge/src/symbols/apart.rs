//! The common case: one side changed the insides of functions, and the other changed none of those.
//!
//! Then what is looked for after merging can be told from the base's outline and the lines that differ, and nothing but the base needs to be
//! parsed. No definition is stated twice or comes back, for only one side adds and deletes some. None is lost, for what the one side changed
//! is there in the other as the base has it, inside of the same symbols. No symbol is changed by both. Whether a name is used that one side
//! took away is for [`super::dangling::may_dangle`] to say.

use super::alone::{is_function, is_inside};
use super::context::{BASE, OURS, THEIRS};
use super::elide::words;
use super::touched::{continued, lines, meets};
use acetate_syntax::{Outline, Splice};

/// Whether a clean merge by lines needs no looking over, if it uses no name that a side took away.
pub(super) fn apart(outline: &Outline, texts: [&[u8]; 3], splices: [&[Splice]; 2]) -> bool {
    let view = View { outline, texts };
    let [ours, theirs] = [OURS, THEIRS].map(|side| view.touched(side, splices[side - 1]));
    let disjoint = ours.inside.iter().all(|symbol| !theirs.inside.contains(symbol));
    let open = match (ours.outside.is_empty(), theirs.outside.is_empty()) {
        (true, true) => true,
        (true, false) => view.leaves(THEIRS, &theirs.outside, &ours.inside),
        (false, true) => view.leaves(OURS, &ours.outside, &theirs.inside),
        (false, false) => false,
    };
    disjoint && open && !view.names(OURS, &ours.outside, &theirs.inside) && !view.names(THEIRS, &theirs.outside, &ours.inside)
}

/// What a side changed.
#[derive(Default)]
struct Touched {
    /// Functions inside of which it changed something.
    inside: Vec<usize>,
    /// What it changed elsewhere.
    outside: Vec<Splice>,
}

struct View<'a> {
    outline: &'a Outline,
    texts: [&'a [u8]; 3],
}

impl View<'_> {
    fn touched(&self, side: usize, splices: &[Splice]) -> Touched {
        let mut touched = Touched::default();
        for splice in splices {
            match self.function(side, splice) {
                Some(function) if touched.inside.last() == Some(&function) => {}
                Some(function) => touched.inside.push(function),
                None => touched.outside.push(*splice),
            }
        }
        touched
    }

    /// Whether what a side adds says the name of one of the functions: it may state it a second time.
    fn names(&self, side: usize, splices: &[Splice], functions: &[usize]) -> bool {
        let names: Vec<&[u8]> =
            functions.iter().filter_map(|at| self.outline.symbols.get(*at)).flat_map(|symbol| words(symbol.name().as_bytes())).collect();
        let added = |splice: &Splice| self.texts[side].get(splice.after..splice.after + splice.added).unwrap_or_default();
        !names.is_empty() && splices.iter().any(|splice| words(added(splice)).any(|word| names.contains(&word)))
    }

    /// The function whose inside a change stays in.
    fn function(&self, side: usize, splice: &Splice) -> Option<usize> {
        let at = self.outline.at(splice.before)?;
        let symbol = self.outline.symbols.get(at)?;
        (is_function(symbol) && is_inside(self.texts, symbol, side, splice)).then_some(at)
    }

    /// Whether a side's changes leave functions as and where they are.
    fn leaves(&self, side: usize, splices: &[Splice], functions: &[usize]) -> bool {
        functions.iter().all(|function| {
            let Some(symbol) = self.outline.symbols.get(*function) else { return false };
            let lines = lines(self.texts[BASE], symbol);
            let more = |splice: &Splice| continued(self.outline, self.texts[BASE], self.texts[side], splice) == Some(*function);
            if splices.iter().any(|splice| meets(splice, &lines) || more(splice)) {
                return false;
            }
            let mut around = symbol.parent;
            while let Some(outer) = around.and_then(|at| self.outline.symbols.get(at)) {
                if !splices.iter().filter(|splice| meets(splice, &outer.span)).all(|splice| is_inside(self.texts, outer, side, splice)) {
                    return false;
                }
                around = outer.parent;
            }
            true
        })
    }
}
