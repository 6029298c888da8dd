//! Copying a repository, refs and all, into another folder.

use crate::{GitError, Repository};
use std::path::Path;
use std::time::Duration;

impl Repository {
    /// Makes or refreshes a bare copy with the same refs under the same names, Acetate's own included, and its objects. Objects are copied,
    /// never shared; the copy stands alone.
    ///
    /// # Errors
    /// A folder that can't be made, a disk error, a time-out.
    pub fn mirror_to(&self, to: &Path, timeout: Duration) -> Result<(), GitError> {
        if !to.join("HEAD").exists() {
            let format = format!("--object-format={}", self.format().as_str());
            self.git("init").args(["--quiet", "--bare", "--template="]).arg(format).args(["--initial-branch=main", "--"]).arg(to).timeout(timeout).output()?;
        }
        // A fetch run in the copy: `--git-dir` of this command is the source, so name the copy by environment.
        self.git("push")
            .settings(["push.followTags=false", "protocol.file.allow=always"])
            .args(["--quiet", "--mirror", "--no-verify", "--end-of-options"])
            .arg(to)
            .timeout(timeout)
            .output()?;
        if let Ok(Some(branch)) = self.default_branch() {
            let full = if branch.starts_with("refs/") { branch } else { format!("refs/heads/{branch}") };
            self.git("symbolic-ref").env("GIT_DIR", to).args(["HEAD"]).arg(full).timeout(timeout).output()?;
        }
        Ok(())
    }
}
