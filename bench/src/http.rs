//! The real daemon as a child process, and the least HTTP client that can talk to it over a connection that is kept.

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Finds the `acetate` binary: the one named, else the one beside this binary, which is built when missing.
///
/// # Errors
/// When it is not there and can't be built.
pub fn binary(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(named) = named {
        return named.canonicalize().with_context(|| format!("{}", named.display()));
    }
    let own = std::env::current_exe()?;
    let beside = own.with_file_name("acetate");
    if !beside.exists() {
        eprintln!("building the acetate binary");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "-p", "acetate"]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        if !build.status().context("cargo can't be run")?.success() || !beside.exists() {
            bail!("{} is missing and could not be built; name one with --acetate", beside.display());
        }
    }
    Ok(beside)
}

/// A daemon on its Unix socket, asked to end when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    socket: PathBuf,
    repository: PathBuf,
}

impl Daemon {
    /// Serves a repository. What the daemon says goes to a file beside it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve(binary: &Path, repository: &Path) -> Result<Self> {
        let log = repository.with_extension("daemon.log");
        let mut command = Command::new(binary);
        command.args(["serve", "--no-tcp", "--json"]).arg(repository).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log)?).spawn().context("the daemon can't be run")?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        // Built first, so that the child is ended whatever its first line says.
        let mut daemon = Self { child, socket: PathBuf::new(), repository: repository.to_owned() };
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let first: serde_json::Value =
            serde_json::from_str(&line).map_err(|_| anyhow::anyhow!("the daemon did not start: {line}{}", said()))?;
        daemon.socket = first.get("socket").and_then(|socket| socket.as_str()).context("the daemon named no socket")?.into();
        Ok(daemon)
    }

    /// What it serves.
    pub fn repository(&self) -> &Path {
        &self.repository
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A connection to it.
    ///
    /// # Errors
    /// When it refuses.
    pub fn connect(&self) -> Result<Connection> {
        Connection::open(&self.socket)
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // One that has ended by itself needs no asking.
            let _ = kill_process(pid, Signal::TERM);
        }
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A connection that is kept from request to request.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<UnixStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    /// A connection to the daemon at this socket.
    ///
    /// # Errors
    /// When it refuses.
    pub fn open(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).context("connecting to the daemon")?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { stream: BufReader::with_capacity(1 << 17, stream), line: String::new(), body: Vec::new() })
    }

    /// One request; gives the answer's body, which the next request overwrites.
    ///
    /// # Errors
    /// When the answer is no success, with what it says.
    pub fn call(&mut self, method: &str, path: &str, body: Option<&[u8]>) -> Result<&[u8]> {
        self.call_with(method, path, "", body)
    }

    /// The same with further headers, each with its line end.
    ///
    /// # Errors
    /// As for [`Connection::call`].
    pub fn call_with(&mut self, method: &str, path: &str, headers: &str, body: Option<&[u8]>) -> Result<&[u8]> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}").into_bytes();
        if let Some(body) = body {
            request.extend_from_slice(format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()).as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body.unwrap_or_default());
        self.stream.get_mut().write_all(&request)?;
        let status = self.read_line()?.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok()).context("no status line")?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.trim().eq_ignore_ascii_case("chunked");
            }
        }
        self.body.clear();
        if chunked {
            self.read_chunks()?;
        } else {
            self.take(length)?;
        }
        if !(200..300).contains(&status) {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(&self.body));
        }
        Ok(&self.body)
    }

    /// One request with a JSON answer.
    ///
    /// # Errors
    /// As for [`Connection::call`], and when the answer is no JSON.
    pub fn json(&mut self, method: &str, path: &str, body: Option<&serde_json::Value>) -> Result<serde_json::Value> {
        let body = body.map(serde_json::to_vec).transpose()?;
        Ok(serde_json::from_slice(self.call(method, path, body.as_deref())?)?)
    }

    /// The id of the workspace that is served in place.
    ///
    /// # Errors
    /// When there is none.
    pub fn workspace(&mut self) -> Result<String> {
        let list = self.json("GET", "/v1/workspaces", None)?;
        let found = list["workspaces"].as_array().into_iter().flatten().find(|workspace| workspace["in_place"] == true);
        Ok(found.and_then(|workspace| workspace["id"].as_str()).context("no workspace in place")?.to_owned())
    }

    /// Opens a session; gives its id.
    ///
    /// # Errors
    /// When the daemon refuses.
    pub fn open_session(&mut self, workspace: &str) -> Result<String> {
        let body = br#"{"agent":"bench"}"#;
        let opened: serde_json::Value =
            serde_json::from_slice(self.call("POST", &format!("/v1/workspaces/{workspace}/sessions"), Some(body))?)?;
        Ok(opened["id"].as_str().context("a session without an id")?.to_owned())
    }

    fn read_line(&mut self) -> Result<&str> {
        self.line.clear();
        if self.stream.read_line(&mut self.line)? == 0 {
            bail!("the daemon closed the connection");
        }
        Ok(self.line.trim_end())
    }

    fn read_chunks(&mut self) -> Result<()> {
        loop {
            let length =
                usize::from_str_radix(self.read_line()?.split(';').next().unwrap_or_default().trim(), 16).context("a chunk's length")?;
            self.take(length)?;
            self.read_line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn take(&mut self, length: usize) -> Result<()> {
        let from = self.body.len();
        self.body.resize(from + length, 0);
        Ok(self.stream.read_exact(&mut self.body[from..])?)
    }
}
