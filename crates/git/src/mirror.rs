//! Copying a repository, refs and all, into another folder.

use crate::process::Git;
use crate::{GitError, Repository, keep};
use acetate_types::ObjectId;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

/// Refs that one run of `git` is told of: far below the longest command line.
const REFS_AT_ONCE: usize = 500;

impl Repository {
    /// Makes or refreshes a bare copy with the same refs under the same names, Acetate's own included, its objects, and the same
    /// default branch. Objects are copied, never shared; the copy stands alone.
    ///
    /// # Errors
    /// A folder that can't be made, a disk error, a time-out.
    pub fn mirror_to(&self, to: &Path, timeout: Duration) -> Result<(), GitError> {
        let io_error = |source| GitError::Io { command: "init".to_owned(), source };
        std::fs::create_dir_all(to).map_err(io_error)?;
        // Absolute: git runs in the source's folder.
        let to = to.canonicalize().map_err(io_error)?;
        if !to.join("HEAD").exists() {
            let format = format!("--object-format={}", self.format().as_str());
            let git = Git::new(&to, &[], &[], "init").args(["--quiet", "--bare", "--template=", "--initial-branch=main"]);
            git.arg(format).timeout(timeout).output()?;
        }
        let settings = ["push.followTags=false"];
        let git = self.git("push").settings(settings).args(["--quiet", "--mirror", "--no-verify", "--end-of-options"]);
        git.arg(&to).timeout(timeout).output()?;
        if let Ok(Some(branch)) = self.default_branch() {
            let copy = [crate::open::option("--git-dir=", &to)];
            let git = Git::new(&to, &[("safe.directory", to.as_os_str())], &copy, "symbolic-ref");
            git.arg("HEAD").arg(format!("refs/heads/{branch}")).timeout(timeout).output()?;
        }
        Ok(())
    }

    /// Makes refs of a copy name these objects, whatever they named there before, and copies the objects.
    ///
    /// # Errors
    /// An object that is missing here, a disk error, a time-out.
    pub fn push_refs_to(&self, to: &Path, refs: &[(String, ObjectId)], timeout: Duration) -> Result<(), GitError> {
        for some in refs.chunks(REFS_AT_ONCE) {
            self.git("push")
                .settings(["push.followTags=false", "protocol.file.allow=always"])
                .args(["--quiet", "--force", "--no-verify", "--end-of-options"])
                .arg(to)
                .args(some.iter().map(|(name, id)| format!("{id}:{name}")))
                .timeout(timeout)
                .output()?;
        }
        Ok(())
    }

    /// Copies the packs that hold what no ref reaches yet, with their `.keep`, into a copy made with [`Repository::mirror_to`]. One that is
    /// released meanwhile is left out: refs reach what it holds.
    ///
    /// # Errors
    /// A disk error.
    pub fn copy_kept_to(&self, to: &Path) -> io::Result<()> {
        let (from, to) = (self.pack_dir(), to.join("objects/pack"));
        std::fs::create_dir_all(&to)?;
        for name in keep::stale(&from)? {
            // The index last: without it Git does not look at the pack.
            for extension in ["keep", "pack", "idx"] {
                let file = format!("{name}.{extension}");
                match std::fs::copy(from.join(&file), to.join(&file)) {
                    Ok(_) => File::open(to.join(&file))?.sync_all()?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        for extension in ["idx", "pack", "keep"] {
                            let _ = std::fs::remove_file(to.join(format!("{name}.{extension}")));
                        }
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        File::open(to)?.sync_all()
    }
}
