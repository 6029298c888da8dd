//! Which lines differ, with bounded work.
//!
//! Histogram diff is quadratic at worst: in repetitive texts, and in long ones with many changes. Where the lines between the common
//! head and tail could cost more than the bound, lines that occur once on either side split them first (as patience diff does), and
//! each part is compared alone; a part that is still over what is left of the bound counts as replaced. The bound counts pairs of
//! lines, so the answer is the same everywhere, and texts within it get exactly the histogram diff.

use imara_diff::{Algorithm, Diff, Hunk, IndentHeuristic, IndentLevel, InternedInput, Token};
use std::ops::Range;

/// How often parts are split again by lines that are unique within them.
const MOST_LEVELS: usize = 6;
/// Git counts a tab as eight columns.
const TAB: u8 = 8;

/// The changed lines, ascending and apart from each other by at least one line.
pub(super) fn changes(before: &[u8], after: &[u8], max_pairs: u64) -> Vec<Hunk> {
    let input = InternedInput::new(before, after);
    let head = input.before.iter().zip(&input.after).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&input.before[head..], &input.after[head..]);
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    if pairs(rest_a.len() - tail, rest_b.len() - tail) <= max_pairs {
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        return diff.hunks().collect();
    }
    let mut parts = Parts { input: &input, left: max_pairs, dense: vec![0; input.interner.num_tokens() as usize], out: Vec::new() };
    parts.split(head..input.before.len() - tail, head..input.after.len() - tail, 0);
    parts.out
}

fn pairs(one: usize, two: usize) -> u64 {
    (one as u64).saturating_mul(two as u64)
}

struct Parts<'a> {
    input: &'a InternedInput<&'a [u8]>,
    /// Pairs of lines that may still be compared.
    left: u64,
    /// Scratch by token, all zero between uses.
    dense: Vec<u32>,
    out: Vec<Hunk>,
}

impl Parts<'_> {
    fn split(&mut self, before: Range<usize>, after: Range<usize>, level: usize) {
        let (mut a, mut b) = (before.start, after.start);
        for (next_a, next_b) in self.anchors(before.clone(), after.clone()) {
            self.part(a..next_a, b..next_b, level);
            (a, b) = (next_a + 1, next_b + 1);
        }
        self.part(a..before.end, b..after.end, level);
    }

    fn part(&mut self, mut before: Range<usize>, mut after: Range<usize>, level: usize) {
        let (one, two) = (&self.input.before, &self.input.after);
        while !before.is_empty() && !after.is_empty() && one[before.start] == two[after.start] {
            before.start += 1;
            after.start += 1;
        }
        while !before.is_empty() && !after.is_empty() && one[before.end - 1] == two[after.end - 1] {
            before.end -= 1;
            after.end -= 1;
        }
        if before.is_empty() && after.is_empty() {
            return;
        }
        if before.is_empty() || after.is_empty() {
            return self.push(before, after);
        }
        let cost = pairs(before.len(), after.len());
        if cost > self.left || cost > 1 << 24 {
            if level < MOST_LEVELS {
                return self.split(before, after, level + 1);
            }
            if cost > self.left {
                return self.push(before, after);
            }
        }
        self.left -= cost;
        self.compare(before, after);
    }

    /// The histogram diff of one part. Its tokens are numbered anew, since the diff's tables are as large as their highest number.
    fn compare(&mut self, before: Range<usize>, after: Range<usize>) {
        let mut known: Vec<Token> = Vec::new();
        let dense = &mut self.dense;
        let mut renumber = |tokens: &[Token]| -> Vec<Token> {
            tokens
                .iter()
                .map(|token| {
                    let number = &mut dense[token.0 as usize];
                    if *number == 0 {
                        known.push(*token);
                        *number = known.len() as u32;
                    }
                    Token(*number - 1)
                })
                .collect()
        };
        let one = renumber(&self.input.before[before.clone()]);
        let two = renumber(&self.input.after[after.clone()]);
        known.iter().for_each(|token| self.dense[token.0 as usize] = 0);
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Histogram, &one, &two, known.len() as u32);
        let indent = |token: Token| {
            let line = self.input.interner[known[token.0 as usize]];
            IndentLevel::for_ascii_line(line.iter().copied(), TAB)
        };
        diff.postprocess_with(&one, &two, IndentHeuristic::new(indent));
        for hunk in diff.hunks() {
            let shift = |range: Range<u32>, by: usize| range.start as usize + by..range.end as usize + by;
            self.push(shift(hunk.before, before.start), shift(hunk.after, after.start));
        }
    }

    /// Appends a change; one that touches the last becomes part of it.
    fn push(&mut self, before: Range<usize>, after: Range<usize>) {
        let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
        let (before, after) = (narrow(before), narrow(after));
        match self.out.last_mut() {
            Some(last) if last.before.end == before.start && last.after.end == after.start => {
                last.before.end = before.end;
                last.after.end = after.end;
            }
            _ => self.out.push(Hunk { before, after }),
        }
    }

    /// The longest run, in order on both sides, of lines that occur once in either range. O(n log n).
    fn anchors(&mut self, before: Range<usize>, after: Range<usize>) -> Vec<(usize, usize)> {
        const OFTEN: u32 = u32::MAX;
        let (one, two) = (&self.input.before, &self.input.after);
        // By token: 0, or 1 + where it stands in `before`, or that it stands there several times.
        for (at, token) in before.clone().zip(&one[before.clone()]) {
            let known = &mut self.dense[token.0 as usize];
            *known = if *known == 0 { at as u32 + 1 } else { OFTEN };
        }
        let mut pairs: Vec<(usize, usize)> = after
            .clone()
            .zip(&two[after.clone()])
            .filter_map(|(at, token)| match self.dense[token.0 as usize] {
                0 | OFTEN => None,
                known => Some((known as usize - 1, at)),
            })
            .collect();
        one[before].iter().for_each(|token| self.dense[token.0 as usize] = 0);
        // What stands several times in `after` is dropped: such pairs are neighbours once sorted.
        pairs.sort_unstable();
        let unique: Vec<(usize, usize)> =
            pairs.chunk_by(|a, b| a.0 == b.0).filter_map(|same| if let [only] = same { Some(*only) } else { None }).collect();
        longest_rising(&unique)
    }
}

