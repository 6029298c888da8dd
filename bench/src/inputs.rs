//! The repositories that rows are measured on: made here, the same each time, or a given one.

use crate::peers::{CatFile, FastImport, Git, write_blob, write_commit};
use crate::text::{self, Place};
use acetate_types::{RepoPath, Text};
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Most files whose texts are kept for edits.
const POOL: usize = 5_000;
/// Files with fewer lines are not edited: their first and last third must hold separate changes.
const LINES: usize = 30;
/// Nor are larger ones, in bytes.
const LARGEST: usize = 100 << 10;

/// A file's new content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Edit {
    /// The path.
    pub path: RepoPath,
    /// All of it.
    pub content: Text,
}

/// A repository to measure on. It is only ever cloned.
#[derive(Debug)]
pub struct Input {
    /// What to call it.
    pub label: String,
    /// Where it is.
    pub repository: PathBuf,
    /// The head's commit, in hexadecimal digits.
    pub commit: String,
    /// How many files the head has.
    pub files: usize,
    /// The sum of their sizes.
    pub bytes: u64,
    /// A literal that a few files have.
    pub literal: String,
    /// An expression that a few files match, in a syntax that `git grep -E`, `grep -E` and ripgrep read alike.
    pub regex: &'static str,
    pool: Vec<(RepoPath, Bytes)>,
}

impl Input {
    /// Makes a repository of so many files: about 5 KB each, or a tenth of that from half a million files on.
    ///
    /// # Errors
    /// When `git` fails or the disk is full.
    pub fn make(folder: &Path, files: usize) -> Result<Self> {
        let repository = folder.join(format!("files-{files}.git"));
        let size = if files >= 500_000 { 500 } else { 4_700 };
        Git::at(folder).run(&[
            "init".as_ref(),
            "-q".as_ref(),
            "--bare".as_ref(),
            "-b".as_ref(),
            "main".as_ref(),
            repository.as_os_str(),
        ])?;
        let git = Git::at(&repository);
        // No deltas: of files that never changed a well-packed repository has hardly any.
        let mut args = FastImport::ARGS.to_vec();
        args.push("--depth=0");
        let mut child = git.command(&args).stdin(Stdio::piped()).spawn().context("fast-import can't be run")?;
        let mut out = BufWriter::with_capacity(1 << 20, child.stdin.take().context("no input of fast-import")?);
        let mut bytes = 0;
        write_commit(&mut out, "refs/heads/main", None, "Everything")?;
        for number in 0..files {
            let content = text::source(number, size - 300 + number * 37 % 600);
            bytes += content.len() as u64;
            write_blob(&mut out, text::path(number).as_bytes(), content.as_bytes())?;
        }
        out.flush()?;
        drop(out);
        if !child.wait()?.success() {
            bail!("fast-import failed");
        }
        let label = format!("{} files", grouped(files as u64));
        Self::look(repository, label, Some(bytes))
    }

    /// Takes a repository as it is.
    ///
    /// # Errors
    /// When there is none, or its head has no commit.
    pub fn given(repository: &Path) -> Result<Self> {
        let repository = repository.canonicalize().with_context(|| format!("{}", repository.display()))?;
        let name = repository.file_name().map_or_else(|| "given".to_owned(), |name| name.to_string_lossy().into_owned());
        Self::look(repository, name, None)
    }

    /// The same under another name.
    pub fn named(self, label: String) -> Self {
        Self { label, ..self }
    }

    fn look(repository: PathBuf, label: String, bytes: Option<u64>) -> Result<Self> {
        let git = Git::at(&repository);
        let commit = git.line(&["rev-parse", "--verify", "HEAD^{commit}"])?;
        let mut entries = Vec::new();
        let mut sum = 0;
        let args: &[&str] = if bytes.is_some() { &["ls-tree", "-r", "-z", "HEAD"] } else { &["ls-tree", "-r", "-z", "-l", "HEAD"] };
        for line in git.run(args)?.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let at = line.iter().position(|byte| *byte == b'\t').context("what ls-tree said")?;
            let head = std::str::from_utf8(&line[..at])?;
            let mut fields = head.split_ascii_whitespace();
            let (mode, id) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
            sum += fields.next().and_then(|size| size.parse::<u64>().ok()).unwrap_or(0);
            entries.push((mode == "100644", id.to_owned(), line[at + 1..].to_vec()));
        }
        let files = entries.len();
        let pool = pool(&git, &entries)?;
        let made = bytes.is_some();
        let label = if made { label } else { format!("{label}, {} files", grouped(files as u64)) };
        let literal = if made { text::RARE.to_owned() } else { long_word(&pool) };
        let regex = if made { "(parser|ledger)_[0-9]0[0-9]1[0-9]" } else { "(fn|def|func|function|class) [a-z]*[tT]est[a-z_]*" };
        Ok(Self { label, repository, commit, files, bytes: bytes.unwrap_or(sum), literal, regex, pool })
    }

    /// The same with a history of so many commits, each of which changed one file: made in this clone of it, as far as its own is shorter.
    ///
    /// # Errors
    /// When `git` fails or the disk is full.
    pub fn with_history(&self, repository: PathBuf, commits: usize) -> Result<Self> {
        let git = Git::at(&repository);
        let there: usize = git.line(&["rev-list", "--count", "HEAD"])?.parse().context("what rev-list said")?;
        let branch = git.line(&["symbolic-ref", "HEAD"])?;
        let missing = if self.pool.is_empty() { 0 } else { commits.saturating_sub(there) };
        let (mut pool, mut bytes) = (self.pool.clone(), self.bytes);
        let keeps = keep_packs(&repository.join("objects/pack"))?;
        let mut import = FastImport::start(&git)?;
        for number in 0..missing {
            let at = number % pool.len();
            let (path, before) = &pool[at];
            let content: Bytes = text::changed(path.as_bytes(), before, &format!("commit {number}"), 20, Place::Spread).into();
            let edit = Edit { path: path.clone(), content: content.clone().into() };
            import.commit_later(&branch, (number == 0).then_some(self.commit.as_str()), number + 1, &edit)?;
            bytes = bytes + content.len() as u64 - before.len() as u64;
            pool[at].1 = content;
        }
        import.checkpoint()?;
        import.end()?;
        // fast-import makes the newest the longest chains of deltas; packed as Git packs, they are the shortest.
        if missing > 0 {
            git.run(&["repack", "-a", "-d", "-f", "-q"])?;
        }
        keeps.iter().try_for_each(std::fs::remove_file)?;
        let commit = git.line(&["rev-parse", "--verify", "HEAD^{commit}"])?;
        let label = format!("{}, {} commits", self.label, grouped((there + missing) as u64));
        Ok(Self { label, repository, commit, files: self.files, bytes, literal: self.literal.clone(), regex: self.regex, pool })
    }

    /// How many files can be edited.
    pub fn editable(&self) -> usize {
        self.pool.len()
    }

    /// Paths of so many files, all over the repository.
    pub fn paths(&self, count: usize) -> Vec<RepoPath> {
        self.pool.iter().take(count).map(|(path, _)| path.clone()).collect()
    }

    /// So many files with `lines` lines changed in each, beginning with the `at`-th of those that can be edited, round and round.
    pub fn edits(&self, at: usize, count: usize, salt: &str, lines: usize, place: Place) -> Vec<Edit> {
        let chosen = self.pool.iter().cycle().skip(at % self.pool.len().max(1)).take(if self.pool.is_empty() { 0 } else { count });
        let edit = |(path, content): &(RepoPath, Bytes)| Edit {
            path: path.clone(),
            content: text::changed(path.as_bytes(), content, salt, lines, place).into(),
        };
        chosen.map(edit).collect()
    }
}

