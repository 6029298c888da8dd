//! One name that the combination imports from two places: each side brought it in from another, and neither had both.

use super::context::{BASE, OURS, THEIRS};
use super::findings::{Finding, MERGED, Place, Version};
use crate::trees::ConflictKind;
use acetate_syntax::{Body, Element, Kind};
use std::collections::BTreeMap;
use std::ops::Range;

/// An import of a name: where from, and its bytes.
type From = (String, Range<usize>);

/// Looks for such names among the imports directly in a body.
pub(super) fn imported_twice(versions: [Version<'_>; 4], bodies: [Option<&Body<'_>>; 4]) -> Vec<Finding> {
    let Some(merged) = bodies[MERGED] else { return Vec::new() };
    let core = |version: usize, element: &Element<'_>| versions[version].text.get(element.core.clone()).unwrap_or_default();
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
