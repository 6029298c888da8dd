//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Does the merges of real histories again.
#[derive(Debug, Parser)]
#[command(
    name = "merge-replay",
    after_help = "EXAMPLES:
  cargo run --release -p acetate-bench --bin merge-replay -- extract ~/repos/* --out cases --conflicting 1000 --clean 500
  cargo run --release -p acetate-bench --bin merge-replay -- run --cases cases --tools git,acetate
  cargo run --release -p acetate-bench --bin merge-replay -- run --cases cases --peers ~/peers/bin --fresh --json numbers.json
  cargo run --release -p acetate-bench --bin merge-replay -- run --cases cases --tools git,acetate --write-cases read --show unexplained --sample 50"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take the files that both sides of a merge changed out of repositories
    Extract(ExtractArgs),
    /// Merge them again, with several tools, and compare
    Run(RunArgs),
}

/// What to take, from where.
#[derive(Debug, Args)]
pub struct ExtractArgs {
    /// Repositories, bare or not
    #[arg(value_name = "REPO", required_unless_present = "list")]
    pub repositories: Vec<PathBuf>,
    /// A file that names further repositories, one a line
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// The folder to make; must not hold cases yet
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How many files that Git leaves in conflict
    #[arg(long, value_name = "N", default_value_t = 1_200)]
    pub conflicting: usize,
    /// How many files that Git merges
    #[arg(long, value_name = "M", default_value_t = 600)]
    pub clean: usize,
    /// At most so many of one repository, in one language, with one verdict of Git
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub per_repo: usize,
    /// At most so many of one merge
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub per_merge: usize,
    /// At most so many merges of one repository, spread over its history
    #[arg(long, value_name = "N", default_value_t = 6_000)]
    pub merges: usize,
    /// Only files with these extensions
    #[arg(long, value_name = "EXT,…", value_delimiter = ',')]
    pub ext: Vec<String>,
}

/// Which cases to run, how, and what to write.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The folder that `extract` made
    #[arg(long, value_name = "DIR")]
    pub cases: PathBuf,
    /// The tools; Git always takes part
    #[arg(long, value_name = "TOOL,…", value_delimiter = ',', default_value = "git,acetate,mergiraf,weave")]
    pub tools: Vec<Tool>,
    /// The folder with the peers' programs [default: the path]
    #[arg(long, value_name = "DIR")]
    pub peers: Option<PathBuf>,
    /// What becomes of a symbol that both sides changed in different lines
    #[arg(long, value_name = "POLICY", default_value = "merge")]
    pub same_symbol: Policy,
    /// Only the first so many files
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only files of this language
    #[arg(long, value_name = "LANG")]
    pub only: Option<String>,
    /// Only these cases
    #[arg(long = "id", value_name = "ID,…", value_delimiter = ',')]
    pub ids: Vec<String>,
    /// How many files at a time; times are honest with 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: u32,
    /// Ask the peers anew, whatever is kept of earlier runs
    #[arg(long)]
    pub fresh: bool,
    /// Also ask `git merge-file` for every file, and count where it decides otherwise
    #[arg(long)]
    pub verify_git: bool,
    /// Also write the report to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also write what each tool came to in each case to this file, a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub outcomes: Option<PathBuf>,
    /// Write disagreements (of the cases named by `--id`: every outcome) into this folder, one folder each
    #[arg(long, value_name = "DIR")]
    pub write_cases: Option<PathBuf>,
    /// Only disagreements of these tools or kinds: acetate, unexplained, conflict-recombined, lost, held-back, sides-matter, …
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', requires = "write_cases")]
    pub show: Vec<String>,
    /// Only so many of them, the same ones for the same seed
    #[arg(long, value_name = "N", requires = "write_cases")]
    pub sample: Option<usize>,
    /// The seed of the sample
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The date to put into the report; none is taken from the clock
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
}

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// By lines
    Git,
    /// In process
    Acetate,
    /// The program
    Mergiraf,
    /// The program `weave-driver`
    Weave,
}

/// A policy for a symbol that both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// A conflict with a proposal
    Review,
    /// Merged
    Merge,
}

/// Reads the command line, or ends the process with what is wrong about it.
pub fn parse() -> Command {
    Cli::parse().command
}
