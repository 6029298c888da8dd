//! AgentFS: a layer over a checkout, kept in a SQLite database and served by FUSE.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Layers over one checkout.
#[derive(Debug)]
pub struct Agentfs {
    binary: PathBuf,
    base: PathBuf,
    folder: PathBuf,
    next: AtomicUsize,
}

impl Agentfs {
    /// Layers to be kept in this folder over this checkout, made by this binary.
    pub fn new(binary: PathBuf, base: PathBuf, folder: PathBuf) -> Self {
        Self { binary, base, folder, next: AtomicUsize::new(0) }
    }

    /// Makes one, mounts it, and looks a file up in it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn mount(&self) -> Result<AgentfsMount> {
        let id = format!("bench{}", self.next.fetch_add(1, Ordering::Relaxed));
        let at = self.folder.join(format!("at-{id}"));
        std::fs::create_dir(&at)?;
        let output = self.command(&["init", &id, "--base"]).arg(&self.base).output().context("agentfs can't be run")?;
        if !output.status.success() {
            bail!("agentfs init: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let child = self.command(&["mount", "--foreground", &id]).arg(&at).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mounted = AgentfsMount { at, child };
        let patience = Instant::now() + Duration::from_secs(30);
        while !mounted.at.join(".git/HEAD").exists() {
            if Instant::now() > patience {
                bail!("agentfs mount did not come up");
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(mounted)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

/// A mount, undone when dropped.
#[derive(Debug)]
pub struct AgentfsMount {
    at: PathBuf,
    child: Child,
}

impl AgentfsMount {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// The process that serves it.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for AgentfsMount {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(&self.at, rustix::mount::UnmountFlags::DETACH);
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
