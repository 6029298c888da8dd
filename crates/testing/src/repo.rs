//! A temporary Git repository driven by the `git` binary.

use acetate_types::{ObjectFormat, ObjectId};
use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A `git` that sees no configuration of the machine and signs everything with one fixed identity and date.
pub fn git_command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).env_clear();
    for keep in ["PATH", "TMPDIR", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(keep) {
            command.env(keep, value);
        }
    }
    for (key, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("HOME", "/nonexistent"),
        ("GIT_AUTHOR_NAME", "Ada"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_AUTHOR_DATE", "1700000000 +0100"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ("GIT_COMMITTER_DATE", "1700000000 +0100"),
    ] {
        command.env(key, value);
    }
    command.args([
        "-c",
        "protocol.file.allow=always",
        "-c",
        "gc.auto=0",
        "-c",
        "maintenance.auto=false",
        "-c",
        "advice.detachedHead=false",
    ]);
    command
}

/// A repository in a temporary folder, removed with it.
#[derive(Debug)]
pub struct GitRepo {
    dir: tempfile::TempDir,
    path: PathBuf,
}

impl GitRepo {
    /// A repository with a checkout, branch `main`, no commit yet.
    pub fn new(format: ObjectFormat) -> Self {
        Self::init(format, false)
    }

    /// A bare repository with the branch `main` unborn.
    pub fn bare(format: ObjectFormat) -> Self {
        Self::init(format, true)
    }

    fn init(format: ObjectFormat, bare: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("repo");
        std::fs::create_dir(&path).unwrap();
        let repo = Self { dir, path };
        let object_format = format!("--object-format={}", format.as_str());
        let mut args = vec!["init", "-q", "-b", "main", &object_format];
        args.extend(bare.then_some("--bare"));
        repo.git(&args);
        repo
    }

    /// The repository's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder beside the repository, removed with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs `git` here and gives its output without the last line end. Panics, with what it printed, when it fails.
    pub fn git<S: AsRef<OsStr>>(&self, args: &[S]) -> String {
        let mut output = self.try_git(args);
        // A daemon that looks at the checkout may hold its index for a moment; git says to try again, as people do.
        for _ in 0..100 {
            if output.status.success() || !index_is_locked(&output.stderr) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
            output = self.try_git(args);
        }
        let show = || args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
        assert!(
            output.status.success(),
            "git {}: {}{}",
            show(),
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Runs `git` here and gives whatever came of it.
    pub fn try_git<S: AsRef<OsStr>>(&self, args: &[S]) -> std::process::Output {
        git_command(&self.path).args(args).output().unwrap()
    }

    /// Runs `git` here with standard input; gives standard output as bytes. Panics when it fails.
    pub fn git_in<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Vec<u8> {
        let mut child =
            git_command(&self.path).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// The id that a revision names. Panics when it names none.
    pub fn id(&self, revision: &str) -> ObjectId {
        self.git(&["rev-parse", "--verify", "--end-of-options", revision]).parse().unwrap()
    }

    /// Writes a file of the checkout, with the folders above it.
    pub fn write(&self, path: impl AsRef<[u8]>, data: impl AsRef<[u8]>) {
        let path = self.path.join(OsStr::from_bytes(path.as_ref()));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, data).unwrap();
    }

    /// Commits the whole checkout on the current branch and gives the commit.
    pub fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// Commits exactly these files on `branch` through `git fast-import`, much faster than through a checkout. `None` deletes a path.
    pub fn fast_commit<P: AsRef<[u8]>, D: AsRef<[u8]>>(
        &self,
        branch: &str,
        files: impl IntoIterator<Item = (P, &'static str, Option<D>)>,
    ) -> ObjectId {
        let mut stream = format!("commit refs/heads/{branch}\ncommitter Ada <ada@example.com> 1700000000 +0100\ndata 2\nm\n").into_bytes();
        if self.try_git(&["rev-parse", "--verify", "-q", &format!("refs/heads/{branch}")]).status.success() {
            stream.extend_from_slice(format!("from refs/heads/{branch}^0\n").as_bytes());
        }
        for (path, mode, data) in files {
            let quoted = quote(path.as_ref());
            match data {
                Some(data) => {
                    stream.extend_from_slice(format!("M {mode} inline {quoted}\ndata {}\n", data.as_ref().len()).as_bytes());
                    stream.extend_from_slice(data.as_ref());
                    stream.push(b'\n');
                }
                None => stream.extend_from_slice(format!("D {quoted}\n").as_bytes()),
            }
        }
        self.git_in(&["fast-import", "--quiet", "--force"], &stream);
        self.id(&format!("refs/heads/{branch}"))
    }

    /// What `git fsck --strict --full` says, empty when nothing is wrong.
    pub fn fsck(&self) -> String {
        let output = self.try_git(&["fsck", "--strict", "--full", "--no-dangling", "--no-progress"]);
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        text
    }
}

/// A path as fast-import reads it: quoted, with octal escapes for what is not plain.
fn quote(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in path {
        match byte {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(*byte as char);
            }
            0x20..=0x7e => text.push(*byte as char),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}

/// Whether git says that somebody else holds the index.
fn index_is_locked(message: &[u8]) -> bool {
    const LOCKED: &[u8] = b"index.lock': File exists";
    message.windows(LOCKED.len()).any(|part| part == LOCKED)
}
