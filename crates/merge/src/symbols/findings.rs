//! What is looked for after merging, before anything counts.
//!
//! The merged text is compared with both sides from the top down. What is byte for byte one side's is that side's business; only mixtures
//! are looked into: nothing may be defined twice that neither side had twice, nothing that one side deleted may come back, nothing that
//! both kept or one added may be gone. A symbol without symbols inside that both sides changed is a finding under the policies `review`
//! and `verified`. What both sides could parse has to parse.

use super::context::{BASE, OURS, THEIRS};
use super::dangling::dangling;
use super::imported::imported;
use super::locals::unbound;
use super::options::SameSymbol;
use super::tokens::likeness;
use crate::trees::ConflictKind;
use acetate_syntax::{Body, Element, Key, Kind, Language, Parsed, Splice};
use foldhash::HashMap;
use std::ops::Range;

/// The merged text among the four versions.
pub(super) const MERGED: usize = 3;

/// A version of the file: base, ours, theirs, merged.
#[derive(Clone, Copy)]
pub(super) struct Version<'a> {
    pub text: &'a [u8],
    /// With what was left out of it.
    pub whole: &'a [u8],
    pub parsed: &'a Parsed,
}

/// Something wrong with a merge that is otherwise clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub kind: ConflictKind,
    pub symbol: Option<String>,
    pub why: String,
    /// Places in the merged text, each with what the base, ours and theirs have there. Empty: the whole file.
    pub places: Vec<Place>,
    /// A further place in the base, which nothing is put into: where what is missing was defined.
    pub also: Option<Range<usize>>,
}

/// A place in the merged text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub merged: Range<usize>,
    pub versions: [Option<Range<usize>>; 3],
}

/// Most findings that are listed; one is enough to hold a merge back.
const MOST: usize = 100;
/// Elements nested deeper are not looked into.
const DEEPEST: usize = 64;

/// Looks for everything.
pub(super) fn findings(versions: [Version<'_>; 4], splices: [&[Splice]; 2], same_symbol: SameSymbol, divider: &str) -> Vec<Finding> {
    let mut search = Search { versions, same_symbol, divider, found: Vec::new(), scope: Vec::new() };
    if versions[OURS].parsed.is_clean() && versions[THEIRS].parsed.is_clean() && !versions[MERGED].parsed.is_clean() {
        let why = "both sides parse, but what they make together does not".to_owned();
        search.found.push(Finding { kind: ConflictKind::ParseError, symbol: None, why, places: Vec::new(), also: None });
    }
    let files = [0, 1, 2, 3].map(|at| versions[at].parsed.file());
    search.element([Some(&files[BASE]), Some(&files[OURS]), Some(&files[THEIRS]), Some(&files[MERGED])], 0);
    dangling(versions, splices, &mut search.found);
    search.found
}

struct Search<'a> {
    versions: [Version<'a>; 4],
    same_symbol: SameSymbol,
    divider: &'a str,
    found: Vec<Finding>,
    scope: Vec<String>,
}

/// A key without what tells overloads apart.
type Name<'k> = (Kind, &'k str, &'k str);

fn name(key: &Key) -> Name<'_> {
    (key.kind, &key.scope, &key.name)
}

