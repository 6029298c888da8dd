//! Copying a repository, refs and all, into another folder.

use crate::process::Git;
use crate::{GitError, Repository};
use std::path::Path;
use std::time::Duration;

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
}
