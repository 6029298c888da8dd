//! The real daemon with its doors, and a session that is open at all of them beside a plain folder.

use crate::edit::Edit;
use crate::http::{Connection, Daemon};
use crate::mcp::{Server, Tools as _};
use crate::plain::{Expect, Plain, RULES, ignored};
use acetate_testing::GitRepo;
use acetate_testing::folder::{Seen, whole};
use acetate_types::ObjectFormat;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A door other than the mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Http,
    Mcp,
}

/// The daemon and connections to it.
pub struct World {
    // Ended in this order.
    http: Connection,
    mcp: Server,
    workspace: String,
    daemon: Daemon,
    repo: GitRepo,
}

/// A session of it.
pub struct Session<'w> {
    world: &'w mut World,
    id: String,
    folder: PathBuf,
    plain: Plain,
    rules: &'static str,
    /// Whether a turn ended since the rules became others: until then files stay where they are.
    settled: bool,
}

/// The code of a refusal, as either door names it.
fn code(error: &anyhow::Error) -> String {
    let text = error.to_string();
    let after = |mark: &str| text.split_once(mark).map(|(_, rest)| rest.to_owned());
    let rest = after("\"code\":\"").or_else(|| after("\"text\":\"")).unwrap_or_else(|| panic!("no code: {text}"));
    rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
}

/// Bytes as JSON has them.
fn bytes(value: &Value) -> Vec<u8> {
    match value.as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => BASE64_STANDARD.decode(value["base64"].as_str().expect("bytes")).expect("base64"),
    }
}

impl World {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let repo = GitRepo::bare(ObjectFormat::Sha1);
        repo.fast_commit("main", files.iter().map(|(path, text)| (*path, "100644", Some(*text))));
        let binary = Path::new(env!("CARGO_BIN_EXE_acetate"));
        let daemon = Daemon::serve(binary, repo.path()).expect("served");
        let mut http = daemon.connect().expect("connected");
        let mcp = Server::start(&format!("{} mcp", binary.display()), &[], repo.path()).expect("started");
        let workspace = http.workspace().expect("a workspace");
        Self { http, mcp, workspace, daemon, repo }
    }

    /// A new session, mounted, with a plain folder that holds the same.
    pub fn open(&mut self, files: &[(&str, &str)]) -> Session<'_> {
        // One that was silent for long, while a case was made smaller, is closed.
        self.http = self.daemon.connect().expect("connected");
        let id = self.http.open_session(&self.workspace).expect("opened");
        let (folder, root) = (self.repo.beside("mounted"), self.repo.beside("plain"));
        drop(fs::remove_dir_all(&root));
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("below")).expect("made");
            fs::write(path, text).expect("written");
        }
        fs::create_dir_all(&folder).expect("made");
        acetate_mount::mount_session(&acetate_mount::socket_beside(self.daemon.socket()), &id, &folder).expect("mounted");
        let known = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        Session { world: self, id, folder, plain: Plain { root, known }, rules: RULES[0], settled: true }
    }

    /// An edit over HTTP; the code of a refusal.
    pub fn over_http(&mut self, session: &str, edit: &Edit) -> Result<(), String> {
        let at = |rest: &str| format!("/v1/sessions/{session}/{rest}");
        let json = edit.to_json();
        let without_op = || {
            let mut json = json.clone();
            json.as_object_mut().expect("an object").remove("op");
            serde_json::to_vec(&json).expect("JSON")
        };
        let done = match edit {
            Edit::Write { path, text, mode } => {
                let mode = mode.map_or_else(String::new, |mode| format!("Acetate-Mode: {mode}\r\n"));
                self.http.call_with("PUT", &at(&format!("files/{path}")), &mode, Some(text)).map(drop)
            }
            Edit::Replace { .. } => self.http.call("POST", &at("edit"), Some(&without_op())).map(drop),
            Edit::Delete { path } => self.http.call("DELETE", &at(&format!("files/{path}")), None).map(drop),
            Edit::Move { .. } => self.http.call("POST", &at("move"), Some(&without_op())).map(drop),
            Edit::Mode { .. } => self.http.call("POST", &at("mode"), Some(&without_op())).map(drop),
            Edit::Batch(_) => self.http.call("POST", &at("batch"), Some(&without_op())).map(drop),
        };
        done.map_err(|error| code(&error))
    }

    /// The same over MCP.
    pub fn over_mcp(&mut self, session: &str, edit: &Edit) -> Result<(), String> {
        let one = |edit: &Edit| match edit {
            Edit::Replace { path, old, new, all } => {
                json!({ "file_path": path, "old_string": old, "new_string": new, "replace_all": all })
            }
            other => panic!("{other:?} has no tool"),
        };
        let (tool, mut arguments) = match edit {
            Edit::Write { path, text, mode: None } => {
                ("write", json!({ "file_path": path, "content": String::from_utf8(text.clone()).expect("text") }))
            }
            Edit::Replace { .. } => ("edit", one(edit)),
            Edit::Delete { path } => ("delete", json!({ "file_path": path })),
            Edit::Move { from, to, replace } => ("move", json!({ "from": from, "to": to, "replace": replace })),
            Edit::Batch(steps) => ("multi_edit", json!({ "edits": steps.iter().map(one).collect::<Vec<_>>() })),
            other => panic!("{other:?} has no tool"),
        };
        arguments["session_id"] = session.into();
        self.mcp.call(tool, arguments).map(drop).map_err(|error| code(&error))
    }
}

