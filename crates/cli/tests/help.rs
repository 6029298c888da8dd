//! The help texts as committed under `tests/help`, and the reference that mentions every command.
//! `SNAPSHOTS=overwrite` rewrites the texts.

use std::path::Path;
use std::process::Command;

/// Every command of the tree, by its words.
const COMMANDS: &[&str] = &[
    "",
    "agent",
    "agent add",
    "agent list",
    "backup",
    "checkout",
    "commit",
    "completions",
    "conflicts",
    "demo",
    "diff",
    "doctor",
    "edit",
    "events",
    "grep",
    "import",
    "log",
    "ls",
    "mcp",
    "merge-driver",
    "merge-file",
    "merge-tree",
    "migrate",
    "mount",
    "mv",
    "open",
    "read",
    "resolve",
    "rm",
    "run",
    "serve",
    "session",
    "session archive",
    "session checkpoint",
    "session close",
    "session fork",
    "session list",
    "session open",
    "session pause",
    "session resume",
    "session show",
    "session turns",
    "session working",
    "setup",
    "setup git-merge",
    "shell",
    "show",
    "status",
    "stop",
    "submit",
    "symbols",
    "sync",
    "sync-dir",
    "token",
    "token create",
    "token list",
    "token revoke",
    "unmount",
    "workspace",
    "workspace blame",
    "workspace branch",
    "workspace branch create",
    "workspace branch delete",
    "workspace branches",
    "workspace bundle",
    "workspace catch-up",
    "workspace checkpoint",
    "workspace checkpoints",
    "workspace create",
    "workspace delete",
    "workspace diff",
    "workspace fork",
    "workspace history",
    "workspace list",
    "workspace merge",
    "workspace operations",
    "workspace rename",
    "workspace restore",
    "workspace set",
    "workspace show",
    "workspace undelete",
    "workspace undo",
    "workspace versions",
    "write",
];

fn help(words: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_acetate")).args(words.split_whitespace()).arg("--help").output().expect("it runs");
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_help_texts_are_as_committed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let assert = snapbox::Assert::new().action_env("SNAPSHOTS");
    for words in COMMANDS {
        let text = help(words);
        assert!(text.contains("EXAMPLES:"), "`acetate {words} --help` has no examples");
        let name = if words.is_empty() { "acetate".to_owned() } else { words.replace(' ', "-") };
        assert.eq(text, snapbox::Data::read_from(&folder.join(format!("{name}.txt")), Some(snapbox::data::DataFormat::Text)));
    }
}

#[test]
fn the_list_of_commands_is_the_tree() {
    let mut found = Vec::new();
    walk(String::new(), &mut found);
    found.sort();
    assert_eq!(found, COMMANDS);
}

/// Collects a command and what is below it, as its help lists them.
fn walk(words: String, found: &mut Vec<String>) {
    let text = help(&words);
    let listed: Vec<String> = text
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // Long descriptions go on in lines that are indented further.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    found.push(words.clone());
    for name in listed {
        walk(format!("{words} {name}").trim().to_owned(), found);
    }
}

#[test]
fn the_reference_mentions_every_command() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/cli.md");
    let reference = std::fs::read_to_string(&path).expect("the reference");
    for words in COMMANDS.iter().filter(|words| !words.is_empty()) {
        assert!(reference.contains(&format!("`acetate {words}")), "docs/reference/cli.md does not mention `acetate {words}`");
    }
    for code in 0..=10 {
        assert!(reference.contains(&format!("| {code} |")), "docs/reference/cli.md does not say what exit code {code} means");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Command::new(env!("CARGO_BIN_EXE_acetate")).args(["completions", shell]).output().expect("it runs");
        assert!(output.status.success() && output.stdout.len() > 1000, "{shell}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    for args in
        [&["nonsense"][..], &["read"], &["read", "../x"], &["read", "/etc/passwd"], &["edit", "a", "--old", "x"], &["session", "open"]]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_acetate")).args(args).env_remove("ACETATE_AGENT").output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
