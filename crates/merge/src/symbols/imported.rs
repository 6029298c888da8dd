//! Imports that the combination should not have: of one name from two places, where each side brought it in from another and neither had
//! both; and what one side took away and the other moved, or brings in from elsewhere while nothing uses it any more.

use super::context::{BASE, OURS, THEIRS};
use super::findings::{Finding, MERGED, Place, Version};
use crate::trees::ConflictKind;
use acetate_syntax::{Body, Element, Kind};
use std::collections::BTreeMap;
use std::ops::Range;

/// An import of a name: where from, and its bytes.
type From = (String, Range<usize>);

/// Looks for them among the imports directly in a body.
pub(super) fn imported(versions: [Version<'_>; 4], bodies: [Option<&Body<'_>>; 4]) -> Vec<Finding> {
    let mut found = twice(versions, bodies);
    found.extend(back(versions, bodies));
    found
}

/// The bytes of an element.
fn core<'a>(version: Version<'a>, element: &Element<'_>) -> &'a [u8] {
    version.text.get(element.core.clone()).unwrap_or_default()
}

/// What one side took away and the other kept in another place or form.
fn back(versions: [Version<'_>; 4], bodies: [Option<&Body<'_>>; 4]) -> Vec<Finding> {
    let texts = [BASE, OURS, THEIRS].map(|side| imports(bodies[side]).map(|element| core(versions[side], element)).collect::<Vec<_>>());
    let mut names: [Option<BTreeMap<String, Vec<From>>>; 3] = Default::default();
    let mut found = Vec::new();
    for element in imports(bodies[MERGED]) {
        let text = core(versions[MERGED], element);
        if texts[OURS].contains(&text) && texts[THEIRS].contains(&text) {
            continue;
        }
        let [in_base, in_ours, in_theirs] = [BASE, OURS, THEIRS].map(|side| texts[side].contains(&text));
        let kind = if in_base {
            // It stands where one side moved it to.
            ConflictKind::Resurrected
        } else if in_ours != in_theirs {
            let other = if in_ours { THEIRS } else { OURS };
            let mut has = |side: usize, name: &str| {
                let known = names[side].get_or_insert_with(|| by_name(versions[side], bodies[side]));
                known.contains_key(name)
            };
            let brought = versions[MERGED].parsed.brought(element, versions[MERGED].text);
            let gone = |name: &String| is_unused(versions[MERGED], bodies[MERGED], name);
            if brought.is_empty() || !brought.iter().all(|name| name != "_" && has(BASE, name) && !has(other, name) && gone(name)) {
                continue;
            }
            ConflictKind::ChangedDeleted
        } else {
            continue;
        };
        let same = |side: usize| imports(bodies[side]).find(|other| core(versions[side], other) == text).map(|other| other.span.clone());
        let why = match kind {
            ConflictKind::Resurrected => "one side took this import away, the other moved it",
            _ => "one side took this import away, the other changed where it comes from",
        };
        let places = vec![Place { merged: element.span.clone(), versions: [BASE, OURS, THEIRS].map(same) }];
        let symbol = element.key.as_ref().map(|key| format!("import {}", key.name));
        found.push(Finding { kind, symbol, why: why.to_owned(), places, also: None });
    }
    found
}

/// Whether no code but imports has a name.
fn is_unused(merged: Version<'_>, body: Option<&Body<'_>>, name: &str) -> bool {
    let mut from = 0;
    while let Some(at) = merged.parsed.mentions(name, merged.text, from..merged.text.len()) {
        match imports(body).find(|import| import.span.contains(&at)) {
            Some(import) => from = import.span.end,
            None => return false,
        }
    }
    true
}

/// Names that are brought in from two places.
fn twice(versions: [Version<'_>; 4], bodies: [Option<&Body<'_>>; 4]) -> Vec<Finding> {
    let Some(merged) = bodies[MERGED] else { return Vec::new() };
    let core = |version: usize, element: &Element<'_>| core(versions[version], element);
    // As long as one side has all of the imports, it has answered for them.
    let has_new = |side: usize| {
        let known: Vec<&[u8]> = imports(bodies[side]).map(|element| core(side, element)).collect();
        imports(Some(merged)).any(|element| !known.contains(&core(MERGED, element)))
    };
    if !has_new(OURS) || !has_new(THEIRS) {
        return Vec::new();
    }
    let all = [BASE, OURS, THEIRS, MERGED].map(|version| by_name(versions[version], bodies[version]));
    let places = |version: usize, name: &str| all[version].get(name).map_or(0, |list| sources(list));
    let mut found = Vec::new();
    for (name, list) in all[MERGED].iter().filter(|(_, list)| sources(list) > 1) {
        if [BASE, OURS, THEIRS].iter().any(|version| places(*version, name) >= sources(list)) {
            continue;
        }
        let same = |version: usize, place: &Range<usize>| {
            let text = |version: usize, range: &Range<usize>| versions[version].text.get(range.clone()).unwrap_or_default().trim_ascii();
            let here = all[version].get(name).into_iter().flatten();
            here.map(|(_, range)| range).find(|range| text(version, range) == text(MERGED, place)).cloned()
        };
        let places =
            list.iter().map(|(_, place)| Place { merged: place.clone(), versions: [BASE, OURS, THEIRS].map(|side| same(side, place)) });
        let why = format!("both sides import {name}, from different places");
        let places = places.collect();
        found.push(Finding { kind: ConflictKind::Duplicate, symbol: Some(name.clone()), why, places, also: None });
    }
    found
}

fn imports<'b, 't>(body: Option<&'b Body<'t>>) -> impl Iterator<Item = &'b Element<'t>> {
    body.into_iter().flat_map(|body| &body.elements).filter(|element| element.kind == Kind::Import)
}

/// The imports of each name.
fn by_name(version: Version<'_>, body: Option<&Body<'_>>) -> BTreeMap<String, Vec<From>> {
    let mut names: BTreeMap<String, Vec<From>> = BTreeMap::new();
    for element in imports(body) {
        let module = element.key.as_ref().map_or("", |key| key.name.as_str());
        for name in version.parsed.brought(element, version.text) {
            // What is in a package does not bring the package in once more.
            let own = module.strip_prefix(&name).is_some_and(|rest| rest.starts_with(['.', ':', ',']));
            let from = if own { name.clone() } else { module.to_owned() };
            if name != "_" {
                names.entry(name).or_default().push((from, element.span.clone()));
            }
        }
    }
    names
}

/// From how many places.
fn sources(list: &[From]) -> usize {
    let mut from: Vec<&str> = list.iter().map(|(from, _)| from.as_str()).collect();
    from.sort_unstable();
    from.dedup();
    from.len()
}