impl Session<'_> {
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn plain(&self) -> &Path {
        &self.plain.root
    }

    /// Makes an edit through a door and, if it is made, in the plain folder.
    pub fn edited(&mut self, edit: &Edit, door: Door, at: usize) {
        // Which files are the session's is what it says.
        self.plain.known = self.files().into_keys().collect();
        let tool = door == Door::Mcp;
        let expect = match edit {
            Edit::Batch(steps) => self.plain.expect_batch(steps, tool, &self.world.repo.beside("copy")),
            edit => self.plain.expect(edit, tool),
        };
        if expect == Expect::Open {
            return;
        }
        let came = match door {
            Door::Http => self.world.over_http(&self.id, edit),
            Door::Mcp => self.world.over_mcp(&self.id, edit),
        };
        match (came, expect) {
            (Ok(()), Expect::Made | Expect::Either(_)) => self.plain.make(edit),
            (Err(code), Expect::Refused(codes) | Expect::Either(codes)) if codes.contains(&&*code) => {}
            (came, expect) => panic!("step {at}, {edit:?} over {door:?}: {came:?} instead of {expect:?}"),
        }
    }

    pub fn end_turn(&mut self) {
        let path = format!("/v1/sessions/{}/commit", self.id);
        self.world.http.json("POST", &path, Some(&json!({}))).expect("committed");
        self.settled = true;
    }

    /// Writes the rules, in the folder or over HTTP.
    pub fn rule(&mut self, rules: &'static str, here: bool) {
        self.settled &= self.rules == rules;
        self.rules = rules;
        if here {
            fs::write(self.folder.join(".gitignore"), rules).expect("written");
        } else {
            let edit = Edit::Write { path: ".gitignore", text: rules.into(), mode: None };
            self.world.over_http(&self.id, &edit).expect("written");
        }
        fs::write(self.plain.root.join(".gitignore"), rules).expect("written");
    }

    /// The session's files over HTTP: their modes and sizes.
    fn files(&mut self) -> BTreeMap<String, (String, u64)> {
        let list = self.world.http.json("GET", &format!("/v1/sessions/{}/files?sizes=true", self.id), None).expect("listed");
        let files = list["files"].as_array().expect("files");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        files.iter().map(|file| (text(&file["path"]), (text(&file["mode"]), file["size"].as_u64().expect("a size")))).collect()
    }

    /// The contents of these files over HTTP, and their revisions.
    fn contents(&mut self, paths: &[String]) -> BTreeMap<String, (Vec<u8>, String)> {
        let body = serde_json::to_vec(&json!({ "paths": paths })).expect("JSON");
        let lines = self.world.http.call("POST", &format!("/v1/sessions/{}/read", self.id), Some(&body)).expect("read");
        let lines = serde_json::Deserializer::from_slice(lines).into_iter::<Value>();
        let read = lines.map(|line| line.expect("JSON")).map(|file| {
            let text = |name: &str| file[name].as_str().unwrap_or_else(|| panic!("{file}")).to_owned();
            (text("path"), (bytes(&file["content"]), text("etag")))
        });
        read.collect()
    }

    /// Whether the folder, the plain one and HTTP show the same.
    pub fn agree(&mut self, when: &str) {
        let expect = whole(&self.plain.root);
        assert_eq!(whole(&self.folder), expect, "{when}: in the folder");
        let files = self.files();
        let contents = self.contents(&files.keys().cloned().collect::<Vec<_>>());
        for (path, (mode, size)) in &files {
            let (content, _) = &contents[path];
            let (expected, expected_mode) = match expect.get(path) {
                Some(Seen::File { mode, content, .. }) => (content.clone(), format!("{:o}", mode & 0o100_755)),
                Some(Seen::Link { target }) => (target.clone().into_bytes(), "120000".to_owned()),
                other => panic!("{when}: {path} is {other:?}, over HTTP {mode}"),
            };
            // Targets are compared as text, for that is how links are seen.
            let same = *content == expected || mode == "120000" && String::from_utf8_lossy(content).into_owned().into_bytes() == expected;
            assert!(same && *mode == expected_mode && *size == content.len() as u64, "{when}: {path} over HTTP: {mode} {size} {content:?}");
        }
        for (path, seen) in &expect {
            let there = *seen == Seen::Directory || files.contains_key(path) || !self.settled || ignored(self.rules, path);
            assert!(there, "{when}: {path} is not to be had over HTTP");
        }
    }

    /// Whether all that can be asked of the doors is answered alike.
    pub fn agree_at_length(&mut self) {
        let files = self.files();
        let contents = self.contents(&files.keys().cloned().collect::<Vec<_>>());
        for (path, (content, etag)) in &contents {
            let raw = self.world.http.call("GET", &format!("/v1/sessions/{}/files/{path}", self.id), None).expect("read");
            assert_eq!(raw, content, "{path}");
            let read = self.tool("read", json!({ "file_path": path }));
            let shown = &read["files"][0];
            assert_eq!(shown["revision"].as_str(), Some(&**etag), "{path}");
            if let (Some(shown), Ok(text)) = (shown["content"].as_str(), std::str::from_utf8(content)) {
                assert_eq!(shown, text, "{path}");
            }
        }
        let globbed = self.tool("glob", json!({ "pattern": "**" }));
        let globbed: BTreeSet<_> =
            globbed["files"].as_array().expect("files").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        assert_eq!(globbed, files.keys().cloned().collect());
        let folders: BTreeSet<&str> = files.keys().filter_map(|path| path.rsplit_once('/')).map(|(folder, _)| folder).collect();
        for folder in folders {
            self.agree_on_folder(folder, &files);
        }
        self.agree_on_search(&contents, &files);
    }

    /// What MCP lists of a folder, which has files of the session.
    fn agree_on_folder(&mut self, folder: &str, files: &BTreeMap<String, (String, u64)>) {
        let listed = self.tool("ls", json!({ "path": folder }));
        for entry in listed["entries"].as_array().expect("entries") {
            let name = entry["name"].as_str().expect("a name");
            let path = format!("{folder}/{name}");
            let is = match self.plain.root.join(&path).symlink_metadata().expect("there") {
                meta if meta.is_dir() => "directory",
                meta if meta.is_symlink() => "symlink",
                _ => "file",
            };
            assert_eq!(entry["type"], is, "{path}");
            assert!(is == "directory" || files.contains_key(&path), "{path}");
        }
        let names: BTreeSet<_> = listed["entries"].as_array().expect("entries").iter().filter_map(|entry| entry["name"].as_str()).collect();
        for path in files.keys() {
            if let Some((parent, name)) = path.rsplit_once('/')
                && parent == folder
            {
                assert!(names.contains(name), "{path}");
            }
        }
    }

    /// Lines with a letter, as both doors count them.
    fn agree_on_search(&mut self, contents: &BTreeMap<String, (Vec<u8>, String)>, files: &BTreeMap<String, (String, u64)>) {
        let text = |path: &String, content: &Vec<u8>| files[path].0 != "120000" && !content.contains(&0);
        let expect: BTreeMap<String, u64> = contents
            .iter()
            .filter(|(path, (content, _))| text(path, content))
            .map(|(path, (content, _))| {
                let lines = content.split(|byte| *byte == b'\n').filter(|line| line.contains(&b'b')).count();
                (path.clone(), lines as u64)
            })
            .filter(|(_, lines)| *lines > 0)
            .collect();
        let body = json!({ "pattern": "b", "mode": "count" });
        let found = self.world.http.json("POST", &format!("/v1/sessions/{}/grep", self.id), Some(&body)).expect("searched");
        let counted = |found: &Value| -> BTreeMap<String, u64> {
            let files = found["files"].as_array().expect("files").iter();
            files.map(|file| (file["path"].as_str().expect("a path").to_owned(), file["count"].as_u64().expect("a count"))).collect()
        };
        assert_eq!(counted(&found), expect, "over HTTP");
        let found = self.tool("grep", json!({ "pattern": "b", "output_mode": "count" }));
        assert_eq!(counted(&found), expect, "over MCP");
    }

    /// The data of a tool that answers.
    fn tool(&mut self, tool: &str, mut arguments: Value) -> Value {
        arguments["session_id"] = self.id.as_str().into();
        self.world.mcp.call(tool, arguments).expect("answered")["structuredContent"].take()
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        drop(acetate_mount::unmount(&self.folder, true));
        // After a failure the connection may be in the middle of an answer.
        if let Ok(mut http) = self.world.daemon.connect() {
            drop(http.call("DELETE", &format!("/v1/sessions/{}?discard=true", self.id), None));
        }
        drop(acetate_mount::wait_gone(&acetate_mount::socket_beside(self.world.daemon.socket()), &self.folder));
    }
}
