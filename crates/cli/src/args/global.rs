//! Options that every command takes.

use clap::Args;
use std::path::PathBuf;

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The repository or store [default: the Git repository around the current folder]
    #[arg(long, global = true, env = "ACETATE_STORE", value_name = "PATH", hide_env_values = true)]
    pub store: Option<PathBuf>,
    /// The workspace, by name or id [default: the repository's own]
    #[arg(long, global = true, env = "ACETATE_WORKSPACE", value_name = "NAME", hide_env_values = true)]
    pub workspace: Option<String>,
    /// The session
    #[arg(long, global = true, env = "ACETATE_SESSION", value_name = "ID", hide_env_values = true)]
    pub session: Option<String>,
    /// Answer with one JSON document (streams: one a line)
    #[arg(long, global = true)]
    pub json: bool,
    /// Never start a daemon
    #[arg(long, global = true)]
    pub no_start: bool,
    /// Give up on an answer after so many seconds
    #[arg(long, global = true, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
}
