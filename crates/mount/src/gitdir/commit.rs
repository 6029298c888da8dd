//! Commits that an agent makes in its `.git`: each becomes a turn of the session, with its message.
//!
//! The turn has everything that the session has at that moment, also what the agent left out of its commit: a session has no staging
//! area. Objects of the agent's repository are only read, by a `git` that runs with the store's configuration.

use super::{GitDir, SHOWN, put};
use acetate_engine::api::CommitTurn;
use acetate_types::ObjectId;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

/// The longest message that is taken over, in bytes.
const MESSAGE: usize = 64 << 10;

/// Whether a path is one at which a commit shows.
pub(crate) fn shows(path: &[u8]) -> bool {
    path == b".git/HEAD" || path.starts_with(b".git/refs/heads/")
}

impl GitDir {
    /// Takes over a commit that was made since the last time, if one was.
    ///
    /// `take_in` takes a file from the scratch into the session: what the commit has and the rules ignore.
    pub(crate) fn take(&self, take_in: &dyn Fn(&[u8]) -> bool) {
        let Some(commit) = self.current() else { return };
        if self.shown.lock().is_some_and(|shown| shown == commit) || self.in_store(&commit) {
            return;
        }
        let Some(message) = self.message(&commit) else { return };
        let before = *self.shown.lock();
        for path in before.map(|before| self.added(&before, &commit)).unwrap_or_default() {
            take_in(&path);
        }
        self.taking.store(true, Ordering::Release);
        let turn = CommitTurn { message: Some(message).filter(|message| !message.trim().is_empty()) };
        let taken = self.session.commit(turn, None);
        match taken.and_then(|_| self.session.git_head()) {
            Ok(head) => {
                // The agent's own commit stays what its repository shows, until the session's head moves for another reason.
                let mut shown = self.shown.lock();
                *shown = head.commit;
                if let Some(commit) = head.commit
                    && let Err(error) = put(&self.dir().join(SHOWN), format!("{commit}\n").as_bytes())
                {
                    tracing::debug!(%error, "the shown head is not kept");
                }
            }
            Err(error) => tracing::warn!(%error, session = %self.session.id(), "a commit made in a mount is no turn"),
        }
        self.taking.store(false, Ordering::Release);
    }

    /// The commit that HEAD names.
    fn current(&self) -> Option<ObjectId> {
        let dir = self.dir();
        let head = read_line(&dir.join("HEAD"))?;
        match head.strip_prefix("ref: ") {
            Some(name) if name.starts_with("refs/heads/") && !name.split('/').any(|part| part == "..") => {
                read_line(&dir.join(name))?.parse().ok()
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
        command.arg("--git-dir").arg(self.store.engine.git_dir()).args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
        command
    }

    fn in_store(&self, commit: &ObjectId) -> bool {
        self.git().args(["cat-file", "-e", &commit.to_hex()]).status().is_ok_and(|status| status.success())
    }

    /// The paths that a commit has and the one before had not.
    fn added(&self, before: &ObjectId, commit: &ObjectId) -> Vec<Vec<u8>> {
        let mut git = self.git();
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.dir().join("objects"));
        git.args(["diff-tree", "-r", "-z", "--name-only", "--diff-filter=A", "--no-renames", &before.to_hex(), &commit.to_hex()]);
        let Some(output) = git.output().ok().filter(|output| output.status.success()) else { return Vec::new() };
        output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
    }

    fn message(&self, commit: &ObjectId) -> Option<String> {
        let mut git = self.git();
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.dir().join("objects"));
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
