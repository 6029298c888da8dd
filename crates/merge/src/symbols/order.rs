//! Whether what a side added stands where that side put it: between the lines around it there, or, where the other side moved those, between
//! lines that neither side touched.
//!
//! Only of lines that are told by their text. What is neither may have been put into another block, or behind what was to follow it.

use super::context::{BASE, OURS, THEIRS};
use super::guard::{UNIQUE, lines, plain};
use acetate_syntax::Splice;
use foldhash::HashMap;
use std::cell::OnceCell;

/// Where lines that say something stand, by what they say: the number of the first, and how many there are.
pub(super) struct Places<'a>(HashMap<&'a [u8], (usize, usize)>);

impl<'a> Places<'a> {
    /// Of all lines of a text.
    pub fn of(text: &'a [u8]) -> Self {
        let mut places: HashMap<&[u8], (usize, usize)> = HashMap::default();
        for (number, line) in lines(text).map(plain).enumerate().filter(|(_, line)| line.len() >= UNIQUE) {
            places.entry(line).or_insert((number, 0)).1 += 1;
        }
        Self(places)
    }

    /// The lines that are there more than once.
    pub fn repeated(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(|(_, (_, times))| *times > 1).map(|(line, _)| *line)
    }

    /// Where the only one of its kind stands.
    fn only(&self, line: &[u8]) -> Option<usize> {
        self.0.get(line).filter(|(_, times)| *times == 1).map(|(number, _)| *number)
    }
}

/// How far a line is looked for that tells where another stands.
const FAR: usize = 40;

/// Whether every line that a side added stands where it may in the merged text.
pub(super) fn stands(texts: [&[u8]; 3], splices: [&[Splice]; 2], merged: &Places<'_>) -> bool {
    let fixed = Fixed { texts, splices };
    let times = Times { texts, known: OnceCell::new() };
    [OURS, THEIRS].into_iter().all(|side| {
        let text = texts[side];
        splices[side - 1].iter().filter(|splice| splice.added > 0).all(|splice| {
            let added = text.get(splice.after..splice.after + splice.added).unwrap_or_default();
            let mut at = splice.after;
            // Computed when somebody asks.
            let mut around = None;
            added.split_inclusive(|byte| *byte == b'\n').all(|line| {
                let start = at;
                at += line.len();
                let line = plain(line);
                let Some(place) = Some(line).filter(|line| line.len() >= UNIQUE).and_then(|line| merged.only(line)) else { return true };
                let neighbours = [last_told(text.get(..start), merged), first_told(text.get(at..), merged)];
                if between(place, neighbours) || !times.own(side, line) {
                    return true;
                }
                let around = *around.get_or_insert_with(|| fixed.around(splice, merged));
                between(place, around)
            })
        })
    })
}

/// How often each line that says something stands in the three texts, made when somebody asks.
struct Times<'a> {
    texts: [&'a [u8]; 3],
    known: OnceCell<HashMap<&'a [u8], [usize; 3]>>,
}

impl<'a> Times<'a> {
    /// Whether a line is a side's own: it is nowhere else.
    fn own(&self, side: usize, line: &[u8]) -> bool {
        let known = self.known.get_or_init(|| {
            let mut known: HashMap<&'a [u8], [usize; 3]> = HashMap::default();
            for (version, text) in self.texts.into_iter().enumerate() {
                lines(text).map(plain).filter(|line| line.len() >= UNIQUE).for_each(|line| known.entry(line).or_default()[version] += 1);
            }
            known
        });
        [BASE, OURS, THEIRS].into_iter().all(|version| known.get(line).is_some_and(|times| times[version] == usize::from(version == side)))
    }
}

/// Whether a place is between two others, as far as they are known.
fn between(place: usize, [before, behind]: [Option<usize>; 2]) -> bool {
    before.is_none_or(|before| before < place) && behind.is_none_or(|behind| place < behind)
}

/// Where the last line of a text stands in the merged text that is there once.
fn last_told(text: Option<&[u8]>, merged: &Places<'_>) -> Option<usize> {
    text.unwrap_or_default().rsplit(|byte| *byte == b'\n').take(FAR).find_map(|line| merged.only(plain(line)))
}

/// The same of its first.
fn first_told(text: Option<&[u8]>, merged: &Places<'_>) -> Option<usize> {
    lines(text.unwrap_or_default()).take(FAR).find_map(|line| merged.only(plain(line)))
}

/// Lines of the base that neither side touched.
struct Fixed<'a> {
    texts: [&'a [u8]; 3],
    splices: [&'a [Splice]; 2],
}

impl Fixed<'_> {
    /// Where the nearest of them before and behind a change stand.
    fn around(&self, splice: &Splice, merged: &Places<'_>) -> [Option<usize>; 2] {
        let base = self.texts[BASE];
        let (mut start, mut end) = (splice.before, splice.before + splice.removed);
        let before = (0..FAR).find_map(|_| {
            let line_end = start.checked_sub(1)?;
            start = memchr::memrchr(b'\n', base.get(..line_end)?).map_or(0, |at| at + 1);
            let line = base.get(start..line_end)?;
            if self.is_touched(start, line_end) { None } else { merged.only(plain(line)) }
        });
        let behind = (0..FAR).find_map(|_| {
            let rest = base.get(end..).filter(|rest| !rest.is_empty())?;
            let from = end;
            end += memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let line = base.get(from..end)?;
            if self.is_touched(from, end) { None } else { merged.only(plain(line)) }
        });
        [before, behind]
    }

    /// Whether a side took bytes of a range away.
    fn is_touched(&self, start: usize, end: usize) -> bool {
        self.splices.iter().any(|splices| {
            let at = splices.partition_point(|splice| splice.before + splice.removed <= start);
            splices.get(at..).unwrap_or_default().iter().take_while(|splice| splice.before < end).any(|splice| splice.removed > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Budget;
    use crate::symbols::versions::splices;

    /// Whether what ours and theirs added stands in the merged text, each letter being a line.
    fn check(base: &str, ours: &str, theirs: &str, merged: &str, expect: bool) {
        let text = |letters: &str| letters.chars().map(|letter| format!("the statement {letter}\n")).collect::<String>().into_bytes();
        let (texts, merged) = ([base, ours, theirs].map(text), text(merged));
        let both = [OURS, THEIRS].map(|side| splices(&texts[BASE], &texts[side], &mut Budget(1_000)).expect("splices"));
        let stands = stands(texts.each_ref().map(Vec::as_slice), [&both[0], &both[1]], &Places::of(&merged));
        assert_eq!(stands, expect, "{merged:?}", merged = String::from_utf8_lossy(&merged));
    }

    #[test]
    fn what_is_added_stands_between_its_neighbours() {
        check("abcd", "abxcd", "abcdy", "abxcdy", true);
        check("abcd", "abxcd", "abcdy", "axbcdy", false);
        check("abcd", "abxcd", "abcdy", "abcxdy", false);
    }

    #[test]
    fn what_is_added_to_what_the_other_side_moved_goes_along_or_stays() {
        check("abcdefgh", "abxcdefgh", "adefbcgh", "adefbxcgh", true);
        check("abcdefgh", "abxcdefgh", "adefbcgh", "axdefbcgh", true);
        check("abcdefgh", "abxcdefgh", "adefbcgh", "adefbcgxh", false);
    }
}
