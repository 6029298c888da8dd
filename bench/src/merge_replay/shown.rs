//! Disagreements written down as folders, to be read.

use super::case::{Case, Texts, Verdict};
use super::judge::Class;
use super::measure::{Judged, Run};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A disagreement: where it goes and what is in it.
#[derive(Debug)]
pub struct Shown {
    folder: String,
    case: Case,
    tool: &'static str,
    class: Class,
    output: bytes::Bytes,
    about: String,
}

impl Shown {
    /// The disagreements of a case: clean but different, a conflict that only needed lines to be combined, other than Git's clean merge,
    /// lines lost, and what depends on the side; or every outcome.
    pub fn of<'a>(case: &'a Case, run: &'a Run, all: bool) -> impl Iterator<Item = Self> + 'a {
        run.judged.iter().filter(|judged| judged.tool != "git").flat_map(move |judged| {
            let mut reasons = Vec::new();
            match judged.class {
                Class::OtherOrder
                | Class::CleanOneSide
                | Class::CleanNewLines
                | Class::Unexplained
                | Class::ConflictRecombined
                | Class::Failed => {
                    reasons.push(judged.class.name());
                }
                _ => {}
            }
            if run.git == Verdict::Clean && !judged.as_git {
                reasons.push(if judged.class < Class::ConflictOneSide { "not-as-git" } else { "held-back" });
            }
            if !judged.lines.lost.is_empty() {
                reasons.push("lost");
            }
            if judged.own.is_some_and(|own| own.sides_matter) {
                reasons.push("sides-matter");
            }
            if all && reasons.is_empty() {
                reasons.push(judged.class.name());
            }
            reasons.into_iter().map(move |reason| Self::new(case, run, judged, reason))
        })
    }

    fn new(case: &Case, run: &Run, judged: &Judged, reason: &str) -> Self {
        let about = format!(
            "repository {}\ncommit {}\npath {}\ntool {}\nclass {}\ngit {:?}\nlines {:?}\nown {:?}\nmilliseconds {:.2}, of the processor {:.2}\n",
            case.repo,
            case.commit,
            case.path,
            judged.tool,
            judged.class.name(),
            run.git,
            judged.lines,
            judged.own,
            judged.outcome.took.wall,
            judged.outcome.took.processor
        );
        Self {
            folder: format!("{}/{reason}-{}-{}", judged.tool, case.language.as_str(), case.id),
            case: case.clone(),
            tool: judged.tool,
            class: judged.class,
            output: judged.outcome.text.clone(),
            about,
        }
    }

    /// Whether it is of this tool or reason, by the beginning of its folder's name.
    pub fn is(&self, wanted: &str) -> bool {
        self.tool == wanted || self.class.name() == wanted || self.folder.split('/').nth(1).is_some_and(|name| name.starts_with(wanted))
    }

    /// Its place in a sample with this seed.
    pub fn place(&self, seed: u64) -> u64 {
        xxh3_64_with_seed(self.folder.as_bytes(), seed)
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, cases: &Path, to: &Path) -> Result<()> {
        let Texts { base, ours, theirs, people } = self.case.texts(cases)?;
        let folder = to.join(&self.folder);
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let extension = self.case.base.extension().and_then(|extension| extension.to_str()).unwrap_or("txt");
        let name = |part: &str| PathBuf::from(format!("{part}.{extension}"));
        for (part, text) in [("base", &base), ("ours", &ours), ("theirs", &theirs), ("people", &people), ("output", &self.output)] {
            std::fs::write(folder.join(name(part)), text)?;
        }
        let mut git = Command::new("git");
        git.current_dir(&folder)
            .args(["diff", "--no-index", "--histogram", "--no-color", "--no-ext-diff"])
            .args([name("people"), name("output")]);
        std::fs::write(folder.join("people-to-output.diff"), git.output()?.stdout)?;
        Ok(std::fs::write(folder.join("about.txt"), &self.about)?)
    }
}
