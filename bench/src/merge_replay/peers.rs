//! Other structural merge tools, run as programs, one process a file.

use super::case::{Case, Texts};
use super::clock::{Clock, Whose};
use super::outcome::{Outcome, Status};
use anyhow::{Context as _, Result};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a peer may take for one file.
const MOST: Duration = Duration::from_secs(20);

/// Which program, called how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `mergiraf merge`.
    Mergiraf,
    /// `weave-driver`, as `jj` calls it.
    Weave,
}

/// A program that is there.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its name in the report.
    pub name: &'static str,
    /// Its version, as it says itself.
    pub version: String,
    kind: Kind,
    program: PathBuf,
    folder: PathBuf,
}

impl Peer {
    /// Finds a peer in this folder or, without one, on the path; its files go into `folder`.
    ///
    /// # Errors
    /// When it can't be run.
    pub fn find(kind: Kind, programs: Option<&Path>, folder: &Path) -> Result<Self> {
        let (name, file) = match kind {
            Kind::Mergiraf => ("mergiraf", "mergiraf"),
            Kind::Weave => ("weave", "weave-driver"),
        };
        let program = programs.map_or_else(|| PathBuf::from(file), |programs| programs.join(file));
        let output = Command::new(&program).arg("--version").output().with_context(|| format!("{} --version", program.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let version = said.split_ascii_whitespace().last().context("a version")?.to_owned();
        Ok(Self { name, version, kind, program, folder: folder.to_owned() })
    }

    /// Merges a case.
    ///
    /// # Errors
    /// When files can't be written or read.
    pub fn merge(&self, case: &Case, texts: &Texts) -> Result<Outcome> {
        let folder = tempfile::tempdir_in(&self.folder)?;
        let name = case.path.rsplit('/').next().unwrap_or(&case.path);
        // Each in a folder of its own, under its own name: some languages are known by the file's whole name.
        let write = |part: &str, text: &[u8]| -> Result<PathBuf> {
            let file = folder.path().join(part).join(name);
            std::fs::create_dir(folder.path().join(part))?;
            std::fs::write(&file, text)?;
            Ok(file)
        };
        let files = [write("base", &texts.base)?, write("ours", &texts.ours)?, write("theirs", &texts.theirs)?];
        let out = folder.path().join("output");
        let mut program = Command::new(&self.program);
        match self.kind {
            Kind::Mergiraf => program.arg("merge").args(&files).arg("-o").arg(&out).args(["-p", &case.path, "-t", "0"]),
            Kind::Weave => program.args(&files).arg("-o").arg(&out).args(["-l", "7", "-p", &case.path]),
        };
        program.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let (clock, start) = (Clock::start(Whose::Children), Instant::now());
        let mut child = program.spawn().with_context(|| self.program.display().to_string())?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if start.elapsed() > MOST {
                child.kill()?;
                child.wait()?;
                break None;
            }
            // Short beside what a process takes, and it leaves the processor to the child.
            std::thread::sleep(Duration::from_micros(100));
        };
        let took = clock.stop();
        let text = std::fs::read(&out).map(Bytes::from);
        let (status, text) = match (status.map(|status| status.code()), text) {
            (None, _) => (Status::TimedOut, Bytes::new()),
            (Some(Some(0)), Ok(text)) => (Status::Clean, text),
            (Some(Some(1)), Ok(text)) => (Status::Conflict, text),
            _ => (Status::Failed, Bytes::new()),
        };
        Ok(Outcome { status, text, took })
    }
}
