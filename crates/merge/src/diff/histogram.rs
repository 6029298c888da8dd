//! The histogram diff: split at the longest common run that contains the rarest line, then look left and right of it.
//!
//! Known from JGit's `HistogramDiff`; the numbers that decide (64 occurrences, strict and non-strict comparisons) are Git's, since the
//! results have to be.

use super::{Budget, Exhausted, Flags, myers};
use std::ops::Range;

/// A line that occurs more often is never a place to split at.
const MAX_OCCURRENCES: u32 = 64;
/// No line.
const NONE: u32 = u32::MAX;

/// A common run of lines: `len` lines from `before` and from `after` on.
#[derive(Clone, Copy)]
struct Run {
    before: usize,
    after: usize,
    len: usize,
}

/// Where each line of the region before occurs. Kept between regions; `stamp` tells which entries belong to the current one.
struct Index {
    region: u32,
    stamp: Vec<u32>,
    first: Vec<u32>,
    count: Vec<u32>,
    /// The next line, further down, that is equal to this one.
    next: Vec<u32>,
}

impl Index {
    fn new(before: &[u32], after: &[u32]) -> Self {
        let tokens = before.iter().chain(after).max().map_or(0, |most| *most as usize + 1);
        Self { region: 0, stamp: vec![0; tokens], first: vec![NONE; tokens], count: vec![0; tokens], next: vec![NONE; before.len()] }
    }

    fn fill(&mut self, before: &[u32], range: Range<usize>) {
        self.region += 1;
        for line in range.rev() {
            let token = before[line] as usize;
            if self.stamp[token] == self.region {
                self.next[line] = self.first[token];
                self.count[token] += 1;
            } else {
                self.stamp[token] = self.region;
                self.next[line] = NONE;
                self.count[token] = 1;
            }
            self.first[token] = line as u32;
        }
    }

    /// How often a line occurs in the region, 0 if it does not.
    fn count(&self, token: u32) -> u32 {
        if self.stamp[token as usize] == self.region { self.count[token as usize] } else { 0 }
    }
}

/// What a region has in common.
enum Common {
    Nothing,
    OnlyFrequent,
    Run(Run),
}

/// Marks the changed lines.
pub(super) fn mark(flags: &mut Flags<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
    let mut index = Index::new(flags.before, flags.after);
    // Regions don't influence each other, so that a stack does as well as recursion and can't overflow.
    let mut regions = vec![(0..flags.before.len(), 0..flags.after.len())];
    while let Some((before, after)) = regions.pop() {
        if before.is_empty() || after.is_empty() {
            flags.removed[before].fill(true);
            flags.added[after].fill(true);
            continue;
        }
        match longest(flags, &mut index, before.clone(), after.clone(), budget)? {
            Common::Nothing => {
                flags.removed[before].fill(true);
                flags.added[after].fill(true);
            }
            Common::OnlyFrequent => myers::mark(flags, before, after, budget)?,
            Common::Run(run) => {
                regions.push((run.before + run.len..before.end, run.after + run.len..after.end));
                regions.push((before.start..run.before, after.start..run.after));
            }
        }
    }
    Ok(())
}

fn longest(
    flags: &Flags<'_>,
    index: &mut Index,
    before: Range<usize>,
    after: Range<usize>,
    budget: &mut Budget,
) -> Result<Common, Exhausted> {
    let (a, b) = (flags.before, flags.after);
    budget.spend((before.len() + after.len()) as u64)?;
    index.fill(a, before.clone());
    let mut best: Option<Run> = None;
    let mut rarest = MAX_OCCURRENCES + 1;
    let mut common = false;
    let mut at = after.start;
    while at < after.end {
        let mut next = at + 1;
        let count = index.count(b[at]);
        common |= count > 0;
        if count > 0 && count <= rarest {
            let mut candidate = index.first[b[at] as usize];
            while candidate != NONE {
                let (mut start, mut end) = (candidate as usize, candidate as usize + 1);
                let (mut start_after, mut end_after) = (at, at + 1);
                let mut rare = count;
                while start > before.start && start_after > after.start && a[start - 1] == b[start_after - 1] {
                    start -= 1;
                    start_after -= 1;
                    rare = rare.min(index.count(a[start]));
                }
                while end < before.end && end_after < after.end && a[end] == b[end_after] {
                    rare = rare.min(index.count(a[end]));
                    end += 1;
                    end_after += 1;
                }
                budget.spend((end - start) as u64)?;
                next = next.max(end_after);
                // A single line is only better than nothing when it is rare; a longer run is better than any shorter one.
                if end - start > best.map_or(1, |run| run.len) || rare < rarest {
                    best = Some(Run { before: start, after: start_after, len: end - start });
                    rarest = rare;
                }
                candidate = index.next[candidate as usize];
                while candidate != NONE && (candidate as usize) < end {
                    candidate = index.next[candidate as usize];
                }
            }
        }
        at = next;
    }
    Ok(match best {
        _ if common && rarest > MAX_OCCURRENCES => Common::OnlyFrequent,
        Some(run) => Common::Run(run),
        None => Common::Nothing,
    })
}
