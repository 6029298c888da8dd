//! Plumbing: `hash-object`, `update-index`, `write-tree`, `commit-tree`, `update-ref`, with an index kept warm.

use super::Git;
use crate::inputs::Edit;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// A repository and an index of its own, kept from commit to commit.
#[derive(Debug)]
pub struct CommitTree {
    git: Git,
    files: PathBuf,
    base: String,
}

impl CommitTree {
    /// Fills the index, in the folder given, from the base commit.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn start(git: &Git, folder: &std::path::Path, base: &str) -> Result<Self> {
        let git = git.clone().path_in("GIT_INDEX_FILE", folder.join("index"));
        git.run(&["read-tree", base])?;
        Ok(Self { git, files: folder.to_owned(), base: base.to_owned() })
    }

    /// Puts the edited files where `hash-object` finds them: what an agent's editor did before.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn prepare(&self, edits: &[Edit]) -> Result<()> {
        for (number, edit) in edits.iter().enumerate() {
            std::fs::write(self.files.join(format!("edit{number}")), &edit.content.0)?;
        }
        Ok(())
    }

    /// Commits what was prepared onto the base.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn commit(&self, edits: &[Edit], branch: &str) -> Result<()> {
        let mut names = Vec::new();
        for number in 0..edits.len() {
            names.extend_from_slice(self.files.join(format!("edit{number}")).as_os_str().as_encoded_bytes());
            names.push(b'\n');
        }
        let ids = String::from_utf8(self.git.feed(&["hash-object", "-w", "--no-filters", "--stdin-paths"], &names)?)?;
        let mut entries = Vec::new();
        for (id, edit) in ids.lines().zip(edits) {
            entries.extend_from_slice(format!("100644 {id}\t").as_bytes());
            entries.extend_from_slice(edit.path.as_bytes());
            entries.push(0);
        }
        self.git.feed(&["update-index", "-z", "--index-info"], &entries)?;
        let tree = self.git.line(&["write-tree"])?;
        let commit = self.git.line(&["commit-tree", &tree, "-p", &self.base, "-m", "turn"]).context("commit-tree")?;
        self.git.run(&["update-ref", branch, &commit])?;
        Ok(())
    }
}
