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

/// The state of Claude Code's hooks in a scope, and of its entry.
fn states(home: &Home, scope: usize) -> [String; 2] {
    let seen = home.json(&["list"]);
    let own = &seen["tools"][0]["scopes"][scope];
    [&own["state"], &own["worktrees"]["state"]].map(|state| state.as_str().expect("a state").to_owned())
}

#[test]
fn claude_codes_worktrees_become_sessions() {
    let home = Home::new();
    for (scope, file, number) in [("user", ".claude/settings.json", 0), ("project", "project/.claude/settings.json", 1)] {
        let before = "{\n  \"hooks\": {\n    \"Stop\": [{ \"hooks\": [{ \"type\": \"command\", \"command\": \"say done\" }] }]\n  }\n}\n";
        std::fs::create_dir_all(home.path(file).parent().expect("a folder")).expect("folders");
        std::fs::write(home.path(file), before).expect("a file");
        let add = |more: &[&str]| home.json(&[&["add", "claude", "--scope", scope], more].concat());
        // Left out, nothing is seen of them.
        assert_eq!(
            (add(&["--no-worktrees"])["worktrees"].is_null(), add(&["--print", "--no-worktrees"])["worktrees"].is_null()),
            (true, true)
        );
        assert_eq!(std::fs::read_to_string(home.path(file)).expect("a file"), before);
        assert_eq!(states(&home, number), ["present", "absent"]);
        let done = add(&[]);
        let worktrees = &done["worktrees"];
        assert_eq!(
            (done["done"].as_str(), worktrees["done"].as_str(), worktrees["present"].as_bool()),
            (Some("unchanged"), Some("added"), Some(true))
        );
        assert_eq!(worktrees["file"].as_str(), home.path(file).to_str());
        let text = std::fs::read_to_string(home.path(file)).expect("a file");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["hooks"]["WorktreeRemove"][0]["hooks"][0]["command"], "acetate agent hook worktree-remove", "{text}");
        assert_eq!(read["hooks"]["Stop"][0]["hooks"][0]["command"], "say done");
        assert_eq!(states(&home, number), ["present", "present"]);
        assert_eq!(add(&[])["worktrees"]["done"], "unchanged");
        let printed = add(&["--print"]);
        let shown: serde_json::Value = serde_json::from_str(printed["worktrees"]["text"].as_str().expect("a text")).expect("JSON");
        assert_eq!(shown["hooks"]["WorktreeCreate"], read["hooks"]["WorktreeCreate"]);
        // The entry alone, and then the rest.
        assert!(add(&["--remove", "--no-worktrees"])["worktrees"].is_null());
        assert_eq!(states(&home, number), ["absent", "present"]);
        let done = add(&["--remove"]);
        assert_eq!((done["done"].as_str(), done["worktrees"]["done"].as_str()), (Some("unchanged"), Some("removed")));
        assert_eq!(std::fs::read_to_string(home.path(file)).expect("a file"), before);
        assert_eq!(states(&home, number), ["absent", "absent"]);
    }
}

#[test]
fn hooks_call_the_program_as_the_entry_does() {
    let home = Home::new();
    let line = || {
        let text = std::fs::read_to_string(home.path(".claude/settings.json")).expect("a file");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        read["hooks"]["WorktreeCreate"][0]["hooks"][0]["command"].as_str().expect("a command").to_owned()
    };
    home.json(&["add", "claude", "--command", "/opt/my tools/acetate", "--", "mcp", "--store", "/srv/code"]);
    assert_eq!(line(), "'/opt/my tools/acetate' agent hook worktree-create --store /srv/code");
    home.failed(&["add", "claude"], "hook_differs", 4);
    home.json(&["add", "claude", "--replace"]);
    assert_eq!(line(), "acetate agent hook worktree-create");
    home.json(&["add", "claude", "--remove"]);
    let done = home.json(&["add", "claude", "--command", "podman", "--", "run", "acetate", "mcp"]);
    assert_eq!((done["done"].as_str(), done["worktrees"]["done"].as_str()), (Some("added"), Some("left")), "{done}");
}

#[test]
fn worktrees_that_another_hook_makes_stay_its_own() {
    let home = Home::new();
    let hook = "{\"hooks\": {\"WorktreeCreate\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"./make\"}]}]}}";
    // Whichever file of those that are read here it is in.
    for file in [".claude/settings.json", "project/.claude/settings.json", "project/.claude/settings.local.json"] {
        std::fs::create_dir_all(home.path(file).parent().expect("a folder")).expect("folders");
        std::fs::write(home.path(file), hook).expect("a file");
        let output = home.run(&["add", "claude", "--json", "--replace"]);
        let (said, warned) = (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
        let done: serde_json::Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((done["done"].as_str(), done["worktrees"]["done"].as_str()), (Some("added"), Some("left")), "{done}");
        assert!(done["worktrees"]["reason"].as_str().is_some_and(|reason| reason.contains("./make") && reason.contains(file)), "{done}");
        assert!(warned.contains("./make"), "{warned}");
        assert_eq!(std::fs::read_to_string(home.path(file)).expect("a file"), hook);
        home.json(&["add", "claude", "--remove"]);
        std::fs::remove_file(home.path(file)).expect("removed");
    }
    // One that came after ours is told of.
    home.json(&["add", "claude"]);
    std::fs::write(home.path("project/.claude/settings.local.json"), hook).expect("a file");
    assert_eq!(home.json(&["add", "claude"])["worktrees"]["done"], "left");
    let text = std::fs::read_to_string(home.path(".claude/settings.json")).expect("a file");
    std::fs::write(
        home.path(".claude/settings.json"),
        text.replace("[\n          {", "[\n          {\"type\": \"command\", \"command\": \"x\"},\n          {"),
    )
    .expect("a file");
    assert_eq!(states(&home, 0), ["present", "contested"]);
    std::fs::remove_file(home.path("project/.claude/settings.local.json")).expect("removed");
    // A settings file that Claude Code can't read has to be mended first, or the hooks left out.
    std::fs::write(home.path(".claude/settings.json"), "{").expect("a file");
    home.failed(&["add", "claude", "--replace"], "config_malformed", 2);
    home.json(&["add", "claude", "--no-worktrees"]);
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
