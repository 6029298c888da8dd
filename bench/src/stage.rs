//! The folder that everything happens in, removed at the end.

use crate::inputs::Input;
use crate::peers::Git;
use anyhow::{Context as _, Result};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The folder to work in. Nothing is deleted before the end, since mass deletes slow down what comes after them.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    next: Cell<usize>,
    checkouts: RefCell<HashMap<PathBuf, PathBuf>>,
}

impl Stage {
    /// A new folder in this one, else in the temporary folder.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn new(work: Option<&Path>, keep: bool) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("acetate-bench-").disable_cleanup(keep);
        let folder = match work {
            Some(work) => builder.tempdir_in(work.canonicalize()?),
            None => builder.tempdir(),
        };
        Ok(Self { folder: folder.context("no folder to work in")?, next: Cell::new(0), checkouts: RefCell::default() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A new folder in it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let number = self.next.replace(self.next.get() + 1);
        let path = self.path().join(format!("{number:03}-{name}"));
        std::fs::create_dir(&path)?;
        Ok(path)
    }

    /// A bare clone to be written to; its packs are the input's own by hard link.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn clone_of(&self, input: &Input, name: &str) -> Result<PathBuf> {
        let path = self.folder(name)?.join("project.git");
        let args = ["clone", "-q", "--bare", "--local"];
        let mut command = Git::at(self.path()).command(&args);
        let output = command.arg(&input.repository).arg(&path).output()?;
        anyhow::ensure!(output.status.success(), "git clone: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(path)
    }

    /// A clone with a checkout, made once for each input; to be read, not written to.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn checkout(&self, input: &Input) -> Result<PathBuf> {
        if let Some(path) = self.checkouts.borrow().get(&input.repository) {
            return Ok(path.clone());
        }
        let path = self.checkout_to_change(input, "checkout")?;
        self.checkouts.borrow_mut().insert(input.repository.clone(), path.clone());
        Ok(path)
    }

    /// A clone with a checkout of its own, with an index that knows every file to be unchanged.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn checkout_to_change(&self, input: &Input, name: &str) -> Result<PathBuf> {
        let path = self.folder(name)?.join("project");
        let mut command = Git::at(self.path()).command(&["clone", "-q", "--local"]);
        let output = command.arg(&input.repository).arg(&path).output()?;
        anyhow::ensure!(output.status.success(), "git clone: {}", String::from_utf8_lossy(&output.stderr).trim());
        // Files as young as the index would be read again at each look.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        Git::at(&path).run(&["update-index", "-q", "--refresh"])?;
        Ok(path)
    }
}
