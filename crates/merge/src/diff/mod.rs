//! Which lines of two texts differ, decided as Git decides it.
//!
//! [`compare`] runs the histogram algorithm (as JGit introduced it and Git uses it for merges), with the Myers algorithm for regions that
//! hold only frequent lines, and then shifts the groups of changed lines to where Git shows them. The result equals that of
//! `git diff --histogram --no-indent-heuristic`, which is what `git merge` compares with; a property test says so. [`compare_by`] runs the
//! Myers algorithm alone where `git merge-file` does.
//!
//! Invariants: lines outside the changes are equal, in order, on both sides; changes are maximal runs, ordered and never adjacent; work is
//! bounded by a [`Budget`] of comparisons, so that the result is the same on every machine.
//!
//! Deliberately missing: options that ignore white space, the indent heuristic (it serves readers of diffs, merges don't use it), words.

mod compact;
mod histogram;
mod lines;
mod myers;

pub(crate) use lines::indentation;
pub use lines::{Lines, LinesOf};

/// How many more comparisons may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(pub u64);

/// The budget is used up: the texts are too large and too repetitive to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the texts are too repetitive to be compared by lines")]
pub struct Exhausted;

impl Budget {
    /// Takes `comparisons` from the budget.
    fn spend(&mut self, comparisons: u64) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(comparisons).ok_or(Exhausted)?;
        Ok(())
    }
}

/// One changed region: a run of lines on each side, of which one may be empty. Lines are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The first line before.
    pub before: usize,
    /// How many lines before.
    pub removed: usize,
    /// The first line after.
    pub after: usize,
    /// How many lines after.
    pub added: usize,
}

impl Change {
    /// The line after the last changed one, before.
    pub fn before_end(&self) -> usize {
        self.before + self.removed
    }

    /// The line after the last changed one, after.
    pub fn after_end(&self) -> usize {
        self.after + self.added
    }
}

/// How changed lines are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// Git's `histogram`, with which it merges trees.
    #[default]
    Histogram,
    /// Git's `myers`, with which `git merge-file` and `git diff` compare unless told otherwise.
    Myers,
}

/// Two sequences of line numbers, and which of their lines are changed.
struct Flags<'a> {
    before: &'a [u32],
    after: &'a [u32],
    removed: Vec<bool>,
    added: Vec<bool>,
}

/// The changes that turn `before` into `after`, in order, by [`Algorithm::Histogram`].
///
/// Both are lines of one [`Lines`], so that equal lines are equal numbers.
///
/// # Errors
/// [`Exhausted`] when more comparisons are needed than `budget` allows.
pub fn compare(before: &[u32], after: &[u32], budget: &mut Budget) -> Result<Vec<Change>, Exhausted> {
    compare_by(Algorithm::Histogram, before, after, budget)
}

/// As [`compare`], by this algorithm.
///
/// # Errors
/// As [`compare`].
pub fn compare_by(algorithm: Algorithm, before: &[u32], after: &[u32], budget: &mut Budget) -> Result<Vec<Change>, Exhausted> {
    let mut flags = Flags { before, after, removed: vec![false; before.len()], added: vec![false; after.len()] };
    match algorithm {
        Algorithm::Histogram => histogram::mark(&mut flags, budget)?,
        Algorithm::Myers => myers::mark(&mut flags, 0..before.len(), 0..after.len(), budget)?,
    }
    compact::slide(flags.before, &mut flags.removed, &mut flags.added, budget)?;
    compact::slide(flags.after, &mut flags.added, &mut flags.removed, budget)?;
    Ok(changes(&flags.removed, &flags.added))
}

/// The maximal runs of changed lines.
fn changes(removed: &[bool], added: &[bool]) -> Vec<Change> {
    let run = |flags: &[bool], from: usize| flags.iter().skip(from).take_while(|changed| **changed).count();
    let mut found = Vec::new();
    let (mut before, mut after) = (0, 0);
    loop {
        let change = Change { before, removed: run(removed, before), after, added: run(added, after) };
        (before, after) = (change.before_end(), change.after_end());
        if change.removed + change.added > 0 {
            found.push(change);
        }
        if before >= removed.len() && after >= added.len() {
            return found;
        }
        // Both stand on an unchanged line; unchanged lines pair up.
        before += 1;
        after += 1;
    }
}
