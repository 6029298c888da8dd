//! The least client of MCP: over a process's standard streams, as agents' tools start servers, and over HTTP.

use crate::http::{Connection, Daemon};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Something that has tools.
pub trait Tools: Send {
    /// Calls a tool; gives its result.
    ///
    /// # Errors
    /// When it fails, the tool's own failures included.
    fn call(&mut self, tool: &str, arguments: Value) -> Result<Value>;

    /// Makes sure of the connection: one that was silent for a minute is closed by the daemon.
    ///
    /// # Errors
    /// When there is none to be had.
    fn ready(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A result that is no failure.
fn checked(tool: &str, answer: &Value) -> Result<Value> {
    if let Some(error) = answer.get("error") {
        bail!("{tool}: {error}");
    }
    let result = &answer["result"];
    if result["isError"] == true {
        bail!("{tool}: {}", result["content"]);
    }
    Ok(result.clone())
}

/// A server as a child process.
#[derive(Debug)]
pub struct Server {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    line: String,
    next: u64,
}

impl Server {
    /// Starts a server by its command line and opens the conversation.
    ///
    /// # Errors
    /// When it can't be started or does not answer.
    pub fn start(command_line: &str, further: &[&Path], folder: &Path) -> Result<Self> {
        let mut words = command_line.split_whitespace();
        let program = words.next().context("an empty command line")?;
        let mut command = Command::new(program);
        command.args(words).args(further).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("{program} is not installed"))?;
        let (to, from) = (child.stdin.take(), child.stdout.take().context("no output")?);
        let mut server = Self { child, to, from: BufReader::with_capacity(1 << 17, from), line: String::new(), next: 0 };
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "bench", "version": "1" } });
        server.ask("initialize", &hello)?;
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok(server)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn say(&mut self, message: &Value) -> Result<()> {
        let mut text = message.to_string();
        text.push('\n');
        self.to.as_mut().context("the server was ended")?.write_all(text.as_bytes())?;
        Ok(())
    }

    fn ask(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.next += 1;
        let id = self.next;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            self.line.clear();
            if self.from.read_line(&mut self.line)? == 0 {
                bail!("the server ended");
            }
            let answer: Value = serde_json::from_str(&self.line)?;
            if answer["method"] == "roots/list" {
                self.say(&json!({ "jsonrpc": "2.0", "id": answer["id"], "error": { "code": -32601, "message": "none" } }))?;
            } else if answer["id"] == id {
                return Ok(answer);
            }
        }
    }
}

impl Tools for Server {
    fn call(&mut self, tool: &str, arguments: Value) -> Result<Value> {
        let answer = self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }))?;
        checked(tool, &answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Servers end when their input does; one that does not is ended.
        drop(self.to.take());
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The daemon's own door over HTTP, without a handshake, in a session of its own.
#[derive(Debug)]
pub struct OverHttp {
    connection: Connection,
    socket: PathBuf,
    session: Option<String>,
    next: u64,
}

impl OverHttp {
    /// Opens a session.
    ///
    /// # Errors
    /// When the daemon refuses.
    pub fn open(daemon: &Daemon) -> Result<Self> {
        let mut own = Self { connection: daemon.connect()?, socket: daemon.socket().to_owned(), session: None, next: 0 };
        let opened = own.call("session_open", json!({ "agent": "bench" }))?;
        own.session = Some(opened["structuredContent"]["session_id"].as_str().context("no session")?.to_owned());
        Ok(own)
    }
}

impl Tools for OverHttp {
    fn ready(&mut self) -> Result<()> {
        self.connection = Connection::open(&self.socket)?;
        Ok(())
    }

    fn call(&mut self, tool: &str, mut arguments: Value) -> Result<Value> {
        self.next += 1;
        if let Some(session) = &self.session {
            arguments["session_id"] = session.as_str().into();
        }
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
        });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let body = json!({ "jsonrpc": "2.0", "id": self.next, "method": "tools/call", "params": params });
        let headers = format!(
            "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {tool}\r\n"
        );
        let answer = self.connection.call_with("POST", "/mcp", &headers, Some(&serde_json::to_vec(&body)?))?;
        checked(tool, &serde_json::from_slice(answer)?)
    }
}
