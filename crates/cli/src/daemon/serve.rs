//! `acetate serve`: opens the store, listens, says where, and ends when asked to or when nobody calls.

use super::state::{DaemonFile, private_dir};
use super::token;
use crate::args;
use crate::client::{Environment, Exit, Failure, Store, expected_socket};
use crate::commands::Context;
use crate::mount::Folders;
use crate::output::{BOLD, DIM, Table, line, paint};
use acetate_engine::{Engine, EngineOptions, Limits};
use acetate_oauth::{Issuer, KeySource};
use acetate_server::{Activity, Bound, HttpLimits, ServeOptions, Server};
use acetate_types::{Classify as _, ObjectFormat};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long a daemon started on demand stays without a call, in seconds.
const IDLE: u64 = 30 * 60;
/// Most calls of one token in a second, where other machines may call.
const REMOTE_RATE: u32 = 1_000;

/// Serves until interrupted.
pub fn serve(context: &mut Context, args: args::Serve) -> Result<Exit, Failure> {
    if args.background_child {
        // A session of its own, so that the terminal's signals don't reach it. It fails only for one that has it already.
        if let Err(error) = rustix::process::setsid() {
            tracing::debug!(%error, "no session of its own");
        }
    }
    let tcp = if args.no_tcp { None } else { Some(address(&args.listen)?) };
    let path = place(context, &args)?;
    let idle = args.idle_exit.or(args.background_child.then_some(IDLE)).map(Duration::from_secs);
    let mut options = EngineOptions::at(path);
    options.create = args.create;
    options.format = if args.object_format == "sha256" { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    options.limits.cache_bytes = match args.cache {
        Some(mib) => usize::try_from(mib << 20).unwrap_or(usize::MAX),
        None => {
            let system = rustix::system::sysinfo();
            Limits::caches_for((system.totalram as u64).saturating_mul(u64::from(system.mem_unit)))
        }
    };
    let engine = Engine::open(options)?;
    let issuer = issuer(&args)?.map(Arc::new);
    let rate = args.rate.or(args.allow_remote.then_some(REMOTE_RATE)).and_then(NonZeroU32::new);
    let limits = HttpLimits { rate, ..HttpLimits::default() };
    let listen = Listen { tcp, allow_remote: args.allow_remote, hosts: args.hosts, origins: args.origins, idle, issuer, limits };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(listen.run(context, &engine));
    // Waits for calls that are still in the engine, so that nothing is cut off.
    drop(runtime);
    engine.shutdown();
    ended.map(|()| Exit::Ok)
}

/// What to serve: what is named, even if it has still to be made, else what every command finds.
fn place(context: &Context, args: &args::Serve) -> Result<PathBuf, Failure> {
    let named = args.repo.as_deref().or(context.global.store.as_deref());
    match (Store::find(named, &Environment::of_process()?), named) {
        (Ok(store), _) if store.git_dir.is_dir() || args.create => Ok(store.git_dir),
        (Ok(store), _) => Err(Failure::not_found("store_not_found", "there is no repository around the current folder, and no store yet")
            .hint(format!("`acetate serve --create` makes one at {}", store.git_dir.display()))),
        (Err(_), Some(named)) if args.create => Ok(std::env::current_dir()?.join(named)),
        (Err(failure), _) => Err(failure),
    }
}

/// An address, or a port of the loopback address.
fn address(text: &str) -> Result<SocketAddr, Failure> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| Failure::usage(format!("{} is neither a port nor an address such as 127.0.0.1:7070", line(text))))
}

struct Listen {
    tcp: Option<SocketAddr>,
    allow_remote: bool,
    hosts: Vec<String>,
    origins: Vec<String>,
    idle: Option<Duration>,
    issuer: Option<Arc<Issuer>>,
    limits: HttpLimits,
}

/// The issuer whose tokens count too.
fn issuer(args: &args::Serve) -> Result<Option<Issuer>, Failure> {
    let (Some(issuer), Some(audience)) = (&args.oauth_issuer, &args.oauth_audience) else { return Ok(None) };
    let keys = match &args.oauth_keys {
        None => KeySource::Discover,
        Some(address) if address.contains("://") => KeySource::Address(address.clone()),
        Some(file) => KeySource::File(std::env::current_dir()?.join(file)),
    };
    Ok(Some(Issuer::new(issuer.as_str(), audience.as_str(), keys)))
}

