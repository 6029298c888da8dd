//! The command: finds the store, reaches its daemon, joins the streams.

use super::bridge::{Reach, bridge};
use super::memory::Memory;
use super::upgrade::Joined;
use crate::client::{Exit, Failure, Start, Store, connect, expected_socket};
use crate::commands::Context;
use crate::daemon::DaemonFile;
use std::path::PathBuf;
use tokio::io::BufReader;

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
