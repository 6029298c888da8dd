//! Arguments of `acetate workspace`.

use super::SameSymbolArg;
use super::path::repo_path;
use acetate_types::RepoPath;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Workspaces: named codebases with their own history
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate workspace list
  acetate workspace fork --name experiment
  acetate workspace undo")]
pub struct Workspace {
    #[command(subcommand)]
    pub command: WorkspaceCommand,
}

/// What can be done with workspaces.
#[derive(Debug, Subcommand)]
pub enum WorkspaceCommand {
    List(WorkspaceListing),
    Show(WorkspaceTarget),
    Create(WorkspaceCreate),
    Rename(WorkspaceRename),
    Set(WorkspaceSet),
    /// Delete a workspace; for 30 days `workspace undelete` brings it back
    #[command(after_help = "EXAMPLES:\n  acetate workspace delete experiment")]
    Delete {
        /// The workspace, by name or id; always named, never guessed
        name: String,
    },
    Undelete(WorkspaceUndelete),
    Fork(WorkspaceFork),
    Merge(WorkspaceMerge),
    Restore(WorkspaceRestore),
    History(WorkspaceHistory),
    Blame(WorkspaceBlame),
    /// List the branches
    #[command(after_help = "EXAMPLES:\n  acetate workspace branches")]
    Branches,
    Branch(Branch),
    Versions(WorkspacePage),
    Checkpoint(CheckpointCreate),
    /// List the checkpoints
    #[command(after_help = "EXAMPLES:\n  acetate workspace checkpoints")]
    Checkpoints,
    Bundle(WorkspaceBundle),
    /// Show the operation log, newest first
    #[command(after_help = "EXAMPLES:\n  acetate workspace operations --limit 10")]
    Operations {
        /// Only operations before this number
        #[arg(long, value_name = "N")]
        before: Option<u64>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 30)]
        limit: usize,
    },
    Undo(WorkspaceUndo),
    Diff(WorkspaceDiff),
    /// Bring a checkout or branch that lags behind up to the head, or say what is in the way
    #[command(after_help = "EXAMPLES:\n  acetate workspace catch-up")]
    CatchUp,
}

/// List the workspaces
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace list\n  acetate workspace list --deleted\n  acetate workspace list --json")]
pub struct WorkspaceListing {
    /// Those that were deleted and can be brought back
    #[arg(long)]
    pub deleted: bool,
}

/// Bring a deleted workspace back, its sessions at rest
#[derive(Debug, Args)]
#[command(
    after_help = "EXAMPLES:\n  acetate workspace list --deleted\n  acetate workspace undelete w_0123456789abcdef --name experiment-2"
)]
pub struct WorkspaceUndelete {
    /// Its id
    pub id: String,
    /// A new name [default: the one it had]
    #[arg(long)]
    pub name: Option<String>,
}

/// Merge one branch into another
#[derive(Debug, Args)]
#[command(
    after_help = "EXAMPLES:\n  acetate workspace merge feature\n  acetate workspace merge feature --into release -m 'Take the feature'"
)]
pub struct WorkspaceMerge {
    /// The branch whose work is wanted
    pub from: String,
    /// The branch that gets it [default: the default branch]
    #[arg(long, value_name = "NAME")]
    pub into: Option<String>,
    /// The landed commit's message
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
    /// What becomes of a symbol that both sides changed, in different lines
    #[arg(long, value_name = "POLICY")]
    pub same_symbol: Option<SameSymbolArg>,
}

/// Make the files of an earlier point the newest version; nothing is lost by it
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace restore v12\n  acetate workspace restore refs/tags/green-build -m 'Back to green'")]
pub struct WorkspaceRestore {
    /// The version, full ref or commit
    pub at: String,
    /// The branch [default: the default branch]
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
}

/// List the commits that changed a path, newest first
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace history src/lib.rs\n  acetate workspace history src --at v12")]
pub struct WorkspaceHistory {
    #[command(flatten)]
    pub path: WorkspacePath,
}

/// Show which commit, agent and turn each line of a file is from
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace blame src/lib.rs\n  acetate workspace blame src/lib.rs --at v12")]
pub struct WorkspaceBlame {
    #[command(flatten)]
    pub path: WorkspacePath,
}

/// A path at a point.
#[derive(Debug, Args)]
pub struct WorkspacePath {
    /// The path
    #[arg(value_parser = repo_path())]
    pub path: RepoPath,
    /// At this version, full ref or commit [default: the default branch's head]
    #[arg(long, value_name = "POINT")]
    pub at: Option<String>,
}

/// Show a workspace: head, branch, state
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace show\n  acetate workspace show experiment")]
pub struct WorkspaceTarget {
    /// The workspace, by name or id [default: as for every command]
    pub name: Option<String>,
}

