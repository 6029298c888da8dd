//! The door for agents that speak MCP.
//!
//! Tools, resources and a prompt, each one call into the engine: this crate translates and never decides. One [`Handler`] serves every
//! transport and both lifecycles of the protocol (2025-11-25 and 2026-07-28): [`http()`] is its Streamable HTTP, [`stream`] what a process
//! speaks over its standard streams. The only crate that ships
//! and names rmcp.
//!
//! Invariants: a tool call is authorised by who calls, never by knowing a session's id; the list of tools is the same for everybody; what a
//! model can mend is a tool's error with a code and the next step, not an error of the protocol; texts of other agents are shortened,
//! quoted and named as data.
//!
//! Deliberately missing: subscriptions. What happens elsewhere comes with each result, and `watch` waits for it.

#![deny(missing_docs)]

mod arguments;
mod awareness;
mod caller;
mod door;
mod handler;
mod instructions;
mod limits;
mod outcome;
mod pending;
mod prompts;
mod resources;
mod shared;
mod shown;
mod tools;
mod transports;

pub use caller::{Authorize, Link};
pub use door::{HttpDoor, http, stream};
pub use handler::Handler;
pub use limits::McpLimits;
pub use shared::Shared;
#[doc(hidden)]
pub use tools::list as tool_list;
