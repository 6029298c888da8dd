//! Whether the outlines of the base and of a clean merge by lines show that there is nothing to find: one text is parsed instead of three
//! more, and no body is compared.
//!
//! What is found afterwards is in a mixture, in something that both sides changed. So where the sides changed different symbols, or
//! different stretches between symbols, only the symbols of containers are to be looked at: none may be there more often than in the
//! base, none be gone that no side took away, and none be back that a side took away. Whether a name is used that one side took away is for
//! [`super::dangling::may_dangle`] to say.
//!
//! Invariant: of sides that parse, `true` only where [`super::findings`] would find nothing. Whatever is unclear is not for this module to
//! say.

use super::context::{BASE, OURS, THEIRS};
use super::elide::{Elision, words};
use super::findings::holds;
use super::touched::{continued, lines, meets};
use acetate_syntax::{Kind, Language, Outline, Parsed, Splice, Symbol};
use bytes::Bytes;
use foldhash::{HashMap, HashSet};
use std::ops::Range;

/// A clean merge, without what is left out of it.
pub(super) struct Merged<'a> {
    pub text: Bytes,
    pub parsed: Parsed,
    /// What it differs from the base by.
    pub splices: Vec<Splice>,
    /// What is left out.
    pub elision: Option<&'a Elision>,
}

/// Where a change is: the innermost symbol, and how many of the symbols in that begin before.
type Cell = (Option<usize>, usize);

/// A symbol's name among those around it.
type Name<'s> = (&'s str, Kind, &'s str, &'s str);

/// Whether nothing can be found in a merge that uses no name that a side took away. [`Merged`] is asked for when it is needed.
pub(super) fn agree<'a>(
    outline: &Outline,
    texts: [&[u8]; 3],
    splices: [&[Splice]; 2],
    merged: impl FnOnce() -> Option<Merged<'a>>,
) -> bool {
    let view = View { outline, texts, splices };
    let is_broken = outline.is_cut || outline.symbols.iter().any(|symbol| symbol.has_error);
    if is_broken || !view.are_apart() {
        return false;
    }
    let Some(merged) = merged().filter(|merged| merged.parsed.is_clean()) else { return false };
    let after = Outline::of(&merged.parsed, &merged.text);
    // Where there are definitions in a symbol, they are looked at one by one; else it is one that both changed.
    let language = merged.parsed.language();
    let (before, still) = (containers(language, outline), containers(language, &after));
    let is_container =
        |at: usize| outline.symbols.get(at).is_some_and(|symbol| before.contains(&*symbol.path) && still.contains(&*symbol.path));
    !after.is_cut
        && view.mixed().all(is_container)
        && view.counts(&after, merged.elision)
        && !imports_twice(outline, &after, merged.elision)
        && merged.splices.iter().all(|splice| merged.parsed.is_code(&merged.text, splice.after..splice.after + splice.added))
}

