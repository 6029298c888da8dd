//! The command: finds the store, reaches its daemon, joins the streams.

use super::bridge::{Reach, bridge};
use super::memory::Memory;
use super::upgrade::Joined;
use crate::client::{Exit, Failure, Start, Store, connect, expected_socket};
use crate::commands::Context;
use crate::daemon::DaemonFile;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::BufReader;

/// How long the list of tools may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves one agent over standard input and output.
///
/// # Errors
/// When no daemon can be had at first, or the agent's process is gone.
pub fn run(context: &mut Context) -> Result<Exit, Failure> {
    let store = context.store()?;
    let start = context.start();
    let named = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let daemon = Daemon { store, start, workspace: named(&context.global.workspace) };
    let memory = Memory::new(named(&context.global.session));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(bridge(daemon, memory, BufReader::new(tokio::io::stdin()), tokio::io::stdout()));
    // A read of standard input can't be called off; waiting for it would keep the process.
    runtime.shutdown_background();
    done.map(|()| Exit::Ok)
}

/// How many tools an agent would get: the first call of a conversation without a handshake.
///
/// # Errors
/// When no daemon can be had, or it answers something else.
pub fn tools(context: &mut Context) -> Result<usize, Failure> {
    let mut daemon = Daemon { store: context.store()?, start: context.start(), workspace: None };
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "acetate-doctor", "version": env!("CARGO_PKG_VERSION") },
    });
    let asked = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let listed = async {
            let mut joined = daemon.reach(None).await?;
            joined.say(&asked.to_string()).await?;
            let line = joined.from.next_line().await?;
            line.ok_or_else(|| Failure::unreachable("the daemon ended the connection"))
        };
        let late = |_| Err(Failure::timed_out("the tools were not listed in time"));
        tokio::time::timeout(PATIENCE, listed).await.unwrap_or_else(late)
    })?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| Failure::unexpected(format!("the daemon said no JSON: {error}")))?;
    answer["result"]["tools"].as_array().map(Vec::len).ok_or_else(|| Failure::unexpected("the daemon listed no tools"))
}

struct Daemon {
    store: Store,
    start: Start,
    workspace: Option<String>,
}

impl Reach for Daemon {
    async fn reach(&mut self, session: Option<&str>) -> Result<Joined, Failure> {
        let workspace = self.workspace.as_deref();
        let socket = self.socket();
        if let Ok(joined) = Joined::open(&socket, workspace, session).await {
            return Ok(joined);
        }
        // Starting waits for a process, with a runtime of its own.
        let (store, start) = (self.store.clone(), self.start.clone());
        let started = tokio::task::spawn_blocking(move || connect(&store, &start).map(drop));
        started.await.map_err(|error| Failure::unreachable(format!("the daemon can't be started: {error}")))??;
        Joined::open(&self.socket(), workspace, session).await
    }
}

impl Daemon {
    fn socket(&self) -> PathBuf {
        let state = self.store.state_dir();
        DaemonFile::read(&state).map_or_else(|| expected_socket(&state), |file| file.socket)
    }
}
