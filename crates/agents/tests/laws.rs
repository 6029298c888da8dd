//! Laws over files of odd layouts.
//!
//! Added, the file reads as before with the entry, and adding again changes nothing; with its receipt it comes back byte for byte.
//! Without one it comes back too, or what comes back could not be told from it: adding to both gives the same text.

mod common;

use acetate_agents::{Clash, ConfigError, Edited, Entry, Tool, Undo, add, present, remove};
use proptest::prelude::*;
use serde_json::Value;

/// How a format reads a text, beside the crate's own second reading.
type Reader = fn(&str) -> Value;

fn check(tool: Tool, before: &str, entry: &Entry, parent: &str, read: Reader) -> Result<(), TestCaseError> {
    let after = match add(tool, Some(before), entry, Clash::Refuse) {
        Ok(Edited::Text(after)) => after,
        Err(ConfigError::Malformed { .. }) => return Err(TestCaseError::reject("not of its format")),
        other => return Err(TestCaseError::fail(format!("{other:?} for {before:?}"))),
    };
    let (mut was, mut is) = (read(before), read(&after));
    let there = is.get_mut(parent).and_then(Value::as_object_mut).and_then(|servers| servers.remove("acetate"));
    prop_assert!(there.is_some(), "{after}");
    for value in [&mut was, &mut is] {
        if value.get(parent).is_some_and(|servers| servers.is_null() || servers.as_object().is_some_and(serde_json::Map::is_empty)) {
            value.as_object_mut().map(|value| value.remove(parent));
        }
        if value.is_null() {
            *value = Value::Object(serde_json::Map::new());
        }
    }
    prop_assert_eq!(was, is, "{}", after);
    prop_assert_eq!(add(tool, Some(&after), entry, Clash::Refuse), Ok(Edited::Same));
    prop_assert_eq!(Undo::between(Some(before), &after).apply(&after), Ok(Some(before.to_owned())));
    let back = match remove(tool, &after) {
        Ok(Edited::Text(back)) => Some(back),
        Ok(Edited::Gone) => None,
        other => return Err(TestCaseError::fail(format!("{other:?} for {after:?}"))),
    };
    if back.as_deref() != Some(before) {
        prop_assert_eq!(add(tool, back.as_deref(), entry, Clash::Refuse), Ok(Edited::Text(after)), "{:?} is not {:?}", back, before);
        let servers = read(before).get(parent).cloned();
        let empty = servers.is_some_and(|servers| servers.is_null() || servers.as_object().is_some_and(serde_json::Map::is_empty));
        let nothing = read(before).as_object().is_none_or(serde_json::Map::is_empty);
        prop_assert!(empty || nothing, "{:?} came back for {:?}", back, before);
    }
    Ok(())
}

fn entry() -> impl Strategy<Value = Entry> {
    let env = proptest::collection::btree_map("[A-Z_ ]{1,3}", "[ -~é\t\n]{0,5}", 0..2);
    ("[a-z/. :#'\"\\\\]{1,8}", proptest::collection::vec("[ -~é]{0,6}", 0..3), env).prop_map(|(command, args, env)| Entry {
        command,
        args,
        env,
    })
}

fn gap(comments: bool) -> BoxedStrategy<String> {
    let blanks =
        prop_oneof![6 => Just(""), 3 => Just(" "), 2 => Just("\n  "), 2 => Just("\n"), 1 => Just("\r\n\t"), 1 => Just("  \n\n    ")];
    if comments {
        prop_oneof![8 => blanks, 1 => Just("/* c */"), 1 => Just(" // c, }\n"), 1 => Just(" /* c\n \" */ "), 1 => Just(" // c\r\n  ")]
            .prop_map(str::to_owned)
            .boxed()
    } else {
        blanks.prop_map(str::to_owned).boxed()
    }
}

