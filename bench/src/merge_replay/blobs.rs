//! Blobs of a repository, one after the other, from one process.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running `git cat-file --batch`.
#[derive(Debug)]
pub struct Blobs {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Blobs {
    /// Starts it.
    ///
    /// # Errors
    /// When `git` can't be started.
    pub fn open(repository: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.arg("-C").arg(repository).args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = git.spawn().context("git cat-file")?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().context("git's output")?);
        Ok(Self { child, input, output })
    }

    /// A blob; `None` if it is not there.
    ///
    /// # Errors
    /// When `git` ended or answers what can't be read.
    pub fn read(&mut self, id: &str) -> Result<Option<Bytes>> {
        writeln!(self.input.as_mut().context("git's input")?, "{id}")?;
        let mut header = String::new();
        self.output.read_line(&mut header)?;
        let mut parts = header.split_ascii_whitespace();
        let (_, kind) = (parts.next(), parts.next().context("git cat-file ended")?);
        if kind == "missing" {
            return Ok(None);
        }
        let size: usize = parts.next().context("a blob's size")?.parse()?;
        let mut text = vec![0; size + 1];
        self.output.read_exact(&mut text)?;
        text.pop();
        Ok((kind == "blob").then(|| text.into()))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}
