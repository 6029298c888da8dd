//! The kernel's overlayfs over a checkout: the strongest of the ways that need one.

use crate::inputs::Edit;
use anyhow::{Context as _, Result};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why there can be no mounts here; `None` if there can.
pub fn no_overlayfs() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return Some("skipped: mounting needs root");
    }
    let known = std::fs::read_to_string("/proc/filesystems").is_ok_and(|list| list.lines().any(|line| line.ends_with("\toverlay")));
    (!known).then_some("skipped: this kernel has no overlayfs")
}

/// Mounts over one checkout.
#[derive(Debug)]
pub struct Overlayfs {
    lower: PathBuf,
    folder: PathBuf,
    next: AtomicUsize,
}

impl Overlayfs {
    /// Mounts to be made in this folder over this checkout.
    pub fn new(lower: PathBuf, folder: PathBuf) -> Self {
        Self { lower, folder, next: AtomicUsize::new(0) }
    }

    /// Makes one and looks a file up in it.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn mount(&self) -> Result<Mounted> {
        let folder = self.folder.join(format!("mount{}", self.next.fetch_add(1, Ordering::Relaxed)));
        let (upper, work, merged) = (folder.join("upper"), folder.join("work"), folder.join("merged"));
        for folder in [&folder, &upper, &work, &merged] {
            std::fs::create_dir(folder)?;
        }
        self.over(&folder)
    }

    /// Mounts again what [`Mounted::undo`] left, and looks a file up in it.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn over(&self, folder: &Path) -> Result<Mounted> {
        let (upper, work, merged) = (folder.join("upper"), folder.join("work"), folder.join("merged"));
        let options = format!("lowerdir={},upperdir={},workdir={}", self.lower.display(), upper.display(), work.display());
        let options = CString::new(options).context("a path with a NUL")?;
        mount("overlay", &merged, "overlay", MountFlags::empty(), options.as_c_str()).context("mount")?;
        let mounted = Mounted { merged, upper };
        std::fs::metadata(mounted.path().join(".git/HEAD"))?;
        Ok(mounted)
    }

    /// A whole job: a mount, the edits, a commit, unmounted.
    ///
    /// # Errors
    /// When the kernel or `git` refuses.
    pub fn job(&self, settings: &[&str], edits: &[Edit]) -> Result<()> {
        let mounted = self.mount()?;
        super::write_files(mounted.path(), edits)?;
        super::add_and_commit(&super::Git::at(mounted.path()).with(settings), edits)
    }
}

/// A mount, undone when dropped.
#[derive(Debug)]
pub struct Mounted {
    merged: PathBuf,
    upper: PathBuf,
}

impl Mounted {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.merged
    }

    /// Where its changes go.
    pub fn upper(&self) -> &Path {
        &self.upper
    }

    /// Undoes it; gives the folder in which its changes are kept.
    pub fn undo(self) -> PathBuf {
        self.upper.parent().map(Path::to_owned).unwrap_or_default()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if unmount(&self.merged, UnmountFlags::empty()).is_err() {
            // Somebody still looks at it; it goes when they stop.
            let _ = unmount(&self.merged, UnmountFlags::DETACH);
        }
    }
}