/// Make an empty workspace, or one from a template
#[derive(Debug, Args)]
#[command(
    after_help = "EXAMPLES:\n  acetate workspace create notes --description 'Notes of the team'\n  acetate workspace create app-17 --template starter"
)]
pub struct WorkspaceCreate {
    /// 1 to 100 of a-z A-Z 0-9 . _ -
    pub name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Begin with the files of this workspace, which is a template
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
}

/// Give a workspace another name
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace rename experiment parser")]
pub struct WorkspaceRename {
    /// The workspace
    pub name: String,
    /// Its new name
    pub to: String,
}

/// Change how a workspace is set
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:
  acetate workspace set --same-symbol merge
  acetate workspace set notes --description 'Notes of the team' --portable-paths true")]
pub struct WorkspaceSet {
    /// The workspace, by name or id [default: as for every command]
    pub name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// The branch that sessions work on where none is named
    #[arg(long, value_name = "NAME")]
    pub default_branch: Option<String>,
    /// Refuse paths that Windows or a case-folding file system can't hold
    #[arg(long, value_name = "BOOL")]
    pub portable_paths: Option<bool>,
    /// What becomes of a symbol that both sides of a submission changed, in different lines
    #[arg(long, value_name = "POLICY")]
    pub same_symbol: Option<SameSymbolArg>,
    /// Mark it as a template that others are made from, or unmark it
    #[arg(long, value_name = "BOOL")]
    pub template: Option<bool>,
    /// Drop turn commits whose work has landed after so many days [default: they are kept]
    #[arg(long, value_name = "DAYS")]
    pub keep_turns: Option<u32>,
    /// Drop the branches of ended sessions after so many days [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub keep_branches: Option<u32>,
    /// Keep everything again, whatever --keep-turns and --keep-branches said
    #[arg(long, conflicts_with_all = ["keep_turns", "keep_branches"])]
    pub keep_all: bool,
    /// The largest file in bytes that may be written; 0 lifts the limit
    #[arg(long, value_name = "BYTES")]
    pub max_file_bytes: Option<u64>,
}

/// Fork a workspace: objects are shared, branches are its own
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace fork --name experiment\n  acetate workspace fork --at v12")]
pub struct WorkspaceFork {
    /// The fork's name [default: one is made]
    #[arg(long)]
    pub name: Option<String>,
    /// Only this version, ref or commit
    #[arg(long, value_name = "POINT")]
    pub at: Option<String>,
}

/// Make or delete a branch
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace branch create release --at v12\n  acetate workspace branch delete release")]
pub struct Branch {
    #[command(subcommand)]
    pub command: BranchCommand,
}

/// What can be done with a branch.
#[derive(Debug, Subcommand)]
pub enum BranchCommand {
    /// Make a branch
    #[command(after_help = "EXAMPLES:\n  acetate workspace branch create release --at v12")]
    Create {
        /// Its name
        name: String,
        /// Where it starts [default: the default branch's head]
        #[arg(long, value_name = "POINT")]
        at: Option<String>,
    },
    /// Delete a branch; its tip is kept
    #[command(after_help = "EXAMPLES:\n  acetate workspace branch delete release")]
    Delete {
        /// Its name
        name: String,
    },
}

/// List the landed versions, newest first
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace versions --limit 5\n  acetate workspace versions --before 120")]
pub struct WorkspacePage {
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

/// Name a point of the history: an annotated tag
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace checkpoint green-build -m 'All tests pass'")]
pub struct CheckpointCreate {
    /// Its name
    pub name: String,
    /// The version, ref or commit [default: the default branch's head]
    #[arg(long, value_name = "POINT")]
    pub at: Option<String>,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
}

/// Write a standard Git bundle of branches, checkpoints and settings
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace bundle -o project.bundle\n  acetate workspace bundle --since v100 -o new.bundle")]
pub struct WorkspaceBundle {
    /// The file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Only what came after this point
    #[arg(long, value_name = "POINT")]
    pub since: Option<String>,
    /// Also the work of live sessions, unsaved edits included, as branches
    #[arg(long)]
    pub sessions: bool,
}

/// Undo an operation by a further one
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace undo\n  acetate workspace undo 17")]
pub struct WorkspaceUndo {
    /// Its number in `workspace operations` [default: the newest that is not undone]
    pub operation: Option<u64>,
}

/// Show the difference between two points
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate workspace diff v11 v12\n  acetate workspace diff v3 refs/heads/main --stat")]
pub struct WorkspaceDiff {
    /// Version, full ref or commit
    pub from: String,
    /// Version, full ref or commit
    pub to: String,
    /// Only names and numbers of lines
    #[arg(long)]
    pub stat: bool,
}
