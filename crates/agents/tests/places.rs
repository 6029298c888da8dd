//! Where files are.

use acetate_agents::{PlaceError, Platform, Scope, Surroundings, Tool, location, skill, skill_location};
use acetate_types::Classify as _;
use std::path::{Path, PathBuf};

fn around(variables: &[(&str, &str)]) -> Surroundings {
    let look_up = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
    Surroundings { platform: Platform::Linux, ..Surroundings::read("/h".into(), Some("/p".into()), look_up) }
}

fn check(tool: Tool, scope: Scope, variables: &[(&str, &str)], file: &str, skill: &str) {
    let around = around(variables);
    assert_eq!(location(tool, scope, &around).expect(file).file(|_| false), Path::new(file), "{tool} {scope}");
    assert_eq!(skill_location(tool, scope, &around).expect(skill), PathBuf::from(skill), "{tool} {scope}");
}

#[test]
fn of_a_person() {
    check(Tool::Claude, Scope::User, &[], "/h/.claude.json", "/h/.claude/skills/acetate/SKILL.md");
    check(Tool::Codex, Scope::User, &[], "/h/.codex/config.toml", "/h/.agents/skills/acetate/SKILL.md");
    check(Tool::Cursor, Scope::User, &[], "/h/.cursor/mcp.json", "/h/.cursor/skills/acetate/SKILL.md");
    check(Tool::VsCode, Scope::User, &[], "/h/.config/Code/User/mcp.json", "/h/.copilot/skills/acetate/SKILL.md");
    check(Tool::Gemini, Scope::User, &[], "/h/.gemini/settings.json", "/h/.gemini/skills/acetate/SKILL.md");
    check(Tool::OpenCode, Scope::User, &[], "/h/.config/opencode/opencode.json", "/h/.config/opencode/skills/acetate/SKILL.md");
    check(Tool::Goose, Scope::User, &[], "/h/.config/goose/config.yaml", "/h/.agents/skills/acetate/SKILL.md");
}

#[test]
fn of_a_project() {
    check(Tool::Claude, Scope::Project, &[], "/p/.mcp.json", "/p/.claude/skills/acetate/SKILL.md");
    check(Tool::Codex, Scope::Project, &[], "/p/.codex/config.toml", "/p/.agents/skills/acetate/SKILL.md");
    check(Tool::Cursor, Scope::Project, &[], "/p/.cursor/mcp.json", "/p/.cursor/skills/acetate/SKILL.md");
    check(Tool::VsCode, Scope::Project, &[], "/p/.vscode/mcp.json", "/p/.github/skills/acetate/SKILL.md");
    check(Tool::Gemini, Scope::Project, &[], "/p/.gemini/settings.json", "/p/.gemini/skills/acetate/SKILL.md");
    check(Tool::OpenCode, Scope::Project, &[], "/p/opencode.json", "/p/.opencode/skills/acetate/SKILL.md");
}

#[test]
fn as_variables_say() {
    check(Tool::Claude, Scope::User, &[("CLAUDE_CONFIG_DIR", "/x")], "/x/.claude.json", "/x/skills/acetate/SKILL.md");
    check(Tool::Codex, Scope::User, &[("CODEX_HOME", "/x")], "/x/config.toml", "/h/.agents/skills/acetate/SKILL.md");
    check(
        Tool::VsCode,
        Scope::User,
        &[("VSCODE_PORTABLE", "/x"), ("COPILOT_HOME", "/y")],
        "/x/user-data/User/mcp.json",
        "/y/skills/acetate/SKILL.md",
    );
    check(
        Tool::VsCode,
        Scope::User,
        &[("VSCODE_APPDATA", "/x"), ("XDG_CONFIG_HOME", "/y")],
        "/x/Code/User/mcp.json",
        "/h/.copilot/skills/acetate/SKILL.md",
    );
    check(Tool::VsCode, Scope::User, &[("XDG_CONFIG_HOME", "/y")], "/y/Code/User/mcp.json", "/h/.copilot/skills/acetate/SKILL.md");
    check(Tool::Gemini, Scope::User, &[("GEMINI_CLI_HOME", "/x")], "/x/.gemini/settings.json", "/x/.gemini/skills/acetate/SKILL.md");
    check(Tool::OpenCode, Scope::User, &[("XDG_CONFIG_HOME", "/x")], "/x/opencode/opencode.json", "/x/opencode/skills/acetate/SKILL.md");
    check(Tool::OpenCode, Scope::User, &[("OPENCODE_CONFIG", "/x/o.json")], "/x/o.json", "/h/.config/opencode/skills/acetate/SKILL.md");
    check(Tool::OpenCode, Scope::User, &[("OPENCODE_CONFIG_DIR", "/x")], "/x/opencode.json", "/x/skills/acetate/SKILL.md");
    check(Tool::Goose, Scope::User, &[("XDG_CONFIG_HOME", "/x")], "/x/goose/config.yaml", "/h/.agents/skills/acetate/SKILL.md");
    check(Tool::Goose, Scope::User, &[("GOOSE_PATH_ROOT", "/x")], "/x/config/config.yaml", "/h/.agents/skills/acetate/SKILL.md");
    // Relative and empty ones are as good as none.
    check(Tool::Codex, Scope::User, &[("CODEX_HOME", "x")], "/h/.codex/config.toml", "/h/.agents/skills/acetate/SKILL.md");
    check(Tool::Claude, Scope::User, &[("CLAUDE_CONFIG_DIR", "")], "/h/.claude.json", "/h/.claude/skills/acetate/SKILL.md");
}

#[test]
fn a_file_that_exists_wins_in_the_tools_own_order() {
    let places = location(Tool::OpenCode, Scope::Project, &around(&[])).expect("a place");
    let names = ["/p/opencode.jsonc", "/p/opencode.json"].map(PathBuf::from);
    assert_eq!(places.candidates(), &names);
    assert_eq!(places.file(|_| true), names[0]);
    assert_eq!(places.file(|path| path == names[1]), names[1]);
}

#[test]
fn on_a_mac() {
    let around = Surroundings { platform: Platform::MacOs, ..around(&[]) };
    let file = location(Tool::VsCode, Scope::User, &around).expect("a place");
    assert_eq!(file.file(|_| false), Path::new("/h/Library/Application Support/Code/User/mcp.json"));
}

#[test]
fn what_has_no_place() {
    let code = |tool, project: Option<&str>| {
        let around = Surroundings { project: project.map(Into::into), ..around(&[]) };
        location(tool, Scope::Project, &around).expect_err("no place").problem().code
    };
    assert_eq!(code(Tool::Goose, Some("/p")), "scope_missing");
    assert_eq!(code(Tool::Goose, None), "scope_missing");
    assert_eq!(code(Tool::Claude, None), "project_not_found");
    assert_eq!("emacs".parse::<Tool>(), Err(PlaceError::UnknownTool { name: "emacs".to_owned() }));
    assert_eq!("all".parse::<Scope>().expect_err("no scope").problem().code, "scope_unknown");
    for tool in Tool::ALL {
        assert_eq!(tool.to_string().parse(), Ok(tool));
    }
}

#[test]
fn the_skill_is_one_that_tools_take() {
    let text = skill();
    let (head, body) = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")).expect("a front matter");
    let value: serde_yaml_ng::Value = serde_yaml_ng::from_str(head).expect("YAML");
    assert_eq!(value["name"], "acetate");
    assert!((1..=1024).contains(&value["description"].as_str().expect("a description").len()));
    assert!(body.len() < 3 << 10, "{}", body.len());
}
