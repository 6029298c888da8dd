//! Git's merge of a file by lines: done in process by `merge_lines`, which is tested to give Git's verdict and bytes, and verified here on request.

use super::case::{Texts, Verdict};
use super::clock::{Clock, Whose};
use super::outcome::{Outcome, Status};
use acetate_merge::{Labels, LineConflict, LineLimits, LineMerge, MarkerStyle, merge_lines};
use bytes::Bytes;

/// What lines give.
#[derive(Debug)]
pub struct Lines {
    /// The outcome.
    pub outcome: Outcome,
    /// The conflict, if it is one.
    pub conflict: Option<LineConflict>,
}

/// Merges by lines; `None` where Git would not merge a text (it is binary, or beyond all limits).
pub fn lines(texts: &Texts) -> Option<Lines> {
    if [&texts.base, &texts.ours, &texts.theirs].into_iter().any(|text| acetate_merge::files::is_binary(text)) {
        return None;
    }
    let clock = Clock::start(Whose::Thread);
    let merged = merge_lines(&texts.base, &texts.ours, &texts.theirs, &LineLimits::default());
    let took = clock.stop();
    let outcome = |verdict: Verdict, text: Vec<u8>| Outcome { status: verdict.into(), text: Bytes::from(text), took };
    match merged {
        LineMerge::Clean(text) => Some(Lines { outcome: outcome(Verdict::Clean, text), conflict: None }),
        LineMerge::Conflict(conflict) => {
            let text = conflict.render(&Labels::default(), MarkerStyle::Merge, 7);
            Some(Lines { outcome: outcome(Verdict::Conflict, text), conflict: Some(conflict) })
        }
        LineMerge::TooLarge(_) => None,
    }
}

/// Whether `git merge-file` gives the same verdict and the same clean bytes. (Between markers it shows more than a merge of commits does.)
///
/// # Errors
/// When `git` can't be run.
pub fn verified(texts: &Texts, outcome: &Outcome) -> anyhow::Result<bool> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &[u8]| -> anyhow::Result<std::path::PathBuf> {
        let file = folder.path().join(name);
        std::fs::write(&file, text)?;
        Ok(file)
    };
    let (ours, base, theirs) = (file("ours", &texts.ours)?, file("base", &texts.base)?, file("theirs", &texts.theirs)?);
    let mut git = std::process::Command::new("git");
    git.current_dir(folder.path()).args(["merge-file", "-p", "-q", "--diff-algorithm=histogram"]).args([ours, base, theirs]);
    let output = git.output()?;
    Ok(match output.status.code() {
        Some(0) => outcome.status == Status::Clean && outcome.text == output.stdout,
        Some(1..=127) => outcome.status == Status::Conflict,
        _ => false,
    })
}
