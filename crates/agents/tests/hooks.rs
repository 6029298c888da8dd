//! Claude Code's hooks for worktrees in its settings file.

use acetate_agents::{
    Clash, ConfigError, Edited, Hooks, Scope, Surroundings, Tool, Undo, add_hooks, hooks_files, hooks_location, hooks_present,
    hooks_snippet, remove_hooks,
};
use acetate_types::Classify as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Adds the hooks and checks what must hold of any text; what came out.
fn added(before: Option<&str>, hooks: &Hooks) -> String {
    let Ok(Edited::Text(after)) = add_hooks(before, hooks, Clash::Refuse) else {
        panic!("{:?} into {before:?}", add_hooks(before, hooks, Clash::Refuse))
    };
    let present = hooks_present(&after).expect("it is read");
    assert_eq!(present.hooks().as_ref(), Some(hooks), "{after}");
    assert_eq!(add_hooks(Some(&after), hooks, Clash::Refuse), Ok(Edited::Same), "twice into {before:?}");
    assert_eq!(Undo::between(before, &after).apply(&after).as_ref().map(Option::as_deref), Ok(before), "{after}");
    after
}

fn there_and_back(before: Option<&str>, hooks: &Hooks) -> String {
    let after = added(before, hooks);
    let expected = before.map_or(Edited::Gone, |before| Edited::Text(before.to_owned()));
    assert_eq!(remove_hooks(&after), Ok(expected), "{after}");
    after
}

const LAYOUTS: [&str; 20] = [
    "",
    "\n",
    " \r\n",
    "{}",
    "{}\n",
    "{ }",
    "\n{}\n",
    "\u{feff}{}",
    "{\"hooks\":{}}",
    "{\"hooks\": {}}\n",
    "{\n  \"hooks\": {}\n}",
    "{\n  \"hooks\": {\n  },\n  \"x\": 1\n}\n",
    "{\"a\":1}",
    "{\n    \"a\": 1\n}",
    "{\r\n\t\"a\": 1\r\n}\r\n",
    "{\"hooks\": {\"Stop\": [{\"hooks\": []}]}}",
    "{\n  \"hooks\": {\n    \"WorktreeCreate\": [],\n    \"Stop\": []\n  }\n}\n",
    "{\"hooks\": {\"WorktreeRemove\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"log\"}]}], \"WorktreeCreate\": []}}",
    "{\n  \"hooks\": {\n    \"WorktreeRemove\": [\n      { \"hooks\": [{ \"type\": \"http\", \"url\": \"http://h\" }] }\n    ]\n  }\n}\n",
    "{\n\"hooks\": {\n\"WorktreeCreate\": [\n],\n\"WorktreeRemove\": []\n}\n}\n",
];

#[test]
fn every_layout_comes_back() {
    let odd = Hooks { create: "'/opt/my \"é' agent hook worktree-create".into(), remove: "~/a\t agent hook worktree-remove".into() };
    for hooks in [Hooks::default(), odd] {
        there_and_back(None, &hooks);
        for text in LAYOUTS {
            there_and_back(Some(text), &hooks);
        }
    }
}

#[test]
fn a_file_as_people_have_it() {
    let after = there_and_back(Some(include_str!("samples/claude-settings.json")), &Hooks::default());
    let read: Value = serde_json::from_str(&after).expect("JSON");
    assert_eq!(
        read["hooks"]["WorktreeCreate"],
        json!([{"hooks": [{"type": "command", "command": "acetate agent hook worktree-create"}]}]),
        "{after}"
    );
    assert_eq!(read["hooks"]["WorktreeRemove"][0]["hooks"][0]["url"], "http://127.0.0.1:9/removed");
    assert_eq!(read["hooks"]["WorktreeRemove"][1]["hooks"][0]["command"], "acetate agent hook worktree-remove");
    assert_eq!(read["hooks"]["PreToolUse"][0]["matcher"], "Bash");
    assert!(after.contains("          {\n            \"hooks\": [\n") || after.contains("      {\n        \"hooks\": [\n"), "{after}");
}

