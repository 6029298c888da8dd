//! The top of the command tree.

use super::{
    Agent, Backup, Checkout, Commit, Completions, Conflicts, Demo, Diff, Doctor, Edit, Events, GitCommand, Global, Grep, Import, Log, Ls,
    Mcp, Migrate, Mount, Mv, Open, Read, Resolve, Rm, Run, Serve, Session, Setup, Shell, Show, Status, Stop, Submit, Symbols, Sync,
    SyncDir, Token, Unmount, Workspace, Write,
};
use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
EXAMPLES:
  acetate demo                                       see twenty agents work on this repository
  export ACETATE_SESSION=$(acetate session open --agent ada --id-only)
  acetate edit src/lib.rs --old 'foo()' --new 'bar()'
  acetate diff
  acetate submit -m 'Call bar'";

/// Many agents edit one codebase at the same time, each in a session of its own; what they submit lands as Git commits.
#[derive(Debug, Parser)]
#[command(name = "acetate", version, after_help = EXAMPLES, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    // The daemon and the machine.
    Serve(Serve),
    Stop(Stop),
    Demo(Demo),
    Doctor(Doctor),
    // Agents.
    Agent(Agent),
    Mcp(Mcp),
    Run(Run),
    // Codebases.
    Import(Import),
    Migrate(Migrate),
    Workspace(Workspace),
    Log(Log),
    Show(Show),
    Events(Events),
    Backup(Backup),
    Token(Token),
    // Sessions.
    Session(Session),
    Status(Status),
    Ls(Ls),
    Read(Read),
    Grep(Grep),
    Symbols(Symbols),
    Write(Write),
    Edit(Edit),
    Rm(Rm),
    Mv(Mv),
    Diff(Diff),
    Commit(Commit),
    Sync(Sync),
    Submit(Submit),
    Conflicts(Conflicts),
    Resolve(Resolve),
    // Sessions as folders.
    Mount(Mount),
    Unmount(Unmount),
    Shell(Shell),
    Open(Open),
    Checkout(Checkout),
    SyncDir(SyncDir),
    /// Unmount what a killed daemon leaves behind
    #[command(hide = true)]
    MountGuard,
    // Merging for plain Git.
    #[command(flatten)]
    Git(GitCommand),
    Setup(Setup),
    Completions(Completions),
}
