//! Arguments of setup.

use clap::{Args, Subcommand};

/// Set up other programs to work with Acetate
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate setup git-merge\n  acetate setup git-merge --remove")]
pub struct Setup {
    #[command(subcommand)]
    pub what: SetupCommand,
}

/// What can be set up.
#[derive(Debug, Subcommand)]
pub enum SetupCommand {
    GitMerge(GitMerge),
}

/// Have Git merge files by their symbols
#[derive(Debug, Args)]
#[command(after_help = "Writes `merge.acetate.*` to Git's settings and a block of lines like `*.rs merge=acetate`, for all
known languages, to `.git/info/attributes`; with --global to your own settings and attributes file.
Doing it again changes nothing; --remove undoes exactly this. Without `acetate` in its place Git
merges by lines, as before.

EXAMPLES:
  acetate setup git-merge
  acetate setup git-merge --global
  acetate setup git-merge --print >> .gitattributes
  acetate setup git-merge --remove")]
pub struct GitMerge {
    /// For all your repositories
    #[arg(long, conflicts_with = "local")]
    pub global: bool,
    /// For the repository around the current folder (the default)
    #[arg(long)]
    pub local: bool,
    /// Undo it
    #[arg(long, conflicts_with = "print")]
    pub remove: bool,
    /// Only print the attributes and, as a comment, the settings
    #[arg(long)]
    pub print: bool,
}
