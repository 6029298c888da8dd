//! The behaviour specification, answered by the command line.

use acetate_testing::behaviour::{Door, run};
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

struct CommandLine {
    folder: tempfile::TempDir,
    bundles: usize,
}

type Given = Map<String, Value>;

fn text<'g>(given: &'g Given, name: &str) -> &'g str {
    given.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl CommandLine {
    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Runs a command with `--json`: its document, or its error's code.
    fn ask(&self, given: &Given, args: &[&str], input: &str) -> Result<Value, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acetate"));
        command.arg("--json").arg("--store").arg(self.store()).args(args).current_dir(self.folder.path());
        for name in ["ACETATE_SESSION", "ACETATE_WORKSPACE", "ACETATE_STORE", "ACETATE_AGENT"] {
            command.env_remove(name);
        }
        for (name, variable) in [("session", "ACETATE_SESSION"), ("workspace", "ACETATE_WORKSPACE")] {
            if given.contains_key(name) {
                command.env(variable, text(given, name));
            }
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        child.stdin.take().expect("an input").write_all(input.as_bytes()).expect("written");
        let ended = child.wait_with_output().expect("ended");
        let said =
            |bytes: &[u8]| -> Option<Value> { String::from_utf8_lossy(bytes).lines().find_map(|line| serde_json::from_str(line).ok()) };
        // A conflict is an outcome, with an exit code of its own.
        if let Some(document) = said(&ended.stdout)
            && matches!(ended.status.code(), Some(0 | 4))
        {
            return Ok(document);
        }
        let error = said(&ended.stderr).unwrap_or_else(|| panic!("{args:?}: {}", String::from_utf8_lossy(&ended.stderr)));
        Err(error["error"]["code"].as_str().unwrap_or_else(|| panic!("{args:?}: {error}")).to_owned())
    }
}

impl Door for CommandLine {
    fn call(&mut self, operation: &str, given: &Given) -> Result<Value, String> {
        let has = |name: &str| given.contains_key(name);
        let (path, name, workspace) = (text(given, "path"), text(given, "name"), text(given, "workspace"));
        let mut args: Vec<&str> = match operation {
            "workspace.create" => vec!["workspace", "create", name],
            "workspace.get" => vec!["workspace", "show", workspace],
            "workspace.rename" => vec!["workspace", "rename", workspace, name],
            "workspace.delete" => vec!["workspace", "delete", workspace],
            "workspace.undelete" => vec!["workspace", "undelete", workspace],
            "workspace.fork" => vec!["workspace", "fork", "--name", name],
            "workspace.restore" => vec!["workspace", "restore", text(given, "at")],
            "workspace.undo" => vec!["workspace", "undo"],
            "workspace.versions" => vec!["workspace", "versions"],
            "workspace.diff" => vec!["workspace", "diff", "--stat", text(given, "from"), text(given, "to")],
            "workspace.files" | "session.files" => vec!["ls", "--recursive"],
            "workspace.read" | "session.read" => vec!["read", path],
            "workspace.checkpoint" => vec!["workspace", "checkpoint", name],
            "workspace.checkpoints" => vec!["workspace", "checkpoints"],
            "workspace.bundle" => {
                self.bundles += 1;
                let file = format!("{}.bundle", self.bundles);
                self.ask(given, &["workspace", "bundle", "--output", &file], "")?;
                return Ok(json!({ "bundle": file }));
            }
            "workspace.unbundle" => vec!["import", text(given, "bundle"), "--name", name],
            "session.open" => vec!["session", "open", "--agent", text(given, "agent")],
            "session.working" => vec!["session", "working"],
            "session.write" => vec!["write", path],
            "session.edit" => vec!["edit", path, "--old", text(given, "old"), "--new", text(given, "new")],
            "session.delete" => vec!["rm", path],
            "session.move" => vec!["mv", text(given, "from"), text(given, "to")],
            "session.grep" => vec!["grep", text(given, "pattern")],
            "session.status" => vec!["status"],
            "session.diff" => vec!["diff", "--stat"],
            "session.commit" => vec!["commit"],
            "session.submit" => vec!["submit"],
            "session.resolve" => vec!["resolve", path, "--take", text(given, "take")],
            "session.checkpoint" => vec!["session", "checkpoint", name],
            "session.pause" => vec!["session", "pause"],
            "session.resume" => vec!["session", "resume"],
            "session.end" => vec!["session", "close"],
            "change.get" => vec!["show", text(given, "commit")],
            other => panic!("{other} is no operation"),
        };
        for (name, flag) in [("at", "--at"), ("glob", "--glob"), ("message", "--message"), ("intent", "--intent")] {
            if has(name) && operation != "workspace.restore" {
                args.extend([flag, text(given, name)]);
            }
        }
        for (name, flag) in [("discard", "--discard"), ("submit", "--submit")] {
            if given.get(name) == Some(&Value::Bool(true)) {
                args.push(flag);
            }
        }
        let answer = self.ask(given, &args, text(given, "text"))?;
        Ok(match operation {
            // One document a file; of several steps one is asked for.
            "workspace.read" | "session.read" => match answer.pointer("/files/0").cloned().unwrap_or_default() {
                file if file.get("code").is_some() => return Err(text(file.as_object().expect("a file"), "code").to_owned()),
                file => json!({ "text": file["content"] }),
            },
            "session.delete" => answer.pointer("/written/0").cloned().unwrap_or(answer),
            _ => answer,
        })
    }
}

impl Drop for CommandLine {
    fn drop(&mut self) {
        drop(Command::new(env!("CARGO_BIN_EXE_acetate")).arg("--store").arg(self.store()).args(["--no-start", "stop"]).output());
    }
}

#[test]
fn the_command_line_answers_as_specified() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut door = CommandLine { folder, bundles: 0 };
    // A fresh store of its own, as `acetate serve --create` makes it.
    let store = door.store();
    acetate_engine::Engine::open(acetate_engine::EngineOptions { create: true, ..acetate_engine::EngineOptions::at(store) })
        .expect("a store")
        .shutdown();
    run(&mut door);
}
