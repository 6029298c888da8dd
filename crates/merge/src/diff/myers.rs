//! The Myers diff with the shortcuts that libxdiff takes, for regions in which every common line is frequent.
//!
//! After "An O(ND) Difference Algorithm and its Variations" (Myers, 1986): the shortest edit script is searched from both ends at once and
//! split where the searches meet. Three shortcuts decide the result on large inputs and are part of Git's bytes: lines without a partner
//! are set aside first, frequent lines among them too; a search that got expensive is split at a good diagonal; one that got very
//! expensive is split at the furthest point.

use super::{Budget, Exhausted, Flags};
use std::collections::HashMap;
use std::ops::Range;

/// A run of more equal lines makes a diagonal good.
const LONG_RUN: i64 = 20;
/// From this many edits on good diagonals are looked for, and the least for giving up.
const EXPENSIVE: i64 = 256;
/// How far a line looks around for lines without a partner.
const WINDOW: usize = 100;

/// Marks the changed lines of a region.
pub(super) fn mark(flags: &mut Flags<'_>, before: Range<usize>, after: Range<usize>, budget: &mut Budget) -> Result<(), Exhausted> {
    let (a, b) = (&flags.before[before.clone()], &flags.after[after.clone()]);
    budget.spend((a.len() + b.len()) as u64)?;
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (kept_a, mut removed) = set_aside(a, b, head, tail);
    let (kept_b, mut added) = set_aside(b, a, head, tail);
    let mut search = Search::new(kept_a.iter().map(|at| a[*at]).collect(), kept_b.iter().map(|at| b[*at]).collect());
    search.run(budget, |side, at| match side {
        Side::Before => removed[kept_a[at]] = true,
        Side::After => added[kept_b[at]] = true,
    })?;
    flags.removed[before].copy_from_slice(&removed);
    flags.added[after].copy_from_slice(&added);
    Ok(())
}

/// A power of two near the square root.
fn rough_root(mut n: usize) -> usize {
    let mut root = 1;
    while n > 0 {
        root <<= 1;
        n >>= 2;
    }
    root
}

#[derive(Clone, Copy, PartialEq)]
enum Partners {
    None,
    Few,
    Many,
}

/// The lines between the common ends that take part in the search, and flags with those set aside already marked.
fn set_aside(lines: &[u32], others: &[u32], head: usize, tail: usize) -> (Vec<usize>, Vec<bool>) {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for other in others {
        *counts.entry(*other).or_default() += 1;
    }
    let many = rough_root(lines.len()).min(1024);
    let middle = head..lines.len() - tail;
    let partners: Vec<Partners> = lines[middle.clone()]
        .iter()
        .map(|line| match counts.get(line) {
            None => Partners::None,
            Some(count) if *count >= many => Partners::Many,
            Some(_) => Partners::Few,
        })
        .collect();
    let mut kept = Vec::with_capacity(partners.len());
    let mut changed = vec![false; lines.len()];
    for (at, class) in partners.iter().enumerate() {
        let keep = match class {
            Partners::None => false,
            Partners::Few => true,
            Partners::Many => !among_strangers(&partners, at),
        };
        if keep {
            kept.push(middle.start + at);
        } else {
            changed[middle.start + at] = true;
        }
    }
    (kept, changed)
}

/// Whether a frequent line stands in a run made up mostly of lines without a partner.
fn among_strangers(partners: &[Partners], at: usize) -> bool {
    let count = |run: &mut dyn Iterator<Item = &Partners>| {
        let (mut none, mut many) = (0, 0);
        for class in run.take_while(|class| **class != Partners::Few) {
            if *class == Partners::None { none += 1 } else { many += 1 }
        }
        (none, many)
    };
    let above = count(&mut partners[at.saturating_sub(WINDOW)..at].iter().rev());
    let below = count(&mut partners[at + 1..partners.len().min(at + 1 + WINDOW)].iter());
    if above.0 == 0 || below.0 == 0 {
        return false;
    }
    let (none, many) = (above.0 + below.0, above.1 + below.1 + 2);
    many * 4 < many + none
}

enum Side {
    Before,
    After,
}

/// Where a box is split, and whether each half must be searched to the end.
struct Split {
    before: i64,
    after: i64,
    exact_first: bool,
    exact_second: bool,
}

