//! `git cat-file --batch`, kept running.

use super::Git;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A running `cat-file --batch`.
#[derive(Debug)]
pub struct CatFile {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    header: String,
    content: Vec<u8>,
}

impl CatFile {
    /// Starts it.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(git: &Git) -> Result<Self> {
        let mut command = git.command(&["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cat-file can't be run")?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(|out| BufReader::with_capacity(1 << 17, out)).context("no output of cat-file")?;
        Ok(Self { child, stdin, stdout, header: String::new(), content: Vec::new() })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks for one object and reads it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&mut self, name: &[u8]) -> Result<&[u8]> {
        let stdin = self.stdin.as_mut().context("cat-file has ended")?;
        let mut request = name.to_vec();
        request.push(b'\n');
        stdin.write_all(&request)?;
        self.answer()?;
        Ok(&self.content)
    }

    /// Asks for many objects at once; gives the sum of their sizes.
    ///
    /// # Errors
    /// When one is not there.
    pub fn read_all(&mut self, names: &[Vec<u8>]) -> Result<usize> {
        let mut stdin = self.stdin.take().context("cat-file has ended")?;
        let request: Vec<u8> = names.iter().flat_map(|name| name.iter().chain(b"\n")).copied().collect();
        std::thread::scope(|scope| {
            // Written beside the reading, since both pipes may fill up.
            let writing = scope.spawn(|| stdin.write_all(&request));
            let mut bytes = 0;
            for _ in names {
                self.answer()?;
                bytes += self.content.len();
            }
            writing.join().map_err(|_| anyhow::anyhow!("the writing thread panicked"))??;
            anyhow::Ok(bytes)
        })
        .inspect(|_| self.stdin = Some(stdin))
    }

    fn answer(&mut self) -> Result<()> {
        self.header.clear();
        self.stdout.read_line(&mut self.header)?;
        let size = self.header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let Some(size) = size else { bail!("cat-file: {}", self.header.trim_end()) };
        self.content.resize(size + 1, 0);
        self.stdout.read_exact(&mut self.content)?;
        self.content.truncate(size);
        Ok(())
    }
}

impl Drop for CatFile {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}