#[test]
fn a_snippet_is_a_whole_file() {
    let snippet = hooks_snippet(&Hooks::default());
    assert_eq!(add_hooks(None, &Hooks::default(), Clash::Refuse), Ok(Edited::Text(format!("{snippet}\n"))));
    assert_eq!(add_hooks(Some(&snippet), &Hooks::default(), Clash::Refuse), Ok(Edited::Same));
}

#[test]
fn worktrees_that_another_hook_makes_stay_its_own() {
    for hook in [
        r#"{"type": "command", "command": "./make-worktree"}"#,
        r#"{"type": "command", "command": "node", "args": ["make.js"]}"#,
        r#"{"type": "http", "url": "http://127.0.0.1:9/make"}"#,
        r#"{"type": "odd"}"#,
    ] {
        let text = format!("{{\"hooks\": {{\"WorktreeCreate\": [{{\"hooks\": [{hook}]}}]}}}}");
        for clash in [Clash::Refuse, Clash::Replace] {
            let error = add_hooks(Some(&text), &Hooks::default(), clash).expect_err("it is taken");
            assert_eq!(error.problem().code, "hook_taken", "{error}");
        }
        assert_eq!(hooks_present(&text).expect("it is read").create.others.len(), 1);
        assert_eq!(remove_hooks(&text), Ok(Edited::Same));
    }
    // What somebody put beside ours later is told of, and ours goes without it.
    let mut read: Value = serde_json::from_str(&hooks_snippet(&Hooks::default())).expect("JSON");
    read["hooks"]["WorktreeCreate"][0]["hooks"].as_array_mut().expect("a list").insert(0, json!({"type": "command", "command": "other"}));
    let text = serde_json::to_string_pretty(&read).expect("JSON");
    assert_eq!(add_hooks(Some(&text), &Hooks::default(), Clash::Refuse), Ok(Edited::Same));
    assert_eq!(hooks_present(&text).expect("it is read").create.others, ["other"]);
    let Ok(Edited::Text(after)) = remove_hooks(&text) else { panic!("{:?}", remove_hooks(&text)) };
    let left: Value = serde_json::from_str(&after).expect("JSON");
    assert_eq!(left, json!({"hooks": {"WorktreeCreate": [{"hooks": [{"type": "command", "command": "other"}]}]}}), "{after}");
}

