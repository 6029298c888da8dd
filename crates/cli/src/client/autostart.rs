//! Reaching the daemon of a store, and starting one where there is none.
//!
//! Of many commands that find no daemon at the same time, one starts it (a file lock decides) and the others wait for it.

use super::{Client, Failure, Store};
use crate::daemon::{DaemonFile, LOG, private_dir, socket_path};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a daemon may take until it answers.
const START: Duration = Duration::from_secs(10);
/// After its process ended, how long another one that won the store may take.
const GRACE: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(15);
/// A log above this size is set aside before a start, in bytes.
const LOG_BYTES: u64 = 4 << 20;
/// How much of the log an error shows, in bytes and lines.
const TAIL: (u64, usize) = (4096, 12);

/// How a daemon may be started.
#[derive(Debug, Clone)]
pub struct Start {
    /// Whether it may.
    pub allowed: bool,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
}

/// A daemon that was reached.
pub struct Reached {
    /// The connection.
    pub client: Client,
    /// What it says of itself.
    pub file: Option<DaemonFile>,
}

impl Reached {
    /// What to say if the daemon is of another version than this command.
    pub fn version_warning(&self) -> Option<String> {
        let (mine, theirs) = (env!("CARGO_PKG_VERSION"), &self.file.as_ref()?.version);
        (theirs != mine).then(|| {
            format!("the daemon is version {theirs}, this command is {mine}; `acetate stop` lets the next command start version {mine}")
        })
    }
}

/// Reaches the daemon that runs, if one does.
///
/// # Errors
/// `daemon_unreachable`.
pub fn reach(store: &Store, timeout: Option<Duration>) -> Result<Reached, Failure> {
    let state = store.state_dir();
    let file = DaemonFile::read(&state);
    let socket = match &file {
        Some(file) => file.socket.clone(),
        None => expected_socket(&state),
    };
    let client = Client::connect(&socket, timeout)?;
    Ok(Reached { client, file })
}

/// The socket that a daemon on this machine would make.
pub fn expected_socket(state: &Path) -> PathBuf {
    // Some sessions name a folder that nobody made.
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_dir());
    socket_path(state, runtime.as_deref(), &std::env::temp_dir(), rustix::process::geteuid().as_raw())
}

/// Reaches the daemon, starting one if need be.
///
/// # Errors
/// `daemon_unreachable`, with the end of its log where there is one.
pub fn connect(store: &Store, start: &Start) -> Result<Reached, Failure> {
    let failure = match reach(store, start.timeout) {
        Ok(reached) => return Ok(reached),
        Err(failure) if !start.allowed => {
            return Err(failure.hint(format!("start one: acetate serve {}", store.git_dir.display())));
        }
        Err(failure) => failure,
    };
    tracing::debug!(?failure, "no daemon yet");
    let deadline = Instant::now() + START;
    let side = side_dir(store)?;
    let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(side.join("start.lock"))?;
    while rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
        if let Ok(reached) = reach(store, start.timeout) {
            return Ok(reached);
        }
        if Instant::now() > deadline {
            return Err(Failure::unreachable("another command has been starting the daemon for ten seconds"));
        }
        std::thread::sleep(POLL);
    }
    // Whoever held the lock may have started it.
    if let Ok(reached) = reach(store, start.timeout) {
        return Ok(reached);
    }
    let before = DaemonFile::read(&store.state_dir());
    let (mut log, from) = open_log(&side)?;
    let mut child = spawn(store, &log)?;
    let mut ended = None;
    loop {
        // It answers before it says where; until then the file is that of one that was killed, unless that one lives after all.
        if let Ok(reached) = reach(store, start.timeout)
            && reached.file.is_some()
            && (reached.file != before || ended.is_some())
        {
            // A command that lives on, as `acetate mcp` does, would keep a daemon that ended as a zombie.
            std::thread::spawn(move || drop(child.wait()));
            return Ok(reached);
        }
        if ended.is_none() && child.try_wait()?.is_some() {
            ended = Some(Instant::now());
        }
        let hopeless = ended.is_some_and(|at| at.elapsed() > GRACE);
        if hopeless || Instant::now() > deadline {
            let tail = tail(&mut log, from);
            let what = if hopeless { "the daemon ended while starting" } else { "the daemon did not answer within ten seconds" };
            let message = if tail.is_empty() { what.to_owned() } else { format!("{what}; its log says:\n{tail}") };
            return Err(Failure::unreachable(message).hint(format!(
                "the whole log is {}; `acetate serve {}` starts it in the foreground",
                side.join(LOG).display(),
                store.git_dir.display()
            )));
        }
        std::thread::sleep(POLL);
    }
}

/// Where the lock and the log of a start go: the state folder, or what is above a store that has still to be made.
fn side_dir(store: &Store) -> Result<PathBuf, Failure> {
    if store.git_dir.is_dir() {
        let state = store.state_dir();
        private_dir(&state)?;
        return Ok(state);
    }
    let above = store.git_dir.parent().unwrap_or(&store.git_dir).to_owned();
    std::fs::create_dir_all(&above).map_err(|error| Failure::file(&above, &error))?;
    Ok(above)
}

fn open_log(side: &Path) -> Result<(File, u64), Failure> {
    let path = side.join(LOG);
    if path.metadata().is_ok_and(|found| found.len() > LOG_BYTES) {
        std::fs::rename(&path, side.join("daemon.log.1"))?;
    }
    let log =
        OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path).map_err(|error| Failure::file(&path, &error))?;
    let from = log.metadata()?.len();
    Ok((log, from))
}

fn spawn(store: &Store, log: &File) -> Result<Child, Failure> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--background-child");
    if store.default {
        command.arg("--create");
    }
    command.arg("--").arg(&store.git_dir);
    // A command run from a hook has these set, and they would be about another repository.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"GIT_") || name.as_encoded_bytes().starts_with(b"ACETATE_") {
            command.env_remove(name);
        }
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
    command.spawn().map_err(|error| Failure::unreachable(format!("the daemon can't be started: {error}")))
}

fn tail(log: &mut File, from: u64) -> String {
    let mut read = || -> std::io::Result<String> {
        let end = log.metadata()?.len();
        log.seek(SeekFrom::Start(from.max(end.saturating_sub(TAIL.0))))?;
        let mut bytes = Vec::new();
        log.take(TAIL.0).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(TAIL.1)).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
