//! What an agent's own repository has that the store has not: read by a `git` that runs with the store's configuration, never with that
//! repository's, and that fetches nothing.

use super::{OwnRepository, refs};
use acetate_git::process::Git;
use acetate_types::ObjectId;
use std::time::Duration;

/// The longest message that is taken over, in bytes.
const MESSAGE: usize = 64 << 10;
/// How long a `git` may take that looks into an agent's objects.
const PATIENCE: Duration = Duration::from_secs(60);

impl OwnRepository {
    /// The commit that HEAD names.
    pub fn current(&self) -> Option<ObjectId> {
        let head = self.read("HEAD")?;
        match head.strip_prefix("ref: ") {
            Some(name) if name.starts_with("refs/heads/") && !name.split('/').any(|part| part == "..") => {
                let loose = self.read(name);
                let packed = || Some(refs::find(&self.read_long("packed-refs")?, name)?.to_owned());
                loose.or_else(packed)?.parse().ok()
            }
            Some(_) => None,
            None => head.parse().ok(),
        }
    }

    fn git(&self, subcommand: &str) -> Git {
        Git::over(&self.store, &self.files.join(".git/objects"), subcommand).timeout(PATIENCE)
    }

    /// Whether the store has a commit.
    pub fn in_store(&self, commit: &ObjectId) -> bool {
        let git = Git::over(&self.store, &self.store.join("objects"), "cat-file").timeout(PATIENCE);
        git.args(["-e", &commit.to_hex()]).output().is_ok()
    }

    /// The paths that a commit has and the one before had not.
    pub fn added(&self, before: &ObjectId, commit: &ObjectId) -> Vec<Vec<u8>> {
        let git = self.git("diff-tree").args(["-r", "-z", "--name-only", "--diff-filter=A", "--no-renames"]);
        let output = git.args([before.to_hex(), commit.to_hex()]).output().unwrap_or_default();
        output.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
    }

    /// A commit's message, cut where it is very long.
    pub fn message(&self, commit: &ObjectId) -> Option<String> {
        let output = self.git("cat-file").args(["commit", &commit.to_hex()]).output().ok()?;
        let text = String::from_utf8_lossy(output.get(..output.len().min(MESSAGE))?).into_owned();
        text.split_once("\n\n").map(|(_, message)| message.to_owned())
    }
}
