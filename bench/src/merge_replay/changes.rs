//! Which files both sides of a merge changed.

use super::history::History;
use acetate_syntax::Language;
use anyhow::{Context as _, Result, bail};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// A merge of two parents with one merge base.
#[derive(Debug, Clone, Copy)]
pub struct Merge {
    /// The merge.
    pub commit: usize,
    /// The merge base, the first and the second parent.
    pub from: [usize; 3],
}

/// A file that base, both parents and the merge have, and that each side changed differently.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The merge, by its place in the history.
    pub commit: usize,
    /// The file's path.
    pub path: String,
    /// The language by that path.
    pub language: Language,
    /// The blobs of base, ours, theirs and result.
    pub blobs: [String; 4],
}

/// One merge in a history with two parents and one base, neither of them the base.
pub fn merge(history: &History, commit: usize) -> Option<Merge> {
    let [ours, theirs] = history.0[commit].parents[..] else { return None };
    let [base] = history.merge_bases(ours, theirs)[..] else { return None };
    (base != ours && base != theirs).then_some(Merge { commit, from: [base, ours, theirs] })
}

/// The candidates of all these merges, in one run of `git`.
///
/// # Errors
/// When `git` fails or its answer can't be read.
pub fn candidates(repository: &Path, history: &History, merges: &[Merge], wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Candidate>> {
    let mut git = Command::new("git");
    git.arg("-C").arg(repository).args(["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]);
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("git diff-tree")?;
    let mut input = child.stdin.take().context("git's input")?;
    let output = child.stdout.take().context("git's output")?;
    let tree = |commit: usize| history.0[commit].tree.as_str();
    // The output is closed when reading ends, however it ends, so that asking ends too.
    let found = std::thread::scope(move |scope| -> Result<Vec<Candidate>> {
        let mut output = Pairs(BufReader::new(output));
        let asking = scope.spawn(move || -> std::io::Result<()> {
            for Merge { commit, from: [base, ours, theirs] } in merges {
                for to in [ours, theirs, commit] {
                    writeln!(input, "{} {}", tree(*base), tree(*to))?;
                }
            }
            input.flush()
        });
        let mut found = Vec::new();
        for merge in merges {
            let [ours, theirs, result] = [output.next()?, output.next()?, output.next()?];
            found.extend(both_changed(merge.commit, &ours, &theirs, &result, wanted));
        }
        asking.join().map_err(|_| anyhow::anyhow!("asking git broke off"))??;
        Ok(found)
    })?;
    if !child.wait()?.success() {
        bail!("git diff-tree failed in {}", repository.display());
    }
    Ok(found)
}

type Changes = HashMap<String, Change>;

/// A changed path: the blobs before and after; none after where it is no regular file any more.
#[derive(Debug)]
struct Change {
    before: String,
    after: Option<String>,
}

fn both_changed(commit: usize, ours: &Changes, theirs: &Changes, result: &Changes, wanted: &dyn Fn(&str) -> bool) -> Vec<Candidate> {
    let candidate = |(path, change): (&String, &Change)| {
        let other = theirs.get(path)?;
        let (ours, theirs) = (change.after.clone()?, other.after.clone()?);
        let result = match result.get(path) {
            Some(change) => change.after.clone()?,
            None => change.before.clone(),
        };
        let language = Language::of(path.as_bytes()).filter(|_| ours != theirs && wanted(path))?;
        Some(Candidate { commit, path: path.clone(), language, blobs: [change.before.clone(), ours, theirs, result] })
    };
    ours.iter().filter_map(candidate).collect()
}

/// The answers of `git diff-tree --stdin -z`: for each pair of trees a line with their ids, then the changes, each ended by NULs.
struct Pairs<R>(BufReader<R>);

impl<R: std::io::Read> Pairs<R> {
    /// What comes up to this byte.
    fn up_to(&mut self, end: u8) -> Result<Vec<u8>> {
        let mut field = Vec::new();
        self.0.read_until(end, &mut field)?;
        if field.pop() != Some(end) {
            bail!("git diff-tree ended early");
        }
        Ok(field)
    }

    /// The changes of the next pair.
    fn next(&mut self) -> Result<Changes> {
        self.up_to(b'\n')?;
        let mut changes = Changes::new();
        while self.0.fill_buf()?.first() == Some(&b':') {
            let (line, path) = (self.up_to(0)?, self.up_to(0)?);
            let mut parts = std::str::from_utf8(&line)?.trim_start_matches(':').split(' ');
            let mut part = || parts.next().context("a change has five parts");
            let (mode_before, mode_after, before, after) = (part()?, part()?, part()?, part()?);
            if let Ok(path) = String::from_utf8(path)
                && mode_before.starts_with("100")
            {
                let after = mode_after.starts_with("100").then(|| after.to_owned());
                changes.insert(path, Change { before: before.to_owned(), after });
            }
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_each_side_changed_differently_are_candidates() {
        let answer =
            b"t1 t2\n:100644 100644 o a M\0x.rs\0:100644 100644 o a M\0y.rs\0:100644 000000 o 0 D\0z.rs\0:000000 100644 0 n A\0n.rs\0\
            t1 t3\n:100644 100644 o b M\0x.rs\0:100644 100644 o a M\0y.rs\0:100644 100644 o b M\0z.rs\0t1 t4\n";
        let mut pairs = Pairs(BufReader::new(&answer[..]));
        let [ours, theirs, result] = [(); 3].map(|()| pairs.next().expect("changes"));
        assert_eq!((ours.len(), theirs.len(), result.len()), (3, 3, 0));
        let found = both_changed(7, &ours, &theirs, &result, &|_| true);
        assert_eq!(
            found.iter().map(|found| (found.path.as_str(), found.blobs.join(""))).collect::<Vec<_>>(),
            [("x.rs", "oabo".to_owned())]
        );
        assert!(both_changed(7, &ours, &theirs, &result, &|_| false).is_empty());
    }
}
