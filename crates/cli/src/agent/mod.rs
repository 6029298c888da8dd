//! `agent`: coding tools' own settings, so that they start `acetate mcp`. No daemon is asked and no store is opened. What is written is
//! decided by `acetate_agents`; here files are found, read and replaced.

mod add;
mod around;
mod change;
mod file;
mod list;
mod receipt;
mod run;
mod skill;
mod worktrees;

pub use list::{Connected, HookState, connected};
pub use run::agent;
