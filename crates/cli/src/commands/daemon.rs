//! Commands around the daemon: stop, import, backup, token, completions.

use super::Context;
use super::workspace_view::show_workspace;
use crate::args::{Backup, Cli, Completions, Import, RightArg, Token, TokenCommand, TokenCreate};
use crate::client::{Exit, Failure, Request, encode_segment, reach};
use crate::output::{BOLD, DIM, Output, Table, line, paint};
use acetate_engine::BackupReport;
use acetate_engine::api::{CreateToken, CreateWorkspace, NewToken, Right, TokenInfo, TokenList, WorkspaceInfo, WorkspaceSource};
use clap::CommandFactory as _;
use serde_json::json;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a daemon may take to end.
const STOP: Duration = Duration::from_secs(30);

/// Stops the daemon; that there is none is no error.
pub fn stop(context: &mut Context) -> Result<Exit, Failure> {
    let store = context.store()?;
    let Ok(reached) = reach(&store, None) else {
        if context.out.json() {
            context.out.document(&json!({ "stopped": false }))?;
        } else {
            context.out.line("no daemon is running")?;
        }
        return Ok(Exit::Ok);
    };
    let pid = reached.client.daemon_pid().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
    let pid = pid.ok_or_else(|| Failure::unexpected("the system does not tell which process serves the socket"))?;
    drop(reached);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(std::io::Error::from)?;
    let deadline = Instant::now() + STOP;
    // Gone is a daemon that neither answers nor runs: only then is the store free.
    while rustix::process::test_kill_process(pid).is_ok() {
        if Instant::now() > deadline {
            return Err(Failure::timed_out(format!("the daemon (process {pid}) has not ended within {} s", STOP.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(15));
    }
    if context.out.json() {
        context.out.document(&json!({ "stopped": true, "pid": pid.as_raw_nonzero().get() }))?;
    } else {
        context.out.line(format_args!("stopped (process {pid})"))?;
    }
    Ok(Exit::Ok)
}

/// Makes a workspace from a repository or a bundle.
pub fn import(context: &mut Context, args: Import) -> Result<Exit, Failure> {
    let from = source(context, &args.source)?;
    let create = CreateWorkspace { name: args.name, description: args.description, from: Some(from), ..CreateWorkspace::default() };
    let reply = context.ask_long("importing", Request::post("/v1/workspaces", &create)?)?;
    context.answer(&reply, |out, made: WorkspaceInfo| show_workspace(out, &made))
}

/// A file is a bundle, what exists is a repository, and the rest has to be an address.
fn source(context: &Context, source: &OsStr) -> Result<WorkspaceSource, Failure> {
    let path = Path::new(source);
    match path.metadata() {
        Ok(found) if found.is_file() && is_bundle(path) => Ok(WorkspaceSource::Bundle(context.absolute(path)?)),
        Ok(found) if found.is_file() => Err(Failure::usage(format!("{} is a file, and not a Git bundle", path.display()))),
        Ok(_) => Ok(WorkspaceSource::Git(context.absolute(path)?)),
        Err(error) => match source.to_str() {
            Some(text) if is_address(text) => Ok(WorkspaceSource::Git(text.to_owned())),
            _ => Err(Failure::file(path, &error)),
        },
    }
}

/// A scheme, or ssh's short form `host:path`.
fn is_address(text: &str) -> bool {
    text.contains("://") || text.split_once(':').is_some_and(|(host, path)| !host.is_empty() && !host.contains('/') && !path.is_empty())
}

fn is_bundle(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    read.is_ok() && (start.starts_with(b"# v2 git bundle") || start.starts_with(b"# v3 git bundle"))
}

/// Copies the running store.
pub fn backup(context: &mut Context, args: &Backup) -> Result<Exit, Failure> {
    let to = context.absolute(&args.dir)?;
    let reply = context.ask_long("copying the store", Request::post("/v1/backup", &json!({ "path": to }))?)?;
    context.answer(&reply, |out, made: BackupReport| {
        out.line(format_args!("{}  {}", line(&made.path), super::session_view::bytes(made.bytes)))
    })
}

/// Everything about tokens.
pub fn token(context: &mut Context, args: Token) -> Result<Exit, Failure> {
    match args.command {
        TokenCommand::Create(args) => create_token(context, args),
        TokenCommand::List => {
            let reply = context.ask(Request::get("/v1/tokens"))?;
            context.answer(&reply, |out, list: TokenList| show_tokens(out, &list))
        }
        TokenCommand::Revoke { id } => {
            let reply = context.ask(Request::delete(format!("/v1/tokens/{}", encode_segment(&id))))?;
            context.answer(&reply, |out, token: TokenInfo| out.line(format_args!("revoked {}  {}", line(&token.id), line(&token.label))))
        }
    }
}

fn show_tokens(out: &mut Output, list: &TokenList) -> Result<(), Failure> {
    let mut table = Table::new();
    for token in &list.tokens {
        let rights: Vec<&str> = token.rights.iter().map(|right| right.as_str()).collect();
        let scope = token.workspace.as_ref().map_or_else(|| "store".to_owned(), ToString::to_string);
        let ends = token.expires.map_or_else(|| "never ends".to_owned(), |at| format!("ends {at}"));
        table.row([paint(BOLD, line(&token.id)), rights.join(","), scope, paint(DIM, ends), line(&token.label)]);
    }
    out.table(&table)
}

/// Makes a token.
fn create_token(context: &mut Context, args: TokenCreate) -> Result<Exit, Failure> {
    let rights = args.rights.iter().map(|right| match right {
        RightArg::Read => Right::Read,
        RightArg::Write => Right::Write,
        RightArg::Land => Right::Land,
        RightArg::Admin => Right::Admin,
    });
    let create = CreateToken { workspace: args.only, rights: rights.collect(), label: args.label, ttl: args.ttl };
    let reply = context.ask(Request::post("/v1/tokens", &create)?)?;
    context.answer(&reply, |out, made: NewToken| {
        out.line(line(&made.token))?;
        out.note(format_args!("its id is {}", line(&made.id)));
        out.note("it is shown only this once; send it as `Authorization: Bearer …`, for Git as the password of any user");
        Ok(())
    })
}

/// Prints a completion script.
pub fn completions(context: &mut Context, args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "acetate", &mut script);
    if context.out.json() {
        context.out.document(&json!({ "script": String::from_utf8_lossy(&script) }))?;
    } else {
        context.out.bytes(&script)?;
    }
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
        for text in ["https://example.com/a.git", "git@example.com:a.git", "ssh://host/a"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["a/b", "./a:b", "/a:b", "plain", ":x", "a:"] {
            assert!(!is_address(text), "{text}");
        }
    }
}
