//! The commands: each asks the daemon and shows the answer.

mod conflicts;
mod context;
mod daemon;
mod doctor;
mod events;
mod files;
mod logging;
mod probes;
mod run;
mod search;
mod session;
mod session_view;
mod symbols;
mod turn;
mod turn_view;
mod workspace;
mod workspace_view;

pub use context::Context;
pub use run::main;
