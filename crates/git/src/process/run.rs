//! One run of `git`: put together, started, fed, read.

use super::group::{Group, Guard, Stop};
use super::{GitError, failed};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The oldest `git` that is used.
const NEEDED: (u32, u32) = (2, 39);
/// Bytes of standard error that are kept.
const STDERR_LIMIT: usize = 64 << 10;
/// Bytes of standard output that [`Git::output`] takes unless told otherwise.
const STDOUT_LIMIT: u64 = 64 << 20;

/// How a run ended, whatever its exit code.
#[derive(Debug)]
pub struct Exit {
    /// The exit code, `None` if a signal ended it.
    pub code: Option<i32>,
    /// The end of standard error.
    pub stderr: Vec<u8>,
}

enum Input {
    Nothing,
    Bytes(Vec<u8>),
    File(File),
}

/// One run of `git`, being put together.
pub struct Git {
    command: Command,
    global: Vec<OsString>,
    name: String,
    args: Vec<OsString>,
    timeout: Duration,
    input: Input,
    limit: u64,
    guard: Option<Guard>,
}

impl std::fmt::Debug for Git {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Git").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A `git` with a cleared environment and these `-c` settings, in `dir`.
pub(crate) fn bare_command(dir: &Path, settings: &[(&str, &OsStr)]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    for (key, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("HOME", "/nonexistent"),
        ("LC_ALL", "C"),
    ] {
        command.env(key, value);
    }
    for setting in [
        "core.hooksPath=/dev/null",
        "core.fsync=objects,reference",
        "core.fsmonitor=false",
        "core.alternateRefsCommand=",
        "core.sshCommand=ssh -oBatchMode=yes",
        "core.quotePath=true",
        "credential.helper=",
        "gc.auto=0",
        "maintenance.auto=false",
        "advice.detachedHead=false",
        "protocol.allow=never",
        "protocol.file.allow=always",
        "protocol.https.allow=always",
        "protocol.ssh.allow=always",
        "protocol.git.allow=always",
    ] {
        command.arg("-c").arg(setting);
    }
    for (key, value) in settings {
        let mut setting = OsString::from(key);
        setting.push("=");
        setting.push(value);
        command.arg("-c").arg(setting);
    }
    command
}

impl Git {
    /// `git <subcommand>` in `dir`, with these further settings.
    pub(crate) fn new(dir: &Path, settings: &[(&str, &OsStr)], global: &[OsString], subcommand: &str) -> Self {
        Self {
            command: bare_command(dir, settings),
            global: global.to_vec(),
            name: subcommand.to_owned(),
            args: Vec::new(),
            timeout: Duration::from_secs(60),
            input: Input::Nothing,
            limit: STDOUT_LIMIT,
            guard: None,
        }
    }

    /// `git <subcommand>` over a repository, which sees the objects of another folder beside its own, and fetches nothing. For objects that
    /// somebody else made: give it a bound and a time.
    pub fn over(git_dir: &Path, objects: &Path, subcommand: &str) -> Self {
        // A list of one, quoted, for a colon ends a name there.
        let mut quoted = b"\"".to_vec();
        for byte in objects.as_os_str().as_bytes() {
            match byte {
                b'"' | b'\\' => quoted.extend([b'\\', *byte]),
                b'\n' => quoted.extend(b"\\n"),
                byte => quoted.push(*byte),
            }
        }
        quoted.push(b'"');
        let safe = [("safe.directory", git_dir.as_os_str())];
        Self::new(Path::new("/"), &safe, &[crate::open::option("--git-dir=", git_dir)], subcommand)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", OsStr::from_bytes(&quoted))
            .env("GIT_NO_LAZY_FETCH", "1")
            // Stronger than what the repository's own configuration allows.
            .env("GIT_ALLOW_PROTOCOL", "")
    }

    /// Adds `-c` settings, `key=value`. Later ones win.
    #[must_use]
    pub(crate) fn settings<S: AsRef<OsStr>>(mut self, settings: impl IntoIterator<Item = S>) -> Self {
        for setting in settings {
            self.command.arg("-c").arg(setting);
        }
        self
    }

    /// Ends the run with [`GitError::TooMuchOutput`] of `limit` once `holds` says no. It is asked five times a second.
    #[must_use]
    pub(crate) fn guard(mut self, limit: u64, holds: impl Fn() -> bool + Send + 'static) -> Self {
        self.guard = Some(Guard { limit: Some(limit), holds: Box::new(holds) });
        self
    }

    /// Ends the run with [`GitError::CalledOff`] once `go_on` says no. It is asked five times a second.
    #[must_use]
    pub(crate) fn called_off_unless(mut self, go_on: impl Fn() -> bool + Send + 'static) -> Self {
        self.guard = Some(Guard { limit: None, holds: Box::new(go_on) });
        self
    }

    /// Adds an argument. Put `--end-of-options` or `--` before one that comes from outside.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Passes a variable of this process's environment on, if it is set.
    #[must_use]
    pub fn inherit(mut self, key: &str) -> Self {
        if let Some(value) = std::env::var_os(key) {
            self.command.env(key, value);
        }
        self
    }

