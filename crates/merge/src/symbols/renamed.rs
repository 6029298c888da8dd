//! Names that one side renamed wherever they stood, and that the other uses in what it added.
//!
//! Who calls `createDialog` by its old name writes code that the one who renamed it would have changed. Only where a side shows it: in two
//! lines at least nothing else was changed but the one name to the other, and none is left. What the other side binds itself is its own.

use super::context::{BASE, OURS, THEIRS};
use super::dangling::{defines, has_word, used_at};
use super::elide::words;
use super::findings::{Finding, MERGED, Version};
use super::sequence::who;
use super::tokens;
use acetate_syntax::{Outline, Splice};
use foldhash::HashSet;
use std::collections::{BTreeMap, BTreeSet};

/// In how many lines a name has to be renamed.
const OFTEN: usize = 2;
/// Most names that are looked for.
const MOST: usize = 50;
/// Most lines of one change that are compared.
const LINES: usize = 200;

/// Looks for uses of names that a side renamed.
pub(super) fn renamed(versions: [Version<'_>; 4], splices: [&[Splice]; 2], found: &mut Vec<Finding>) {
    let texts = [BASE, OURS, THEIRS].map(|version| versions[version].text);
    let merged = versions[MERGED];
    let mut outline: Option<Outline> = None;
    for (side, name) in candidates(texts, splices) {
        let gone = has_word(versions[side].whole, name).is_none() && has_word(merged.text, name).is_some();
        let Some(new) = Some(name).filter(|_| gone).and_then(|name| new_name(texts, side, splices[side - 1], name)) else { continue };
        let standing = merged.parsed.standing(name, merged.text, 0..merged.text.len());
        // What is defined here is a part of whatever somebody calls it by.
        let own = new.owners.contains(&None) && has_symbol(versions[BASE], name);
        let of_it = |at: &usize| own || new.owners.contains(&owner(merged.text, *at));
        let Some(at) = standing.used.into_iter().find(of_it).filter(|_| !standing.bound) else { continue };
        let outline = outline.get_or_insert_with(|| Outline::of(merged.parsed, merged.text));
        // What was taken away is found as that.
        if !defines(outline, name) && !found.iter().any(|found| found.places.iter().any(|place| place.merged.contains(&at))) {
            let why = format!("{} renamed {name} to {}, {} uses {name}", who(side), new.name, who(OURS + THEIRS - side));
            found.push(used_at(versions, at, outline, why));
        }
    }
}

fn has_symbol(version: Version<'_>, name: &str) -> bool {
    Outline::of(version.parsed, version.text).symbols.iter().any(|symbol| symbol.name() == name)
}

/// Whether a clean merge may use a name that a side renamed, as far as words and lines tell.
pub(super) fn may_be_renamed(texts: [&[u8]; 3], splices: [&[Splice]; 2], merged: &[u8]) -> bool {
    candidates(texts, splices).into_iter().any(|(side, name)| {
        let gone = has_word(texts[side], name).is_none() && has_word(merged, name).is_some();
        gone && new_name(texts, side, splices[side - 1], name).is_some()
    })
}

/// The words that a side took away somewhere and that the other has in what it added, with that side.
fn candidates<'a>(texts: [&'a [u8]; 3], splices: [&[Splice]; 2]) -> BTreeSet<(usize, &'a str)> {
    let removed = |side: usize| -> HashSet<&'a [u8]> { splices[side - 1].iter().flat_map(|splice| words(before(texts, splice))).collect() };
    let added =
        |side: usize| -> HashSet<&'a [u8]> { splices[side - 1].iter().flat_map(|splice| words(after(texts, side, splice))).collect() };
    let both = [[removed(OURS), removed(THEIRS)], [added(OURS), added(THEIRS)]];
    let of = |side: usize| {
        let (gone, own, others) = (&both[0][side - 1], &both[1][side - 1], &both[1][OURS + THEIRS - side - 1]);
        let names = gone.iter().filter(move |word| others.contains(*word) && !own.contains(*word)).filter(|word| is_name(word));
        names.filter_map(move |word| Some((side, std::str::from_utf8(word).ok()?)))
    };
    of(OURS).chain(of(THEIRS)).take(MOST).collect()
}

