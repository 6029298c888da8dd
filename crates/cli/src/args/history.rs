//! Arguments of log, events and token.

use super::path::repo_path;
use acetate_types::RepoPath;
use clap::{Args, Subcommand, ValueEnum};

/// Show the landed versions, newest first
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate log\n  acetate log --limit 5 --branch release")]
pub struct Log {
    /// Only versions before this number
    #[arg(long, value_name = "N")]
    pub before: Option<u64>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub limit: usize,
    /// Only versions of this branch
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
}

/// Show what a turn or a landing changed
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate show 2f6c1d3e9a…\n  acetate show --stat $(git rev-parse HEAD)")]
pub struct Show {
    /// Its commit, in full
    pub commit: String,
    /// Only names and numbers of lines
    #[arg(long)]
    pub stat: bool,
}

/// Show what happened in the workspace, in order
#[derive(Debug, Args)]
#[command(after_help = "With --json it prints one event a line.

EXAMPLES:
  acetate events --after 120
  acetate events --follow --json
  acetate events --path src/lib.rs --symbol Parser::next")]
pub struct Events {
    /// Only events after this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub after: u64,
    /// Only events that name this path or one below it
    #[arg(long, value_name = "PATH", value_parser = repo_path())]
    pub path: Option<RepoPath>,
    /// Only landings that changed this symbol or one in it
    #[arg(long, value_name = "NAME")]
    pub symbol: Option<String>,
    /// Go on as more happens, until interrupted
    #[arg(short, long)]
    pub follow: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Tokens: access over TCP
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate token create --rights read --label ci
  acetate token list")]
pub struct Token {
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    Create(TokenCreate),
    /// List the tokens that have not ended, oldest first
    #[command(after_help = "EXAMPLES:\n  acetate token list\n  acetate token list --json")]
    List,
    /// End a token at once, and with it the tokens of the sessions that it opened
    #[command(after_help = "EXAMPLES:\n  acetate token revoke 0123456789ab")]
    Revoke {
        /// Its id, as `token list` shows it
        id: String,
    },
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RightArg {
    /// Look at everything in scope
    Read,
    /// Open sessions and edit in them
    Write,
    /// Submit, branch, checkpoint
    Land,
    /// Create and delete workspaces, make tokens, undo
    Admin,
}

/// Make a token; it is shown once
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate token create --rights read --label ci --ttl 86400
  acetate token create --rights read,write,land --for project")]
pub struct TokenCreate {
    /// What it allows
    #[arg(long, value_delimiter = ',', default_value = "read")]
    pub rights: Vec<RightArg>,
    /// For this workspace only [default: the whole store]
    #[arg(long = "for", value_name = "WORKSPACE")]
    pub only: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Seconds until it ends [default: never]
    #[arg(long, value_name = "SECS")]
    pub ttl: Option<u64>,
}
