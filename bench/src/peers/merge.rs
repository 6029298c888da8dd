//! Landing with `git`: `merge-tree`, `replay`, and `merge` in a worktree.

use super::{DURABLE, FastImport, Git};
use crate::inputs::Input;
use crate::text::Place;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// Pairs of branches that both changed 15 files, made beforehand: `head<n>` that has moved, and `side<n>` that is to land.
#[derive(Debug)]
pub struct Merges {
    git: Git,
    base: String,
}

impl Merges {
    /// Makes so many pairs; the same files in other lines, or other files.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn prepare(repository: &Path, input: &Input, pairs: usize, files: usize, shared: bool) -> Result<Self> {
        let git = Git::at(repository);
        let mut import = FastImport::start(&git)?;
        for pair in 0..pairs {
            let at = pair * 2 * files;
            let head = input.edits(at, files, &format!("head {pair}"), 3, Place::Top);
            let side = input.edits(if shared { at } else { at + files }, files, &format!("side {pair}"), 3, Place::Bottom);
            import.commit(&format!("refs/heads/head{pair}"), Some(&input.commit), &head)?;
            import.commit(&format!("refs/heads/side{pair}"), Some(&input.commit), &side)?;
        }
        import.checkpoint()?;
        import.end()?;
        Ok(Self { git: git.with(&DURABLE), base: input.commit.clone() })
    }

    /// The merged tree alone, its new objects written but not synced.
    ///
    /// # Errors
    /// When `git` fails or finds a conflict.
    pub fn merge_tree(&self, pair: usize) -> Result<String> {
        Self::merge(&Git::at(self.git.folder()), pair)
    }

    fn merge(git: &Git, pair: usize) -> Result<String> {
        git.line(&["merge-tree", "--write-tree", &format!("head{pair}"), &format!("side{pair}")])
    }

    /// The merged tree as a commit on a branch.
    ///
    /// # Errors
    /// As for [`Merges::merge_tree`].
    pub fn land(&self, pair: usize) -> Result<()> {
        let tree = Self::merge(&self.git, pair)?;
        let parent = format!("head{pair}");
        let commit = self.git.line(&["commit-tree", &tree, "-p", &parent, "-m", "land"])?;
        self.git.run(&["update-ref", &format!("refs/heads/landed{pair}"), &commit])?;
        Ok(())
    }

    /// `git replay` and the refs it says.
    ///
    /// # Errors
    /// When `git` has no `replay`, fails, or finds a conflict.
    pub fn replay(&self, pair: usize) -> Result<()> {
        let range = format!("{}..side{pair}", self.base);
        let updates = self.git.run(&["replay", "--onto", &format!("head{pair}"), &range])?;
        // Newer ones move the refs themselves and say nothing.
        if !updates.is_empty() {
            self.git.feed(&["update-ref", "--stdin"], &updates)?;
        }
        Ok(())
    }
}

/// A worktree to merge in.
#[derive(Debug)]
pub struct MergeWorktree {
    git: Git,
}

impl MergeWorktree {
    /// Makes it.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn new(merges: &Merges, folder: PathBuf) -> Result<Self> {
        let path = folder.join("merging");
        let plain = Git::at(merges.git.folder());
        plain.run(&["worktree".as_ref(), "add".as_ref(), "-q".as_ref(), "--detach".as_ref(), path.as_os_str(), "HEAD".as_ref()])?;
        Ok(Self { git: Git::at(path).with(&DURABLE) })
    }

    /// Goes to the head that has moved.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn prepare(&self, pair: usize) -> Result<()> {
        self.git.run(&["reset", "-q", "--hard", &format!("head{pair}")]).context("reset")?;
        Ok(())
    }

    /// Merges.
    ///
    /// # Errors
    /// When `git` fails or finds a conflict.
    pub fn merge(&self, pair: usize) -> Result<()> {
        self.git.run(&["merge", "-q", "--no-edit", "--no-verify", &format!("side{pair}")])?;
        Ok(())
    }
}
