//! Arguments of the commands on files. Paths count from the repository's root.

use super::path::repo_path;
use acetate_types::RepoPath;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// Print files, of the session or (without one) of the workspace
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate read src/lib.rs
  acetate read src/lib.rs README.md --json
  acetate read --at v3 README.md -o old-readme.md")]
pub struct Read {
    /// The paths
    #[arg(required = true, value_parser = repo_path())]
    pub paths: Vec<RepoPath>,
    /// Write the one file here instead
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// At this version, ref or commit of the workspace
    #[arg(long, value_name = "POINT")]
    pub at: Option<String>,
}

/// Write a file whole, from standard input
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  echo hello | acetate write notes/hello.txt
  acetate write run.sh --from ./run.sh --mode 100755")]
pub struct Write {
    /// The path; missing folders are made
    #[arg(value_parser = repo_path())]
    pub path: RepoPath,
    /// Take this file's content instead of standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// The mode [default: as it is, 100644 for a new file]
    #[arg(long, value_parser = ["100644", "100755", "120000"])]
    pub mode: Option<String>,
    /// Only if the file's revision is this one; '*': only if it exists
    #[arg(long, value_name = "ETAG", conflicts_with = "new")]
    pub expect: Option<String>,
    /// Only if it does not exist
    #[arg(long)]
    pub new: bool,
}

/// Replace exact text in a file, all edits or none
#[derive(Debug, Args)]
#[command(after_help = "--edits reads [{\"old\": \"…\", \"new\": \"…\", \"all\": false}, …] from standard input.

EXAMPLES:
  acetate edit src/lib.rs --old 'foo()' --new 'bar()'
  acetate edit src/lib.rs --old 'foo' --new 'bar' --all
  acetate edit src/lib.rs --edits < edits.json")]
pub struct Edit {
    /// The path
    #[arg(value_parser = repo_path())]
    pub path: RepoPath,
    /// The text to replace; must occur exactly once unless --all
    #[arg(long, value_name = "TEXT", requires = "replacement", conflicts_with = "old_file", allow_hyphen_values = true)]
    pub old: Option<OsString>,
    /// The text to put there
    #[arg(long, value_name = "TEXT", group = "replacement", allow_hyphen_values = true)]
    pub new: Option<OsString>,
    /// The text to replace, from a file
    #[arg(long, value_name = "FILE", requires = "replacement")]
    pub old_file: Option<PathBuf>,
    /// The text to put there, from a file
    #[arg(long, value_name = "FILE", group = "replacement")]
    pub new_file: Option<PathBuf>,
    /// Replace every occurrence
    #[arg(long)]
    pub all: bool,
    /// Read the edits as JSON from standard input
    #[arg(long, conflicts_with_all = ["old", "new", "old_file", "new_file", "all"])]
    pub edits: bool,
    /// Only if the file's revision is this one
    #[arg(long, value_name = "ETAG")]
    pub expect: Option<String>,
}

/// Delete files or folders, all or none
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate rm old.rs docs/old")]
pub struct Rm {
    /// The paths
    #[arg(required = true, value_parser = repo_path())]
    pub paths: Vec<RepoPath>,
    /// Only if the one file's revision is this one
    #[arg(long, value_name = "ETAG")]
    pub expect: Option<String>,
}

/// Move a file or a folder
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate mv src/util.rs src/text.rs")]
pub struct Mv {
    /// From here
    #[arg(value_parser = repo_path())]
    pub from: RepoPath,
    /// To here: the whole new path
    #[arg(value_parser = repo_path())]
    pub to: RepoPath,
    /// Replace what is there
    #[arg(long)]
    pub replace: bool,
}

/// List files, of the session or (without one) of the workspace
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate ls
  acetate ls src -r
  acetate ls --glob '**/*.rs' --long
  acetate ls --changed")]
pub struct Ls {
    /// The folder [default: the root]
    #[arg(value_parser = repo_path())]
    pub prefix: Option<RepoPath>,
    /// Everything below, not only the direct entries
    #[arg(short, long)]
    pub recursive: bool,
    /// Only paths that match
    #[arg(long, value_name = "GLOB")]
    pub glob: Option<String>,
    /// Only paths that the session changed
    #[arg(long)]
    pub changed: bool,
    /// Also modes, sizes and ids
    #[arg(short, long)]
    pub long: bool,
    /// At this version, ref or commit of the workspace
    #[arg(long, value_name = "POINT", conflicts_with = "changed")]
    pub at: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Search a session's files
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate grep 'fn \\w+_id' --glob '*.rs'
  acetate grep -F 'a.b(' src -C 2
  acetate grep TODO --files")]
pub struct Grep {
    /// A regular expression, in ripgrep's syntax
    #[arg(allow_hyphen_values = true)]
    pub pattern: String,
    /// Only below this folder, or in this file
    #[arg(value_parser = repo_path())]
    pub path: Option<RepoPath>,
    /// Only paths that match
    #[arg(long, value_name = "GLOB")]
    pub glob: Option<String>,
    /// Only files of this type, by ripgrep's names: rust, py, ts, …
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    pub file_type: Option<String>,
    /// Take the pattern as plain text
    #[arg(short = 'F', long)]
    pub fixed: bool,
    /// Upper and lower case are the same
    #[arg(short, long)]
    pub ignore_case: bool,
    /// Only whole words
    #[arg(short, long)]
    pub word: bool,
    /// Let a match span lines
    #[arg(short = 'U', long)]
    pub multiline: bool,
    /// Only the paths
    #[arg(short = 'l', long, conflicts_with = "count")]
    pub files: bool,
    /// Only the number of matching lines of each path
    #[arg(short, long)]
    pub count: bool,
    /// Lines of context around each match
    #[arg(short = 'C', long, value_name = "N", default_value_t = 0)]
    pub context: u32,
    /// At most so many matching lines
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Go on behind an earlier page
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
}

/// List the symbols of a file, or search for symbols by name
#[derive(Debug, Args)]
#[command(after_help = "A search looks into the session's changed files first. Letter case counts if the name has a capital.

EXAMPLES:
  acetate symbols src/lib.rs
  acetate symbols --query Parser::next")]
pub struct Symbols {
    /// All symbols of this file
    #[arg(value_parser = repo_path())]
    pub path: Option<RepoPath>,
    /// Those whose path in the file has this text
    #[arg(short, long, value_name = "TEXT")]
    pub query: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}
