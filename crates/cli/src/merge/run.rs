//! The commands that stand in for Git's, with Git's exit codes.

use super::{driver, file, tree};
use crate::args::GitCommand;
use crate::client::Failure;
use crate::output::Output;
use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// How `git merge-file` ends on an error: conflicts are counted below it. As a merge driver's it tells Git that there is no result.
const ERROR: u8 = 255;
/// How Git's other commands end on an error.
const FATAL: u8 = 128;
/// How Git's commands end when the command line is wrong.
pub const USAGE: u8 = 129;

/// Runs the command and gives its exit code.
pub fn run(out: &mut Output, store: Option<&Path>, command: &GitCommand) -> u8 {
    match command {
        GitCommand::MergeFile(args) => ended(out, args.quiet, ERROR, |out| file::merge_file(out, args)),
        GitCommand::MergeDriver(args) => ended(out, false, ERROR, |out| driver::merge_driver(out, args)),
        GitCommand::MergeTree(args) => ended(out, false, FATAL, |out| tree::merge_tree(out, store, args)),
    }
}

/// Whether this is one of them: a wrong command line then ends with [`USAGE`], since small numbers mean conflicts.
pub fn is_git_like(command: &OsStr) -> bool {
    command == "merge-file" || command == "merge-driver" || command == "merge-tree"
}

/// Says how it ended. A fault must not be taken for a number of conflicts.
fn ended(out: &mut Output, quiet: bool, error: u8, command: impl FnOnce(&mut Output) -> Result<u8, Failure>) -> u8 {
    let ended = catch_unwind(AssertUnwindSafe(|| command(out).and_then(|code| out.flush().map(|()| code))));
    let failure = match ended {
        Ok(Ok(code)) => return code,
        Ok(Err(failure)) => failure,
        Err(_) => Failure::unexpected("the merge came to a fault"),
    };
    if !quiet {
        out.failure(&failure);
    }
    if failure.is_usage() { USAGE } else { error }
}
