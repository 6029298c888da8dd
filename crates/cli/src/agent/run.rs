//! From the arguments to what is done.

use super::{add, around, list};
use crate::args::AgentCommand;
use crate::client::{Exit, Failure};
use crate::output::Output;
use std::path::Path;

/// Puts the entry in, takes it out, or shows where it is.
///
/// # Errors
/// When a tool's file can't be read, edited or written.
pub fn agent(out: &mut Output, store: Option<&Path>, command: &AgentCommand) -> Result<Exit, Failure> {
    let around = around::of_process()?;
    match command {
        AgentCommand::Add(args) => add::add(out, &around, store, args),
        AgentCommand::List(_) => list::list(out, &around),
        AgentCommand::Hook { .. } => Err(Failure::unexpected("hooks are answered elsewhere")),
    }
}
