//! Where directories went, counted from the renames of their files.
//!
//! Only directories that are gone from a side can have been renamed there, and only those into which the other side put something need
//! an answer. Each renamed file votes: `a/b/c/f` → `a/x/c/f` says that `a/b/c` became `a/x/c` and, as the last component stayed, that
//! `a/b` became `a/x`.

use super::{directory, file_name, git_order};
use bytes::Bytes;
use std::collections::HashMap;

/// Why a directory that is gone matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DirectoryRelevance {
    /// It does not: the other side added nothing to it.
    Not,
    /// A directory above or below it matters, and its files vote there.
    ForAncestor,
    /// The other side added something to it.
    ForSelf,
}

/// Directories that are gone from a side, and why they matter.
pub type Directories = HashMap<Bytes, DirectoryRelevance>;

/// Votes: for each old directory, the new ones.
#[derive(Debug, Clone, Default)]
pub struct DirectoryCounts {
    counts: HashMap<Bytes, Votes>,
}

/// The votes on one directory.
#[derive(Debug, Clone, Default)]
struct Votes {
    /// New directories in the order in which they were first named; `None` for files of unknown fate.
    places: Vec<(Option<Bytes>, usize)>,
    /// Where each stands in `places`.
    known: HashMap<Option<Bytes>, usize>,
}

impl DirectoryCounts {
    /// All old directories, sorted, with where most of their files went: `Ok` a single place, `Err` several with equally many.
    pub fn winners(&self) -> Vec<(Bytes, Result<Bytes, Vec<Bytes>>)> {
        let mut winners: Vec<_> = self
            .counts
            .iter()
            .filter_map(|(old, counts)| {
                let places = || counts.places.iter().filter_map(|(new, count)| new.as_ref().map(|new| (new, *count)));
                let most = places().map(|(_, count)| count).max()?;
                let best: Vec<Bytes> = places().filter(|(_, count)| *count == most).map(|(new, _)| new.clone()).collect();
                let winner = match &best[..] {
                    [one] => Ok(one.clone()),
                    _ => Err(best),
                };
                Some((old.clone(), winner))
            })
            .collect();
        winners.sort_by(|a, b| a.0.cmp(&b.0));
        winners
    }

    fn vote(&mut self, old: &[u8], new: Option<&[u8]>) {
        let votes = match self.counts.get_mut(old) {
            Some(votes) => votes,
            None => self.counts.entry(Bytes::copy_from_slice(old)).or_default(),
        };
        let new = new.map(Bytes::copy_from_slice);
        match votes.known.get(&new).and_then(|at| votes.places.get_mut(*at)) {
            Some((_, count)) => *count += 1,
            None => {
                votes.known.insert(new.clone(), votes.places.len());
                votes.places.push((new, 1));
            }
        }
    }

    /// Counts a rename for its directories.
    pub(super) fn add(&mut self, removed: &Directories, from: &[u8], to: &[u8]) {
        let (mut old, mut new) = (directory(from), directory(to));
        let mut first = true;
        while let Some(relevance) = removed.get(old) {
            if first || *relevance == DirectoryRelevance::ForSelf {
                self.vote(old, Some(new));
            }
            first = false;
            // Go up while what is left behind is called the same on both sides.
            let same = file_name(old) == file_name(new);
            if *relevance == DirectoryRelevance::Not || old.is_empty() || new.is_empty() || !same {
                return;
            }
            (old, new) = (directory(old), directory(new));
        }
    }

    /// Counts a file of which nobody knows yet where it went.
    pub(super) fn add_unknown(&mut self, removed: &Directories, from: &[u8]) {
        let mut old = directory(from);
        while !old.is_empty() && removed.get(old).is_some_and(|relevance| *relevance != DirectoryRelevance::Not) {
            self.vote(old, None);
            old = directory(old);
        }
    }

    /// Directories whose destination can't change any more, whatever the files of unknown fate say.
    pub(super) fn settled(&self) -> impl Iterator<Item = &Bytes> {
        self.counts.iter().filter_map(|(old, counts)| {
            let (mut first, mut second, mut unknown) = (0, 0, 0);
            for (new, count) in &counts.places {
                match new {
                    None => unknown = *count,
                    Some(_) if *count >= first => (first, second) = (*count, first),
                    Some(_) => second = second.max(*count),
                }
            }
            (first > second + unknown).then_some(old)
        })
    }

    /// Where each directory seems to have gone so far; of equally frequent places the one that Git would meet first.
    pub(super) fn guesses(&self) -> HashMap<Bytes, Bytes> {
        let guess = |votes: &Votes| {
            let named: Vec<(&Bytes, usize)> = votes.places.iter().filter_map(|(new, count)| Some((new.as_ref()?, *count))).collect();
            let keys: Vec<&Bytes> = named.iter().map(|(new, _)| *new).collect();
            let mut best: Option<(&Bytes, usize)> = None;
            for (new, count) in git_order(&keys).into_iter().filter_map(|at| named.get(at)) {
                if best.is_none_or(|(_, most)| *count > most) {
                    best = Some((new, *count));
                }
            }
            best.map(|(new, _)| new.clone())
        };
        self.counts.iter().filter_map(|(old, counts)| Some((old.clone(), guess(counts)?))).collect()
    }

    /// Forgets directories that don't matter, and files of unknown fate.
    pub(super) fn finish(&mut self, removed: &Directories) {
        self.counts.retain(|old, counts| {
            counts.places.retain(|(new, _)| new.is_some());
            !counts.places.is_empty() && removed.get(old).is_some_and(|relevance| *relevance != DirectoryRelevance::Not)
        });
    }
}
