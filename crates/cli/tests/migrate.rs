//! `acetate migrate` against a real daemon: what comes over, what does not, and that a second run changes nothing.

use acetate_engine::{Engine, EngineOptions};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

struct Store(tempfile::TempDir);

impl Store {
    fn new() -> Self {
        let store = Self(tempfile::tempdir().expect("a folder"));
        let options = EngineOptions { create: true, ..EngineOptions::at(store.path()) };
        Engine::open(options).expect("a store").shutdown();
        store
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn run(&self, args: &[&str]) -> (i32, Vec<u8>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acetate"));
        command.arg("--store").arg(self.path()).args(args).env_remove("ACETATE_SESSION").env_remove("ACETATE_WORKSPACE");
        let output = command.output().expect("it runs");
        (output.status.code().unwrap_or(-1), output.stdout)
    }

    fn migrate(&self, export: &str, more: &[&str], code: i32) -> Value {
        let file = self.0.path().join("export");
        std::fs::write(&file, export).expect("written");
        let args = [&["--json", "migrate", file.to_str().expect("text")], more].concat();
        let (ended, out) = self.run(&args);
        assert_eq!(ended, code, "{}", String::from_utf8_lossy(&out));
        serde_json::from_slice(&out).expect("JSON")
    }

    fn json(&self, args: &[&str]) -> Value {
        let (_, out) = self.run(&[&["--json"], args].concat());
        serde_json::from_slice(&out).unwrap_or_default()
    }

    /// The files of a version with their contents.
    fn files(&self, workspace: &str, version: &str) -> BTreeMap<String, Vec<u8>> {
        let list = self.json(&["--workspace", workspace, "ls", "-r", "--at", version]);
        let paths = list["files"].as_array().expect("files").iter().map(|file| file["path"].as_str().expect("a path").to_owned());
        paths
            .map(|path| {
                let read = self.run(&["--workspace", workspace, "read", "--at", version, &path]);
                (path, read.1)
            })
            .collect()
    }

    fn versions(&self, workspace: &str) -> usize {
        self.json(&["--workspace", workspace, "log"])["versions"].as_array().map_or(0, Vec::len)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.run(&["--no-start", "stop"]);
    }
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

#[test]
fn snapshots_become_versions_and_a_second_run_changes_nothing() {
    let store = Store::new();
    let records = [
        json!({"sessionId": "chat 1", "name": "First chat", "createdAt": "2024-01-01T00:00:00Z",
            "files": [{"path": "/a.txt", "content": "1\n"}, {"path": "old", "content": "x"}]}),
        json!({"sessionId": "two", "files": [{"path": "b.bin", "content": "AP/+", "encoding": "base64"}]}),
        json!({"sessionId": "chat 1", "createdAt": "2024-01-02T00:00:00Z", "files": [{"path": "a.txt", "content": "2\n"}]}),
        json!({"sessionId": "chat 1", "createdAt": "2024-01-03T00:00:00Z", "files": [{"path": "a.txt", "content": "2\n"}]}),
    ];
    let dry = store.migrate(&lines(&records), &["--dry-run"], 0);
    assert_eq!(dry["sessions"][0]["became"], "created");
    assert_eq!(store.json(&["workspace", "list"])["workspaces"], json!([]), "nothing was done");
    let done = store.migrate(&lines(&records), &[], 0);
    let name = done["sessions"][0]["workspace"].as_str().expect("a name").to_owned();
    assert_eq!(
        done["sessions"][0],
        json!({"session_id": "chat 1", "workspace": name, "became": "created", "snapshots": 3, "landed": 2, "verified": 1})
    );
    assert_eq!(store.files(&name, "v1"), BTreeMap::from([("a.txt".to_owned(), b"1\n".to_vec()), ("old".to_owned(), b"x".to_vec())]));
    assert_eq!(store.files(&name, "v2"), BTreeMap::from([("a.txt".to_owned(), b"2\n".to_vec())]));
    assert_eq!(store.files("two", "v1"), BTreeMap::from([("b.bin".to_owned(), vec![0, 255, 254])]));
    assert_eq!(store.json(&["workspace", "show", &name])["description"], "First chat");
    let again = store.migrate(&lines(&records), &[], 0);
    assert!(again["sessions"].as_array().expect("a list").iter().all(|one| one["became"] == "unchanged" && one["landed"] == 0));
    // Stopped halfway, it goes on; here the export has grown.
    let more = [&records[..], &[json!({"sessionId": "two", "files": []})]].concat();
    let grown = store.migrate(&lines(&more), &[], 0);
    assert_eq!((&grown["sessions"][1]["became"], &grown["sessions"][1]["landed"]), (&json!("continued"), &json!(1)));
    assert_eq!((store.versions(&name), store.versions("two")), (2, 2));
}

#[test]
fn folders_become_files_and_files_folders() {
    let store = Store::new();
    let snapshot = |path: &str| json!({"sessionId": "s", "files": [{"path": path, "content": path}, {"path": "k", "content": ""}]});
    let paths = ["d/x/y", "d/x", "d", "d/x/y"];
    let report = store.migrate(&lines(&paths.map(snapshot)), &[], 0);
    assert_eq!(report["sessions"][0]["landed"], json!(4));
    for (at, path) in paths.iter().enumerate() {
        let files = store.files("s", &format!("v{}", at + 1));
        assert_eq!(files.keys().collect::<Vec<_>>(), [path, "k"], "{path}");
    }
}

#[test]
fn what_can_not_be_taken_is_named_and_leaves_nothing() {
    let store = Store::new();
    let records = lines(&[
        json!({"sessionId": "bad", "files": [{"path": "../x", "content": ""}]}),
        json!({"sessionId": "half", "files": [{"path": "a", "content": "1"}]}),
        json!({"sessionId": "half", "files": [{"path": "a", "content": "?", "encoding": "base64"}]}),
        json!({"sessionId": "half", "files": [{"path": "a", "content": "3"}]}),
        json!({"sessionId": "good", "files": [{"path": "a", "content": "1"}]}),
    ]) + "nonsense\n";
    let report = store.migrate(&records, &[], 4);
    let refused: Vec<u64> =
        report["refused"].as_array().expect("a list").iter().map(|one| one["record"].as_u64().expect("a number")).collect();
    assert_eq!(refused, [6, 1, 3, 4]);
    let became: Vec<&Value> = report["sessions"].as_array().expect("a list").iter().map(|one| &one["became"]).collect();
    assert_eq!(became, ["refused", "refused", "created"]);
    let names: Vec<String> = store.json(&["workspace", "list"])["workspaces"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(names, ["good", "half"]);
    assert_eq!(store.versions("half"), 1);
    // Somebody went on with it: the export's next snapshots are another history.
    let session = store.json(&["--workspace", "good", "session", "open", "--agent", "ada"])["id"].as_str().expect("an id").to_owned();
    store.run(&["--session", &session, "mv", "a", "b"]);
    store.run(&["--session", &session, "submit"]);
    let grown = lines(&[json!({"sessionId": "good", "files": [{"path": "a", "content": "1"}]}), json!({"sessionId": "good", "files": []})]);
    let report = store.migrate(&grown, &[], 4);
    assert!(report["refused"][0]["reason"].as_str().expect("a text").contains("other work"), "{report}");
    assert_eq!(store.versions("good"), 2);
}

fn snapshots() -> impl Strategy<Value = Vec<(u8, BTreeMap<String, Vec<u8>>)>> {
    // Folders become files and files folders.
    let path =
        prop_oneof![Just("a"), Just("b"), Just("b/c"), Just("b/d"), Just("e"), Just("e/f/g"), Just("\u{e9} x")].prop_map(str::to_owned);
    let content = proptest::collection::vec(any::<u8>(), 0..40);
    let files = proptest::collection::btree_map(path, content, 0..5).prop_map(|mut files: BTreeMap<String, Vec<u8>>| {
        let folders: Vec<String> = files.keys().filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect();
        files.retain(|path, _| !folders.contains(path));
        files
    });
    proptest::collection::vec((0u8..3, files), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn twice_is_once_and_every_byte_comes_over(snapshots in snapshots()) {
        let store = Store::new();
        let records: Vec<Value> = snapshots.iter().map(|(session, files)| {
            let files: Vec<Value> = files.iter().map(|(path, content)| match std::str::from_utf8(content) {
                Ok(text) => json!({"path": path, "content": text}),
                Err(_) => json!({"path": path, "encoding": "base64", "content": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, content)}),
            }).collect();
            json!({"sessionId": format!("s{session}"), "files": files})
        }).collect();
        let export = Value::from(records).to_string();
        store.migrate(&export, &[], 0);
        let states = |store: &Store| -> Vec<(usize, Value)> {
            (0..3).map(|at| (store.versions(&format!("s{at}")), store.json(&["--workspace", &format!("s{at}"), "log"])["versions"].clone())).collect()
        };
        let once = states(&store);
        store.migrate(&export, &[], 0);
        prop_assert_eq!(&once, &states(&store));
        for at in 0..3u8 {
            let mut expect: Vec<&BTreeMap<String, Vec<u8>>> = Vec::new();
            for (_, files) in snapshots.iter().filter(|(session, _)| *session == at) {
                if expect.last().map_or(!files.is_empty(), |last| *last != files) {
                    expect.push(files);
                }
            }
            prop_assert_eq!(once[usize::from(at)].0, expect.len());
            if let Some(last) = expect.last() {
                let name = format!("s{at}");
                prop_assert_eq!(&store.files(&name, &format!("v{}", expect.len())), *last);
            }
        }
    }
}
