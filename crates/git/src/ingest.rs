//! Taking in a pack that a client pushed.
//!
//! The pack is indexed in a quarantine folder, with Git's strict checks and with names that could leave a checkout or reach `.git` as
//! errors; then everything that the new tips reach has to be there. Only then does it become a pack of the repository, with a `.keep`.
//! Findings in history that is here already never block: only what comes in is checked.

use crate::fetch::fsck_messages;
use crate::{GitError, KeptPack, Repository, keep};
use acetate_types::ObjectId;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::time::Duration;

impl Repository {
    /// Takes in a pack: its objects are durable, checked and complete up to `tips` when this returns, and no ref names them yet.
    ///
    /// # Errors
    /// [`GitError::TooMuchOutput`] for a pack over `max_bytes`; a pack that is damaged, fails the checks or lacks objects; a time-out; a disk
    /// error. Nothing of the pack is visible then.
    pub fn ingest(&self, pack: &mut dyn Read, max_bytes: u64, tips: &[ObjectId], timeout: Duration) -> Result<KeptPack, GitError> {
        let io_error = |source| GitError::Io { command: "index-pack".to_owned(), source };
        let objects = self.shared.odb.path().to_owned();
        let quarantine = tempfile::Builder::new().prefix(crate::recover::QUARANTINE).tempdir_in(&objects).map_err(io_error)?;
        let spooled = spool(pack, max_bytes, quarantine.path())?;
        let strict = format!("--strict={}", fsck_messages());
        let here = |command: &str| {
            self.git(command)
                .env("GIT_OBJECT_DIRECTORY", quarantine.path())
                .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects)
                .timeout(timeout)
        };
        std::fs::create_dir_all(quarantine.path().join("pack")).map_err(io_error)?;
        here("index-pack").args(["--stdin", "--fix-thin"]).arg(strict).input_file(spooled).output()?;
        let wanted: String = tips.iter().map(|tip| format!("{tip}\n")).collect();
        here("rev-list").args(["--objects", "--quiet", "--stdin", "--not", "--all"]).input(wanted).output()?;
        let name = self.settle(quarantine.path()).map_err(io_error)?;
        self.shared.odb.reopen().map_err(io_error)?;
        Ok(KeptPack::new(self.clone(), name))
    }

    /// Checks that everything is here which these tips reach, as far as no ref reaches it yet.
    ///
    /// # Errors
    /// An object that is missing, a time-out.
    pub fn check_complete(&self, tips: &[ObjectId], timeout: Duration) -> Result<(), GitError> {
        let wanted: String = tips.iter().map(|tip| format!("{tip}\n")).collect();
        let git = self.git("rev-list").args(["--objects", "--quiet", "--stdin", "--not", "--all"]);
        git.input(wanted).timeout(timeout).output().map(drop)
    }

    /// Whether one of these tips is a commit, or reaches it: one walk, whatever the number of tips. Tips that are not there reach nothing.
    ///
    /// # Errors
    /// A damaged object on the way, a time-out.
    pub fn reached(&self, commit: &ObjectId, tips: &[ObjectId], timeout: Duration) -> Result<bool, GitError> {
        let asked: String = tips.iter().map(|tip| format!("^{tip}\n")).chain([format!("{commit}\n")]).collect();
        let git = self.git("rev-list").args(["--ignore-missing", "--max-count=1", "--stdin"]);
        Ok(git.input(asked).timeout(timeout).output()?.is_empty())
    }

    /// Moves the one pack of the quarantine to the repository's, in the order of [`Repository::write_pack`].
    fn settle(&self, quarantine: &Path) -> io::Result<String> {
        let disk = &*self.shared.disk;
        let mut found = None;
        for entry in std::fs::read_dir(quarantine.join("pack"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "pack") {
                found = Some(path);
            }
        }
        let from = found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no pack was made"))?;
        let dir = self.pack_dir();
        let name = self.fresh_name(&ObjectId::null(self.format())).map_err(io::Error::other)?;
        for extension in ["pack", "idx"] {
            disk.sync_file(&File::open(from.with_extension(extension))?)?;
        }
        let kept = keep::path(&dir, &name);
        keep::create(disk, &self.shared.common_dir, &kept)?;
        disk.rename(&from, &dir.join(format!("{name}.pack")))?;
        disk.rename(&from.with_extension("idx"), &dir.join(format!("{name}.idx")))?;
        disk.sync_dir(&dir)?;
        Ok(name)
    }
}

/// Copies the pack to a file, at most `max_bytes` of it.
fn spool(pack: &mut dyn Read, max_bytes: u64, folder: &Path) -> Result<File, GitError> {
    let io_error = |source| GitError::Io { command: "index-pack".to_owned(), source };
    let mut file = tempfile::tempfile_in(folder).map_err(io_error)?;
    let copied = io::copy(&mut pack.take(max_bytes.saturating_add(1)), &mut file).map_err(io_error)?;
    if copied > max_bytes {
        return Err(GitError::TooMuchOutput { command: "index-pack".to_owned(), limit: max_bytes });
    }
    file.flush().map_err(io_error)?;
    io::Seek::rewind(&mut file).map_err(io_error)?;
    Ok(file)
}