struct Search {
    a: Vec<u32>,
    b: Vec<u32>,
    /// The furthest position before on each diagonal, searching forwards and backwards; indexed by diagonal plus `zero`.
    forward: Vec<i64>,
    backward: Vec<i64>,
    zero: i64,
    give_up: i64,
}

impl Search {
    fn new(a: Vec<u32>, b: Vec<u32>) -> Self {
        let diagonals = a.len() + b.len() + 3;
        let zero = b.len() as i64 + 1;
        let give_up = (rough_root(diagonals) as i64).max(EXPENSIVE);
        Self { a, b, forward: vec![0; diagonals + 1], backward: vec![0; diagonals + 1], zero, give_up }
    }

    fn equal(&self, before: i64, after: i64) -> bool {
        self.a[before as usize] == self.b[after as usize]
    }

    fn run(&mut self, budget: &mut Budget, mut changed: impl FnMut(Side, usize)) -> Result<(), Exhausted> {
        let mut boxes = vec![(0..self.a.len() as i64, 0..self.b.len() as i64, false)];
        while let Some((mut a, mut b, exact)) = boxes.pop() {
            while !a.is_empty() && !b.is_empty() && self.equal(a.start, b.start) {
                a.start += 1;
                b.start += 1;
            }
            while !a.is_empty() && !b.is_empty() && self.equal(a.end - 1, b.end - 1) {
                a.end -= 1;
                b.end -= 1;
            }
            if a.is_empty() {
                b.for_each(|at| changed(Side::After, at as usize));
            } else if b.is_empty() {
                a.for_each(|at| changed(Side::Before, at as usize));
            } else {
                let split = self.split(&a, &b, exact, budget)?;
                boxes.push((split.before..a.end, split.after..b.end, split.exact_second));
                boxes.push((a.start..split.before, b.start..split.after, split.exact_first));
            }
        }
        Ok(())
    }

    fn at(&self, diagonal: i64) -> usize {
        (diagonal + self.zero) as usize
    }

    fn split(&mut self, a: &Range<i64>, b: &Range<i64>, exact: bool, budget: &mut Budget) -> Result<Split, Exhausted> {
        let (lowest, highest) = (a.start - b.end, a.end - b.start);
        let (start, end) = (a.start - b.start, a.end - b.end);
        let odd = (start - end) & 1 != 0;
        let (mut fmin, mut fmax, mut bmin, mut bmax) = (start, start, end, end);
        let (from, to) = (self.at(start), self.at(end));
        self.forward[from] = a.start;
        self.backward[to] = a.end;
        let mut cost = 0;
        loop {
            cost += 1;
            let mut long_run = false;
            widen(&mut fmin, &mut fmax, lowest, highest, &mut self.forward, self.zero, -1);
            for diagonal in (fmin..=fmax).rev().step_by(2) {
                let at = self.at(diagonal);
                let (below, above) = (self.forward[at - 1], self.forward[at + 1]);
                let begin = if below >= above { below + 1 } else { above };
                let mut i = begin;
                while i < a.end && i - diagonal < b.end && self.equal(i, i - diagonal) {
                    i += 1;
                }
                budget.spend((i - begin) as u64 + 1)?;
                long_run |= i - begin > LONG_RUN;
                self.forward[at] = i;
                if odd && (bmin..=bmax).contains(&diagonal) && self.backward[at] <= i {
                    return Ok(Split { before: i, after: i - diagonal, exact_first: true, exact_second: true });
                }
            }
            widen(&mut bmin, &mut bmax, lowest, highest, &mut self.backward, self.zero, i64::MAX);
            for diagonal in (bmin..=bmax).rev().step_by(2) {
                let at = self.at(diagonal);
                let (below, above) = (self.backward[at - 1], self.backward[at + 1]);
                let begin = if below < above { below } else { above - 1 };
                let mut i = begin;
                while i > a.start && i - diagonal > b.start && self.equal(i - 1, i - diagonal - 1) {
                    i -= 1;
                }
                budget.spend((begin - i) as u64 + 1)?;
                long_run |= begin - i > LONG_RUN;
                self.backward[at] = i;
                if !odd && (fmin..=fmax).contains(&diagonal) && i <= self.forward[at] {
                    return Ok(Split { before: i, after: i - diagonal, exact_first: true, exact_second: true });
                }
            }
            if exact {
                continue;
            }
            if long_run && cost > EXPENSIVE {
                if let Some((before, after)) = self.good_forward(a, b, fmin..=fmax, start, cost) {
                    return Ok(Split { before, after, exact_first: true, exact_second: false });
                }
                if let Some((before, after)) = self.good_backward(a, b, bmin..=bmax, end, cost) {
                    return Ok(Split { before, after, exact_first: false, exact_second: true });
                }
            }
            if cost >= self.give_up {
                return Ok(self.furthest(a, b, fmin..=fmax, bmin..=bmax));
            }
        }
    }

