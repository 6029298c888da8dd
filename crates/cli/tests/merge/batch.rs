//! `merge-file --batch`.

use crate::folder::{Folder, acetate, text};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

fn files(folder: &Folder) {
    folder.write("b", "a\nb\nc\n");
    folder.write("o", "A\nb\nc\n");
    folder.write("t", "a\nb\nC\n");
    folder.write("x", "a\nX\nc\n");
    folder.write("y", "a\nY\nc\n");
    folder.write("binary", b"\0");
}

fn run(folder: &Folder, lines: &str) -> Vec<Value> {
    let mut child =
        acetate(folder.path()).args(["merge-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("piped");
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(lines.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic");
    assert_eq!(output.status.code(), Some(0));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn each_line_is_answered_in_order_and_bad_ones_stop_nothing() {
    let folder = Folder::new();
    files(&folder);
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(2 << 20));
    let lines = [
        json!({"id": 1, "path": "f.txt", "base": "b", "ours": "x", "theirs": "b"}).to_string(),
        json!({"id": "two", "path": "f.txt", "base": "b", "ours": "x", "theirs": "y", "labels": {"ours": "mine"}, "style": "diff3", "marker_size": 9})
            .to_string(),
        "nonsense".to_owned(),
        String::new(),
        json!({"id": [3], "path": "f.txt"}).to_string(),
        json!({"id": 4, "base": "b", "ours": "x", "theirs": "absent"}).to_string(),
        json!({"id": 5, "base": "b", "ours": "x", "theirs": "binary"}).to_string(),
        long,
        json!({"id": 6, "path": "f.txt", "base": null, "ours": "x", "theirs": "y", "more": "is let pass"}).to_string(),
        json!({"path": "f.txt", "base": "b", "ours": "b", "theirs": "t"}).to_string(),
    ];
    let answers = run(&folder, &lines.join("\n"));
    assert_eq!(answers.len(), lines.len());
    assert_eq!(answers[0], json!({"id": 1, "status": "clean", "output": "a\nX\nc\n", "conflicts": []}));
    let output = "a\n<<<<<<<<< mine\nX\n||||||||| base\nb\n=========\nY\n>>>>>>>>> theirs\nc\n";
    assert_eq!((&answers[1]["id"], &answers[1]["status"], &answers[1]["output"]), (&"two".into(), &"conflict".into(), &output.into()));
    assert_eq!(answers[1]["conflicts"][0]["base"], json!({"places": [{"start": 2, "lines": 1}], "text": "b\n"}));
    for (at, code, id) in [
        (2, "batch_line", Value::Null),
        (3, "batch_line", Value::Null),
        (4, "batch_line", json!([3])),
        (5, "local_file_not_found", json!(4)),
        (6, "merge_binary", json!(5)),
        (7, "batch_line", Value::Null),
    ] {
        let answer = &answers[at];
        assert_eq!((&answer["status"], &answer["code"], &answer["id"]), (&"error".into(), &code.into(), &id), "{answer}");
        assert!(answer["message"].is_string());
    }
    assert_eq!(answers[8]["conflicts"][0]["kind"], "added_differently", "{}", answers[8]);
    assert_eq!(answers[9], json!({"status": "clean", "output": "a\nb\nC\n", "conflicts": []}));
}

#[test]
fn thousands_of_lines_keep_their_order() {
    let folder = Folder::new();
    files(&folder);
    let line = |id: usize| {
        json!({"id": id, "path": "f.txt", "base": "b", "ours": "x", "theirs": if id.is_multiple_of(3) { "y" } else { "b" }}).to_string()
            + "\n"
    };
    let answers = run(&folder, &(0..3000).map(line).collect::<String>());
    assert_eq!(answers.len(), 3000);
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!((answer["id"].as_u64(), answer["status"] == "conflict"), (Some(at as u64), at.is_multiple_of(3)));
    }
}

#[test]
fn it_can_be_asked_one_by_one_and_ends_when_nobody_listens() {
    let folder = Folder::new();
    files(&folder);
    let mut child = acetate(folder.path())
        .args(["merge-file", "--batch", "--diff3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let line = "{\"id\": 7, \"base\": \"b\", \"ours\": \"x\", \"theirs\": \"y\"}\n";
    for _ in 0..3 {
        stdin.write_all(line.as_bytes()).expect("it listens");
        let mut answer = String::new();
        stdout.read_line(&mut answer).expect("it answers");
        assert!(answer.contains("|||||||"), "{answer}");
    }
    drop(stdout);
    // Its input stays open; the closed output alone ends it.
    drop(stdin.write_all(line.as_bytes()));
    child.wait().expect("it ends");
}
