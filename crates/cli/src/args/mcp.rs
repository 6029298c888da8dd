//! Arguments of mcp.

use clap::Args;

/// Serve the tools to one agent over standard input and output (MCP)
#[derive(Debug, Args)]
#[command(after_help = "What an agent's configuration names as the command of its MCP server; `acetate agent add` writes it.
It is a thin client of the daemon, which it starts. Calls that name no session work in one that
belongs to this process; with --session in that one.

EXAMPLES:
  acetate agent add claude
  acetate mcp --store ~/src/project
  npx @modelcontextprotocol/inspector acetate mcp")]
pub struct Mcp {}
