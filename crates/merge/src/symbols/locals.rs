//! Local names that the combination leaves unbound: one side took a variable or a parameter of a function away, with all that used it, and
//! the other uses it in lines of its own.

use super::context::{BASE, OURS, THEIRS};
use super::dangling::{defines, used_at};
use super::elide::words;
use super::findings::{Finding, MERGED, Version};
use super::sequence::who;
use acetate_syntax::{Element, Kind, Outline};
use foldhash::HashMap;
use std::collections::BTreeSet;

/// Most names of one function that are looked for.
const MOST: usize = 100;

/// Looks for local names that nothing binds in a function that both sides changed.
pub(super) fn unbound(versions: [Version<'_>; 4], elements: [&Element<'_>; 4], found: &mut Vec<Finding>) {
    let is_function = matches!(elements[MERGED].kind, Kind::Function | Kind::Method | Kind::Constructor | Kind::Test);
    if !is_function || versions[MERGED].parsed.language().profile().binds.is_empty() {
        return;
    }
    let core = |version: usize| versions[version].text.get(elements[version].core.clone()).unwrap_or_default();
    let standing =
        |version: usize, name: &str| versions[version].parsed.standing(name, versions[version].text, elements[version].core.clone());
    let (base, merged) = (times(core(BASE)), times(core(MERGED)));
    let mut outline: Option<Outline> = None;
    for side in [OURS, THEIRS] {
        let own = times(core(side));
        let fewer = base.iter().filter(|(word, times)| own.get(*word).is_none_or(|own| own < times));
        let fewer: BTreeSet<&str> = fewer.filter_map(|(word, _)| std::str::from_utf8(word).ok()).collect();
        for name in fewer.into_iter().filter(|name| is_local(name) && merged.contains_key(name.as_bytes())).take(MOST) {
            if standing(side, name).mentioned {
                continue;
            }
            let here = standing(MERGED, name);
            let Some(at) = here.free.filter(|_| !here.bound && !here.bound_inside && standing(BASE, name).bound) else { continue };
            let outline = outline.get_or_insert_with(|| Outline::of(versions[MERGED].parsed, versions[MERGED].text));
            if !defines(outline, name) {
                let why = format!("{} took {name} away, {} uses it", who(side), who(OURS + THEIRS - side));
                found.push(used_at(versions, at, outline, why));
            }
        }
    }
}

/// Whether a local may have such a name: a type, a constant or a constructor in a pattern only looks like one.
fn is_local(name: &str) -> bool {
    name.chars().next().is_some_and(|first| first.is_lowercase() || first == '_')
}

/// How often each word stands in a text.
fn times(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut times = HashMap::default();
    words(text).for_each(|word| *times.entry(word).or_default() += 1);
    times
}
