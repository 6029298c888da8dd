//! Claude Code's hooks for worktrees of its own, in its settings file: put in, found, and taken out again.
//!
//! Format: <https://code.claude.com/docs/en/hooks>. Under `hooks` each event has a list of groups, each group a list of hooks; all of an
//! event's hooks run, those with the same command line once. The first that answers `WorktreeCreate` with a folder makes the worktree,
//! so two of them would make two, and one for nothing: where another is there already, ours is not put beside it.
//!
//! Invariant: hooks of others stay, in their order; a hook is ours by the command line it runs, `… agent hook worktree-create`.
//!
//! Deliberately missing: hooks for other events, and those that plugins and managed settings bring.

mod commands;
mod edit;
mod place;
mod seen;
mod splices;

pub use commands::Hooks;
pub use edit::{add_hooks, hooks_present, hooks_snippet, remove_hooks};
pub use place::{hooks_files, hooks_location};
pub use seen::{HookSeen, HooksPresent};
