//! Walks that Git does best: the commits that changed a path, and the commit that each line of a file is from.

use crate::{GitError, Repository};
use acetate_types::{ObjectId, RepoPath};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

/// Lines of a file that come from one commit, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlamedLines {
    /// The commit.
    pub commit: ObjectId,
    /// The first line, counted from 1.
    pub start: u64,
    /// How many lines.
    pub lines: u64,
}

impl Repository {
    /// The commits from `from` back that changed what is at or below a path, newest first: at most `limit`, after `skip` of them. Merges
    /// are simplified as `git log` does.
    ///
    /// # Errors
    /// When `git` fails or takes too long.
    pub fn path_log(
        &self,
        from: &ObjectId,
        path: &RepoPath,
        skip: usize,
        limit: usize,
        timeout: Duration,
    ) -> Result<Vec<ObjectId>, GitError> {
        let git = self.git("rev-list").args([format!("--skip={skip}"), format!("--max-count={limit}"), from.to_hex()]);
        let answer = git.args(["--"]).arg(literal(path)).limit(u64::MAX).timeout(timeout).output()?;
        let unexpected = || GitError::Unexpected { command: "rev-list".to_owned() };
        let text = String::from_utf8(answer).map_err(|_| unexpected())?;
        text.lines().map(|line| line.parse().map_err(|_| unexpected())).collect()
    }

    /// Which commit each line of a file is from, as `git blame` tells it.
    ///
    /// # Errors
    /// When the file is not there, `git` fails or takes too long.
    pub fn blame(&self, at: &ObjectId, path: &RepoPath, timeout: Duration) -> Result<Vec<BlamedLines>, GitError> {
        let git = self.git("blame").args(["--incremental", "--no-progress"]).arg(at.to_hex()).arg("--");
        let answer = git.arg(OsStr::from_bytes(path.as_bytes())).limit(u64::MAX).timeout(timeout).output()?;
        let mut runs: Vec<BlamedLines> = answer.split(|byte| *byte == b'\n').filter_map(run).collect();
        runs.sort_by_key(|run| run.start);
        runs.dedup_by(|next, last| {
            let one = last.commit == next.commit && last.start + last.lines == next.start;
            if one {
                last.lines += next.lines;
            }
            one
        });
        Ok(runs)
    }
}

/// A line `<commit> <line in its commit> <line in the file> <count>`; anything else describes the commit.
fn run(line: &[u8]) -> Option<BlamedLines> {
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (commit, _, start, lines) = (words.next()?, words.next()?.parse::<u64>().ok()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    Some(BlamedLines { commit: commit.parse().ok()?, start: start.parse().ok()?, lines: lines.parse().ok()? })
}

/// A path that is no pattern.
fn literal(path: &RepoPath) -> OsString {
    let mut pattern = OsString::from(":(literal,top)");
    pattern.push(OsStr::from_bytes(path.as_bytes()));
    pattern
}
