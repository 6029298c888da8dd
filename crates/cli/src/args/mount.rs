//! Arguments of the commands that show a session as a folder.

use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Show a session as a folder, in which any tool works as in a checkout
#[derive(Debug, Args)]
#[command(after_help = "What the repository ignores lives beside the session, on disk. Git works inside; a commit there ends a turn.

EXAMPLES:
  acetate mount s_0123456789abcdef /tmp/work
  acetate mount --list
  acetate unmount /tmp/work")]
pub struct Mount {
    /// The session
    #[arg(value_name = "SESSION", required_unless_present = "list")]
    pub id: Option<String>,
    /// An empty folder, made if need be
    #[arg(value_name = "FOLDER", required_unless_present = "list")]
    pub folder: Option<PathBuf>,
    /// An ignored file or folder of your checkout to bring along, such as .env or node_modules; may be repeated
    #[arg(long, value_name = "PATH")]
    pub bring: Vec<PathBuf>,
    /// List what is mounted
    #[arg(long, conflicts_with_all = ["id", "folder"])]
    pub list: bool,
}

/// Take a mounted session's folder away; the session stays
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate unmount /tmp/work\n  acetate unmount --lazy /tmp/work")]
pub struct Unmount {
    /// The folder
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Also while something still uses it
    #[arg(long)]
    pub lazy: bool,
}

/// Run a command in a mounted session, or in several at once
#[derive(Debug, Args)]
#[command(
    after_help = "Each session is opened on the newest version, mounted, and committed when the command ends. What went well leaves nothing
behind; of what did not, the session stays, and the last lines say how to look into it. Ends with the command's exit code; for several
with 1 if one failed, and with 4 on a conflict.

EXAMPLES:
  acetate run -- cargo test
  acetate run --bring .env --bring node_modules -- npm test
  acetate run -n 8 --submit -m 'Modernise' -- sh -c './agent.sh \"$ACETATE_RUN\"'
  acetate --session s_0123456789abcdef run --submit -- make"
)]
pub struct Run {
    /// How many sessions, each with the command
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub number: u32,
    /// Land what changed, where the command ends well
    #[arg(long)]
    pub submit: bool,
    /// The name of the agent; several get numbers
    #[arg(long, value_name = "NAME", default_value = "run")]
    pub agent: String,
    /// What it is about [default: the command]
    #[arg(long, value_name = "TEXT")]
    pub intent: Option<String>,
    /// The branch [default: the workspace's own]
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// The message of the commit [default: the command]
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
    /// An ignored file or folder of your checkout to bring along, such as .env or node_modules; may be repeated
    #[arg(long, value_name = "PATH")]
    pub bring: Vec<PathBuf>,
    /// Work in real trees instead of mounted folders, as where nothing can be mounted
    #[arg(long)]
    pub checkout: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Look into a session with a shell, in its mounted folder
#[derive(Debug, Args)]
#[command(after_help = "The folder goes when the shell ends; what was changed stays in the session.

EXAMPLES:
  acetate shell s_0123456789abcdef")]
pub struct Shell {
    /// The session
    #[arg(value_name = "SESSION")]
    pub id: String,
}

/// Mount a session at a folder of Acetate's choice, and say where
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate open s_0123456789abcdef\n  acetate open s_0123456789abcdef --with code")]
pub struct Open {
    /// The session
    #[arg(value_name = "SESSION")]
    pub id: String,
    /// A program to open the folder with
    #[arg(long, value_name = "CMD")]
    pub with: Option<OsString>,
}

/// Write a session's files into a folder, for machines on which nothing can be mounted
#[derive(Debug, Args)]
#[command(
    after_help = "The folder is a real tree with a `.git` of its own. Nothing is carried by itself: `acetate sync-dir` carries what changed, both ways.

EXAMPLES:
  acetate checkout s_0123456789abcdef /tmp/work
  acetate checkout --bring .env s_0123456789abcdef /tmp/work"
)]
pub struct Checkout {
    /// The session
    #[arg(value_name = "SESSION")]
    pub id: String,
    /// An empty folder, made if need be
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// An ignored file or folder of your checkout to bring along, such as .env or node_modules; may be repeated
    #[arg(long, value_name = "PATH")]
    pub bring: Vec<PathBuf>,
}

/// Carry changes between a checked-out folder and its session, both ways
#[derive(Debug, Args)]
#[command(
    after_help = "What only one side changed goes to the other. What both changed differently is a conflict: both stay as they are, and the command
ends with 4. A commit made in the folder becomes a turn of the session.

EXAMPLES:
  acetate sync-dir
  acetate sync-dir /tmp/work --dry-run
  acetate sync-dir --take session"
)]
pub struct SyncDir {
    /// The folder [default: the one around the current folder]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Whose version is taken of what both changed
    #[arg(long, value_name = "SIDE")]
    pub take: Option<TakeSide>,
    /// Only say what would be carried
    #[arg(long)]
    pub dry_run: bool,
}

/// A side of a checked-out folder
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TakeSide {
    /// The folder's
    Folder,
    /// The session's
    Session,
}
