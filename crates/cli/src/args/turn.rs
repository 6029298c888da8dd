//! Arguments of the commands around a turn: status, diff, commit, sync, submit, resolve.

use super::path::repo_path;
use acetate_types::RepoPath;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show what the session changed and what waits; without a session, the workspace
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate status\n  acetate status --json")]
pub struct Status {}

/// Show the session's changes against its base
#[derive(Debug, Args)]
#[command(after_help = "Into a file or a pipe it prints a patch that `git apply` takes.

EXAMPLES:
  acetate diff
  acetate diff --stat
  acetate diff --symbols
  acetate diff src > src.patch")]
pub struct Diff {
    /// Only these paths, or what is below them
    #[arg(value_parser = repo_path())]
    pub paths: Vec<RepoPath>,
    /// Only names and numbers of lines
    #[arg(long)]
    pub stat: bool,
    /// Only names, with what became of each file's symbols
    #[arg(long, conflicts_with = "stat")]
    pub symbols: bool,
    /// Lines of context
    #[arg(short = 'U', long, value_name = "N", default_value_t = 3)]
    pub context: u32,
}

/// End a turn: record the edits as a commit on the session's own branch
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate commit\n  acetate commit -m 'Parse numbers'")]
pub struct Commit {
    /// The message [default: made from the changed paths]
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
}

/// Move the session onto its branch's head
#[derive(Debug, Args)]
#[command(after_help = "Ends with 4 on a conflict; the session is then as it was.

EXAMPLES:
  acetate sync")]
pub struct Sync {
    /// What becomes of a symbol that both sides changed, in different lines [default: as the workspace says]
    #[arg(long, value_name = "POLICY")]
    pub same_symbol: Option<SameSymbolArg>,
}

/// What becomes of a symbol that both sides changed, in different lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SameSymbolArg {
    /// A conflict with the merged text as its proposal
    Review,
    /// Merged, as Git does
    Merge,
    /// Merged if the checks pass; without checks as review
    Verified,
}

/// Land the session's work on its branch
#[derive(Debug, Args)]
#[command(after_help = "Ends with 0 when it landed, 4 on a conflict, 5 when checks refused it.

EXAMPLES:
  acetate submit -m 'Faster parser'
  acetate submit --dry-run
  acetate submit --same-symbol merge")]
pub struct Submit {
    /// The landed commit's message [default: the turn's]
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Only say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// What becomes of a symbol that both sides changed, in different lines [default: as the workspace says]
    #[arg(long, value_name = "POLICY")]
    pub same_symbol: Option<SameSymbolArg>,
}

/// Which text settles a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TakeArg {
    /// The head's
    Head,
    /// The session's
    Session,
    /// The proposed merge
    Proposal,
    /// The text from --from, or standard input
    Text,
    /// None: the path, or the symbol, is deleted
    Delete,
}

/// How conflict markers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MarkerStyleArg {
    /// Both sides
    Merge,
    /// Both sides and the base between them
    Diff3,
}

/// Show the conflicts that wait, or one file of them with conflict markers
#[derive(Debug, Args)]
#[command(after_help = "Markers are for people: nothing reads them back. What `resolve` is given is the text itself.

EXAMPLES:
  acetate conflicts
  acetate conflicts src/lib.rs --style merge")]
pub struct Conflicts {
    /// A path in conflict: its whole text, with markers around what is open
    #[arg(value_parser = repo_path())]
    pub path: Option<RepoPath>,
    /// What the markers show
    #[arg(long, default_value = "diff3")]
    pub style: MarkerStyleArg,
}

/// Settle one conflict; the last one moves the session onto the head
#[derive(Debug, Args)]
#[command(after_help = "With --symbol only its part of the file is settled, and a text is that part's; without it the whole path is.
With --submit it ends as `acetate submit` does.

EXAMPLES:
  acetate resolve src/lib.rs --take session
  acetate resolve src/lib.rs --symbol Parser::next --take proposal --submit
  acetate resolve src/lib.rs --take text --from merged.rs")]
pub struct Resolve {
    /// The conflict's path
    #[arg(value_parser = repo_path())]
    pub path: RepoPath,
    /// Which text to take
    #[arg(long)]
    pub take: TakeArg,
    /// The conflict's symbol: settle only its part of the file; '' means the lines outside of symbols
    #[arg(long, value_name = "NAME")]
    pub symbol: Option<String>,
    /// The conflict's kind, where several are at one path
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// The file with the text, for --take text
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Submit once the last conflict is settled
    #[arg(long)]
    pub submit: bool,
}
