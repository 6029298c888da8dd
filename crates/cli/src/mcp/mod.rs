//! `acetate mcp`: a process's standard streams joined to the daemon, where the tools are.
//!
//! It copies lines and understands only as much of them as it needs to outlive the daemon: when that goes away, calls under way are
//! answered with an error, the next call starts a new daemon, and the conversation goes on where it was.
mod bridge;
mod memory;
mod run;
mod upgrade;

pub use run::{run, tools};
