//! `agent`: coding tools' own settings, so that they start `acetate mcp`. No daemon is asked and no store is opened. What is written is
//! decided by `acetate_agents`; here files are found, read and replaced.

mod add;
mod around;
mod file;
mod list;
mod receipt;
mod run;
mod skill;

pub use list::connected;
pub use run::agent;