    /// The best point reached forwards, if it is far for its cost and follows a long run of equal lines.
    fn good_forward(
        &self,
        a: &Range<i64>,
        b: &Range<i64>,
        diagonals: std::ops::RangeInclusive<i64>,
        middle: i64,
        cost: i64,
    ) -> Option<(i64, i64)> {
        let mut best = (0, None);
        for diagonal in diagonals.rev().step_by(2) {
            let i = self.forward[self.at(diagonal)];
            let j = i - diagonal;
            let value = (i - a.start) + (j - b.start) - (diagonal - middle).abs();
            let inside = a.start + LONG_RUN <= i && i < a.end && b.start + LONG_RUN <= j && j < b.end;
            if value > 4 * cost && value > best.0 && inside && (1..=LONG_RUN).all(|back| self.equal(i - back, j - back)) {
                best = (value, Some((i, j)));
            }
        }
        best.1
    }

    /// The best point reached backwards, if it is far for its cost and precedes a long run of equal lines.
    fn good_backward(
        &self,
        a: &Range<i64>,
        b: &Range<i64>,
        diagonals: std::ops::RangeInclusive<i64>,
        middle: i64,
        cost: i64,
    ) -> Option<(i64, i64)> {
        let mut best = (0, None);
        for diagonal in diagonals.rev().step_by(2) {
            let i = self.backward[self.at(diagonal)];
            let j = i - diagonal;
            let value = (a.end - i) + (b.end - j) - (diagonal - middle).abs();
            let inside = a.start < i && i <= a.end - LONG_RUN && b.start < j && j <= b.end - LONG_RUN;
            if value > 4 * cost && value > best.0 && inside && (0..LONG_RUN).all(|on| self.equal(i + on, j + on)) {
                best = (value, Some((i, j)));
            }
        }
        best.1
    }

    /// The furthest point of either search.
    fn furthest(
        &self,
        a: &Range<i64>,
        b: &Range<i64>,
        forward: std::ops::RangeInclusive<i64>,
        backward: std::ops::RangeInclusive<i64>,
    ) -> Split {
        let (mut far, mut far_at) = (-1, -1);
        for diagonal in forward.rev().step_by(2) {
            let i = self.forward[self.at(diagonal)].min(a.end).min(b.end + diagonal);
            if far < i + (i - diagonal) {
                (far, far_at) = (i + (i - diagonal), i);
            }
        }
        let (mut near, mut near_at) = (i64::MAX, i64::MAX);
        for diagonal in backward.rev().step_by(2) {
            let i = self.backward[self.at(diagonal)].max(a.start).max(b.start + diagonal);
            if i + (i - diagonal) < near {
                (near, near_at) = (i + (i - diagonal), i);
            }
        }
        if (a.end + b.end) - near < far - (a.start + b.start) {
            Split { before: far_at, after: far - far_at, exact_first: true, exact_second: false }
        } else {
            Split { before: near_at, after: near - near_at, exact_first: false, exact_second: true }
        }
    }
}

/// Takes one more diagonal in on each side; where the box ends, one less instead, for only every other one is used.
fn widen(min: &mut i64, max: &mut i64, lowest: i64, highest: i64, reached: &mut [i64], zero: i64, unreached: i64) {
    if *min > lowest {
        *min -= 1;
        reached[(*min - 1 + zero) as usize] = unreached;
    } else {
        *min += 1;
    }
    if *max < highest {
        *max += 1;
        reached[(*max + 1 + zero) as usize] = unreached;
    } else {
        *max -= 1;
    }
}