struct View<'a> {
    outline: &'a Outline,
    texts: [&'a [u8]; 3],
    splices: [&'a [Splice]; 2],
}

impl<'a> View<'a> {
    /// Whether the sides changed different symbols and different stretches between them.
    fn are_apart(&self) -> bool {
        let children = self.children();
        let cells = |side: usize| -> HashSet<Cell> {
            let mut cells = HashSet::default();
            for splice in self.splices[side - 1] {
                let end = splice.before + splice.removed;
                if let Some(at) = continued(self.outline, self.texts[BASE], self.texts[side], splice) {
                    cells.insert((Some(at), children.get(at + 1).map_or(0, Vec::len)));
                }
                cells.insert(self.cell(&children, splice.before));
                cells.insert(self.cell(&children, end));
                if splice.removed > 0 {
                    cells.insert(self.cell(&children, end - 1));
                }
                let from = self.outline.symbols.partition_point(|symbol| symbol.span.start < splice.before);
                let inside = self.outline.symbols.iter().enumerate().skip(from).take_while(|(_, symbol)| symbol.span.start < end);
                for (at, symbol) in inside {
                    cells.extend([(Some(at), 0), self.cell(&children, symbol.span.start), self.cell(&children, symbol.span.end)]);
                }
            }
            cells
        };
        let ours = cells(OURS);
        cells(THEIRS).iter().all(|cell| !ours.contains(cell))
    }

    /// The symbols that both sides changed something in.
    fn mixed(&self) -> impl Iterator<Item = usize> {
        let changed = [OURS, THEIRS].map(|side| self.changed(side));
        (0..self.outline.symbols.len()).filter(move |at| changed[0][*at] && changed[1][*at])
    }

    /// Which symbols a side changed something in.
    fn changed(&self, side: usize) -> Vec<bool> {
        let symbols = &self.outline.symbols;
        let splices = self.splices[side - 1];
        let mut changed: Vec<bool> = symbols
            .iter()
            .map(|symbol| {
                let lines = lines(self.texts[BASE], symbol);
                let from = splices.partition_point(|splice| splice.before + splice.removed <= lines.start);
                splices.get(from).is_some_and(|splice| meets(splice, &lines))
            })
            .collect();
        for splice in splices {
            let mut more = continued(self.outline, self.texts[BASE], self.texts[side], splice);
            while let Some(at) = more {
                changed[at] = true;
                more = symbols[at].parent;
            }
        }
        changed
    }

    /// For the file and for each symbol, where the symbols directly in it begin.
    fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.outline.symbols.len() + 1];
        for symbol in &self.outline.symbols {
            children[symbol.parent.map_or(0, |parent| parent + 1)].push(symbol.span.start);
        }
        children
    }

    fn cell(&self, children: &[Vec<usize>], byte: usize) -> Cell {
        let innermost = self.outline.at(byte);
        let inside = children.get(innermost.map_or(0, |at| at + 1)).map_or(0, |starts| starts.partition_point(|start| *start <= byte));
        (innermost, inside)
    }

    /// Whether all symbols are there as often as they have to be.
    fn counts(&self, after: &Outline, elision: Option<&Elision>) -> bool {
        let mut count: HashMap<Name<'_>, [usize; 2]> = HashMap::default();
        for (version, outline) in [self.outline, after].into_iter().enumerate() {
            let left_out = |symbol: &Symbol| version == 0 && elision.is_some_and(|elision| elision.has(symbol));
            for symbol in outline.symbols.iter().filter(|symbol| !left_out(symbol)) {
                count.entry(name(outline, symbol)).or_default()[version] += 1;
            }
        }
        if count.iter().any(|(name, [before, now])| *now > 1 && now > before && name.1 != Kind::Import && name.3 != "_") {
            return false;
        }
        let added = [OURS, THEIRS].map(|side| {
            let text = self.texts[side];
            let lines =
                self.splices[side - 1].iter().map(move |splice| text.get(splice.after..splice.after + splice.added).unwrap_or_default());
            lines.flat_map(words).collect::<HashSet<&[u8]>>()
        });
        let says = |side: usize, symbol: &Symbol| words(symbol.name().as_bytes()).all(|word| added[side - 1].contains(word));
        let left_out = |symbol: &&Symbol| elision.is_some_and(|elision| elision.has(symbol));
        self.outline.symbols.iter().filter(|symbol| !left_out(symbol)).all(|symbol| {
            let there = count.get(&name(self.outline, symbol)).is_some_and(|[_, now]| *now > 0);
            let took = [OURS, THEIRS]
                .map(|side| removes(self.splices[side - 1], &(symbol.core.start..symbol.signature_end.max(symbol.core.start + 1))));
            match (there, took) {
                (true, [false, false]) => true,
                // Its first lines were changed; nobody else may have put it back.
                (true, [true, false]) => !says(THEIRS, symbol),
                (true, [false, true]) => !says(OURS, symbol),
                (false, [true, false]) => !says(OURS, symbol) && !says(THEIRS, symbol),
                (false, [false, true]) => !says(OURS, symbol) && !says(THEIRS, symbol),
                (true, [true, true]) | (false, _) => false,
            }
        })
    }
}

/// The paths of symbols with definitions directly in them.
fn containers(language: Language, outline: &Outline) -> HashSet<&str> {
    let definitions = outline.symbols.iter().filter(|symbol| holds(language, symbol.kind()));
    let parents = definitions.filter_map(|symbol| outline.symbols.get(symbol.parent?));
    parents.map(|parent| parent.path.as_str()).collect()
}

fn name<'s>(outline: &'s Outline, symbol: &'s Symbol) -> Name<'s> {
    let around = symbol.parent.and_then(|parent| outline.symbols.get(parent)).map_or("", |parent| parent.path.as_str());
    (around, symbol.kind(), &symbol.key.scope, symbol.name())
}

/// Whether bytes of a range were taken away.
fn removes(splices: &[Splice], range: &Range<usize>) -> bool {
    let at = splices.partition_point(|splice| splice.before + splice.removed <= range.start);
    splices.get(at..).unwrap_or_default().iter().take_while(|splice| splice.before < range.end).any(|splice| splice.removed > 0)
}

/// Whether a name may come from more places than in the base.
fn imports_twice(before: &Outline, after: &Outline, elision: Option<&Elision>) -> bool {
    let mut count: HashMap<&str, [usize; 2]> = HashMap::default();
    let kept = before.symbols.iter().filter(|symbol| !elision.is_some_and(|elision| elision.has(symbol)));
    for (version, symbol) in kept.map(|symbol| (0, symbol)).chain(after.symbols.iter().map(|symbol| (1, symbol))) {
        symbol.brought.iter().for_each(|name| count.entry(name).or_default()[version] += 1);
    }
    count.values().any(|[before, now]| *now > 1 && before < now)
}