impl Listen {
    async fn run(self, context: &mut Context, engine: &Engine) -> Result<(), Failure> {
        let git_dir = engine.git_dir().to_owned();
        let state = git_dir.join("acetate");
        private_dir(&state)?;
        let socket = expected_socket(&state);
        if let Some(folder) = socket.parent() {
            private_dir(folder)?;
        }
        let token = token::ensure(engine, &state)?;
        // Before anybody can reach the daemon, for who does may ask for a mount next.
        let folders = crate::mount::serve_mounts(engine, &socket, &state)?;
        let options = ServeOptions {
            unix_socket: Some(socket),
            tcp: self.tcp,
            allow_remote: self.allow_remote,
            extra_hosts: self.hosts,
            extra_origins: self.origins,
            limits: self.limits,
            issuer: self.issuer,
            ..ServeOptions::default()
        };
        // Before anything is announced, so that no signal finds nobody listening for it.
        let stop = stop_signal()?;
        let server = Server::bind(engine.clone(), options).await.map_err(|error| error.problem())?;
        let bound = server.addresses().clone();
        let activity = server.activity();
        let pid = std::process::id();
        let http = bound.tcp.map(|address| format!("http://{address}"));
        let file = DaemonFile {
            pid,
            socket: bound.unix.clone().unwrap_or_default(),
            http: http.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        file.write(&state)?;
        announce(context, &git_dir, &bound, http.as_deref(), &token)?;
        let idle = self.idle;
        let used = folders.another();
        let ended = server
            .run(async move {
                tokio::select! {
                    () = stop => tracing::info!("asked to end"),
                    () = nobody(activity, idle, &used) => tracing::info!("ending: nobody has called for a while"),
                }
            })
            .await;
        folders.close();
        DaemonFile::remove(&state, pid);
        ended.map_err(|error| error.problem().into())
    }
}

/// Ready on the first SIGINT or SIGTERM; a second one ends the process at once.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let mut any = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        any().await;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            // Every answered call is durable already; what is cut off has not been answered.
            std::process::exit(130);
        });
    })
}

/// Ready when nobody has called for so long, and nothing is mounted; never without a bound.
async fn nobody(activity: Activity, idle: Option<Duration>, folders: &Folders) {
    let Some(idle) = idle else { return std::future::pending().await };
    loop {
        let left = idle.saturating_sub(activity.idle_for());
        if left.is_zero() && !folders.any() {
            return;
        }
        let pause = if left.is_zero() { Duration::from_secs(1) } else { left };
        tokio::time::sleep(pause.max(Duration::from_millis(50))).await;
    }
}

fn announce(context: &mut Context, git_dir: &Path, bound: &Bound, http: Option<&str>, token: &Path) -> Result<(), Failure> {
    let socket = bound.unix.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    if context.out.json() {
        let serving = json!({
            "serving": git_dir.to_string_lossy(),
            "socket": socket,
            "http": http,
            "token_file": token.to_string_lossy(),
            "pid": std::process::id(),
        });
        context.out.document(&serving)?;
        return context.out.flush();
    }
    let mut table = Table::new();
    let mut row = |name: &str, value: String| {
        table.row([paint(DIM, name), value]);
    };
    row("serving", paint(BOLD, git_dir.display()));
    row("socket", socket);
    if let Some(http) = http {
        row("http", format!("{http}/v1"));
        row("git", format!("{http}/git/WORKSPACE.git"));
        row("token", format!("{}  (as `Authorization: Bearer …`, for Git as the password of any user)", token.display()));
    }
    context.out.table(&table)?;
    context.out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_means_the_loopback_address() {
        for (text, expect) in
            [("7070", Some("127.0.0.1:7070")), ("0.0.0.0:1", Some("0.0.0.0:1")), ("[::1]:0", Some("[::1]:0")), ("x", None), ("70700", None)]
        {
            assert_eq!(address(text).ok().map(|address| address.to_string()).as_deref(), expect, "{text}");
        }
    }
}
