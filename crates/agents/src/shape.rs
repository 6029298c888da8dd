//! What each tool calls things: where servers stand in its file, and how an entry is written and read there.

use crate::format::Format;
use crate::plain::Plain;
use crate::{Entry, NAME, Present, Tool};

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Flag(bool),
    Count(u32),
    Text(String),
    List(Vec<Field>),
    Map(Fields),
}

impl Field {
    /// A list of texts.
    pub fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }
}

/// Fields in the order in which they are written.
pub type Fields = Vec<(String, Field)>;

/// What goose waits for an answer, in seconds: its own default, written because its settings page shows it.
const GOOSE_TIMEOUT: u32 = 300;

/// The format of a tool's file.
pub fn format(tool: Tool) -> Format {
    match tool {
        // Claude Code reads with `JSON.parse`: a comment would cost it the whole file.
        Tool::Claude => Format::Json { comments: false },
        Tool::Cursor | Tool::VsCode | Tool::Gemini | Tool::OpenCode => Format::Json { comments: true },
        Tool::Codex => Format::Toml,
        Tool::Goose => Format::Yaml,
    }
}

/// The key under which servers stand.
pub fn parent(tool: Tool) -> &'static str {
    match tool {
        Tool::Claude | Tool::Cursor | Tool::Gemini => "mcpServers",
        Tool::VsCode => "servers",
        Tool::Codex => "mcp_servers",
        Tool::OpenCode => "mcp",
        Tool::Goose => "extensions",
    }
}

/// The entry as the tool writes one.
pub fn fields(tool: Tool, entry: &Entry) -> Fields {
    let command = || ("command", Field::Text(entry.command.clone()));
    let args = || ("args", Field::texts(entry.args.iter().cloned()));
    let stdio = || ("type", Field::Text("stdio".to_owned()));
    let pairs = || Field::Map(entry.env.iter().map(|(name, value)| (name.clone(), Field::Text(value.clone()))).collect());
    let env = |name: &'static str| (!entry.env.is_empty()).then(|| (name, pairs()));
    let fields: Vec<(&str, Field)> = match tool {
        Tool::Claude | Tool::Cursor | Tool::VsCode => [stdio(), command(), args()].into_iter().chain(env("env")).collect(),
        Tool::Codex | Tool::Gemini => [command(), args()].into_iter().chain(env("env")).collect(),
        Tool::OpenCode => {
            let line = std::iter::once(&entry.command).chain(&entry.args).cloned();
            let own = [("type", Field::Text("local".to_owned())), ("command", Field::texts(line))];
            own.into_iter().chain(env("environment")).chain([("enabled", Field::Flag(true))]).collect()
        }
        Tool::Goose => vec![
            ("enabled", Field::Flag(true)),
            stdio(),
            ("name", Field::Text(NAME.to_owned())),
            ("description", Field::Text("Work on one repository beside other agents, in a session of your own".to_owned())),
            ("cmd", Field::Text(entry.command.clone())),
            args(),
            ("envs", pairs()),
            ("env_keys", Field::List(Vec::new())),
            ("timeout", Field::Count(GOOSE_TIMEOUT)),
        ],
    };
    fields.into_iter().map(|(name, field)| (name.to_owned(), field)).collect()
}

/// The entry as it was read.
pub fn read(tool: Tool, entry: &Plain) -> Present {
    let found = match tool {
        Tool::OpenCode => command_line(entry),
        Tool::Goose => command_and(entry, "cmd", "envs"),
        _ => command_and(entry, "command", "env"),
    };
    found.map_or(Present::Other, Present::Command)
}

fn command_line(entry: &Plain) -> Option<Entry> {
    let mut words = entry.get("command")?.as_texts()?.into_iter();
    let command = words.next()?;
    Some(Entry { command, args: words.collect(), env: pairs(entry, "environment") })
}

fn command_and(entry: &Plain, command: &str, env: &str) -> Option<Entry> {
    let args = match entry.get("args") {
        Some(args) => args.as_texts()?,
        None => Vec::new(),
    };
    Some(Entry { command: entry.get(command)?.as_text()?.to_owned(), args, env: pairs(entry, env) })
}

fn pairs(entry: &Plain, key: &str) -> std::collections::BTreeMap<String, String> {
    entry.get(key).map(Plain::as_pairs).unwrap_or_default()
}
