//! Acetate's doors over HTTP: the API under `/v1`, its OpenAPI document, MCP at `/mcp`, and Git smart HTTP under `/git`.
//!
//! A door translates, it never decides: each call is one call of the engine, made off the async threads with bounded concurrency.
//! What is the door's own is the transport: listening, `Host` and `Origin`, tokens, sizes and times, and how an error looks.
//!
//! Invariant: every route, also one that does not exist, answers errors as RFC 9457 problems (the Git routes as plain text, which is
//! what Git shows to people), and checks `Host` and `Origin` first. Deliberately missing: TLS, CORS, HTTP/2, compression.

#![deny(missing_docs)]

mod activity;
mod call;
mod door;
mod git_door;
mod guard;
mod input;
mod listen;
mod mcp_door;
mod openapi;
mod options;
mod output;
mod problem;
mod routes;
mod server;
mod stall;

pub use activity::Activity;
pub use openapi::openapi;
#[doc(hidden)]
pub use options::McpHandlers;
pub use options::{HttpLimits, ServeOptions};
pub use server::{Bound, ServeError, Server, serve};
