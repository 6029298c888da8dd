//! Arguments of `acetate session`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Sessions: one agent's edits over a pinned version
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate session open --agent ada --intent 'Faster parser'
  acetate session list
  acetate session close")]
pub struct Session {
    #[command(subcommand)]
    pub command: SessionCommand,
}

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    Open(SessionOpen),
    /// List the sessions that are not closed, newest first
    #[command(after_help = "EXAMPLES:\n  acetate session list")]
    List,
    /// Show a session
    #[command(after_help = "EXAMPLES:\n  acetate session show\n  acetate session show s_0123456789abcdef")]
    Show(SessionName),
    /// Take a session out of memory, keeping its edits
    #[command(after_help = "EXAMPLES:\n  acetate session pause")]
    Pause(SessionName),
    /// Bring a paused session back
    #[command(after_help = "EXAMPLES:\n  acetate session resume s_0123456789abcdef")]
    Resume(SessionName),
    /// Show the workspace's working session, whose commits land at once; it is opened if there is none
    #[command(after_help = "EXAMPLES:\n  export ACETATE_SESSION=$(acetate session working --id-only)")]
    Working {
        /// Print its id alone
        #[arg(long)]
        id_only: bool,
    },
    /// List the turns of a session since it stands on its base, newest first
    #[command(after_help = "EXAMPLES:\n  acetate session turns")]
    Turns(SessionName),
    /// End the turn and name its commit
    #[command(after_help = "EXAMPLES:\n  acetate session checkpoint before-the-refactoring -m 'It works so far'")]
    Checkpoint {
        /// The checkpoint's name
        name: String,
        /// Why
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
    },
    Close(SessionClose),
    Fork(SessionFork),
    Archive(SessionArchive),
}

/// Names a session.
#[derive(Debug, Args)]
pub struct SessionName {
    /// The session [default: --session, ACETATE_SESSION]
    pub id: Option<String>,
}

/// Open a session on a branch's head
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate session open --agent ada --intent 'Faster parser'
  export ACETATE_SESSION=$(acetate session open --agent ada --id-only)
  acetate session open --agent bob --branch release --ttl 3600")]
pub struct SessionOpen {
    /// Who works in it
    #[arg(long, value_name = "NAME", env = "ACETATE_AGENT", hide_env_values = true)]
    pub agent: String,
    /// What it is going to do, shown to others
    #[arg(long, value_name = "TEXT")]
    pub intent: Option<String>,
    /// The branch [default: the workspace's default branch]
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Stand on this version, ref or commit [default: the branch's head]
    #[arg(long, value_name = "POINT")]
    pub at: Option<String>,
    /// Keep unsaved edits in memory only
    #[arg(long)]
    pub memory: bool,
    /// Seconds without a call until it expires
    #[arg(long, value_name = "SECS")]
    pub ttl: Option<u64>,
    /// Print the id and nothing else
    #[arg(long)]
    pub id_only: bool,
}

/// End a session; refuses work that has not landed
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate session close\n  acetate session close s_0123456789abcdef --discard")]
pub struct SessionClose {
    /// The session [default: --session, ACETATE_SESSION]
    pub id: Option<String>,
    /// Also with work that has not landed; its branch is kept for 30 days
    #[arg(long)]
    pub discard: bool,
}

/// Open a second session with the same base and the same edits
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate session fork --agent bob")]
pub struct SessionFork {
    /// The session to fork [default: --session, ACETATE_SESSION]
    pub id: Option<String>,
    /// Who works in the fork
    #[arg(long, value_name = "NAME", env = "ACETATE_AGENT", hide_env_values = true)]
    pub agent: String,
    /// What it is going to do
    #[arg(long, value_name = "TEXT")]
    pub intent: Option<String>,
    /// Print the id and nothing else
    #[arg(long)]
    pub id_only: bool,
}

/// Commit, end, and save a session's branch as a bundle
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate session archive -o parser.bundle")]
pub struct SessionArchive {
    /// The session [default: --session, ACETATE_SESSION]
    pub id: Option<String>,
    /// The file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
