//! Arguments of the commands that merge without a daemon: merge-file, merge-driver.

use super::{MergeTree, SameSymbolArg};
use acetate_merge::SameSymbol;
use acetate_merge::diff::Algorithm;
use clap::{Args, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// The commands that stand in for Git's: they need no daemon, and their exit codes are Git's.
#[derive(Debug, Subcommand)]
#[expect(clippy::enum_variant_names, reason = "they are named as the commands are")]
pub enum GitCommand {
    MergeFile(MergeFile),
    MergeDriver(MergeDriver),
    MergeTree(MergeTree),
}

/// Merge three files by their symbols, as `git merge-file` does by lines
#[derive(Debug, Args)]
#[command(after_help = "Merges what leads from BASE to OTHER into CURRENT. A file whose language is not known is merged
by lines, with exactly the bytes of `git merge-file`. Ends as that does: with the number of
conflicts (at most 127), with 255 on an error, with 129 where the command line is wrong.

EXAMPLES:
  acetate merge-file mine.rs base.rs yours.rs
  acetate merge-file -p --diff3 -L mine -L base -L yours a b c --path src/lib.rs
  acetate merge-file --json -p mine.rs base.rs yours.rs
  acetate merge-file --batch < files.jsonl")]
pub struct MergeFile {
    /// The file with our changes; the result is written to it
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub current: Option<OsString>,
    /// The file that both began with
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub base: Option<OsString>,
    /// The file with their changes
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub other: Option<OsString>,
    /// Print the result instead of writing it to CURRENT
    #[arg(short = 'p', long = "stdout")]
    pub print: bool,
    /// Say nothing on standard error
    #[arg(short, long)]
    pub quiet: bool,
    /// What stands behind the markers: of CURRENT, then BASE, then OTHER [default: their names]
    #[arg(short = 'L', value_name = "LABEL", allow_hyphen_values = true)]
    pub labels: Vec<OsString>,
    /// The file's path, which tells its language [default: CURRENT's name]
    #[arg(long, value_name = "PATH")]
    pub path: Option<OsString>,
    /// The three are names of blobs in the repository around; the result is written there and its id is printed
    #[arg(long, conflicts_with = "batch")]
    pub object_id: bool,
    /// Merge the files that JSON lines on standard input name: {id, path, base, ours, theirs}; answer each with one line
    #[arg(long)]
    pub batch: bool,
    #[command(flatten)]
    pub how: How,
}

/// How files are merged and conflicts are written down.
#[derive(Debug, Clone, Args)]
pub struct How {
    /// Show the base in conflicts
    #[arg(long, overrides_with = "zdiff3")]
    pub diff3: bool,
    /// The same, without lines with which both sides begin or end alike
    #[arg(long, overrides_with = "diff3")]
    pub zdiff3: bool,
    /// Where they disagree, take CURRENT's lines
    #[arg(long, overrides_with_all = ["theirs", "union"])]
    pub ours: bool,
    /// Where they disagree, take OTHER's lines
    #[arg(long, overrides_with_all = ["ours", "union"])]
    pub theirs: bool,
    /// Where they disagree, take the lines of both
    #[arg(long, overrides_with_all = ["ours", "theirs"])]
    pub union: bool,
    /// How long markers are
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub marker_size: u16,
    /// What becomes of one symbol that both changed in different lines: `merge` as Git does, else a conflict that proposes it
    #[arg(long, value_name = "HOW", default_value = "merge")]
    pub same_symbol: SameSymbolArg,
    /// How lines are compared [default: histogram, as `git merge`; where the language is not known myers, as `git merge-file`]
    #[arg(long, value_name = "NAME")]
    pub diff_algorithm: Option<AlgorithmArg>,
}

impl From<SameSymbolArg> for SameSymbol {
    fn from(arg: SameSymbolArg) -> Self {
        match arg {
            SameSymbolArg::Review => Self::Review,
            SameSymbolArg::Merge => Self::Merge,
            SameSymbolArg::Verified => Self::Verified,
        }
    }
}

/// How lines are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlgorithmArg {
    /// As `git merge` compares
    Histogram,
    /// As `git merge-file` compares
    #[value(alias = "default")]
    Myers,
}

impl From<AlgorithmArg> for Algorithm {
    fn from(arg: AlgorithmArg) -> Self {
        match arg {
            AlgorithmArg::Histogram => Self::Histogram,
            AlgorithmArg::Myers => Self::Myers,
        }
    }
}

/// Merge one file for Git: what `acetate setup git-merge` has Git call
#[derive(Debug, Args)]
#[command(after_help = "Ends with 0 when the merge is clean, 1 when there are conflicts, 129 or more when it could not be made.

EXAMPLES:
  git config merge.acetate.driver 'acetate merge-driver %O %A %B %L %P %S %X %Y'
  echo '*.rs merge=acetate' >> .gitattributes")]
pub struct MergeDriver {
    /// %O: the file with the base
    pub base: PathBuf,
    /// %A: the file with ours; the result is written to it
    pub ours: PathBuf,
    /// %B: the file with theirs
    pub theirs: PathBuf,
    /// %L: how long markers are
    #[arg(value_name = "SIZE")]
    pub marker_size: u16,
    /// %P: where the result will be
    #[arg(allow_hyphen_values = true)]
    pub path: OsString,
    /// %S: what stands behind the base's marker
    #[arg(allow_hyphen_values = true)]
    pub base_label: Option<OsString>,
    /// %X: what stands behind our marker
    #[arg(allow_hyphen_values = true)]
    pub our_label: Option<OsString>,
    /// %Y: what stands behind their marker
    #[arg(allow_hyphen_values = true)]
    pub their_label: Option<OsString>,
    /// What becomes of one symbol that both changed in different lines
    #[arg(long, value_name = "HOW", default_value = "merge")]
    pub same_symbol: SameSymbolArg,
}
