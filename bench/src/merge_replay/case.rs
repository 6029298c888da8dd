//! One file that both sides of a merge changed, and its place on disk.
//!
//! A folder of cases holds `cases.jsonl`, a [`Case`] a line, and the texts in files that it names.

use acetate_syntax::Language;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

/// The largest text that is taken.
pub const MOST_BYTES: usize = 1 << 20;

const MANIFEST: &str = "cases.jsonl";

/// A case, as it stands in the manifest. Files are named from the folder of the manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// Names it, from the four texts.
    pub id: String,
    /// The repository's name.
    pub repo: String,
    /// The merge.
    pub commit: String,
    /// The file's path in it.
    pub path: String,
    /// The language by that path.
    pub language: Language,
    /// Git's verdict by lines when it was extracted.
    pub git: Verdict,
    /// The file of the merge base.
    pub base: PathBuf,
    /// The file of the first parent.
    pub ours: PathBuf,
    /// The file of the second parent.
    pub theirs: PathBuf,
    /// The file that people made.
    pub result: PathBuf,
}

/// Whether a merge ends clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One text.
    Clean,
    /// Questions are left.
    Conflict,
}

/// The texts of a case.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Of the merge base.
    pub base: Bytes,
    /// Of the first parent.
    pub ours: Bytes,
    /// Of the second parent.
    pub theirs: Bytes,
    /// What people made.
    pub people: Bytes,
}

impl Case {
    /// A case with its files named.
    pub fn new(id: String, repo: &str, commit: &str, path: &str, language: Language, git: Verdict) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("txt", |(_, extension)| extension);
        let file = |part: &str| PathBuf::from(format!("files/{id}/{part}.{extension}"));
        let (base, ours, theirs, result) = (file("base"), file("ours"), file("theirs"), file("result"));
        Self { id, repo: repo.to_owned(), commit: commit.to_owned(), path: path.to_owned(), language, git, base, ours, theirs, result }
    }

    /// Reads the texts.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn texts(&self, folder: &Path) -> Result<Texts> {
        let read = |file: &Path| -> Result<Bytes> {
            let file = folder.join(file);
            Ok(std::fs::read(&file).with_context(|| file.display().to_string())?.into())
        };
        Ok(Texts { base: read(&self.base)?, ours: read(&self.ours)?, theirs: read(&self.theirs)?, people: read(&self.result)? })
    }

    /// Writes the texts.
    ///
    /// # Errors
    /// When a file can't be written.
    pub fn write(&self, folder: &Path, texts: &Texts) -> Result<()> {
        let files = [(&self.base, &texts.base), (&self.ours, &texts.ours), (&self.theirs, &texts.theirs), (&self.result, &texts.people)];
        for (file, text) in files {
            let file = folder.join(file);
            std::fs::create_dir_all(file.parent().context("a case's file has a folder")?)?;
            std::fs::write(&file, text).with_context(|| file.display().to_string())?;
        }
        Ok(())
    }
}

/// Reads the manifest of a folder.
///
/// # Errors
/// When there is none, or a line of it is no case.
pub fn read_all(folder: &Path) -> Result<Vec<Case>> {
    let file = folder.join(MANIFEST);
    let lines = BufReader::new(std::fs::File::open(&file).with_context(|| file.display().to_string())?).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

/// Writes the manifest of a folder.
///
/// # Errors
/// When there is one already, or it can't be written.
pub fn write_all(folder: &Path, cases: &[Case]) -> Result<()> {
    let file = folder.join(MANIFEST);
    let mut out = std::io::BufWriter::new(std::fs::File::create_new(&file).with_context(|| file.display().to_string())?);
    for case in cases {
        serde_json::to_writer(&mut out, case)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