impl<'a> Search<'a> {
    fn core(&self, version: usize, element: &Element<'_>) -> &'a [u8] {
        self.versions[version].text.get(element.core.clone()).unwrap_or_default()
    }

    fn symbol(&self, key: Option<&Key>) -> Option<String> {
        let own = key.and_then(super::context::name_of);
        let path: Vec<&str> = self.scope.iter().map(String::as_str).chain(own.as_deref()).collect();
        (!path.is_empty()).then(|| path.join(self.divider))
    }

    /// Whether an element is a symbol of its own, so that what it is in is more than its lines.
    fn is_definition(&self, element: &Element<'_>) -> bool {
        element.key.is_some() && holds(self.versions[MERGED].parsed.language(), element.kind)
    }

    /// Looks into an element that may be a mixture.
    fn element(&mut self, elements: [Option<&Element<'a>>; 4], depth: usize) {
        let [base, Some(ours), Some(theirs), Some(merged)] = elements else { return };
        let text = self.core(MERGED, merged);
        if depth >= DEEPEST || self.found.len() >= MOST || text == self.core(OURS, ours) || text == self.core(THEIRS, theirs) {
            return;
        }
        let body = |version: usize, element: &Element<'a>| self.versions[version].parsed.body(element, self.versions[version].text);
        let bodies = [base.and_then(|base| body(BASE, base)), body(OURS, ours), body(THEIRS, theirs), body(MERGED, merged)];
        let own = merged.key.as_ref().and_then(super::context::name_of);
        let named = own.is_some();
        self.scope.extend(own);
        if let [base, Some(ours), Some(theirs), Some(merged)] = &bodies {
            self.counts(base.as_ref(), ours, theirs, merged);
            self.found.extend(imported(self.versions, [base.as_ref(), Some(ours), Some(theirs), Some(merged)]));
            self.inside([base.as_ref(), Some(ours), Some(theirs), Some(merged)], depth);
        }
        if named {
            self.scope.pop();
        }
        let inner = bodies[MERGED].as_ref().is_some_and(|body| body.elements.iter().any(|element| self.is_definition(element)));
        if let (Some(base), false) = (base, inner) {
            unbound(self.versions, [base, ours, theirs, merged], &mut self.found);
        }
        if self.same_symbol != SameSymbol::Merge && is_leaf(merged, inner) {
            let versions = [base.map(|base| base.core.clone()), Some(ours.core.clone()), Some(theirs.core.clone())];
            let symbol = self.symbol(merged.key.as_ref());
            let why = "both sides changed this symbol, in different lines".to_owned();
            let places = vec![Place { merged: merged.core.clone(), versions }];
            self.found.push(Finding { kind: ConflictKind::SameSymbol, symbol, why, places, also: None });
        }
    }

    /// Nothing twice, nothing back, nothing gone among the elements of one body.
    fn counts(&mut self, base: Option<&Body<'a>>, ours: &Body<'a>, theirs: &Body<'a>, merged: &Body<'a>) {
        let mut full: HashMap<&Key, [usize; 4]> = HashMap::default();
        let mut names: HashMap<Name<'_>, [usize; 4]> = HashMap::default();
        for (version, body) in [(BASE, base), (OURS, Some(ours)), (THEIRS, Some(theirs)), (MERGED, Some(merged))] {
            for key in body.iter().flat_map(|body| &body.elements).filter_map(|element| element.key.as_ref()) {
                // `_` is no name.
                if key.name == "_" && key.kind != Kind::Arm {
                    continue;
                }
                // Several imports from one module are no repetition.
                if key.kind != Kind::Import {
                    full.entry(key).or_default()[version] += 1;
                }
                names.entry(name(key)).or_default()[version] += 1;
            }
        }
        let mut found = Vec::new();
        for (key, count) in &full {
            if count[MERGED] > 1 && count[MERGED] > count[OURS].max(count[THEIRS]).max(count[BASE]) {
                found.push(match count {
                    [1, 1, 1, 2] => (ConflictKind::MovedDifferently, *key, "both sides moved it, to different places"),
                    _ => (ConflictKind::Duplicate, *key, "it would be defined twice"),
                });
            }
        }
        // What only one side changed is as that side has it: clean lines can put a change into another place that looks the same.
        let mut cores: HashMap<&Key, [Option<&[u8]>; 4]> = HashMap::default();
        for (version, body) in [(BASE, base), (OURS, Some(ours)), (THEIRS, Some(theirs)), (MERGED, Some(merged))] {
            for element in body.iter().flat_map(|body| &body.elements) {
                if let Some(key) = element.key.as_ref().filter(|key| full.get(key) == Some(&[1; 4])) {
                    cores.entry(key).or_default()[version] = Some(self.core(version, element));
                }
            }
        }
        for (key, [base, ours, theirs, merged]) in &cores {
            if (base == ours && merged != theirs) || (base == theirs && merged != ours) {
                found.push((ConflictKind::Lost, *key, "one side alone changed it, and it would not be as that side has it"));
            }
        }
        found.extend(self.repeated(&full, [base, Some(ours), Some(theirs), Some(merged)]));
        let mut keys: HashMap<Name<'_>, &Key> = HashMap::default();
        for key in full.keys() {
            keys.entry(name(key)).and_modify(|known| *known = (*known).min(*key)).or_insert(*key);
        }
        for (name, count) in &names {
            let Some(key) = keys.get(name) else { continue };
            if count[BASE] > 0 && count[MERGED] > 0 && count[OURS].min(count[THEIRS]) == 0 {
                found.push((ConflictKind::Resurrected, *key, "one side deleted it, and it would come back"));
            }
            let kept = count[OURS] > 0 && count[THEIRS] > 0;
            let added = count[BASE] == 0 && count[OURS] + count[THEIRS] > 0;
            if count[MERGED] == 0 && (kept || added) {
                found.push((ConflictKind::Lost, *key, "nobody deleted it, and it would be gone"));
            }
        }
        found.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        for (kind, key, why) in found.into_iter().take(MOST) {
            let of = |version: usize, body: Option<&Body<'a>>| -> Vec<Range<usize>> {
                let _ = version;
                body.iter()
                    .flat_map(|body| &body.elements)
                    .filter(|element| element.key.as_ref().is_some_and(|other| name(other) == name(key)))
                    .map(|element| element.span.clone())
                    .collect()
            };
            let (bases, mine, others, here) = (of(BASE, base), of(OURS, Some(ours)), of(THEIRS, Some(theirs)), of(MERGED, Some(merged)));
            let text =
                |version: usize, range: &Range<usize>| self.versions[version].text.get(range.clone()).unwrap_or_default().trim_ascii();
            let like = |version: usize, list: &[Range<usize>], place: &Range<usize>| {
                list.iter().find(|range| text(version, range) == text(MERGED, place)).cloned()
            };
            // What is nowhere is a matter of all that is around it.
            let around = |body: Option<&Body<'a>>| body.map(|body| body.head.end..body.tail.start);
            let whole =
                Place { merged: merged.head.end..merged.tail.start, versions: [around(base), around(Some(ours)), around(Some(theirs))] };
            let places: Vec<Place> = here
                .iter()
                .map(|place| Place {
                    merged: place.clone(),
                    versions: [like(BASE, &bases, place), like(OURS, &mine, place), like(THEIRS, &others, place)],
                })
                .collect();
            let places = if places.is_empty() { vec![whole] } else { places };
            let symbol = self.symbol(Some(key));
            self.found.push(Finding { kind, symbol, why: why.to_owned(), places, also: None });
        }
    }

    /// What one side states more often than the base and the other changed: which of them the change is for can't be told by lines, unless
    /// just one of them is as it was, and has the change.
    fn repeated<'k>(
        &self,
        full: &HashMap<&'k Key, [usize; 4]>,
        bodies: [Option<&Body<'a>>; 4],
    ) -> Vec<(ConflictKind, &'k Key, &'static str)> {
        let mut found = Vec::new();
        for (key, count) in full {
            let cores = |version: usize| -> Vec<&'a [u8]> {
                let elements = bodies[version].iter().flat_map(|body| &body.elements);
                elements.filter(|element| element.key.as_ref() == Some(*key)).map(|element| self.core(version, element)).collect()
            };
            for (repeats, changes) in [(OURS, THEIRS), (THEIRS, OURS)] {
                if count[BASE] != 1 || count[repeats] < 2 || count[changes] != 1 {
                    continue;
                }
                let (base, changed) = (cores(BASE), cores(changes));
                let times = |version: usize, core: &[&[u8]]| cores(version).iter().filter(|other| core.contains(other)).count();
                let as_it_was = times(repeats, &base) + times(repeats, &changed);
                if base != changed && (as_it_was != 1 || times(MERGED, &changed) != 1) {
                    found.push((ConflictKind::BothChanged, *key, "one side repeated it, and the other changed it"));
                }
            }
        }
        found
    }