fn json_object(comments: bool, members: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let member = (gap(comments), members, gap(comments)).prop_map(|(before, member, after)| format!("{before}{member}{after}"));
    (proptest::collection::vec(member, 0..4), gap(comments), proptest::bool::weighted(0.3)).prop_map(move |(members, inner, trailing)| {
        let end = if comments && trailing && !members.is_empty() { "," } else { "" };
        format!("{{{}{end}{inner}}}", members.join(","))
    })
}

fn json_member(comments: bool, name: &'static str, value: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    (name, gap(comments), gap(comments), value).prop_map(|(name, before, after, value)| format!("\"{name}\"{before}:{after}{value}"))
}

fn json(comments: bool, parent: &'static str) -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["[0-9]", Just("\"a // \\\" }\"".to_owned()), Just("[1, {}]".to_owned()), Just("null".to_owned())];
    let inner = json_object(comments, json_member(comments, "[b-k]", leaf.clone())).boxed();
    let servers = json_object(comments, json_member(comments, "[a-z]{2}", prop_oneof![leaf.clone(), inner.clone()]));
    let other = json_member(comments, "[b-k]{3}", prop_oneof![leaf, inner]);
    let parent = (gap(comments), servers).prop_map(move |(gap, servers)| format!("\"{parent}\":{gap}{servers}"));
    // The parent is there once or not at all, among the others.
    let root = (json_object(comments, other), proptest::option::of(parent), proptest::bool::ANY).prop_map(|(others, parent, first)| {
        let Some(parent) = parent else { return others };
        let empty = !others.contains(':');
        match (empty, first) {
            (true, _) => format!("{{{parent}}}"),
            (false, true) => format!("{{{parent},{}", &others[1..]),
            (false, false) => format!("{},\n{parent}\n}}", others.trim_end_matches('}').trim_end().trim_end_matches(',')),
        }
    });
    (prop_oneof![Just(""), Just("\u{feff}")], gap(comments), root, gap(comments))
        .prop_map(|(mark, before, root, after)| format!("{mark}{before}{root}{after}"))
}

fn toml() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("a = 1"),
        Just("# c"),
        Just(""),
        Just("b = [\n  'x', # y\n]"),
        Just("c.d = \"\"\"\n[mcp_servers.acetate]\n\"\"\""),
        Just("\tkéy = 2".trim_start_matches("\tké")),
        Just("  e = { f = 1 }"),
    ];
    let table = prop_oneof![
        Just("[t]"),
        Just("[mcp_servers]"),
        Just("[mcp_servers.b] # c"),
        Just("[ mcp_servers . \"c\" ]"),
        Just("[[l]]"),
        Just("[mcp_servers.b.env]")
    ];
    let head = prop_oneof![4 => Just(""), 1 => Just("mcp_servers.z.command = 'x'\n"), 1 => Just("mcp_servers = { z = { command = 'x' } } # c\n"), 1 => Just("mcp_servers = {}\n")];
    let rest = proptest::collection::vec(prop_oneof![3 => line, 2 => table], 0..7);
    (head, rest, "\n{0,2}", proptest::bool::ANY).prop_map(|(head, lines, end, windows)| {
        let text = format!("{head}{}{end}", lines.join("\n"));
        if windows { text.replace('\n', "\r\n") } else { text }
    })
}

