//! Every odd beginning comes back byte for byte, without a receipt.

mod common;

use acetate_agents::{Clash, Edited, Entry, Tool, add, remove, snippet};
use common::there_and_back;

const JSON: [&str; 30] = [
    "",
    "\n",
    " \r\n",
    "{}",
    "{}\n",
    "{ }",
    "{\n}",
    "{\n}\n",
    "\n{}\n",
    "\u{feff}{}",
    "\u{feff}",
    "{\"mcpServers\":{}}",
    "{\"mcpServers\": {}}\n",
    "{ \"mcpServers\": { } }\n",
    "{\n  \"mcpServers\": {}\n}",
    "{\n  \"mcpServers\": {},\n  \"x\": 1\n}\n",
    "{\n  \"mcpServers\": {\n  },\n  \"x\": 1\n}\n",
    "{\n\t\"mcpServers\": {\n\n\t},\n\t\"x\": [1, 2]\n}\n",
    "{\"a\":1,\"mcpServers\":{\"b\":{\"command\":\"c\"}}}",
    "{\"a\":1}",
    "{\"a\":1}\n\n",
    "{\n    \"a\": 1\n}",
    "{\r\n  \"a\": 1\r\n}\r\n",
    "{\"a\": {\n  \"b\": 1\n}}",
    "{\n  \"mcpServers\": {\"b\": {\"command\": \"c\"}}\n}\n",
    "{\n  \"mcpServers\": {\n    \"b\": {\"command\": \"c\"}}}\n",
    "{\n\"mcpServers\": {\n\"b\": {}\n}\n}\n",
    "{\n  \"a\": \"\\\"}{ // no comment , \\\\\",\n  \"mcpServers\": { \"b\": [] }\n}\n",
    "  {\n    \"a\": null\n  }\n",
    "{\n  \"mcpServers\": {\n    \"acetate-two\": {}\n  }\n}\n",
];

const WITH_COMMENTS: [&str; 16] = [
    "// mine\n",
    "// mine",
    "/* mine */",
    "{} // end",
    "{ // open\n}\n",
    "{\n  // nothing yet\n}\n",
    "{\n  \"mcpServers\": { // none\n  },\n  \"z\": 0\n}\n",
    "{\n  \"mcpServers\": { /* none */ }\n}\n",
    "{\"mcpServers\": {/* none */}}\n",
    "{\n  \"a\": 1, // with a comma\n}\n",
    "{\n  \"a\": 1 // without\n  // more\n}\n",
    "{\r\n  \"a\": 1 // without\r\n}\r\n",
    "{\n  \"mcpServers\": {\n    \"b\": {}, // one\n    /* two\n       lines */\n  } // closed\n} // end",
    "{\"a\": 1 /* x */ , /* y */}",
    "{\"a\": 1 /* x */}",
    "{\n  \"a\": [1, 2,], /* x\n */ \"mcpServers\": {\"b\": {},},\n}\n",
];

const TOML: [&str; 17] = [
    "",
    "\n",
    "\n\n",
    "a = 1",
    "a = 1\n",
    "a = 1\n\n\n",
    "a = 1\r\n",
    "# mine",
    "\u{feff}a = 1\n",
    "[mcp_servers]\n",
    "[mcp_servers] # none\n\n[b]\nc = 1\n",
    "[mcp_servers.b]\ncommand = 'c'\n# end",
    "mcp_servers.b.command = 'c'\n",
    "mcp_servers = {}\n",
    "mcp_servers = { }",
    "mcp_servers = {b = {command = 'c'}}\n[d]\n",
    "mcp_servers = { b = { command = 'c' } } # x\n",
];

const YAML: [&str; 23] = [
    "",
    "\n",
    "# mine",
    "# mine\n",
    "a: 1",
    "a: 1\n\n",
    "a: 1\r\nb: 2\r\n",
    "---\na: 1\n",
    "---\n",
    "\u{feff}a: é\n",
    "{}",
    "{a: 1}\n",
    "{\"extensions\": {}}",
    "{\"a\": 1, \"extensions\": {\"b\": {\"cmd\": \"c\"}}}\n",
    "extensions: {}\n",
    "extensions: { }\na: 1\n",
    "extensions: {b: {cmd: c}} # x\n",
    "extensions:\na: 1\n",
    "extensions: # none\n\n# more\na: 1\n",
    "extensions:\n    b:\n        cmd: c",
    "\"extensions\":\n  # first\n  b:\n    cmd: c\n  # last\n",
    "a: |+\n  text\n\n",
    "a:\n  - é\n  - \"ü\"\nextensions:\n  b: &x {cmd: ö}\n  c: *x\n",
];

fn all(tool: Tool, texts: &[&str], parent: &str) {
    for entry in [Entry::default(), odd()] {
        there_and_back(tool, None, &entry);
        for text in texts {
            // Those that look alike once the entry is in are told apart by a receipt alone: see `the_few_that_look_alike`.
            if !LOOK_ALIKE.contains(text) {
                there_and_back(tool, Some(&text.replace("mcpServers", parent)), &entry);
            }
        }
    }
}

fn odd() -> Entry {
    let env = [("A B".to_owned(), "é\"\\\n\t:# ".to_owned()), ("true".to_owned(), "no".to_owned())];
    Entry {
        command: "/opt/my tools/acetate".to_owned(),
        args: vec!["mcp".to_owned(), "--store".to_owned(), "null".to_owned()],
        env: env.into(),
    }
}

/// Empty objects that were laid out as if something had been in them.
const LOOK_ALIKE: [&str; 3] = ["{\n}", "{\n}\n", "{ \"mcpServers\": { } }\n"];

#[test]
fn json() {
    all(Tool::Claude, &JSON, "mcpServers");
    for (tool, parent) in [(Tool::Cursor, "mcpServers"), (Tool::VsCode, "servers"), (Tool::Gemini, "mcpServers"), (Tool::OpenCode, "mcp")] {
        all(tool, &JSON, parent);
        all(tool, &WITH_COMMENTS, parent);
    }
}

#[test]
fn toml() {
    all(Tool::Codex, &TOML, "mcp_servers");
}

#[test]
fn yaml() {
    all(Tool::Goose, &YAML, "extensions");
}

#[test]
fn the_few_that_look_alike_need_a_receipt() {
    let entry = Entry::default();
    for (tool, one, other) in [
        (Tool::Claude, "{\n}\n", None),
        (Tool::Claude, "{\n}", Some("")),
        (Tool::Claude, "{ \"mcpServers\": { } }", Some("{ }")),
        (Tool::Cursor, "{\n  \"a\": 1,\n  \"mcpServers\": {\n  }\n}", Some("{\n  \"a\": 1\n}")),
        (Tool::Goose, "a: 1\nextensions:\n", Some("a: 1\n")),
    ] {
        let text = common::added(tool, Some(one), &entry);
        assert_eq!(text, common::added(tool, other, &entry), "{tool}");
        assert_eq!(remove(tool, &text), Ok(other.map_or(Edited::Gone, |other| Edited::Text(other.to_owned()))), "{tool}");
    }
}

#[test]
fn a_snippet_is_a_whole_file() {
    for tool in Tool::ALL {
        let snippet = snippet(tool, &Entry::default());
        assert_eq!(add(tool, None, &Entry::default(), Clash::Refuse), Ok(Edited::Text(format!("{snippet}\n"))));
        assert_eq!(add(tool, Some(&snippet), &Entry::default(), Clash::Refuse), Ok(Edited::Same));
    }
}