#[test]
fn ours_that_differ() {
    let other = Hooks { create: "/old/acetate agent hook worktree-create".into(), ..Hooks::default() };
    let text = added(Some("{\n  \"a\": 1\n}\n"), &other);
    let error = add_hooks(Some(&text), &Hooks::default(), Clash::Refuse).expect_err("it differs");
    assert_eq!(error.problem().code, "hook_differs");
    assert!(error.to_string().contains("/old/acetate"), "{error}");
    let replaced = add_hooks(Some(&text), &Hooks::default(), Clash::Replace);
    assert_eq!(replaced, Ok(Edited::Text(added(Some("{\n  \"a\": 1\n}\n"), &Hooks::default()))));
    // What people wrote beside the command stays; words that stand one by one, and several hooks, become one command line.
    let hook = |inner: &str| format!("{{\"hooks\": {{\"WorktreeCreate\": [{{\"hooks\": [{inner}]}}]}}}}");
    let old = r#"{"type": "command", "command": "/old agent hook worktree-create", "timeout": 9}"#;
    let listed = r#"{"type": "command", "command": "/old", "args": ["agent", "hook", "worktree-create"]}"#;
    let outcome = |text: &str| match add_hooks(Some(text), &Hooks::default(), Clash::Replace) {
        Ok(Edited::Text(text)) => serde_json::from_str::<Value>(&text).expect("JSON")["hooks"]["WorktreeCreate"].clone(),
        other => panic!("{other:?}"),
    };
    let ours = json!({"type": "command", "command": "acetate agent hook worktree-create"});
    let mut timed = ours.clone();
    timed["timeout"] = json!(9);
    assert_eq!(outcome(&hook(old)), json!([{"hooks": [timed]}]));
    assert_eq!(outcome(&hook(listed)), json!([{"hooks": [ours]}]));
    assert_eq!(outcome(&hook(&format!("{old}, {listed}"))), json!([{"hooks": [ours]}]));
    // Words one by one that say the same are the same.
    let same = listed.replace("/old", "acetate");
    let both = hook(&same)
        .replace("]}}", r#"], "WorktreeRemove": [{"hooks": [{"type": "command", "command": "acetate agent hook worktree-remove"}]}]}}"#);
    assert_eq!(add_hooks(Some(&both), &Hooks::default(), Clash::Refuse), Ok(Edited::Same), "{both}");
}

#[test]
fn what_is_refused() {
    for (text, code) in [
        ("{", "config_malformed"),
        ("{ // Claude Code skips such a file\n}", "config_malformed"),
        ("[]", "config_shape"),
        ("{\"hooks\": []}", "config_shape"),
        ("{\"hooks\": {\"WorktreeCreate\": {}}}", "config_shape"),
        ("{\"hooks\": {}, \"hooks\": {}}", "config_ambiguous"),
    ] {
        for clash in [Clash::Refuse, Clash::Replace] {
            let problem = add_hooks(Some(text), &Hooks::default(), clash).expect_err(text).problem();
            assert_eq!(problem.code, code, "{text}: {problem}");
            assert!(problem.hint.is_some());
        }
    }
}

#[test]
fn where_they_are() {
    let around = |variables: &[(&str, &str)]| {
        let variables: Vec<(String, String)> = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let look_up = move |name: &str| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.into());
        Surroundings::read("/h".into(), Some("/p".into()), look_up)
    };
    let place = |scope, variables: &[(&str, &str)]| hooks_location(Tool::Claude, scope, &around(variables)).expect("a place");
    assert_eq!(place(Scope::User, &[]).as_deref(), Some(Path::new("/h/.claude/settings.json")));
    assert_eq!(place(Scope::User, &[("CLAUDE_CONFIG_DIR", "/x")]).as_deref(), Some(Path::new("/x/settings.json")));
    assert_eq!(place(Scope::Project, &[]).as_deref(), Some(Path::new("/p/.claude/settings.json")));
    let files = ["/h/.claude/settings.json", "/p/.claude/settings.json", "/p/.claude/settings.local.json"].map(PathBuf::from);
    assert_eq!(hooks_files(Tool::Claude, &around(&[])), files);
    for tool in Tool::ALL.into_iter().filter(|tool| *tool != Tool::Claude) {
        assert_eq!(hooks_location(tool, Scope::User, &around(&[])), Ok(None));
        assert!(hooks_files(tool, &around(&[])).is_empty());
    }
}

fn gap() -> impl Strategy<Value = String> {
    prop_oneof![6 => Just(""), 3 => Just(" "), 2 => Just("\n  "), 2 => Just("\n"), 1 => Just("\r\n\t")].prop_map(str::to_owned)
}

fn between(open: char, items: impl Strategy<Value = String> + 'static, close: char, most: usize) -> impl Strategy<Value = String> {
    let item = (gap(), items, gap()).prop_map(|(before, item, after)| format!("{before}{item}{after}"));
    (proptest::collection::vec(item, 0..=most), gap()).prop_map(move |(items, inner)| format!("{open}{}{inner}{close}", items.join(",")))
}