/// Has repacking leave the packs there as they are, until these files are removed.
fn keep_packs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut keeps = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let keep = path.with_extension("keep");
        if path.extension().is_some_and(|extension| extension == "pack") && !keep.exists() {
            std::fs::write(&keep, "")?;
            keeps.push(keep);
        }
    }
    Ok(keeps)
}

/// The texts of up to [`POOL`] files from all over the repository, in path order.
fn pool(git: &Git, entries: &[(bool, String, Vec<u8>)]) -> Result<Vec<(RepoPath, Bytes)>> {
    let plain: Vec<_> = entries.iter().filter(|(plain, ..)| *plain).collect();
    // Twice as many are looked at, since some won't do.
    let looked_at = plain.len().min(if plain.len() > 500_000 { 2_000 } else { POOL * 2 });
    let mut cat = CatFile::start(git)?;
    let mut pool = Vec::new();
    for index in 0..looked_at {
        let Some((_, id, path)) = plain.get(index * plain.len() / looked_at) else { continue };
        let content = cat.read(id.as_bytes())?;
        let text = content.len() <= LARGEST
            && std::str::from_utf8(content).is_ok()
            && content.iter().filter(|byte| **byte == b'\n').count() >= LINES;
        // Paths that fast-import would want quoted are passed over.
        let simple = path.first().is_some_and(|first| *first != b'"') && !path.contains(&b'\n');
        if let (true, true, Ok(path)) = (text, simple, RepoPath::new(path.clone())) {
            pool.push((path, Bytes::copy_from_slice(content)));
        }
    }
    let step = pool.len().div_ceil(POOL).max(1);
    Ok(pool.into_iter().step_by(step).collect())
}

/// The longest word of the file in the middle: likely in few others.
fn long_word(pool: &[(RepoPath, Bytes)]) -> String {
    let text = pool.get(pool.len() / 2).map(|(_, content)| String::from_utf8_lossy(content).into_owned()).unwrap_or_default();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(|word| word.len() < 40);
    words.max_by_key(|word| word.len()).filter(|word| !word.is_empty()).unwrap_or("TODO").to_owned()
}

/// A number with commas.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_repository_is_whole_and_its_edits_are_its_own_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let input = Input::make(folder.path(), 60).expect("made");
        assert_eq!((input.files, input.editable()), (60, 60));
        assert_eq!(input.label, "60 files");
        Git::at(&input.repository).run(&["fsck", "--strict"]).expect("sound");
        let again = Input::given(&input.repository).expect("looked at");
        assert_eq!((again.bytes, &again.commit), (input.bytes, &input.commit));
        let path = folder.path().join("history.git");
        Git::at(folder.path())
            .run(&["clone".as_ref(), "-q".as_ref(), "--bare".as_ref(), input.repository.as_os_str(), path.as_os_str()])
            .expect("cloned");
        let longer = input.with_history(path, 70).expect("made");
        assert_eq!(longer.label, "60 files, 70 commits");
        let looked_at = Input::given(&longer.repository).expect("looked at");
        assert_eq!((looked_at.bytes, looked_at.files, &looked_at.commit), (longer.bytes, 60, &longer.commit));
        assert_eq!(looked_at.pool, longer.pool);
        let edits = input.edits(55, 10, "salt", 3, Place::Top);
        assert_eq!(edits.len(), 10);
        assert!(edits.iter().all(|edit| edit.content.0.windows(4).filter(|part| *part == b"salt").count() == 3));
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expect);
        }
    }
}
