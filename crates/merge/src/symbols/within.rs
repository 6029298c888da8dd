//! Merging within lines, word by word: the last thing that is tried.

use super::context::{BASE, OURS, THEIRS};
use super::tokens::{is_space, words};
use crate::diff::{Budget, Change, compare};
use foldhash::HashMap;

/// Most words of one text that are merged word by word.
const MOST: usize = 400;

/// A shorter word may be added by both without being the same thing.
const WORD: usize = 3;

/// Whether two changes are in one number, version or date of the base: put together they make one that neither side meant.
fn in_one_value(base: &[&[u8]], a: &Change, b: &Change) -> bool {
    let (first, second) = if a.before <= b.before { (a, b) } else { (b, a) };
    let between = base.get(first.before..second.before_end().max(second.before)).unwrap_or_default();
    let is_part = |word: &&[u8]| word.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b':'));
    let has_digit = |word: &&[u8]| word.iter().any(u8::is_ascii_digit);
    !between.is_empty() && between.iter().all(is_part) && between.iter().any(has_digit)
}

/// Whether added words turn what follows into a comment.
fn opens_comment(added: &[&[u8]]) -> bool {
    let text: Vec<u8> = added.concat();
    matches!(text.trim_ascii(), b"//" | b"#" | b"/*" | b"<!--" | b"--" | b";")
}

/// Merges texts word by word if both sides' changes are apart by at least one word that is more than punctuation or blanks; `None` otherwise.
pub(super) fn within(texts: [&[u8]; 3], budget: &mut Budget) -> Option<Vec<u8>> {
    if texts.iter().any(|text| text.is_empty()) {
        return None;
    }
    let all = texts.map(words);
    if all.iter().any(|words| words.len() > MOST) {
        return None;
    }
    let mut known: HashMap<&[u8], u32> = HashMap::default();
    let tokens: [Vec<u32>; 3] = [0, 1, 2].map(|side: usize| {
        all[side]
            .iter()
            .map(|word| {
                let next = known.len() as u32;
                *known.entry(word).or_insert(next)
            })
            .collect()
    });
    let ours = compare(&tokens[BASE], &tokens[OURS], budget).ok()?;
    let theirs = compare(&tokens[BASE], &tokens[THEIRS], budget).ok()?;
    let apart = |a: &Change, b: &Change| {
        let (first, second) = if (a.before, a.before_end()) <= (b.before, b.before_end()) { (a, b) } else { (b, a) };
        // A word that both kept has to be between.
        second.before >= first.before_end()
            && all[BASE].get(first.before_end()..second.before).is_some_and(|kept| kept.iter().any(|word| !is_space(word)))
    };
    let same = |a: &Change, b: &Change| {
        (a.before, a.removed) == (b.before, b.removed) && all[OURS].get(a.after..a.after_end()) == all[THEIRS].get(b.after..b.after_end())
    };
    let in_one_value = |a: &Change, b: &Change| !same(a, b) && in_one_value(&all[BASE], a, b);
    let comments_out = |side: usize, changes: &[Change]| {
        changes.iter().any(|change| all[side].get(change.after..change.after_end()).is_some_and(opens_comment))
    };
    if !ours.iter().all(|a| theirs.iter().all(|b| (apart(a, b) || same(a, b)) && !in_one_value(a, b)))
        || comments_out(OURS, &ours) != comments_out(THEIRS, &theirs)
    {
        return None;
    }
    let theirs: Vec<Change> = theirs.into_iter().filter(|b| !ours.iter().any(|a| same(a, b))).collect();
    // A word that both added, at places that lie beside each other, would be there twice.
    let added = |side: usize, changes: &[Change]| -> Vec<&[u8]> {
        let words = changes.iter().flat_map(|change| all[side].get(change.after..change.after_end()).unwrap_or_default());
        words.copied().filter(|word| word.len() >= WORD && !all[BASE].contains(word)).collect()
    };
    let known = added(OURS, &ours);
    if added(THEIRS, &theirs).iter().any(|word| known.contains(word)) {
        return None;
    }
    let mut changes: Vec<(Change, usize)> =
        ours.iter().map(|change| (*change, OURS)).chain(theirs.iter().map(|change| (*change, THEIRS))).collect();
    changes.sort_by_key(|(change, _)| (change.before, change.before_end()));
    let mut text = Vec::new();
    let mut at = 0;
    let mut add = |words: Option<&[&[u8]]>| words.unwrap_or_default().iter().for_each(|word| text.extend_from_slice(word));
    for (change, side) in changes {
        add(all[BASE].get(at..change.before));
        add(all[side].get(change.after..change.after_end()));
        at = change.before_end();
    }
    add(all[BASE].get(at..));
    Some(text)
}
