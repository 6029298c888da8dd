//! `git clone`: a repository for each fork.

use super::Git;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The objects stay where they are; the clone names their folder. The cheapest way that `git clone` has.
pub const SHARED: &str = "git clone --bare --shared";
/// The same, found out by asking the source as one elsewhere would be asked.
pub const REFERENCE: &str = "git clone --bare --reference, over file://";
/// The objects are hard links.
pub const LOCAL: &str = "git clone --bare --local";

/// Bare clones of one repository.
#[derive(Debug)]
pub struct Clones {
    git: Git,
    source: PathBuf,
    folder: PathBuf,
    next: AtomicUsize,
}

impl Clones {
    /// Clones to be made in this folder, with these settings, of this repository.
    pub fn new(settings: &[&str], source: PathBuf, folder: PathBuf) -> Self {
        Self { git: Git::at(&folder).with(settings), source, folder, next: AtomicUsize::new(0) }
    }

    /// Makes one, in the way of that name: [`SHARED`], [`REFERENCE`] or [`LOCAL`].
    ///
    /// # Errors
    /// When `git` fails.
    pub fn add(&self, way: &str) -> Result<PathBuf> {
        let source = self.source.display();
        let args = match way {
            SHARED => vec!["--shared".to_owned(), source.to_string()],
            REFERENCE => vec!["--reference".to_owned(), source.to_string(), format!("file://{source}")],
            _ => vec!["--local".to_owned(), source.to_string()],
        };
        let path = self.folder.join(format!("clone{}", self.next.fetch_add(1, Ordering::Relaxed)));
        self.run(&args, &path)?;
        Ok(path)
    }

    /// Makes one of a bundle.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn add_from(&self, bundle: &Path) -> Result<PathBuf> {
        let path = self.folder.join(format!("clone{}", self.next.fetch_add(1, Ordering::Relaxed)));
        self.run(&[bundle.display().to_string()], &path)?;
        Ok(path)
    }

    fn run(&self, args: &[String], path: &Path) -> Result<()> {
        let mut all = vec!["clone".to_owned(), "-q".to_owned(), "--bare".to_owned()];
        all.extend_from_slice(args);
        all.push(path.display().to_string());
        self.git.run(&all).map(drop)
    }
}
