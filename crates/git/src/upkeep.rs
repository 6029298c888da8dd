//! Upkeep: rolling packs up, checking, counting.

use crate::{GitError, Repository};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something is damaged or missing.
    Error,
    /// Something is odd.
    Warning,
}

/// One thing `git fsck` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What `git` says, control characters dropped.
    pub message: String,
}

/// What lies on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackStats {
    /// Packs.
    pub packs: u64,
    /// Packs with a `.keep`, whoever made it.
    pub kept: u64,
    /// Bytes of packs and their indexes.
    pub pack_bytes: u64,
    /// Loose objects.
    pub loose: u64,
    /// Bytes of loose objects.
    pub loose_bytes: u64,
}

impl Repository {
    /// Rolls small packs and loose objects up so that each pack holds at least twice as many objects as all smaller ones, and
    /// removes what was rolled up. What is rolled up is compressed anew, for groups of commits are stored as they are, which Git would
    /// reuse. One thread does it, so that the other cores are for who waits for an answer. Kept packs are left alone; no object is
    /// dropped, reachable or not. Readers in this process and others go on.
    ///
    /// # Errors
    /// When `git` fails or takes too long, or `go_on` says no.
    pub fn geometric_repack(&self, timeout: Duration, go_on: impl Fn() -> bool + Send + 'static) -> Result<(), GitError> {
        let git = self.git("repack").settings(["pack.threads=1"]).args(["--geometric=2", "-d", "-F", "-q"]);
        git.timeout(timeout).called_off_unless(go_on).output()?;
        // Unmaps the packs that are gone, whose space the disk keeps as long as somebody maps them.
        self.shared.odb.reopen().map_err(|source| GitError::Io { command: "repack".to_owned(), source })
    }

    /// Gathers all objects that something names in one pack, and removes those that nothing names once they are older than `age`; younger
    /// ones stay in a pack of their own. Kept packs are left alone.
    ///
    /// # Errors
    /// When `git` fails or takes too long.
    pub fn collect(&self, age: Duration, timeout: Duration) -> Result<(), GitError> {
        // To Git what was made this second is not older than "no seconds ago".
        let age = if age.is_zero() { "now".to_owned() } else { format!("{}.seconds.ago", age.as_secs()) };
        let git = self.git("repack").settings(["pack.threads=1"]).args(["-d", "--cruft", "-q"]).arg(format!("--cruft-expiration={age}"));
        git.timeout(timeout).output()?;
        self.git("prune-packed").args(["-q"]).timeout(timeout).output()?;
        self.git("prune").arg(format!("--expire={age}")).timeout(timeout).output()?;
        self.shared.odb.reopen().map_err(|source| GitError::Io { command: "repack".to_owned(), source })
    }

    /// Moves loose refs into one file: each of them takes a block of the disk and a look at a start.
    ///
    /// # Errors
    /// When `git` fails or takes too long, or `go_on` says no.
    pub fn pack_refs(&self, timeout: Duration, go_on: impl Fn() -> bool + Send + 'static) -> Result<(), GitError> {
        self.git("pack-refs").args(["--all", "--prune"]).timeout(timeout).called_off_unless(go_on).output().map(drop)
    }

    /// Everything `git fsck --full` finds wrong, up to the last 64 KiB of it; nothing if all is well. Reads every object.
    ///
    /// # Errors
    /// When `git` can't be run, or takes too long.
    pub fn fsck(&self, strict: bool, timeout: Duration) -> Result<Vec<Finding>, GitError> {
        let git = self.git("fsck").args(["--full", "--no-dangling", "--no-progress"]).args(strict.then_some("--strict"));
        let mut out = Vec::new();
        let exit = git.timeout(timeout).run(&mut out)?;
        let mut findings = Vec::new();
        for line in [out, exit.stderr].iter().flat_map(|text| text.split(|byte| *byte == b'\n')).filter(|line| !line.is_empty()) {
            let message: String = String::from_utf8_lossy(line).chars().filter(|ch| !ch.is_control()).collect();
            let harmless = ["warning", "notice:", "dangling", "unreachable"].iter().any(|start| message.starts_with(start));
            findings.push(Finding { severity: if harmless { Severity::Warning } else { Severity::Error }, message });
        }
        if exit.code != Some(0) && !findings.iter().any(|finding| finding.severity == Severity::Error) {
            findings.push(Finding { severity: Severity::Error, message: format!("git fsck ended with code {:?}", exit.code) });
        }
        Ok(findings)
    }

    /// How many packs there are that nothing keeps: those that a repack can roll up. Costs one listing of the pack folder.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn pack_count(&self) -> io::Result<usize> {
        let (mut packs, mut kept) = (0usize, 0);
        for entry in std::fs::read_dir(self.pack_dir())? {
            let name = entry?.file_name();
            let extension = Path::new(&name).extension();
            packs += usize::from(extension.is_some_and(|extension| extension == "pack"));
            kept += usize::from(extension.is_some_and(|extension| extension == "keep"));
        }
        Ok(packs.saturating_sub(kept))
    }

    /// Counts and sizes of packs and loose objects of this repository, alternates left out. Lists every folder of objects.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn pack_stats(&self) -> io::Result<PackStats> {
        let mut stats = PackStats::default();
        each_file(&self.pack_dir(), |name, size| match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "pack" => {
                stats.packs += 1;
                stats.pack_bytes += size;
            }
            "idx" => stats.pack_bytes += size,
            "keep" => stats.kept += 1,
            _ => {}
        })?;
        for first in 0..=255u8 {
            each_file(&self.shared.odb.path().join(format!("{first:02x}")), |name, size| {
                if name.len() == self.format().id_len() * 2 - 2 {
                    stats.loose += 1;
                    stats.loose_bytes += size;
                }
            })?;
        }
        Ok(stats)
    }

    /// Writes the commit graph for everything that refs reach, which makes walks over long histories fast.
    ///
    /// # Errors
    /// When `git` fails or takes too long.
    pub fn write_commit_graph(&self, timeout: Duration) -> Result<(), GitError> {
        self.git("commit-graph").args(["write", "--reachable", "--no-progress"]).timeout(timeout).output().map(drop)
    }
}

/// Name and size of each file of a folder; nothing if there is no such folder. Files that vanish meanwhile are skipped.
fn each_file(dir: &Path, mut each: impl FnMut(&str, u64)) -> io::Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        if let (Some(name), Ok(data)) = (entry.file_name().to_str(), entry.metadata()) {
            each(name, data.len());
        }
    }
    Ok(())
}
