//! Arguments of merge-tree.

use super::SameSymbolArg;
use clap::Args;
use std::ffi::OsString;

/// Merge two branches without a checkout, as `git merge-tree --write-tree` does, by symbols
#[derive(Debug, Args)]
#[command(after_help = "Prints the merged tree's id; for a conflict also the files in conflict with their stages, and
messages. The objects are in the repository then; no branch is moved. Ends with 0 when the merge is
clean, 1 on a conflict, 128 on an error. Files follow a renamed directory, as Git's do with
`merge.directoryRenames=true`.

EXAMPLES:
  acetate merge-tree --write-tree main topic
  acetate merge-tree --merge-base v1.0 main topic --name-only
  acetate merge-tree main topic --json")]
pub struct MergeTree {
    /// Our branch, or any commit
    pub branch1: OsString,
    /// Theirs
    pub branch2: OsString,
    /// Merge and write the result; there is nothing else
    #[arg(long)]
    pub write_tree: bool,
    /// What both began with, instead of what their histories say: a commit or a tree
    #[arg(long, value_name = "TREE-ISH")]
    pub merge_base: Option<OsString>,
    /// Only names of files in conflict, without modes, ids and stages
    #[arg(long)]
    pub name_only: bool,
    /// End names with NUL and leave them unquoted
    #[arg(short = 'z')]
    pub nul: bool,
    /// Print messages also for a clean merge
    #[arg(long, overrides_with = "no_messages")]
    pub messages: bool,
    /// Print no messages
    #[arg(long, overrides_with = "messages")]
    pub no_messages: bool,
    /// Merge branches that have nothing in common
    #[arg(long)]
    pub allow_unrelated_histories: bool,
    /// What becomes of one symbol that both changed in different lines
    #[arg(long, value_name = "HOW", default_value = "merge")]
    pub same_symbol: SameSymbolArg,
}
