//! The server with the MCP conformance suite's fixtures beside its own tools: `conformance REPOSITORY SOCKET HOST…` serves the repository
//! on that Unix socket, to requests that name one of these hosts, until its standard input ends.
//!
//! All but the handler is the server as it is shipped.

mod fixtures;

use acetate_engine::{Engine, EngineOptions};
use acetate_mcp::{Handler, McpLimits};
use acetate_server::{ServeOptions, Server};
use fixtures::WithFixtures;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(repository), Some(socket)) = (arguments.next(), arguments.next()) else {
        return Err("usage: conformance REPOSITORY SOCKET HOST…".into());
    };
    let extra_hosts = arguments.map(|host| host.to_string_lossy().into_owned()).collect();
    let engine = Engine::open(EngineOptions::at(PathBuf::from(repository)))?;
    let fixtures = fixtures::Shared::default();
    let handlers = move |shared: &Arc<acetate_mcp::Shared>, stopping: CancellationToken| {
        let (shared, fixtures) = (shared.clone(), fixtures.clone());
        acetate_mcp::http(move || WithFixtures::new(Handler::new(shared.clone()), fixtures.clone()), &McpLimits::default(), stopping)
    };
    let options = ServeOptions {
        unix_socket: Some(PathBuf::from(socket)),
        extra_hosts,
        mcp_handlers: Some(Arc::new(handlers)),
        ..ServeOptions::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(engine.clone(), options));
    // Without waiting: the thread that reads standard input may never come back.
    runtime.shutdown_background();
    engine.shutdown();
    ended
}

async fn serve(engine: Engine, options: ServeOptions) -> Result<(), Box<dyn Error>> {
    let server = Server::bind(engine, options).await?;
    let mut out = std::io::stdout();
    writeln!(out, "ready")?;
    out.flush()?;
    let ended = async {
        let mut nothing = Vec::new();
        // What cannot be read has ended too.
        let _ = tokio::io::stdin().read_to_end(&mut nothing).await;
    };
    Ok(server.run(ended).await?)
}
