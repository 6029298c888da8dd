//! The `git` binary, without any configuration of the machine.

use crate::strace::Tally;
use acetate_testing::git_command;
use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Settings with which what `git` wrote is on stable storage when it ends, at the least cost it knows.
pub const DURABLE: [&str; 4] = ["-c", "core.fsync=all", "-c", "core.fsyncMethod=batch"];

/// `git` in one folder.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
    tally: Option<Arc<Tally>>,
    settings: Vec<String>,
    environment: Vec<(String, PathBuf)>,
}

impl Git {
    /// `git` run in this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), tally: None, settings: Vec::new(), environment: Vec::new() }
    }

    /// Always with these settings (`-c name=value`).
    pub fn with(mut self, settings: &[&str]) -> Self {
        self.settings.extend(settings.iter().map(|setting| (*setting).to_owned()));
        self
    }

    /// Always with this path in the environment.
    pub fn path_in(mut self, name: &str, path: PathBuf) -> Self {
        self.environment.push((name.to_owned(), path));
        self
    }

    /// Counting its system calls here, which makes it slow.
    pub fn counted(mut self, tally: Arc<Tally>) -> Self {
        self.tally = Some(tally);
        self
    }

    /// Where it runs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The command, not started. It is never counted.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = git_command(&self.folder);
        command.args(&self.settings).args(args);
        for (name, path) in &self.environment {
            command.env(name, path);
        }
        command
    }

    /// Runs it and gives what it printed.
    ///
    /// # Errors
    /// When it can't be run or fails, with what it said.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>> {
        self.feed(args, &[])
    }

    /// Runs it with this input and gives what it printed.
    ///
    /// # Errors
    /// When it can't be run or fails, with what it said.
    pub fn feed<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<Vec<u8>> {
        let plain = self.command(args);
        let mut command = match &self.tally {
            Some(tally) => tally.wrap(&plain),
            None => plain,
        };
        let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
        let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("git can't be run")?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // In a thread of its own only because both pipes may fill up; a git that stops reading says why on its own.
            if let Some(mut stdin) = stdin {
                scope.spawn(move || drop(stdin.write_all(input)));
            }
            child.wait_with_output()
        })?;
        if !output.status.success() {
            let shown: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()).collect();
            bail!("git {}: {}", shown.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        if let Some(tally) = &self.tally {
            tally.absorb()?;
        }
        Ok(output.stdout)
    }

    /// Runs it and gives the first line that it printed.
    ///
    /// # Errors
    /// As for [`Git::run`], and when it is not UTF-8.
    pub fn line<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<String> {
        let output = String::from_utf8(self.run(args)?)?;
        Ok(output.lines().next().unwrap_or_default().to_owned())
    }
}
