//! Files as people have them.

mod common;

use acetate_agents::{Entry, Tool};
use common::there_and_back;

fn check(tool: Tool, sample: &str, expect: &str) {
    let after = there_and_back(tool, Some(sample), &Entry::default());
    assert!(after.contains(expect), "{tool}:\n{after}");
    for line in sample.lines() {
        let kept = line.trim_start_matches('\u{feff}').trim_end_matches('}').trim_end();
        assert!(after.contains(kept), "{tool} lost {line:?}:\n{after}");
    }
}

#[test]
fn claude() {
    let expect = ",\n    \"acetate\": {\n      \"type\": \"stdio\",\n      \"command\": \"acetate\",\n      \"args\": [\n        \"mcp\"\n      ]\n    }\n  }\n}\n";
    check(Tool::Claude, include_str!("samples/claude-project.json"), expect);
    let expect = "44.120Z\",\n  \"mcpServers\": {\n    \"acetate\": {\n      \"type\": \"stdio\",";
    check(Tool::Claude, include_str!("samples/claude-user.json"), expect);
}

#[test]
fn codex() {
    let expect = "# the end\n\n[mcp_servers.acetate]\ncommand = \"acetate\"\nargs = [\"mcp\"]\n";
    check(Tool::Codex, include_str!("samples/codex.toml"), expect);
}

#[test]
fn cursor() {
    let expect = "        },\n        \"acetate\": {\n            \"type\": \"stdio\",\n            \"command\": \"acetate\",";
    check(Tool::Cursor, include_str!("samples/cursor.json"), expect);
}

#[test]
fn vscode() {
    let expect = "\t\t}, // local\r\n\t\t\"acetate\": {\r\n\t\t\t\"type\": \"stdio\",\r\n";
    let sample = include_str!("samples/vscode.json");
    let after = there_and_back(Tool::VsCode, Some(sample), &Entry::default());
    assert!(after.contains(expect), "{after:?}");
    assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
}

#[test]
fn gemini() {
    let expect = "\"mcpServers\": {\"acetate\": {\"command\": \"acetate\", \"args\": [\"mcp\"]}}\n}\n";
    check(Tool::Gemini, include_str!("samples/gemini.json"), expect);
}

#[test]
fn opencode() {
    let expect = ", // and nothing else\n  \"mcp\": {\n    \"acetate\": {\n      \"type\": \"local\",\n      \"command\": [\n        \"acetate\",\n        \"mcp\"\n      ],\n      \"enabled\": true\n    }\n  },\n}\n";
    check(Tool::OpenCode, include_str!("samples/opencode.jsonc"), expect);
}

#[test]
fn goose() {
    let expect = "extensions:   # what it may use\n  acetate:\n    enabled: true\n    type: stdio\n    name: acetate\n";
    check(Tool::Goose, include_str!("samples/goose.yaml"), expect);
}
