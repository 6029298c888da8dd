//! Arguments of the commands around the daemon: serve, stop, demo, doctor, import, backup, completions.

use clap::Args;
use std::path::PathBuf;

/// Serve a repository or store until interrupted
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate serve
  acetate serve /srv/project.git --listen 127.0.0.1:7070
  acetate serve /srv/store --create --object-format sha256")]
pub struct Serve {
    /// The repository (bare or with a checkout) or store [default: as for every command]
    pub repo: Option<PathBuf>,
    /// Make a fresh store if nothing is there
    #[arg(long)]
    pub create: bool,
    /// The hash function of a fresh store
    #[arg(long, value_name = "NAME", default_value = "sha1", value_parser = ["sha1", "sha256"])]
    pub object_format: String,
    /// The TCP address, or just a port of the loopback address
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: String,
    /// Listen on the Unix socket only
    #[arg(long, conflicts_with = "listen")]
    pub no_tcp: bool,
    /// Allow an address that other machines reach, unencrypted
    #[arg(long)]
    pub allow_remote: bool,
    /// A further name or address that clients may reach it by
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<String>,
    /// A web origin that may call it
    #[arg(long = "origin", value_name = "URL")]
    pub origins: Vec<String>,
    /// Take tokens of this OAuth issuer too (with --oauth-audience)
    #[arg(long, value_name = "URL", requires = "oauth_audience")]
    pub oauth_issuer: Option<String>,
    /// The address of /mcp as clients know it, which those tokens must be made for
    #[arg(long, value_name = "URL", requires = "oauth_issuer")]
    pub oauth_audience: Option<String>,
    /// The issuer's key set, an address or a file [default: where the issuer's metadata says]
    #[arg(long, value_name = "URL|FILE", requires = "oauth_issuer")]
    pub oauth_keys: Option<String>,
    /// Most calls of one token in a second, over TCP [default: 1000 with --allow-remote, else no bound]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// The most memory for what many sessions read, in MiB [default: a sixteenth of the machine's, 256 to 2048]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    pub cache: Option<u64>,
    /// End after so many seconds without a call
    #[arg(long, value_name = "SECS")]
    pub idle_exit: Option<u64>,
    /// Started by another command: detach, end after half an hour without a call.
    #[arg(long, hide = true)]
    pub background_child: bool,
}

/// Stop the daemon that serves the store
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate stop
  acetate stop --store /srv/project.git")]
pub struct Stop {}

/// Let many agents work on a repository at once, and show what came of it
#[derive(Debug, Args)]
#[command(after_help = "Works on a branch of its own, `acetate-demo-<n>`, and deletes it in the end: your branches and
your checkout are not touched. With --keep it works on a bare clone instead, which stays.

EXAMPLES:
  acetate demo
  acetate demo --agents 50
  acetate demo ~/project --keep ~/project-demo.git")]
pub struct Demo {
    /// The repository [default: as for every command]
    pub repo: Option<PathBuf>,
    /// How many agents
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub agents: u32,
    /// Work on a bare clone made in this new folder, and leave it
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Check git, the store, the daemon and the disk
#[derive(Debug, Args)]
#[command(after_help = "Ends with 1 if anything failed; warnings alone end with 0.

EXAMPLES:
  acetate doctor
  acetate doctor --json
  acetate doctor --fix")]
pub struct Doctor {
    /// Take away what killed processes left mounted
    #[arg(long)]
    pub fix: bool,
}

/// Make a workspace from a Git repository or a bundle
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate import ~/project
  acetate import https://example.com/project.git --name project
  acetate import backup.bundle")]
pub struct Import {
    /// A path, an address, or a bundle file
    pub source: std::ffi::OsString,
    /// The workspace's name [default: from the source]
    #[arg(long)]
    pub name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
}

/// Make workspaces of exported sessions with embedded files
#[derive(Debug, Args)]
#[command(
    after_help = "The export is JSON or JSON Lines of {sessionId, name?, createdAt?, files: [{path, content, encoding?}]}. Several records of one
session become versions in order. A second run goes on where the first one stopped. Ends with 4 if a record could not be taken.

EXAMPLES:
  acetate migrate sessions.jsonl --dry-run
  acetate migrate sessions.jsonl --prefix chat-
  gunzip -c sessions.json.gz | acetate migrate - --json"
)]
pub struct Migrate {
    /// The export; `-` for standard input
    pub export: PathBuf,
    /// What the names of the workspaces begin with, before the session's id
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub prefix: String,
    /// Only say what would become of it
    #[arg(long)]
    pub dry_run: bool,
}

/// Copy the running store consistently into a new folder
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate backup /backups/monday")]
pub struct Backup {
    /// A folder that does not exist yet
    pub dir: PathBuf,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate completions bash > ~/.local/share/bash-completion/completions/acetate
  acetate completions zsh > ~/.zfunc/_acetate")]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}
