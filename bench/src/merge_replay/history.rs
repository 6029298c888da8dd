//! All commits of a repository in memory, and merge bases among them.

use anyhow::{Context as _, Result, bail};
use std::collections::{BinaryHeap, HashMap};
use std::path::Path;
use std::process::Command;

/// A commit: its id, its tree, its parents by their place in the history.
#[derive(Debug)]
pub struct Commit {
    /// Its id, in hexadecimal.
    pub id: String,
    /// Its tree's.
    pub tree: String,
    /// Its parents. Each stands before it.
    pub parents: Vec<usize>,
}

/// Every commit, parents before children.
#[derive(Debug)]
pub struct History(pub Vec<Commit>);

const OURS: u8 = 1;
const THEIRS: u8 = 2;
const OLD: u8 = 4;

impl History {
    /// Reads what can be reached from any ref.
    ///
    /// # Errors
    /// When `git` fails or its answer can't be read.
    pub fn read(repository: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.arg("-C").arg(repository).args(["log", "--all", "--topo-order", "--reverse", "--no-show-signature", "--format=%H %T %P"]);
        let output = git.output().context("git log")?;
        if !output.status.success() {
            bail!("git log in {}: {}", repository.display(), String::from_utf8_lossy(&output.stderr).trim());
        }
        Self::parse(std::str::from_utf8(&output.stdout)?)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut commits = Vec::new();
        for line in text.lines() {
            let mut ids = line.split_ascii_whitespace();
            let (id, tree) = (ids.next().context("a commit's id")?, ids.next().context("a commit's tree")?);
            // A shallow or grafted history lacks parents.
            let parents: Vec<usize> = ids.filter_map(|parent| places.get(parent).copied()).collect();
            places.insert(id, commits.len());
            commits.push(Commit { id: id.to_owned(), tree: tree.to_owned(), parents });
        }
        Ok(Self(commits))
    }

    /// The merge bases of two commits, found by painting what each reaches, newest first.
    pub fn merge_bases(&self, ours: usize, theirs: usize) -> Vec<usize> {
        let mut paint: HashMap<usize, u8> = HashMap::new();
        let mut queue = BinaryHeap::new();
        let mut fresh = 0usize;
        let mut bases = Vec::new();
        for (commit, colour) in [(ours, OURS), (theirs, THEIRS)] {
            let painted = paint.entry(commit).or_insert_with(|| {
                queue.push(commit);
                fresh += 1;
                0
            });
            *painted |= colour;
        }
        // A child stands behind its parents, so a commit's paint is complete when its turn comes.
        while fresh > 0
            && let Some(commit) = queue.pop()
        {
            let mut colour = paint.get(&commit).copied().unwrap_or_default();
            if colour & OLD == 0 {
                fresh -= 1;
                if colour == OURS | THEIRS {
                    bases.push(commit);
                    colour |= OLD;
                }
            }
            for parent in &self.0[commit].parents {
                match paint.entry(*parent) {
                    std::collections::hash_map::Entry::Vacant(entry) => {
                        entry.insert(colour);
                        queue.push(*parent);
                        fresh += usize::from(colour & OLD == 0);
                    }
                    std::collections::hash_map::Entry::Occupied(mut entry) => {
                        let before = *entry.get();
                        entry.insert(before | colour);
                        fresh -= usize::from(before & OLD == 0 && colour & OLD != 0);
                    }
                }
            }
        }
        bases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(lines: &[&str]) -> History {
        History::parse(&lines.iter().map(|line| line.replacen(' ', " tree ", 1) + "\n").collect::<String>()).expect("parse")
    }

    #[test]
    fn the_newest_common_ancestors_are_the_bases() {
        let simple = history(&["root ", "base root", "a base", "b base", "c b"]);
        assert_eq!(simple.merge_bases(2, 4), [1]);
        assert_eq!(simple.merge_bases(1, 4), [1]);
        let crossed = history(&["root ", "a root", "b root", "ab a b", "ba b a"]);
        let mut bases = crossed.merge_bases(3, 4);
        bases.sort_unstable();
        assert_eq!(bases, [1, 2]);
        assert!(history(&["a ", "b "]).merge_bases(0, 1).is_empty());
    }
}
