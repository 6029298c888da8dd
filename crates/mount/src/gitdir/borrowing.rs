//! What an agent's own repository has that the store has not: read by a `git` that runs with the store's configuration, never with that
//! repository's.

use acetate_types::ObjectId;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The longest message that is taken over, in bytes.
const MESSAGE: usize = 64 << 10;

/// A repository that borrows a store's objects.
#[derive(Debug, Clone)]
pub struct Borrowing {
    /// The store's Git directory.
    pub store: PathBuf,
    /// The repository's own `.git`.
    pub own: PathBuf,
}

impl Borrowing {
    /// The commit that HEAD names.
    pub fn current(&self) -> Option<ObjectId> {
        let head = read_line(&self.own.join("HEAD"))?;
        match head.strip_prefix("ref: ") {
            Some(name) if name.starts_with("refs/heads/") && !name.split('/').any(|part| part == "..") => {
                read_line(&self.own.join(name))?.parse().ok()
            }
            Some(_) => None,
            None => head.parse().ok(),
        }
    }

    fn git(&self) -> Command {
        let mut command = Command::new("git");
        command.env_clear().current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        for (key, value) in
            [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_NO_REPLACE_OBJECTS", "1"), ("LC_ALL", "C")]
        {
            command.env(key, value);
        }
        command.arg("--git-dir").arg(&self.store).args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
        command
    }

    /// Whether the store has a commit.
    pub fn in_store(&self, commit: &ObjectId) -> bool {
        self.git().args(["cat-file", "-e", &commit.to_hex()]).status().is_ok_and(|status| status.success())
    }

    /// The paths that a commit has and the one before had not.
    pub fn added(&self, before: &ObjectId, commit: &ObjectId) -> Vec<Vec<u8>> {
        let mut git = self.git();
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.own.join("objects"));
        git.args(["diff-tree", "-r", "-z", "--name-only", "--diff-filter=A", "--no-renames", &before.to_hex(), &commit.to_hex()]);
        let Some(output) = git.output().ok().filter(|output| output.status.success()) else { return Vec::new() };
        output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
    }

    /// A commit's message, cut where it is very long.
    pub fn message(&self, commit: &ObjectId) -> Option<String> {
        let mut git = self.git();
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.own.join("objects"));
        let output = git.args(["cat-file", "commit", &commit.to_hex()]).output().ok().filter(|output| output.status.success())?;
        let text = String::from_utf8_lossy(output.stdout.get(..output.stdout.len().min(MESSAGE))?).into_owned();
        text.split_once("\n\n").map(|(_, message)| message.to_owned())
    }
}

fn read_line(path: &Path) -> Option<String> {
    if path.metadata().ok()?.len() > 4096 {
        return None;
    }
    Some(std::fs::read_to_string(path).ok()?.trim_end().to_owned())
}
