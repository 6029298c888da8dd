//! What is not edited, and what is said then.

use acetate_agents::{Clash, ConfigError, Edited, Entry, MAX_BYTES, Present, Tool, add, present, remove};
use acetate_types::Classify as _;

fn check(tool: Tool, text: &str, code: &str) {
    let errors = [
        add(tool, Some(text), &Entry::default(), Clash::Refuse).expect_err(text),
        add(tool, Some(text), &Entry::default(), Clash::Replace).expect_err(text),
    ];
    for error in errors {
        let problem = error.problem();
        assert_eq!(problem.code, code, "{tool} {text}: {problem}");
        assert!(problem.hint.is_some());
    }
}

fn malformed(tool: Tool, text: &str, line: usize, column: usize) {
    for error in [
        add(tool, Some(text), &Entry::default(), Clash::Refuse).expect_err(text),
        remove(tool, text).expect_err(text),
        present(tool, text).expect_err(text),
    ] {
        let ConfigError::Malformed { line: at, column: across, reason } = &error else { panic!("{tool} {text}: {error:?}") };
        assert_eq!((*at, *across), (line, column), "{tool} {text:?}: {reason}");
        assert!(!reason.is_empty());
    }
}

#[test]
fn what_is_not_of_its_format() {
    malformed(Tool::Claude, "{\n  \"é\": 1,\n}", 2, 9);
    malformed(Tool::Claude, "{} // comment", 1, 4);
    malformed(Tool::Cursor, "{\n  \"a\": tru\n}", 2, 8);
    malformed(Tool::Cursor, "{'a': 1}", 1, 2);
    malformed(Tool::VsCode, "{\"a\": 1 \"b\": 2}", 1, 8);
    malformed(Tool::OpenCode, "{\"a\": 0x10}", 1, 7);
    malformed(Tool::Codex, "a = 1\nb = = 2\n", 2, 5);
    malformed(Tool::Goose, "a: 1\n  b: [\n", 2, 4);
}

#[test]
fn what_has_no_place_for_the_entry() {
    for text in ["[]", "1", "null", "{\"mcpServers\": []}", "{\"mcpServers\": null}", "{\"mcpServers\": \"x\"}"] {
        check(Tool::Claude, text, "config_shape");
    }
    for text in ["mcp_servers = 1", "[[mcp_servers]]\na = 1"] {
        check(Tool::Codex, text, "config_shape");
    }
    for text in [
        "- a",
        "text",
        "extensions: ~",
        "extensions: [a]",
        "a: 1\n...\n",
        "x: &x {}\nextensions: *x",
        "? extensions\n: a: 1\n",
        "a: 1\n---\nb: 2\n",
    ] {
        check(Tool::Goose, text, "config_shape");
    }
    check(Tool::Gemini, "{\"mcpServers\": {}, \"mcpServers\": {}}", "config_ambiguous");
}

#[test]
fn bounds() {
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_BYTES));
    check(Tool::Claude, &large, "config_too_large");
    let nearly = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_BYTES - 20));
    check(Tool::Claude, &nearly, "config_too_large");
    let deep = |open: &str| open.repeat(200_000);
    for (tool, text) in [
        (Tool::Claude, deep("[")),
        (Tool::Cursor, deep("{\"a\":")),
        (Tool::Goose, deep("[")),
        (Tool::Goose, deep("- ")),
        (Tool::Codex, format!("a = {}", deep("["))),
    ] {
        check(tool, &text, "config_malformed");
    }
    check(Tool::Codex, &format!("{}a = 1", "a.".repeat(200_000)), "config_malformed");
    check(Tool::Codex, &format!("[{}a]", "a.".repeat(200_000)), "config_malformed");
    check(Tool::Goose, &"? ".repeat(200_000), "config_malformed");
    check(Tool::Goose, &"{a: ".repeat(200_000), "config_malformed");
    // Aliases that would grow to billions of nodes.
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for step in 1..12 {
        let last = format!("*a{}, ", step - 1).repeat(9);
        bomb.push_str(&format!("a{step}: &a{step} [{}]\n", last.trim_end_matches(", ")));
    }
    check(Tool::Goose, &bomb, "config_malformed");
}

#[test]
fn somebodys_own_entry() {
    let own = Entry { command: "podman".to_owned(), args: vec!["run".to_owned()], ..Entry::default() };
    for tool in Tool::ALL {
        let Ok(Edited::Text(theirs)) = add(tool, None, &own, Clash::Refuse) else { panic!("{tool}") };
        let error = add(tool, Some(&theirs), &Entry::default(), Clash::Refuse).expect_err("it differs");
        assert_eq!(error.problem().code, "entry_differs");
        assert!(error.to_string().contains("podman run"), "{error}");
        let Ok(Edited::Text(ours)) = add(tool, Some(&theirs), &Entry::default(), Clash::Replace) else { panic!("{tool}") };
        assert_eq!(present(tool, &ours), Ok(Some(Present::Command(Entry::default()))));
        assert!(!ours.contains("podman"), "{ours}");
    }
    for (tool, text) in [
        (Tool::Claude, "{\"mcpServers\": {\"acetate\": {\"type\": \"http\", \"url\": \"http://127.0.0.1:4141/mcp\"}}}"),
        (Tool::Codex, "[mcp_servers.acetate]\nurl = \"http://127.0.0.1:4141/mcp\"\n"),
        (Tool::Goose, "extensions:\n  acetate:\n    type: streamable_http\n    uri: http://127.0.0.1:4141/mcp\n"),
    ] {
        assert_eq!(present(tool, text), Ok(Some(Present::Other)));
        assert_eq!(add(tool, Some(text), &Entry::default(), Clash::Refuse).expect_err("it differs").problem().code, "entry_differs");
    }
}

#[test]
fn extra_keys_of_people_stay() {
    for (tool, text) in [
        (Tool::Claude, "{\"mcpServers\": {\"acetate\": {\"command\": \"acetate\", \"args\": [\"mcp\"], \"env\": {\"A\": \"b\"}}}}"),
        (Tool::Codex, "mcp_servers.acetate = { command = 'acetate', args = ['mcp'], enabled = false }"),
        (Tool::OpenCode, "{\"mcp\": {\"acetate\": {\"type\": \"local\", \"command\": [\"acetate\", \"mcp\"], \"enabled\": false}}}"),
        (Tool::Goose, "extensions: {acetate: {cmd: acetate, args: [mcp], enabled: false}}"),
    ] {
        assert_eq!(add(tool, Some(text), &Entry::default(), Clash::Refuse), Ok(Edited::Same), "{text}");
    }
}
