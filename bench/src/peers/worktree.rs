//! `git worktree`: a checkout per agent.

use super::Git;
use crate::inputs::Edit;
use acetate_types::RepoPath;
use anyhow::Result;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Worktrees of one repository.
#[derive(Debug)]
pub struct Worktrees {
    git: Git,
    folder: PathBuf,
    next: AtomicUsize,
}

/// How often a command is tried: `git worktree` reads what others of its kind are just writing or removing, and then fails.
const TRIES: usize = 50;

impl Worktrees {
    /// Worktrees to be made in this folder.
    pub fn new(git: Git, folder: PathBuf) -> Self {
        Self { git, folder, next: AtomicUsize::new(0) }
    }

    /// Makes one of the head, detached.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn add(&self) -> Result<PathBuf> {
        self.add_at("HEAD")
    }

    /// Makes one of a commit, detached.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn add_at(&self, commit: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("wt{}", self.next.fetch_add(1, Ordering::Relaxed)));
        self.stubborn(&["worktree".as_ref(), "add".as_ref(), "-q".as_ref(), "--detach".as_ref(), path.as_os_str(), commit.as_ref()])?;
        Ok(path)
    }

    /// Removes one.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn remove(&self, path: &Path) -> Result<()> {
        self.stubborn(&["worktree".as_ref(), "remove".as_ref(), "--force".as_ref(), path.as_os_str()])
    }

    fn stubborn(&self, args: &[&std::ffi::OsStr]) -> Result<()> {
        let mut outcome = self.git.run(args);
        for _ in 1..TRIES {
            if outcome.is_ok() {
                break;
            }
            outcome = self.git.run(args);
        }
        outcome.map(drop)
    }

    /// A whole job: a worktree, the edits, a commit, and the worktree removed.
    ///
    /// # Errors
    /// When `git` fails or a file can't be written.
    pub fn job(&self, settings: &[&str], edits: &[Edit]) -> Result<()> {
        let path = self.add()?;
        write_files(&path, edits)?;
        add_and_commit(&Git::at(&path).with(settings), edits)?;
        self.remove(&path)
    }
}

/// Writes files into a checkout.
///
/// # Errors
/// When one can't be written.
pub fn write_files(checkout: &Path, edits: &[Edit]) -> Result<()> {
    for edit in edits {
        let path = checkout.join(std::ffi::OsStr::from_bytes(edit.path.as_bytes()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, &edit.content.0)?;
    }
    Ok(())
}

/// Reads a file of a checkout.
///
/// # Errors
/// When it can't be read.
pub fn read_file(checkout: &Path, path: &RepoPath) -> Result<Vec<u8>> {
    Ok(std::fs::read(checkout.join(std::ffi::OsStr::from_bytes(path.as_bytes())))?)
}

/// Adds just the changed paths, not all, and commits: what costs `git` least.
///
/// # Errors
/// When `git` fails.
pub fn add_and_commit(git: &Git, edits: &[Edit]) -> Result<()> {
    let paths: Vec<u8> = edits.iter().flat_map(|edit| edit.path.as_bytes().iter().chain(b"\0")).copied().collect();
    git.feed(&["add", "--pathspec-from-file=-", "--pathspec-file-nul"], &paths)?;
    git.run(&["commit", "-q", "--no-verify", "-m", "turn"])?;
    Ok(())
}
