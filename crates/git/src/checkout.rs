//! Checkouts of a repository that is served in place: moved forward, never at the cost of somebody's uncommitted work.
//!
//! Filters and attributes that the repository's own configuration names run as in any checkout; hooks do not.

use crate::{GitError, Repository};
use acetate_types::{ObjectId, RepoPath};
use bstr::ByteSlice as _;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

/// The longest wait for somebody else's `index.lock`.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Paths that one run of `git` is asked about.
const PATHS_AT_ONCE: usize = 200;

/// What came of moving a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// The checkout and its index show the new commit, besides local changes elsewhere, which stay.
    Done,
    /// Nothing was touched: these paths have local changes, or hold untracked or ignored files, that would be lost.
    Blocked {
        /// The paths, sorted. Empty only if `git` refused without naming any.
        paths: Vec<RepoPath>,
    },
}

/// One path of a checkout that differs from a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dirty {
    /// The path.
    pub path: RepoPath,
    /// Whether Git does not track it.
    pub untracked: bool,
}

impl Repository {
    /// Brings the checkout from the commit or tree `old` to `new`, as `git read-tree -m -u` does. Moves no ref.
    ///
    /// # Errors
    /// When there is no checkout, somebody holds its `index.lock` for over two seconds, or `git` fails otherwise.
    pub fn advance_checkout(&self, old: &ObjectId, new: &ObjectId, timeout: Duration) -> Result<Advance, GitError> {
        self.refresh_index(timeout)?;
        let ignored = self.ignored_in_the_way(old, new, timeout)?;
        if !ignored.is_empty() {
            return Ok(Advance::Blocked { paths: ignored });
        }
        let started = Instant::now();
        let exit = loop {
            let git = self.git_in_checkout("read-tree")?.args(["-m", "-u", "--no-recurse-submodules"]);
            let exit = git.args([old.to_hex(), new.to_hex()]).timeout(timeout).run(&mut Vec::new())?;
            let locked = exit.code == Some(128) && exit.stderr.contains_str("index.lock");
            if !locked || started.elapsed() > LOCK_WAIT {
                break exit;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        if exit.code == Some(0) {
            return Ok(Advance::Done);
        }
        let refused = ["not uptodate", "would be overwritten", "would lose untracked files", "would be removed"];
        if !refused.iter().any(|text| exit.stderr.contains_str(text)) {
            return Err(crate::process::failed("read-tree".to_owned(), &exit));
        }
        let mut paths = self.overlap(old, new, timeout)?;
        if paths.is_empty() {
            // What is in nobody's list, Git names.
            paths.extend(named(&exit.stderr));
        }
        paths.sort();
        paths.dedup();
        Ok(Advance::Blocked { paths })
    }

    /// Whether a branch (full name) is checked out in the main worktree or a linked one.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn is_checked_out(&self, branch: &str, timeout: Duration) -> Result<bool, GitError> {
        let list = self.git("worktree").args(["list", "--porcelain", "-z"]).timeout(timeout).output()?;
        let mut bare = false;
        let mut found = false;
        for line in list.split(|byte| *byte == 0) {
            match line {
                b"" => bare = false,
                b"bare" => bare = true,
                _ => found |= !bare && line.strip_prefix(b"branch ") == Some(branch.as_bytes()),
            }
        }
        Ok(found)
    }

    /// The paths of the checkout that differ from the commit or tree `from`, in the index or as files; untracked ones that no ignore rule
    /// covers if asked. Sorted.
    ///
    /// # Errors
    /// When there is no checkout, or `git` fails.
    pub fn dirty_paths(&self, from: &ObjectId, untracked: bool, timeout: Duration) -> Result<Vec<Dirty>, GitError> {
        self.refresh_index(timeout)?;
        let mut found = Vec::new();
        let git = self.git_in_checkout("diff-index")?.args(["--name-only", "-z", "--no-renames", "--ignore-submodules=dirty"]);
        let list = git.arg(from.to_hex()).arg("--").timeout(timeout).output()?;
        found.extend(paths(&list).map(|path| Dirty { path, untracked: false }));
        if untracked {
            let list = self.git_in_checkout("ls-files")?.args(["-z", "--others", "--exclude-standard"]).timeout(timeout).output()?;
            found.extend(paths(&list).map(|path| Dirty { path, untracked: true }));
        }
        found.sort();
        found.dedup_by(|next, kept| next.path == kept.path);
        Ok(found)
    }

    /// Lets Git see which files only look changed. Fails for files that are changed, which is no matter here.
    fn refresh_index(&self, timeout: Duration) -> Result<(), GitError> {
        self.git_in_checkout("update-index")?.args(["-q", "--refresh"]).timeout(timeout).run(&mut Vec::new()).map(drop)
    }

    /// Ignored files where `new` has something that `old` has not. Since 2.34 `read-tree` overwrites them, and whole ignored folders,
    /// without a word; here they count as any untracked file does. `git` is asked only about paths where something is. Sorted.
    fn ignored_in_the_way(&self, old: &ObjectId, new: &ObjectId, timeout: Duration) -> Result<Vec<RepoPath>, GitError> {
        let work_tree = self.work_tree().ok_or(GitError::NoCheckout)?;
        let git = self.git_in_checkout("diff-tree")?.args(["-r", "-z", "--name-only", "--no-renames", "--diff-filter=A"]);
        let added = git.args([old.to_hex(), new.to_hex()]).timeout(timeout).output()?;
        let there = |path: &RepoPath| work_tree.join(OsStr::from_bytes(path.as_bytes())).symlink_metadata().ok();
        let mut asked = BTreeSet::new();
        for path in paths(&added) {
            // A file where a folder comes is in the way as well.
            let above = std::iter::successors(path.parent(), RepoPath::parent).filter(|parent| !parent.as_bytes().is_empty());
            asked.extend(above.filter(|parent| there(parent).is_some_and(|found| !found.is_dir())));
            if there(&path).is_some() {
                asked.insert(path);
            }
        }
        let asked: Vec<RepoPath> = asked.into_iter().collect();
        let mut found = BTreeSet::new();
        for some in asked.chunks(PATHS_AT_ONCE) {
            let git = self.git_in_checkout("ls-files")?.env("GIT_LITERAL_PATHSPECS", "1");
            let git = git.args(["-z", "--others", "--ignored", "--exclude-standard", "--"]);
            let list = git.args(some.iter().map(|path| OsStr::from_bytes(path.as_bytes()))).timeout(timeout).output()?;
            found.extend(paths(&list));
        }
        Ok(found.into_iter().collect())
    }

    /// Local changes that meet what changes between two trees.
    fn overlap(&self, old: &ObjectId, new: &ObjectId, timeout: Duration) -> Result<Vec<RepoPath>, GitError> {
        let git = self.git_in_checkout("diff-tree")?.args(["-r", "-z", "--name-only", "--no-renames"]);
        let changed = git.args([old.to_hex(), new.to_hex()]).timeout(timeout).output()?;
        let changed: BTreeSet<_> = paths(&changed).collect();
        let meets = |path: &RepoPath| {
            let above = std::iter::successors(path.parent(), RepoPath::parent).any(|parent| changed.contains(&parent));
            // Paths between `a` and `a/b` begin with `a` too (`a-b`, `a.b`), so the first one is not enough to look at.
            let below = || {
                changed.range(path..).take_while(|other| other.as_bytes().starts_with(path.as_bytes())).any(|other| other.starts_with(path))
            };
            changed.contains(path) || above || below()
        };
        Ok(self.dirty_paths(old, true, timeout)?.into_iter().map(|dirty| dirty.path).filter(|path| meets(path)).collect())
    }
}

fn paths(list: &[u8]) -> impl Iterator<Item = RepoPath> + '_ {
    // A repository within the checkout is listed with a slash at its end.
    let bare = |path: &[u8]| Bytes::copy_from_slice(path.strip_suffix(b"/").unwrap_or(path));
    list.split(|byte| *byte == 0).filter_map(move |path| RepoPath::existing(bare(path)).ok())
}

/// The path between the quotes of an error message.
fn named(message: &[u8]) -> Option<RepoPath> {
    let line = message.lines().find(|line| line.contains(&b'\''))?;
    let (from, to) = (line.find_byte(b'\'')?, line.rfind_byte(b'\'')?);
    RepoPath::existing(Bytes::copy_from_slice(line.get(from + 1..to)?)).ok()
}
