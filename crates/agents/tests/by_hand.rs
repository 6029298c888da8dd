//! Entries that people wrote or changed are taken out by what they are; all else stays.

use acetate_agents::{Clash, Edited, Entry, Tool, add, remove};

fn check(tool: Tool, before: &str, after: &str) {
    assert_eq!(remove(tool, before), Ok(Edited::Text(after.to_owned())), "{before}");
    assert_eq!(remove(tool, after), Ok(Edited::Same), "{after}");
}

#[test]
fn json() {
    check(
        Tool::Claude,
        "{\n  \"mcpServers\": {\n    \"acetate\": {\"command\": \"x\"},\n    \"b\": {}\n  }\n}",
        "{\n  \"mcpServers\": {\n    \"b\": {}\n  }\n}",
    );
    check(Tool::Claude, "{\"mcpServers\": {\"a\": {}, \"acetate\": 1, \"b\": {}}}", "{\"mcpServers\": {\"a\": {}, \"b\": {}}}");
    check(Tool::Cursor, "{\"mcpServers\": { // c\n\"acetate\": 1 }}", "{\"mcpServers\": { // c\n }}");
    check(
        Tool::Cursor,
        "{\"mcpServers\": {\n  \"a\": 1, // a\n  // ours\n  \"acetate\": {\"url\": \"x\"}, // ours\n}}",
        "{\"mcpServers\": {\n  \"a\": 1, // a\n  // ours // ours\n}}",
    );
}

#[test]
fn toml() {
    check(
        Tool::Codex,
        "a = 1\n\n[mcp_servers.acetate] # ours\ncommand = 'x'\nargs = [\n  'y',\n] # z\n# not ours\n\n[mcp_servers.acetate.env]\nA = 'b'\n\n[t]\nb = 2\n",
        "a = 1\n# not ours\n\n[t]\nb = 2\n",
    );
    check(
        Tool::Codex,
        "mcp_servers.acetate.command = 'x'\nmcp_servers.b.command = 'y'\nmcp_servers.acetate.args = []\n",
        "mcp_servers.b.command = 'y'\n",
    );
    check(Tool::Codex, "[mcp_servers]\nacetate = { command = 'x' } # ours\nb = {}\n", "[mcp_servers]\nb = {}\n");
    check(Tool::Codex, "[mcp_servers.acetate]\ncommand = 'x'\nenv.A = 'b'\nenv.C = 'd'\n[t]\n", "[t]\n");
    check(Tool::Codex, "mcp_servers = { b = {}, acetate = { command = 'x' } }\n", "mcp_servers = { b = {} }\n");
}

#[test]
fn yaml() {
    check(
        Tool::Goose,
        "extensions:\n  a:\n    cmd: x\n  # ours\n  acetate:\n    cmd: y\n    description: |\n      text\n\n    args: # none\n      - z\n\n  # b's\n  b:\n    cmd: q\n",
        "extensions:\n  a:\n    cmd: x\n  # ours\n\n  # b's\n  b:\n    cmd: q\n",
    );
    check(Tool::Goose, "extensions:\n  acetate:\n    cmd: y\na: 1\n", "extensions: {}\na: 1\n");
    check(Tool::Goose, "a: 1\nextensions: {b: {}, acetate: {cmd: y}}", "a: 1\nextensions: {b: {}}");
    check(Tool::Goose, "extensions:\n  acetate:\n  b:\n    cmd: y\n", "extensions:\n  b:\n    cmd: y\n");
}

#[test]
fn replaced_in_its_place() {
    let check = |tool, before: &str, after: &str| {
        assert_eq!(add(tool, Some(before), &Entry::default(), Clash::Replace), Ok(Edited::Text(after.to_owned())), "{before}");
    };
    check(
        Tool::Gemini,
        "{\n  \"mcpServers\": {\n    \"acetate\": {\"url\": \"x\"}, // c\n    \"b\": {}\n  }\n}",
        "{\n  \"mcpServers\": {\n    \"acetate\": {\n      \"command\": \"acetate\",\n      \"args\": [\n        \"mcp\"\n      ]\n    }, // c\n    \"b\": {}\n  }\n}",
    );
    check(
        Tool::Codex,
        "[mcp_servers.acetate]\nurl = 'x'\n[t]\n",
        "[t]\n\n[mcp_servers.acetate]\ncommand = \"acetate\"\nargs = [\"mcp\"]\n",
    );
    check(
        Tool::Codex,
        "mcp_servers = { acetate = { url = 'x' } }",
        "mcp_servers = { acetate = { command = \"acetate\", args = [\"mcp\"] } }",
    );
}
