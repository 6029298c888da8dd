//! From the command line to the exit code.

use super::{Context, conflicts, daemon, doctor, events, files, logging, search, session, symbols, turn, workspace};
use crate::args::{AgentCommand, Cli, Command};
use crate::client::{Exit, Failure};
use crate::output::{Output, clean};
use clap::Parser as _;
use std::process::ExitCode;

/// Reads the command line, runs the command, says how it ended.
pub fn main() -> ExitCode {
    let Cli { global, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    // Only the daemon has something to say of its own; ACETATE_LOG opens the mouth of the other commands too.
    logging::start(if matches!(command, Command::Serve(_)) { "info,rmcp=warn" } else { "off" });
    let mut context = Context::new(global.clone(), Output::new(global.json));
    let ended = run(&mut context, command).and_then(|exit| context.out.flush().map(|()| exit));
    ended
        .unwrap_or_else(|failure| {
            context.out.failure(&failure);
            failure.exit() as u8
        })
        .into()
}

/// Help and versions go to standard output. A command line that is wrong ends with 2, and is told to programs as every failure is.
fn not_understood(error: &clap::Error) -> ExitCode {
    let programs = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if !error.use_stderr() || !programs {
        // Nobody reading it changes nothing about how it ends.
        drop(error.print());
        return if error.use_stderr() { wrong_usage() } else { Exit::Ok.into() };
    }
    let text = error.render().to_string();
    let said = match error.kind() {
        clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing",
        // The parser's first paragraph; what follows is usage for people.
        _ => text.strip_prefix("error: ").unwrap_or(&text).split("\n\n").next().unwrap_or_default().trim(),
    };
    // A path that no repository may hold is told as every door tells it.
    let path = std::error::Error::source(error).and_then(|source| source.downcast_ref::<acetate_types::PathError>());
    if let Some(path) = path {
        Output::new(true).failure(&acetate_types::Classify::problem(&acetate_engine::EngineError::from(*path)).into());
        return wrong_usage();
    }
    let failure = Failure::usage(clean(said)).hint("`acetate COMMAND --help` says what may be said");
    Output::new(true).failure(&failure);
    wrong_usage()
}

/// How a wrong command line ends: where small numbers count conflicts, as Git's commands do.
fn wrong_usage() -> ExitCode {
    let named = std::env::args_os().skip(1).find(|arg| !arg.as_encoded_bytes().starts_with(b"-"));
    let git_like = named.is_some_and(|name| crate::merge::is_git_like(&name));
    if git_like { crate::merge::USAGE.into() } else { Exit::Usage.into() }
}

fn run(context: &mut Context, command: Command) -> Result<u8, Failure> {
    let ended = match command {
        Command::Git(command) => return Ok(crate::merge::run(&mut context.out, context.global.store.as_deref(), &command)),
        Command::Serve(args) => crate::daemon::serve(context, args),
        Command::Stop(_) => daemon::stop(context),
        Command::Demo(args) => crate::demo::run(context, &args),
        Command::Agent(args) => match args.command {
            AgentCommand::Hook { event } => crate::mount::hook(context, event),
            command => crate::agent::agent(&mut context.out, context.global.store.as_deref(), &command),
        },
        Command::Mcp(_) => crate::mcp::run(context),
        Command::Run(args) => return crate::mount::run(context, args),
        Command::Shell(args) => return crate::mount::shell(context, &args),
        Command::Open(args) => return crate::mount::open(context, &args),
        Command::Mount(args) => crate::mount::mount(context, &args),
        Command::Unmount(args) => crate::mount::unmount(context, &args),
        Command::Checkout(args) => crate::checkout::checkout(context, &args),
        Command::SyncDir(args) => crate::checkout::sync_dir(context, &args),
        Command::MountGuard => crate::mount::guard(),
        Command::Doctor(args) => doctor::doctor(context, &args),
        Command::Completions(args) => daemon::completions(context, &args),
        Command::Import(args) => daemon::import(context, args),
        Command::Migrate(args) => crate::migrate::migrate(context, &args),
        Command::Show(args) => workspace::show(context, &args),
        Command::Backup(args) => daemon::backup(context, &args),
        Command::Token(args) => daemon::token(context, args),
        Command::Workspace(args) => workspace::workspace(context, args.command),
        Command::Log(args) => workspace::log(context, args.before, args.limit, args.branch.as_deref()),
        Command::Events(args) => events::events(context, &args),
        Command::Session(args) => session::session(context, args.command),
        Command::Status(_) => turn::status(context),
        Command::Diff(args) => turn::diff(context, &args),
        Command::Commit(args) => turn::commit(context, args),
        Command::Sync(args) => turn::sync(context, &args),
        Command::Conflicts(args) => conflicts::conflicts(context, &args),
        Command::Submit(args) => turn::submit(context, args),
        Command::Resolve(args) => conflicts::resolve(context, args),
        Command::Setup(args) => crate::merge::setup(&mut context.out, &args.what),
        Command::Ls(args) => files::ls(context, &args),
        Command::Read(args) => files::read(context, args),
        Command::Write(args) => files::write(context, args),
        Command::Edit(args) => files::edit(context, args),
        Command::Rm(args) => files::rm(context, args),
        Command::Mv(args) => files::mv(context, args),
        Command::Grep(args) => search::grep(context, args),
        Command::Symbols(args) => symbols::symbols(context, &args),
    };
    ended.map(|exit| exit as u8)
}
