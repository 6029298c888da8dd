//! Arguments of agent.

use acetate_agents::{Scope, Tool};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

/// Have coding tools work in sessions, through MCP
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate agent list\n  acetate agent add claude\n  acetate agent add codex --remove")]
pub struct Agent {
    #[command(subcommand)]
    pub command: AgentCommand,
}

/// What can be done about coding tools.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    Add(AgentAdd),
    List(AgentList),
    /// Answer a hook of Claude Code
    #[command(hide = true)]
    Hook {
        /// Which
        event: HookEvent,
    },
}

/// Hooks that are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HookEvent {
    /// A worktree is wanted
    WorktreeCreate,
    /// One is no longer wanted
    WorktreeRemove,
}

/// Put the MCP server `acetate` into a coding tool's settings
#[derive(Debug, Args)]
#[command(after_help = "Only the entry is written: comments, order and layout of the file stay. Doing it again changes
nothing; --remove undoes exactly this. An entry of that name that runs something else stays unless
--replace is given. Claude Code also gets two hooks in its settings.json, by which its worktrees
are mounted sessions; where another hook makes them, that one stays and ours is left out.

EXAMPLES:
  acetate agent add claude                        in all your projects
  acetate agent add claude --no-worktrees         and leave its worktrees alone
  acetate agent add cursor --scope project        for everybody who works on this one
  acetate agent add codex --skill                 and teach the model how to work in sessions
  acetate agent add vscode --print                only show what would be written, and where
  acetate agent add opencode --command ~/.cargo/bin/acetate
  acetate agent add gemini -- mcp --store /srv/code
  acetate agent add claude --remove")]
pub struct AgentAdd {
    /// The tool
    #[arg(value_name = "TOOL", value_parser = tools())]
    pub tool: Tool,
    /// In your own settings, or in the project's around the current folder
    #[arg(long, value_name = "SCOPE", default_value = "user", value_parser = scopes())]
    pub scope: Scope,
    /// Only print what is to be written
    #[arg(long, conflicts_with_all = ["remove", "replace"])]
    pub print: bool,
    /// Undo it
    #[arg(long, conflicts_with_all = ["replace", "command", "args"])]
    pub remove: bool,
    /// Put a skill beside it, a SKILL.md that teaches the model to work in sessions; with --remove take it away too
    #[arg(long)]
    pub skill: bool,
    /// Leave Claude Code's own worktrees alone: without it they become mounted sessions
    #[arg(long)]
    pub no_worktrees: bool,
    /// Replace an entry, a hook or a skill of ours that differs
    #[arg(long)]
    pub replace: bool,
    /// The program to start, for tools that don't find acetate by its name
    #[arg(long, value_name = "PATH", default_value = "acetate", hide_default_value = true)]
    pub command: String,
    /// What to start it with [default: mcp, and in your own settings the --store given here]
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<String>,
}

/// Show which coding tools are here, and which of them have the entry
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n  acetate agent list\n  acetate agent list --json")]
pub struct AgentList {}

fn tools() -> impl TypedValueParser<Value = Tool> {
    PossibleValuesParser::new(Tool::ALL.map(Tool::as_str)).try_map(|name| name.parse::<Tool>())
}

fn scopes() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::as_str)).try_map(|name| name.parse::<Scope>())
}
