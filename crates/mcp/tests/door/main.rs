//! The door as a client meets it: lines of JSON-RPC in, lines out, over a real engine and a real repository.

mod agents;
mod client;
mod errors;
mod files;
mod list;
mod long;
mod resources;
