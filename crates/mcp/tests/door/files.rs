//! Reading, editing, finding.

use super::client::World;
use acetate_mcp::McpLimits;
use serde_json::{Value, json};

fn lines(count: usize) -> String {
    (1..=count).map(|line| format!("line {line}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_put_together_are_the_file() {
    let text = lines(5_000);
    let limits = McpLimits { page_chars: 10_000, ..McpLimits::default() };
    let world = World::with(&[("a.txt", &text)], limits, |_| {});
    let mut client = world.client("t").await;
    let (mut whole, mut offset, mut pages) = (String::new(), json!(1), 0);
    loop {
        let said = client.done("read", json!({ "file_path": "a.txt", "offset": offset })).await;
        let file = &said.data["files"][0];
        whole.push_str(file["content"].as_str().expect("text"));
        pages += 1;
        match file.get("next_offset") {
            Some(next) => {
                assert!(said.text.contains(&format!("offset: {next}")));
                offset = next.clone();
            }
            None => break,
        }
    }
    assert!(pages > 3, "{pages}");
    assert_eq!(whole, text);
    let said = client.done("read", json!({ "file_path": "a.txt", "offset": 7, "limit": 2 })).await;
    assert!(said.text.starts_with("     7\tline 7\n     8\tline 8\n"), "{}", said.text);
    let said = client.done("read", json!({ "file_path": "a.txt", "offset": 9_999 })).await;
    assert!(said.text.contains("5000 lines, none from 9999 on"), "{}", said.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_say_each_for_itself() {
    let world = World::new(&[("a", "one\n"), ("b", "\0binary"), ("empty", "")]);
    let mut client = world.client("t").await;
    let said = client.done("read", json!({ "file_paths": ["a", "b", "missing", "empty"] })).await;
    let files = said.data["files"].as_array().expect("files");
    assert_eq!(files[0]["content"], json!("one\n"));
    assert_eq!((&files[1]["binary"], files[1].get("content")), (&json!(true), None));
    assert_eq!(files[2]["error"]["code"], json!("path_not_found"));
    assert_eq!(files[3]["total_lines"], json!(0));
    client.refused("read", json!({}), "arguments_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_keep_line_ends_and_marks() {
    let world = World::new(&[("dos.txt", "\u{feff}one\r\ntwo\r\n"), ("b", "“quoted”\n")]);
    let mut client = world.client("t").await;
    client.done("edit", json!({ "file_path": "dos.txt", "old_string": "one\ntwo", "new_string": "1\n2\n3" })).await;
    // Quotes are taken by the letter.
    client.refused("edit", json!({ "file_path": "b", "old_string": "\"quoted\"", "new_string": "x" }), "text_not_found").await;
    client.done("submit", json!({})).await;
    assert_eq!(world.repo.git_in(&["show", "main:dos.txt"], b""), "\u{feff}1\r\n2\r\n3\r\n".as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_after_an_outside_change_fits_if_it_is_unique() {
    let world = World::new(&[("a", "x = 1\ny = 2\n")]);
    let mut client = world.client("t").await;
    let seen = client.done("read", json!({ "file_path": "a" })).await.data["files"][0]["revision"].clone();
    client.done("write", json!({ "file_path": "a", "content": "# new\nx = 1\ny = 2\n" })).await;
    client.done("edit", json!({ "file_path": "a", "old_string": "y = 2", "new_string": "y = 3" })).await;
    let said = client.call("edit", json!({ "file_path": "a", "old_string": "x = 1", "new_string": "x = 2", "expect": seen })).await;
    assert_eq!(said.data["error"]["kind"], json!("stale"), "{said:?}");
    client.done("edit", json!({ "file_path": "new/file", "old_string": "", "new_string": "made\n" })).await;
    client.done("edit", json!({ "file_path": "a", "old_string": "=", "new_string": ":=", "replace_all": true })).await;
    let said = client.done("read", json!({ "file_paths": ["a", "new/file"] })).await;
    assert_eq!(said.data["files"][0]["content"], json!("# new\nx := 1\ny := 3\n"));
    assert_eq!(said.data["files"][1]["content"], json!("made\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_edits_are_all_or_none() {
    let world = World::new(&[("a", "1\n"), ("b", "2\n")]);
    let mut client = world.client("t").await;
    let edit = |file: &str, old: &str, new: &str| json!({ "file_path": file, "old_string": old, "new_string": new });
    client.call("multi_edit", json!({ "edits": [edit("a", "1", "one"), edit("b", "nothing", "x")] })).await.code();
    let said = client.done("status", json!({})).await;
    assert_eq!(said.data["changed"], json!(0), "{said:?}");
    let said = client
        .done(
            "multi_edit",
            json!({ "file_path": "a", "edits": [
        { "old_string": "1", "new_string": "one" }, { "old_string": "one", "new_string": "uno" }, edit("b", "2", "two") ] }),
        )
        .await;
    assert_eq!(said.data["files"].as_array().map(Vec::len), Some(2));
    let said = client.done("read", json!({ "file_paths": ["a", "b"] })).await;
    assert_eq!((&said.data["files"][0]["content"], &said.data["files"][1]["content"]), (&json!("uno\n"), &json!("two\n")));
    client.refused("multi_edit", json!({ "edits": [{ "old_string": "a", "new_string": "b" }] }), "arguments_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_answer_as_ripgrep_does() {
    let world = World::new(&[("a.py", "x\nfind me\ny\nz\nfind you\n"), ("b.rs", "find\n"), ("sub/c.py", "FIND\n")]);
    let mut client = world.client("t").await;
    let said = client.done("grep", json!({ "pattern": "find" })).await;
    assert_eq!((said.text.as_str(), &said.data["files"]), ("a.py\nb.rs", &json!(["a.py", "b.rs"])));
    let said = client.done("grep", json!({ "pattern": "find", "output_mode": "content", "type": "py", "-i": true, "-A": 1 })).await;
    assert_eq!(said.text, "a.py:2:find me\na.py-3-y\n--\na.py:5:find you\nsub/c.py:1:FIND");
    let said = client.done("grep", json!({ "pattern": "find", "output_mode": "count", "-i": true })).await;
    assert_eq!(said.text, "a.py:2\nb.rs:1\nsub/c.py:1");
    let said = client.done("grep", json!({ "pattern": "me.*z", "output_mode": "content", "multiline": true, "-n": false })).await;
    assert_eq!(said.text, "a.py:find me\na.py:y\na.py:z");
    client.refused("grep", json!({ "pattern": "x", "type": "klingon" }), "file_type_unknown").await;
    let said = client.call("grep", json!({ "pattern": "(" })).await;
    assert_eq!(said.code(), "pattern_invalid");
    let said = client.done("grep", json!({ "pattern": "nothing at all" })).await;
    assert_eq!(said.text, "no match");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_search_put_together_are_all_of_it() {
    let files: Vec<(String, String)> = (0..30).map(|file| (format!("f{file:02}"), "hit\nmiss\nhit\n".to_owned())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let world = World::new(&files);
    let mut client = world.client("t").await;
    for (mode, expect) in [("files_with_matches", 30), ("count", 30), ("content", 60)] {
        let mut found: Vec<String> = Vec::new();
        let mut offset = json!(0);
        loop {
            let said = client.done("grep", json!({ "pattern": "hit", "output_mode": mode, "head_limit": 7, "offset": offset })).await;
            found.extend(said.text.lines().filter(|line| line.starts_with('f')).map(str::to_owned));
            match said.data.get("next_offset") {
                Some(next) => offset = next.clone(),
                None => break,
            }
        }
        let mut unique = found.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((found.len(), unique.len()), (expect, expect), "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_found_with_totals() {
    let files: Vec<(String, String)> = (0..120).map(|file| (format!("src/[x]/f{file}.rs"), String::new())).collect();
    let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.push(("top.rs", ""));
    let world = World::new(&files);
    let mut client = world.client("t").await;
    let said = client.done("glob", json!({ "pattern": "**/*.rs" })).await;
    assert_eq!(
        (&said.data["total"], &said.data["truncated"], said.data["files"].as_array().map(Vec::len)),
        (&json!(121), &json!(true), Some(100))
    );
    assert!(said.text.ends_with("(100 of 121 files; a narrower pattern shows the others)"), "{}", said.text);
    let said = client.done("glob", json!({ "pattern": "./**/f1.rs", "path": "src/[x]" })).await;
    assert_eq!(said.data["files"], json!(["src/[x]/f1.rs"]));
    let said = client.done("ls", json!({})).await;
    assert_eq!(said.text, "src/\ntop.rs");
    let said = client.done("ls", json!({ "path": "src" })).await;
    assert_eq!(said.data["entries"], json!([{ "name": "[x]", "type": "directory" }]));
    assert_eq!(client.call("ls", json!({ "path": "nowhere" })).await.code(), "path_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_shown() {
    let world = World::new(&[("a.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n"), ("gone", "x\n")]);
    let mut client = world.client("t").await;
    client.done("edit", json!({ "file_path": "a.py", "old_string": "return 1", "new_string": "return 10" })).await;
    client.done("move", json!({ "from": "a.py", "to": "lib/a.py" })).await;
    client.done("delete", json!({ "file_path": "gone" })).await;
    let said = client.done("diff", json!({})).await;
    assert!(said.text.contains("+    return 10") && said.text.contains("rename to lib/a.py"), "{}", said.text);
    let said = client.done("symbols", json!({ "file_path": "lib/a.py" })).await;
    assert_eq!(said.text, "1-2\tfunction f\n5-6\tfunction g");
    let said = client.done("status", json!({})).await;
    assert_eq!((&said.data["changed"], &said.data["submit"]["result"]), (&json!(2), &json!("landed")), "{said:?}");
    let said = client.done("commit", json!({ "message": "Move" })).await;
    assert_eq!((&said.data["turn"], &said.data["changed"]), (&json!(1), &json!(true)));
    client.done("checkpoint", json!({ "name": "moved" })).await;
    let said = client.done("submit", json!({ "dry_run": true })).await;
    assert_eq!((&said.data["result"], said.data.get("version")), (&json!("landed"), None));
    let said = client.done("submit", json!({})).await;
    assert_eq!((&said.data["result"], &said.data["version"]), (&json!("landed"), &json!("v2")));
    let said = client.done("submit", json!({})).await;
    assert_eq!(said.data["result"], json!("unchanged"));
    assert_eq!(world.repo.git(&["log", "--format=%s", "main"]).lines().next(), Some("Move"));
    let said = client.done("session_close", json!({})).await;
    assert!(said.data["session_id"].is_string());
    let _: Value = said.data;
}