    /// Looks into the elements of a body, each with the ones it came from.
    fn inside(&mut self, bodies: [Option<&Body<'a>>; 4], depth: usize) {
        let [base, Some(ours), Some(theirs), Some(merged)] = bodies else { return };
        for (at, element) in merged.elements.iter().enumerate() {
            let text = self.core(MERGED, element);
            let same = |version: usize, body: &Body<'a>| {
                body.elements.iter().any(|other| other.core.len() == element.core.len() && self.core(version, other) == text)
            };
            if element.node_kind().is_empty() || same(OURS, ours) || same(THEIRS, theirs) {
                continue;
            }
            let origin = |version: usize, body: Option<&Body<'a>>| -> Option<Element<'a>> {
                let elements = &body?.elements;
                match &element.key {
                    // Of several with one key, the one that is as far down among them.
                    Some(key) => {
                        let nth = merged.elements.iter().take(at).filter(|other| other.key.as_ref() == Some(key)).count();
                        let exact = elements.iter().filter(|other| other.key.as_ref() == Some(key)).nth(nth);
                        exact
                            .or_else(|| elements.iter().find(|other| other.key.as_ref().is_some_and(|other| name(other) == name(key))))
                            .cloned()
                    }
                    None => elements
                        .iter()
                        .filter(|other| other.key.is_none() && other.node_kind() == element.node_kind())
                        .map(|other| (likeness(self.core(version, other), text), other))
                        .filter(|(score, _)| *score >= 500)
                        .max_by_key(|(score, other)| (*score, std::cmp::Reverse(other.core.start)))
                        .map(|(_, other)| other.clone()),
                }
            };
            let origins = [origin(BASE, base), origin(OURS, Some(ours)), origin(THEIRS, Some(theirs))];
            self.element([origins[0].as_ref(), origins[1].as_ref(), origins[2].as_ref(), Some(element)], depth + 1);
        }
    }
}

/// Whether a symbol of this kind makes the one around it a container: a key does in a language of data.
pub(super) fn holds(language: Language, kind: Kind) -> bool {
    match kind {
        Kind::Key => language.profile().data,
        Kind::Arm | Kind::Item | Kind::Variable => false,
        _ => true,
    }
}

/// Whether the policy on symbols that both sides changed is about this element.
fn is_leaf(element: &Element<'_>, inner: bool) -> bool {
    let code = !matches!(element.kind, Kind::Import | Kind::Section | Kind::Package | Kind::Arm | Kind::Item);
    element.key.is_some() && code && !inner
}
