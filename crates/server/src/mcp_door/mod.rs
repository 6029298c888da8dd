//! MCP: `/mcp` as Streamable HTTP, and `/mcp/stream`, a connection that a process on this machine turns into lines of JSON-RPC.
//!
//! What is said there is the MCP crate's; here it is only decided who says it.
mod http;
mod stream;
mod table;

pub(crate) use table::routes;
