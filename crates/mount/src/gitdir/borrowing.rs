//! What an agent's own repository has that the store has not: read by a `git` that runs with the store's configuration, never with that
//! repository's, and that fetches nothing.

use super::{OwnRepository, refs};
use acetate_types::ObjectId;
use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The longest message that is taken over, in bytes.
const MESSAGE: usize = 64 << 10;
/// The longest list of paths that is read, in bytes.
const LISTED: u64 = 64 << 20;
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

    fn git(&self) -> Command {
        let mut command = Command::new("git");
        command.env_clear().current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        for (key, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("LC_ALL", "C"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_ALLOW_PROTOCOL", ""),
        ] {
            command.env(key, value);
        }
        command.arg("--git-dir").arg(&self.store).args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
        command
    }

    /// Its objects, as a list of one: quoted, for a colon ends a name there.
    fn objects(&self) -> OsString {
        let mut quoted = b"\"".to_vec();
        for byte in self.files.join(".git/objects").as_os_str().as_bytes() {
            match byte {
                b'"' | b'\\' => quoted.extend([b'\\', *byte]),
                b'\n' => quoted.extend(b"\\n"),
                byte => quoted.push(*byte),
            }
        }
        quoted.push(b'"');
        OsString::from_vec(quoted)
    }

    /// Whether the store has a commit.
    pub fn in_store(&self, commit: &ObjectId) -> bool {
        self.git().args(["cat-file", "-e", &commit.to_hex()]).status().is_ok_and(|status| status.success())
    }

    /// The paths that a commit has and the one before had not.
    pub fn added(&self, before: &ObjectId, commit: &ObjectId) -> Vec<Vec<u8>> {
        let mut git = self.git();
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.objects());
        git.args(["diff-tree", "-r", "-z", "--name-only", "--diff-filter=A", "--no-renames", &before.to_hex(), &commit.to_hex()]);
        let Some(output) = said(git, LISTED) else { return Vec::new() };
        output.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
    }

    /// A commit's message, cut where it is very long.
    pub fn message(&self, commit: &ObjectId) -> Option<String> {
        let mut git = self.git();
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.objects());
        git.args(["cat-file", "commit", &commit.to_hex()]);
        let output = said(git, LISTED)?;
        let text = String::from_utf8_lossy(output.get(..output.len().min(MESSAGE))?).into_owned();
        text.split_once("\n\n").map(|(_, message)| message.to_owned())
    }
}

/// What a command says when all is well: ended when it takes too long, for an object may be something that nobody can read to its end.
fn said(mut command: Command, most: u64) -> Option<Vec<u8>> {
    let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
    let mut out = child.stdout.take()?;
    let (done, waits) = channel::<()>();
    let waiting = std::thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let _ = child.kill();
        }
        child.wait().is_ok_and(|status| status.success())
    });
    let mut text = Vec::new();
    let read = out.by_ref().take(most + 1).read_to_end(&mut text).is_ok();
    // One that says more than is read ends by that.
    drop((out, done));
    let well = waiting.join().unwrap_or(false);
    (read && well && text.len() as u64 <= most).then_some(text)
}