/// Files with hooks of others for some events, each event at most once.
fn settings() -> impl Strategy<Value = String> {
    let hook =
        prop_oneof![Just(r#"{"type": "command", "command": "x"}"#.to_owned()), Just(r#"{"type":"prompt","prompt":"agent"}"#.to_owned())];
    let group = between('[', hook, ']', 2).prop_map(|hooks| format!("{{\"matcher\": \"m\", \"hooks\": {hooks}}}")).boxed();
    let groups = move || between('[', group.clone(), ']', 2);
    let event = move |name: &'static str| (gap(), groups()).prop_map(move |(gap, groups)| format!("\"{name}\":{gap}{groups}"));
    let create = gap().prop_map(|gap| format!("\"WorktreeCreate\":[{gap}]"));
    let events = (proptest::option::of(event("Stop")), proptest::option::of(create), proptest::option::of(event("WorktreeRemove")));
    let hooks = (events, gap(), gap(), any::<bool>()).prop_map(|((stop, create, remove), before, after, turned)| {
        let mut events: Vec<String> = [stop, create, remove].into_iter().flatten().collect();
        if turned {
            events.reverse();
        }
        format!("\"hooks\":{{{before}{}{after}}}", events.join(&format!(",{before}")))
    });
    let other = prop_oneof![Just("\"a\": 1".to_owned()), Just("\"b\": {\"hooks\": {}}".to_owned())];
    let root = (proptest::option::of(hooks), proptest::option::of(other), gap(), gap()).prop_map(|(hooks, other, before, after)| {
        let members: Vec<String> = [other, hooks].into_iter().flatten().collect();
        format!("{{{before}{}{after}}}", members.join(&format!(",{before}")))
    });
    (prop_oneof![Just(""), Just("\u{feff}")], gap(), root, gap())
        .prop_map(|(mark, before, root, after)| format!("{mark}{before}{root}{after}"))
}

/// The file without our hooks, and without what is empty then.
fn rest(text: &str) -> Value {
    let mut read: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).expect(text);
    if let Some(events) = read.get_mut("hooks").and_then(Value::as_object_mut) {
        for name in ["WorktreeCreate", "WorktreeRemove"] {
            if let Some(groups) = events.get_mut(name).and_then(Value::as_array_mut) {
                groups.retain(|group| !group["hooks"][0]["command"].as_str().is_some_and(|line| line.starts_with("acetate ")));
                if groups.is_empty() {
                    events.remove(name);
                }
            }
        }
        if events.is_empty() {
            read.as_object_mut().map(|read| read.remove("hooks"));
        }
    }
    read
}

proptest! {
    #[test]
    fn any_file(text in settings()) {
        let hooks = Hooks::default();
        let after = match add_hooks(Some(&text), &hooks, Clash::Refuse) {
            Ok(Edited::Text(after)) => after,
            other => return Err(TestCaseError::fail(format!("{other:?} for {text:?}"))),
        };
        prop_assert_eq!(rest(&text), rest(&after));
        prop_assert_eq!(hooks_present(&after).expect("it is read").hooks(), Some(hooks.clone()));
        prop_assert_eq!(add_hooks(Some(&after), &hooks, Clash::Refuse), Ok(Edited::Same));
        let back = match remove_hooks(&after) {
            Ok(Edited::Text(back)) => Some(back),
            Ok(Edited::Gone) => None,
            other => return Err(TestCaseError::fail(format!("{other:?} for {after:?}"))),
        };
        if back.as_deref() != Some(&*text) {
            // What comes back could not be told from what was there.
            prop_assert_eq!(add_hooks(back.as_deref(), &hooks, Clash::Refuse), Ok(Edited::Text(after)), "{:?} is not {:?}", back, text);
            if let Some(back) = back.filter(|back| !back.trim_start_matches('\u{feff}').trim().is_empty()) {
                prop_assert_eq!(rest(&back), rest(&text));
            }
        }
    }

    #[test]
    fn nothing_panics(pieces in proptest::collection::vec("[{}\\[\\]:,\"a \n]|\"hooks\"|\"WorktreeCreate\"|\"command\"|\"acetate agent hook worktree-create\"", 0..24)) {
        let text = pieces.concat();
        let _ = hooks_present(&text);
        let _ = remove_hooks(&text);
        match add_hooks(Some(&text), &Hooks::default(), Clash::Replace) {
            Ok(Edited::Text(after)) => prop_assert!(remove_hooks(&after).is_ok(), "{:?}", after),
            Err(ConfigError::Unfaithful { what }) => return Err(TestCaseError::fail(what)),
            _ => {}
        }
    }
}