fn before<'a>(texts: [&'a [u8]; 3], splice: &Splice) -> &'a [u8] {
    texts[BASE].get(splice.before..splice.before + splice.removed).unwrap_or_default()
}

fn after<'a>(texts: [&'a [u8]; 3], side: usize, splice: &Splice) -> &'a [u8] {
    texts[side].get(splice.after..splice.after + splice.added).unwrap_or_default()
}

/// Whether a word may be a name.
fn is_name(word: &[u8]) -> bool {
    word.len() > 1 && !word.first().is_some_and(u8::is_ascii_digit)
}

/// What a name is a part of where it stands: the `a`s of `a.name`.
type Owners<'a> = BTreeSet<Option<&'a [u8]>>;

/// What a name was renamed to, and what it was a part of there.
struct New<'a> {
    name: &'a str,
    owners: Owners<'a>,
}

/// What a side renamed a name to, if it did.
fn new_name<'a>(texts: [&'a [u8]; 3], side: usize, splices: &[Splice], name: &str) -> Option<New<'a>> {
    let mut seen: BTreeMap<&[u8], (usize, Owners<'a>)> = BTreeMap::new();
    for splice in splices {
        let lines = |text: &'a [u8]| text.split(|byte| *byte == b'\n').take(LINES).map(significant);
        let old: Vec<Vec<&[u8]>> = lines(before(texts, splice)).filter(|words| words.contains(&name.as_bytes())).collect();
        if old.is_empty() {
            continue;
        }
        let mut new: Vec<Vec<&[u8]>> = lines(after(texts, side, splice)).collect();
        for old in old {
            let replaced = new.iter().enumerate().find_map(|(at, new)| Some((at, replaced(&old, new, name.as_bytes())?)));
            let Some((at, word)) = replaced else { continue };
            let (times, owners) = seen.entry(word).or_default();
            *times += 1;
            let places = old.iter().enumerate().filter(|(_, word)| **word == name.as_bytes());
            owners.extend(places.map(|(place, _)| owner_in(old.get(..place).unwrap_or_default())));
            new.swap_remove(at);
        }
    }
    let (name, (_, owners)) = seen.into_iter().filter(|(_, (times, _))| *times >= OFTEN).max_by_key(|(_, (times, _))| *times)?;
    Some(New { name: std::str::from_utf8(name).ok()?, owners })
}

/// What the name at a place is a part of: `a` of `a.name`.
fn owner(text: &[u8], at: usize) -> Option<&[u8]> {
    let line = memchr::memrchr(b'\n', text.get(..at)?).map_or(0, |end| end + 1);
    owner_in(&significant(text.get(line..at)?))
}

fn owner_in<'a>(before: &[&'a [u8]]) -> Option<&'a [u8]> {
    let owner = match before {
        [.., owner, b"."] | [.., owner, b":", b":"] | [.., owner, b"-", b">"] => Some(*owner),
        [b"."] => Some(&b""[..]),
        _ => None,
    };
    owner.filter(|owner| *owner != b".")
}

fn significant(line: &[u8]) -> Vec<&[u8]> {
    tokens::words(line).into_iter().filter(|word| !tokens::is_space(word)).collect()
}

/// The word that one line has wherever the other has the name, if they are the same otherwise.
fn replaced<'a>(old: &[&[u8]], new: &[&'a [u8]], name: &[u8]) -> Option<&'a [u8]> {
    if old.len() != new.len() {
        return None;
    }
    let mut word = None;
    for (old, new) in old.iter().zip(new) {
        if *old == name {
            if *word.get_or_insert(*new) != *new || !is_name(new) || *new == name {
                return None;
            }
        } else if old != new {
            return None;
        }
    }
    word
}
