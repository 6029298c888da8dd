//! Counting system calls with `strace -c`: the same on a noisy machine as on a quiet one.

use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Calls by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Reads the table that `strace -c -o` writes: percent, seconds, per call, calls, errors if any, name.
    fn parse(table: &str) -> Self {
        let mut counts = BTreeMap::new();
        for line in table.lines() {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let (Some(calls), Some(name)) = (fields.get(3), fields.last()) else { continue };
            if let (Ok(calls), true) = (calls.parse::<u64>(), fields.len() >= 5 && *name != "total") {
                *counts.entry((*name).to_owned()).or_default() += calls;
            }
        }
        Self(counts)
    }

    /// All calls.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Calls that wait for stable storage.
    pub fn syncs(&self) -> u64 {
        ["fsync", "fdatasync", "syncfs", "sync", "msync"].iter().filter_map(|name| self.0.get(*name)).sum()
    }

    /// Adds another's.
    fn add(&mut self, other: &Self) {
        for (name, calls) in &other.0 {
            *self.0.entry(name.clone()).or_default() += calls;
        }
    }

    /// What is more here than there.
    pub fn minus(&self, other: &Self) -> Self {
        let left = self.0.iter().map(|(name, calls)| (name.clone(), calls.saturating_sub(other.0.get(name).copied().unwrap_or(0))));
        Self(left.collect())
    }
}

/// Whether there is a working `strace`.
pub fn available() -> bool {
    Command::new("strace").args(["-c", "-f", "-o", "/dev/null", "true"]).output().is_ok_and(|output| output.status.success())
}

/// The same command under `strace -c -f`. The environment starts empty, as [`acetate_testing::git_command`] makes it.
pub fn traced(command: &Command, table: &Path) -> Command {
    let mut traced = Command::new("strace");
    traced.env_clear().args(["-c", "-f", "-o"]).arg(table).arg("--").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        traced.current_dir(folder);
    }
    traced
}

/// Sums up the calls of several commands.
#[derive(Debug)]
pub struct Tally {
    table: PathBuf,
    sum: Mutex<Counts>,
}

impl Tally {
    /// One that writes its tables in this folder.
    pub fn new(folder: &Path) -> Self {
        Self { table: folder.join("strace.table"), sum: Mutex::default() }
    }

    /// The command to run instead.
    pub fn wrap(&self, command: &Command) -> Command {
        traced(command, &self.table)
    }

    /// Takes in what the wrapped command did, once it ended.
    ///
    /// # Errors
    /// When its table can't be read.
    pub fn absorb(&self) -> Result<()> {
        let counts = Counts::parse(&std::fs::read_to_string(&self.table).context("the table of strace")?);
        if counts.total() == 0 {
            bail!("strace counted nothing");
        }
        self.sum.lock().map_err(|_| anyhow::anyhow!("a thread that counted panicked"))?.add(&counts);
        Ok(())
    }

    /// The sum so far, which then starts anew.
    pub fn take(&self) -> Counts {
        self.sum.lock().map(|mut sum| std::mem::take(&mut *sum)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_and_subtracted() {
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
                     ------ ----------- ----------- --------- --------- ----------------\n \
                     60.00    0.000300         100         3           fsync\n \
                     40.00    0.000200          10        20         5 openat\n\
                     ------ ----------- ----------- --------- --------- ----------------\n\
                     100.00    0.000500          21        23         5 total\n";
        let counts = Counts::parse(table);
        assert_eq!((counts.total(), counts.syncs()), (23, 3));
        let mut twice = counts.clone();
        twice.add(&counts);
        assert_eq!(twice.minus(&counts), counts);
        assert_eq!(Counts::parse("nothing of the kind\n").total(), 0);
    }
}
