//! Arguments of the commands that show a session as a folder.

use clap::Args;
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
