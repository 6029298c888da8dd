//! The command line as types: what may be said, and nothing of what it does.

mod agent;
mod cli;
mod daemon;
mod files;
mod global;
mod history;
mod mcp;
mod merge;
mod merge_tree;
mod mount;
mod path;
mod session;
mod setup;
mod turn;
mod workspace;

pub use agent::{Agent, AgentAdd, AgentCommand, HookEvent};
pub use cli::{Cli, Command};
pub use daemon::{Backup, Completions, Demo, Doctor, Import, Migrate, Serve, Stop};
pub use files::{Edit, Grep, Ls, Mv, Read, Rm, Symbols, Write};
pub use global::Global;
pub use history::{Events, Log, RightArg, Show, Token, TokenCommand, TokenCreate};
pub use mcp::Mcp;
pub use merge::{GitCommand, How, MergeDriver, MergeFile};
pub use merge_tree::MergeTree;
pub use mount::{Checkout, Mount, Open, Run, Shell, SyncDir, TakeSide, Unmount};
pub use session::{Session, SessionCommand};
pub use setup::{GitMerge, Setup, SetupCommand};
pub use turn::{Commit, Conflicts, Diff, MarkerStyleArg, Resolve, SameSymbolArg, Status, Submit, Sync, TakeArg};
pub use workspace::{Branch, BranchCommand, Workspace, WorkspaceCommand, WorkspaceDiff};