fn yaml() -> impl Strategy<Value = String> {
    let other = prop_oneof![
        Just("a: 1\n"),
        Just("# c\n"),
        Just("\n"),
        Just("b: |\n  extensions:\n    acetate: 1\n\n"),
        Just("c: [1,\n  2]\n"),
        Just("d:\n- e\n- f: g\n"),
        Just("h: >-\n  é\n"),
        Just("i: \"x # y\" # z\n"),
        Just("j:\n   k:\n      l: 'm'\n"),
    ];
    let member = prop_oneof![
        Just("s:\n cmd: x\n args: [y]\n"),
        Just("# about t\nt: {cmd: x, args: [y]}\n"),
        Just("'u':\n description: |\n  text\n\n  more\n envs:\n  A: b\n"),
        Just("v: # c\n cmd: \"é\"\n\n"),
    ];
    let block = (
        proptest::collection::vec(member, 1..4),
        1..5_usize,
        prop_oneof![Just("extensions:\n"), Just("extensions: # c\n"), Just("\"extensions\" :\n\n")],
    )
        .prop_map(|(members, width, head)| {
            let mut seen = std::collections::HashSet::new();
            let indent = " ".repeat(width);
            let members: Vec<_> = members.into_iter().filter(|member| seen.insert(*member)).collect();
            let lines = members
                .concat()
                .lines()
                .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") })
                .collect::<String>();
            format!("{head}{lines}")
        });
    let flow = prop_oneof![
        Just("extensions: {}\n"),
        Just("extensions: { }\n"),
        Just("extensions: {x: {cmd: y}, 'z': {}} # c\n"),
        Just("extensions: {\n  x: 1\n}\n"),
        Just("extensions:\n")
    ]
    .prop_map(str::to_owned);
    let others = proptest::collection::vec(other, 0..3).prop_map(|others| others.concat());
    (others.clone(), proptest::option::of(prop_oneof![3 => block, 2 => flow]), others, 0..3_u8).prop_map(|(before, parent, after, end)| {
        let mut seen = std::collections::HashSet::new();
        let top = |line: &str| {
            line.split(':')
                .next()
                .filter(|key| !key.starts_with([' ', '#', '-']) && !key.is_empty() && line.contains(':'))
                .map(str::to_owned)
        };
        let mut skip = false;
        let mut text = String::new();
        for line in format!("{before}{}{after}", parent.unwrap_or_default()).split_inclusive('\n') {
            // A key that came before is left out with what belongs to it.
            if let Some(key) = top(line) {
                skip = !seen.insert(key);
            } else if line.starts_with('#') {
                skip = false;
            }
            if !skip {
                text.push_str(line);
            }
        }
        match end {
            0 => text.trim_end_matches('\n').to_owned(),
            1 => text.replace('\n', "\r\n"),
            _ => text,
        }
    })
}

fn read_json(text: &str) -> Value {
    let text = text.trim_start_matches('\u{feff}');
    jsonc_parser::parse_to_serde_value::<Value>(text, &jsonc_parser::ParseOptions::default()).expect(text)
}

fn read_toml(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().expect(text)).expect(text)
}

fn read_yaml(text: &str) -> Value {
    if text.trim().is_empty() { Value::Null } else { serde_yaml_ng::from_str(text).expect(text) }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn strict_json(text in json(false, "mcpServers"), entry in entry()) {
        check(Tool::Claude, &text, &entry, "mcpServers", read_json)?;
    }

    #[test]
    fn json_with_comments(text in json(true, "servers"), entry in entry()) {
        check(Tool::VsCode, &text, &entry, "servers", read_json)?;
    }

    #[test]
    fn toml_tables(text in toml(), entry in entry()) {
        check(Tool::Codex, &text, &entry, "mcp_servers", read_toml)?;
    }

    #[test]
    fn yaml_mappings(text in yaml(), entry in entry()) {
        check(Tool::Goose, &text, &entry, "extensions", read_yaml)?;
    }

    #[test]
    fn nothing_panics(text in "[\\PC\n\r\t]{0,30}", pieces in proptest::collection::vec("[{}\\[\\]:,\"a= \n#/*&!|>?-]|acetate|extensions|mcp_servers|mcpServers", 0..20)) {
        for text in [text, pieces.concat()] {
            for tool in Tool::ALL {
                let _ = present(tool, &text);
                let _ = remove(tool, &text);
                if let Ok(Edited::Text(after)) = add(tool, Some(&text), &Entry::default(), Clash::Replace) {
                    prop_assert!(remove(tool, &after).is_ok(), "{tool} {after:?}");
                }
            }
        }
    }
}
