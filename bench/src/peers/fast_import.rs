//! `git fast-import`, kept running: the fastest way into a repository that `git` has.

use super::Git;
use crate::inputs::Edit;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// When everything was committed, in seconds since 1970, unless said otherwise.
const DATE: usize = 1_700_000_000;

/// Writes the head of a commit on a branch (`man git-fast-import`), its files to follow.
///
/// # Errors
/// When it can't be written.
pub fn write_commit(out: &mut impl Write, branch: &str, from: Option<&str>, message: &str) -> std::io::Result<()> {
    write_commit_at(out, branch, from, message, DATE)
}

/// The same, at another time.
fn write_commit_at(out: &mut impl Write, branch: &str, from: Option<&str>, message: &str, date: usize) -> std::io::Result<()> {
    write!(out, "commit {branch}\ncommitter Ada <ada@example.com> {date} +0100\ndata {}\n{message}\n", message.len())?;
    from.map_or(Ok(()), |from| writeln!(out, "from {from}"))
}

/// Writes one file of the commit. The path must not need quoting.
///
/// # Errors
/// When it can't be written.
pub fn write_blob(out: &mut impl Write, path: &[u8], content: &[u8]) -> std::io::Result<()> {
    out.write_all(b"M 100644 inline ")?;
    out.write_all(path)?;
    write!(out, "\ndata {}\n", content.len())?;
    out.write_all(content)?;
    out.write_all(b"\n")
}

/// A running `fast-import`. It syncs each pack and index at a checkpoint, not the directory they are in.
#[derive(Debug)]
pub struct FastImport {
    child: Child,
    stdin: Option<BufWriter<ChildStdin>>,
    stdout: BufReader<ChildStdout>,
}

impl FastImport {
    /// The options: always a pack, never loose objects, whatever branches were.
    pub const ARGS: [&str; 5] = ["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force"];

    /// Starts it.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(git: &Git) -> Result<Self> {
        let mut command = git.command(&Self::ARGS);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("fast-import can't be run")?;
        let stdin = child.stdin.take().map(|stdin| BufWriter::with_capacity(1 << 18, stdin));
        let stdout = child.stdout.take().map(BufReader::new).context("no output of fast-import")?;
        Ok(Self { child, stdin, stdout })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn input(&mut self) -> Result<&mut BufWriter<ChildStdin>> {
        self.stdin.as_mut().context("fast-import has ended")
    }

    /// Sends a commit of these files on a branch; without `from` onto what it sent there before.
    ///
    /// # Errors
    /// When it ended.
    pub fn commit(&mut self, branch: &str, from: Option<&str>, edits: &[Edit]) -> Result<()> {
        let out = self.input()?;
        commit_stream(out, branch, from, edits)?;
        Ok(())
    }

    /// Sends a commit of one file that was made so many minutes later than others.
    ///
    /// # Errors
    /// When it ended.
    pub fn commit_later(&mut self, branch: &str, from: Option<&str>, minutes: usize, edit: &Edit) -> Result<()> {
        let out = self.input()?;
        write_commit_at(out, branch, from, "turn", DATE + minutes * 60)?;
        write_blob(out, edit.path.as_bytes(), &edit.content.0)?;
        Ok(())
    }

    /// Sends an annotated tag.
    ///
    /// # Errors
    /// When it ended.
    pub fn tag(&mut self, name: &str, commit: &str, message: &str) -> Result<()> {
        let out = self.input()?;
        let tagger = format!("Ada <ada@example.com> {DATE} +0100");
        write!(out, "tag {name}\nfrom {commit}\ntagger {tagger}\ndata {}\n{message}\n", message.len())?;
        Ok(())
    }

    /// Makes what was sent readable by others, and waits for it.
    ///
    /// # Errors
    /// When it ended.
    pub fn checkpoint(&mut self) -> Result<()> {
        let out = self.input()?;
        out.write_all(b"checkpoint\n\nprogress done\n")?;
        out.flush()?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        if line.trim_end() != "progress done" {
            bail!("fast-import answered {line:?}");
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it fails.
    pub fn end(mut self) -> Result<()> {
        if let Some(mut stdin) = self.stdin.take() {
            stdin.flush()?;
        }
        if !self.child.wait()?.success() {
            bail!("fast-import failed");
        }
        Ok(())
    }
}

impl Drop for FastImport {
    fn drop(&mut self) {
        // Without its input it ends by itself; it is waited for so that no process is left.
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}

/// The stream of one commit.
///
/// # Errors
/// When it can't be written.
pub fn commit_stream(out: &mut impl Write, branch: &str, from: Option<&str>, edits: &[Edit]) -> std::io::Result<()> {
    write_commit(out, branch, from, "turn")?;
    edits.iter().try_for_each(|edit| write_blob(out, edit.path.as_bytes(), &edit.content.0))
}

/// Counts what `count` commits with a checkpoint each take, from start to end.
///
/// # Errors
/// When it fails.
pub fn import_all(git: &Git, from: &str, turns: &[Vec<Edit>]) -> Result<()> {
    let mut stream = Vec::new();
    for (number, edits) in turns.iter().enumerate() {
        commit_stream(&mut stream, &format!("refs/heads/count{}", number % 20), Some(from), edits)?;
        stream.extend_from_slice(b"checkpoint\n\n");
    }
    git.feed(&FastImport::ARGS, &stream)?;
    Ok(())
}
