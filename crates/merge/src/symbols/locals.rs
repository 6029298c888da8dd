//! Local names that the combination leaves unbound: one side took a variable or a parameter of a function away, with all that used it, and
//! the other uses it in lines of its own.

use super::context::{BASE, OURS, THEIRS};
use super::dangling::{defines, has_word, used_at};
use super::elide::words;
use super::findings::{Finding, MERGED, Version};
use super::sequence::who;
use acetate_syntax::{Element, Kind, Outline};
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
    let words_of = |version: usize| words(core(version)).collect::<BTreeSet<&[u8]>>();
    let (base, merged) = (words_of(BASE), words_of(MERGED));
    let standing =
        |version: usize, name: &str| versions[version].parsed.standing(name, versions[version].text, elements[version].core.clone());
    let mut outline: Option<Outline> = None;
    for side in [OURS, THEIRS] {
        let gone = base.intersection(&merged).filter_map(|word| std::str::from_utf8(word).ok());
        for name in gone.filter(|name| has_word(core(side), name).is_none_or(|_| !standing(side, name).mentioned)).take(MOST) {
            let here = standing(MERGED, name);
            let Some(at) = here.free.filter(|_| !here.bound && standing(BASE, name).bound) else { continue };
            let outline = outline.get_or_insert_with(|| Outline::of(versions[MERGED].parsed, versions[MERGED].text));
            if !defines(outline, name) {
                let why = format!("{} took {name} away, {} uses it", who(side), who(OURS + THEIRS - side));
                found.push(used_at(versions, at, outline, why));
            }
        }
    }
}