/// The longest subsequence whose second members rise; the first ones do already.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the pair that ends such a run lowest, and for each pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (number, (_, at)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *at);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() { ends.push(number) } else { ends[length] = number }
    }
    let mut out: Vec<(usize, usize)> =
        std::iter::successors(ends.last().copied(), |number| previous[*number]).map(|number| pairs[number]).collect();
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Applies the changes, checking that they are in order and apart.
    fn check(before: &str, after: &str, max_pairs: u64) -> Vec<Hunk> {
        let (one, two): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
        let found = changes(before.as_bytes(), after.as_bytes(), max_pairs);
        let mut out = Vec::new();
        let (mut a, mut b) = (0, 0);
        for (number, hunk) in found.iter().enumerate() {
            assert!(number == 0 || hunk.before.start > a as u32, "{found:?}");
            out.extend_from_slice(&one[a..hunk.before.start as usize]);
            out.extend_from_slice(&two[hunk.after.start as usize..hunk.after.end as usize]);
            b += hunk.before.start as usize - a + hunk.after.len();
            a = hunk.before.end as usize;
            assert_eq!(b, hunk.after.end as usize);
        }
        out.extend_from_slice(&one[a..]);
        assert_eq!(out, two);
        found
    }

    #[test]
    fn unique_lines_split_what_is_over_the_bound() {
        let text = |skip: usize| (0..600).filter(|line| line % 50 != skip).map(|line| format!("line {line}\n")).collect::<String>();
        assert_eq!(check(&text(1), &text(2), 20), check(&text(1), &text(2), u64::MAX));
        assert_eq!(check("a\nb\na\nb\n", "b\na\nb\na\n", 3).len(), 1);
    }

    proptest! {
        #[test]
        fn changes_lead_to_the_text_after_whatever_the_bound(
            before in "([a-i]?\n){0,20}[ab]?",
            after in "([a-i]?\n){0,20}[ab]?",
            max_pairs in 0_u64..300,
        ) {
            check(&before, &after, max_pairs);
        }
    }
}
