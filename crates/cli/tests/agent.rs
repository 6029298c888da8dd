//! `acetate agent` on a home of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir_all(home.path("project/src")).expect("folders");
        std::fs::create_dir(home.path("project/.git")).expect("a folder");
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acetate"));
        command.env_clear().env("HOME", self.0.path()).env("PATH", Path::new(env!("CARGO_BIN_EXE_acetate")).parent().expect("a folder"));
        command.current_dir(self.path("project/src")).arg("agent").args(args).output().expect("it runs")
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(&[&["--json"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn failed(&self, args: &[&str], code: &str, exit: i32) {
        let output = self.run(&[args, &["--json"]].concat());
        let said: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
        assert_eq!((said["error"]["code"].as_str(), output.status.code()), (Some(code), Some(exit)), "{said}");
    }
}

const TOOLS: [(&str, &str); 7] = [
    ("claude", ".claude.json"),
    ("codex", ".codex/config.toml"),
    ("cursor", ".cursor/mcp.json"),
    ("vscode", ".config/Code/User/mcp.json"),
    ("gemini", ".gemini/settings.json"),
    ("opencode", ".config/opencode/opencode.json"),
    ("goose", ".config/goose/config.yaml"),
];

#[test]
fn nothing_is_left_of_what_was_made() {
    let home = Home::new();
    for (tool, file) in TOOLS {
        let done = home.json(&["add", tool, "--skill"]);
        assert_eq!((done["done"].as_str(), done["present"].as_bool()), (Some("added"), Some(true)), "{done}");
        let text = std::fs::read_to_string(home.path(file)).expect(file);
        let printed = home.json(&["add", tool, "--print"]);
        assert_eq!(printed["text"].as_str(), Some(text.trim_end()), "{tool}");
        assert_eq!(home.json(&["add", tool])["done"], "unchanged");
        let seen = home.json(&["list"]);
        let own = seen["tools"].as_array().expect("tools").iter().find(|seen| seen["tool"] == tool).expect(tool);
        assert_eq!((own["scopes"][0]["state"].as_str(), own["scopes"][0]["skill"].as_bool()), (Some("present"), Some(true)), "{own}");
        assert_eq!(home.json(&["add", tool, "--remove", "--skill"])["done"], "removed");
        assert_eq!(home.json(&["add", tool, "--remove"])["done"], "unchanged");
    }
    let left: Vec<_> = std::fs::read_dir(home.0.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| name == "project" || name == ".local"), "{left:?}");
    assert_eq!(std::fs::read_dir(home.path(".local/state/acetate/agents")).expect("a folder").count(), 0);
}

#[test]
fn every_byte_comes_back_even_where_texts_look_alike() {
    let home = Home::new();
    let file = home.path("project/.mcp.json");
    for before in ["", "{\n}\n", "{ \"mcpServers\": { } }", "{\"mcpServers\": {\n}}"] {
        std::fs::write(&file, before).expect("a file");
        assert_eq!(home.json(&["add", "claude", "--scope", "project"])["done"], "added");
        assert_eq!(home.json(&["add", "claude", "--scope", "project", "--replace", "--", "mcp", "--x"])["done"], "added");
        assert_eq!(home.json(&["add", "claude", "--scope", "project", "--remove"])["done"], "removed");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), before);
    }
}

#[test]
fn a_file_that_was_changed_since_loses_the_entry_alone() {
    let home = Home::new();
    let file = home.path("project/opencode.jsonc");
    std::fs::write(&file, "{ // mine\n}\n").expect("a file");
    home.json(&["add", "opencode", "--scope", "project"]);
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, text.replace("// mine", "// mine, and changed")).expect("a file");
    home.json(&["add", "opencode", "--scope", "project", "--remove"]);
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), "{ // mine, and changed\n}\n");
}

#[test]
fn what_is_refused() {
    let home = Home::new();
    home.failed(&["add", "goose", "--scope", "project"], "scope_missing", 2);
    std::fs::write(home.path(".claude.json"), "{\"mcpServers\": {\"acetate\": {\"command\": \"other\"}}}").expect("a file");
    home.failed(&["add", "claude"], "entry_differs", 4);
    std::fs::write(home.path(".claude.json"), "{").expect("a file");
    home.failed(&["add", "claude"], "config_malformed", 2);
    assert_eq!(std::fs::read_to_string(home.path(".claude.json")).expect("a file"), "{");
    let seen = home.json(&["list"]);
    assert_eq!(seen["tools"][0]["scopes"][0]["state"], "unreadable");
    std::fs::create_dir_all(home.path(".claude/skills/acetate")).expect("folders");
    std::fs::write(home.path(".claude/skills/acetate/SKILL.md"), "mine").expect("a file");
    std::fs::write(home.path(".claude.json"), "{}").expect("a file");
    home.failed(&["add", "claude", "--skill"], "skill_differs", 4);
    assert_eq!(std::fs::read_to_string(home.path(".claude.json")).expect("a file"), "{}");
    assert_eq!(home.json(&["add", "claude", "--remove", "--skill"])["skill"]["changed"], false);
}

#[test]
fn the_store_that_was_named_is_named_in_the_entry() {
    let home = Home::new();
    home.json(&["add", "codex", "--store", "../x", "--command", "/bin/acetate"]);
    let text = std::fs::read_to_string(home.path(".codex/config.toml")).expect("a file");
    assert!(text.starts_with("[mcp_servers.acetate]\ncommand = \"/bin/acetate\"\nargs = [\"mcp\", \"--store\", \""), "{text}");
}