    /// Lets it see the machine's and the user's configuration: for Git's own trust rules only.
    pub(crate) fn with_user_config(mut self) -> Self {
        self.command.env_remove("GIT_CONFIG_NOSYSTEM").env_remove("GIT_CONFIG_GLOBAL").env_remove("HOME");
        for key in ["HOME", "XDG_CONFIG_HOME", "SUDO_UID", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"] {
            self = self.inherit(key);
        }
        self
    }

    /// The longest it may take; 60 seconds if not told.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What it reads from standard input; nothing if not told.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Bytes(input.into());
        self
    }

    /// A file as standard input.
    #[must_use]
    pub fn input_file(mut self, file: File) -> Self {
        self.input = Input::File(file);
        self
    }

    /// Most bytes of standard output; 64 MiB if not told.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Runs it and gives its standard output.
    ///
    /// # Errors
    /// [`GitError`]; an exit code other than 0 is [`GitError::Failed`].
    pub fn output(self) -> Result<Vec<u8>, GitError> {
        let mut out = Vec::new();
        self.output_to(&mut out).map(|()| out)
    }

    /// Runs it with its standard output going to `out`.
    ///
    /// # Errors
    /// [`GitError`]; an exit code other than 0 is [`GitError::Failed`].
    pub fn output_to(self, out: &mut dyn Write) -> Result<(), GitError> {
        let name = self.name.clone();
        let exit = self.run(out)?;
        if exit.code == Some(0) { Ok(()) } else { Err(failed(name, &exit)) }
    }

    /// Runs it to its end, whatever its exit code.
    ///
    /// # Errors
    /// [`GitError`] other than [`GitError::Failed`].
    pub fn run(mut self, out: &mut dyn Write) -> Result<Exit, GitError> {
        let name = self.name;
        let io_error = |source| GitError::Io { command: name.clone(), source };
        let (stdin, bytes) = match self.input {
            Input::Nothing => (Stdio::null(), None),
            Input::Bytes(bytes) => (Stdio::piped(), Some(bytes)),
            Input::File(file) => (file.into(), None),
        };
        self.command.args(&self.global).arg(&name).args(&self.args);
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = self.command.spawn().map_err(|error| {
            // A working folder that is gone looks like a missing program.
            let there = self.command.get_current_dir().is_none_or(Path::is_dir);
            if there { GitError::Spawn(error) } else { io_error(error) }
        })?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let guard_limit = self.guard.as_ref().and_then(|guard| guard.limit);
        let group = Group::watch(child, self.timeout, self.guard)?;
        let limit = self.limit;
        std::thread::scope(|scope| {
            if let (Some(mut pipe), Some(bytes)) = (stdin, bytes) {
                // It may exit without reading everything; its exit code tells what came of it.
                scope.spawn(move || drop(pipe.write_all(&bytes)));
            }
            let errors = scope.spawn(move || tail(stderr));
            let copied = copy_bounded(stdout, out, limit);
            if !matches!(copied, Ok(true)) {
                group.kill();
            }
            let status = group.wait();
            let stderr = errors.join().unwrap_or_default();
            match group.stopped() {
                Some(Stop::Time) => return Err(GitError::TimedOut { command: name.clone(), seconds: self.timeout.as_secs() }),
                Some(Stop::Guard) => {
                    return Err(match guard_limit {
                        Some(limit) => GitError::TooMuchOutput { command: name.clone(), limit },
                        None => GitError::CalledOff { command: name.clone() },
                    });
                }
                None => {}
            }
            if !copied.map_err(io_error)? {
                return Err(GitError::TooMuchOutput { command: name.clone(), limit });
            }
            Ok(Exit { code: status.map_err(io_error)?.code(), stderr })
        })
    }
}

/// Copies until the end; `false` if there was more than `limit`.
fn copy_bounded(from: Option<impl Read>, out: &mut dyn Write, limit: u64) -> io::Result<bool> {
    let Some(mut from) = from else { return Ok(true) };
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0u64;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(true),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        total += count as u64;
        if total > limit {
            return Ok(false);
        }
        out.write_all(buffer.get(..count).unwrap_or_default())?;
    }
}

/// The last bytes of a stream.
fn tail(from: Option<impl Read>) -> Vec<u8> {
    let Some(mut from) = from else { return Vec::new() };
    let mut kept = Vec::new();
    let mut buffer = vec![0; 8 << 10];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if kept.len() > 2 * STDERR_LIMIT {
            kept.drain(..kept.len() - STDERR_LIMIT);
        }
    }
    kept
}

/// Checks that `git` is there and new enough; gives its version.
///
/// # Errors
/// [`GitError::Spawn`] or [`GitError::Version`].
pub fn version() -> Result<String, GitError> {
    let text = Git::new(Path::new("/"), &[], &[], "version").timeout(Duration::from_secs(20)).output()?;
    let text = String::from_utf8_lossy(&text);
    let found = text.trim().strip_prefix("git version ").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned();
    let mut numbers = found.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < NEEDED {
        return Err(GitError::Version { found, needed: "2.39" });
    }
    Ok(found)
}

/// Refuses text that `git` could take for an option or that ends a line early.
pub(crate) fn plain(text: &str) -> Result<&str, GitError> {
    if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
        return Err(GitError::Argument(text.chars().take(200).collect()));
    }
    Ok(text)
}
