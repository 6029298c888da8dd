//! The command line.

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Measures Acetate beside its peers and prints a table and, when asked, JSON.
#[derive(Debug, Parser)]
#[command(
    name = "acetate-bench",
    after_help = "EXAMPLES:
  cargo run --release -p acetate-bench -- --quick
  cargo run --release -p acetate-bench -- --work /mnt/fresh --json numbers.json
  cargo run --release -p acetate-bench -- --repo ~/project --rows commit,land"
)]
pub struct Args {
    /// The folder to work in; it gets several gigabytes at 100,000 files. Best on a fresh file system [default: the temporary folder]
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// How many files the repositories to make have [default: 1000,100000; with --quick 1000,10000]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub files: Option<Vec<u32>>,
    /// Also a repository of 1,000,000 (smaller) files, where the row asks for one
    #[arg(long)]
    pub million: bool,
    /// Measure on this repository instead of ones made here; it is only cloned from
    #[arg(long, value_name = "PATH", conflicts_with_all = ["files", "million"])]
    pub repo: Option<PathBuf>,
    /// Only these groups of rows
    #[arg(long, value_name = "GROUP,…", value_delimiter = ',')]
    pub rows: Option<Vec<Group>>,
    /// Rounds per contender; under five is not to be believed [default: 7; with --quick 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rounds: Option<u32>,
    /// Also write everything to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Smaller inputs and fewer rounds: to see that everything runs, not to be quoted
    #[arg(long)]
    pub quick: bool,
    /// The date to put into the report; none is taken from the clock
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// The `acetate` binary to serve with [default: the one beside this binary, built when missing]
    #[arg(long, value_name = "PATH")]
    pub acetate: Option<PathBuf>,
    /// The reference filesystem server of MCP: a command line, without the folder [default: `mcp-server-filesystem`]
    #[arg(long, value_name = "COMMAND")]
    pub mcp_filesystem: Option<String>,
    /// The reference git server of MCP: a command line, without the repository [default: `mcp-server-git`]
    #[arg(long, value_name = "COMMAND")]
    pub mcp_git: Option<String>,
    /// AgentFS's binary [default: `agentfs`]
    #[arg(long, value_name = "PATH")]
    pub agentfs: Option<PathBuf>,
    /// Leave the folder that was worked in
    #[arg(long)]
    pub keep: bool,
    /// Do what this order says and answer on standard output: how the benchmark measures itself from outside
    #[arg(long, value_name = "FILE", hide = true)]
    pub probe: Option<PathBuf>,
}

/// A group of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Opening a session
    Open,
    /// Memory of sessions
    Memory,
    /// Committing 50 changed files
    Commit,
    /// Landing a 15-file change
    Land,
    /// Reading files of the base
    Read,
    /// Listing all files
    List,
    /// Searching all files
    Grep,
    /// Forks, resuming, first files, checkpoints, differences of points, bundles
    Workspaces,
    /// Tools over MCP: reading, editing, searching, a script of forty steps
    Mcp,
    /// Sessions as folders: until one is there, git status, listing, reading
    Folder,
    /// Builds in folders: cargo, npm; eight sessions beside eight worktrees
    Builds,
    /// Whole jobs: open, write, commit, close
    Jobs,
}

impl Group {
    /// Every group, in the order they run: the ones that delete many files come last.
    pub const ALL: [Self; 12] = [
        Self::Open,
        Self::Memory,
        Self::Commit,
        Self::Land,
        Self::Read,
        Self::List,
        Self::Grep,
        Self::Workspaces,
        Self::Mcp,
        Self::Folder,
        Self::Builds,
        Self::Jobs,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Memory => "memory",
            Self::Commit => "commit",
            Self::Land => "land",
            Self::Read => "read",
            Self::List => "list",
            Self::Grep => "grep",
            Self::Workspaces => "workspaces",
            Self::Mcp => "mcp",
            Self::Folder => "folder",
            Self::Builds => "builds",
            Self::Jobs => "jobs",
        }
    }
}

/// What the arguments come to.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Plan {
    /// Sizes of the repositories to make, ascending.
    pub files: Vec<u32>,
    /// Groups to run, in order.
    pub groups: Vec<Group>,
    /// Rounds per contender.
    pub rounds: usize,
    /// Whether this is only to see that everything runs.
    pub quick: bool,
}

impl Args {
    /// Fills in the defaults.
    ///
    /// # Errors
    /// When the folder to work in does not exist.
    pub fn plan(&self) -> Result<Plan> {
        if let Some(work) = &self.work
            && !work.is_dir()
        {
            bail!("--work: {} is not a folder", work.display());
        }
        let mut files = self.files.clone().unwrap_or_else(|| if self.quick { vec![1_000, 10_000] } else { vec![1_000, 100_000] });
        files.extend(self.million.then_some(1_000_000));
        files.sort_unstable();
        files.dedup();
        let wanted = self.rows.as_deref().unwrap_or(&Group::ALL);
        Ok(Plan {
            files,
            groups: Group::ALL.into_iter().filter(|group| wanted.contains(group)).collect(),
            rounds: self.rounds.map_or(if self.quick { 3 } else { 7 }, |rounds| rounds as usize),
            quick: self.quick,
        })
    }
}
