//! The peers: other ways to do the same job, each at its best.

mod agentfs;
mod cat_file;
mod clones;
mod commit_tree;
mod fast_import;
mod floor;
mod git;
mod least_fuse;
mod merge;
mod overlayfs;
mod worktree;

pub use agentfs::{Agentfs, AgentfsMount};
pub use cat_file::CatFile;
pub use clones::{Clones, LOCAL, REFERENCE, SHARED};
pub use commit_tree::CommitTree;
pub use fast_import::{FastImport, import_all, write_blob, write_commit};
pub use floor::floor;
pub use git::{DURABLE, Git};
pub use least_fuse::{LeastFuse, Shape};
pub use merge::{MergeWorktree, Merges};
pub use overlayfs::{Mounted, Overlayfs, no_overlayfs};
pub use worktree::{Worktrees, add_and_commit, read_file, write_files};
