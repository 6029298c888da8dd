//! The behaviour specification, answered over HTTP.

#[expect(dead_code, reason = "the other test of this door uses the rest")]
mod support;

use acetate_testing::GitRepo;
use acetate_testing::behaviour::{Door, run};
use acetate_types::ObjectFormat;
use serde_json::{Map, Value, json};
use support::{Client, Reply, Served};
use tokio::runtime::Handle;

struct Http {
    client: Client,
    runtime: Handle,
    bundles: Vec<bytes::Bytes>,
}

type Given = Map<String, Value>;

fn text<'g>(given: &'g Given, name: &str) -> &'g str {
    given.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn encoded(text: &str, keep: &str) -> String {
    text.bytes()
        .map(|byte| match char::from(byte) {
            ch if ch.is_ascii_alphanumeric() || "-_.~".contains(ch) || keep.contains(ch) => ch.to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Those of the arguments that are there, as a body.
fn body(given: &Given, names: &[&str]) -> Value {
    names.iter().filter_map(|name| Some(((*name).to_owned(), given.get(*name)?.clone()))).collect::<Map<_, _>>().into()
}

impl Http {
    fn ask(&self, method: &str, target: &str, body: impl Into<bytes::Bytes>, json: bool) -> Result<Reply, String> {
        let headers: &[(&str, &str)] = if json { &[("content-type", "application/json")] } else { &[] };
        let reply = self.runtime.block_on(self.client.ask(method, target, headers, body));
        if reply.status.is_success() {
            return Ok(reply);
        }
        let problem: Value = serde_json::from_slice(&reply.body).expect("a problem");
        Err(problem["code"].as_str().expect("a code").to_owned())
    }

    fn get(&self, target: &str) -> Result<Value, String> {
        Ok(serde_json::from_slice(&self.ask("GET", target, "", false)?.body).expect("JSON"))
    }

    fn send(&self, method: &str, target: &str, body: &Value) -> Result<Value, String> {
        Ok(serde_json::from_slice(&self.ask(method, target, body.to_string(), true)?.body).expect("JSON"))
    }

    fn contents(&self, target: &str) -> Result<Value, String> {
        Ok(json!({ "text": String::from_utf8_lossy(&self.ask("GET", target, "", false)?.body) }))
    }
}

impl Door for Http {
    fn call(&mut self, operation: &str, given: &Given) -> Result<Value, String> {
        let space = format!("/v1/workspaces/{}", encoded(text(given, "workspace"), ""));
        let session = format!("/v1/sessions/{}", encoded(text(given, "session"), ""));
        let file = encoded(text(given, "path"), "/");
        let query = |names: &[&str]| -> String {
            let there = names.iter().filter_map(|name| Some(format!("{name}={}", encoded(given.get(*name)?.as_str()?, ""))));
            there.collect::<Vec<_>>().join("&")
        };
        match operation {
            "workspace.create" => self.send("POST", "/v1/workspaces", &body(given, &["name", "from"])),
            "workspace.get" => self.get(&space),
            "workspace.rename" => self.send("PATCH", &space, &body(given, &["name"])),
            "workspace.delete" => self.send("DELETE", &space, &json!({})),
            "workspace.undelete" => self.send("POST", &format!("{space}/undelete"), &json!({})),
            "workspace.fork" => self.send("POST", &format!("{space}/forks"), &body(given, &["name", "at"])),
            "workspace.restore" => self.send("POST", &format!("{space}/restore"), &body(given, &["at"])),
            "workspace.undo" => self.send("POST", &format!("{space}/undo"), &json!({})),
            "workspace.versions" => self.get(&format!("{space}/versions")),
            "workspace.diff" => self.get(&format!("{space}/diff?hunks=false&{}", query(&["from", "to"]))),
            "workspace.files" => self.get(&format!("{space}/files?{}", query(&["at", "glob"]))),
            "workspace.read" => self.contents(&format!("{space}/files/{file}?{}", query(&["at"]))),
            "workspace.checkpoint" => self.send("POST", &format!("{space}/checkpoints"), &body(given, &["name", "at", "message"])),
            "workspace.checkpoints" => self.get(&format!("{space}/checkpoints")),
            "workspace.bundle" => {
                self.bundles.push(self.ask("GET", &format!("{space}/bundle"), "", false)?.body);
                Ok(json!({ "bundle": self.bundles.len() - 1 }))
            }
            "workspace.unbundle" => {
                let number = given["bundle"].as_u64().expect("a number");
                let bundle = self.bundles[usize::try_from(number).expect("small")].clone();
                let made = self.ask("POST", &format!("/v1/import?{}", query(&["name"])), bundle, false)?;
                Ok(serde_json::from_slice(&made.body).expect("JSON"))
            }
            "session.open" => self.send("POST", &format!("{space}/sessions"), &body(given, &["agent", "intent"])),
            "session.working" => self.send("POST", &format!("{space}/session"), &json!({})),
            "session.write" => {
                let written = self.ask("PUT", &format!("{session}/files/{file}"), text(given, "text").to_owned(), false)?;
                Ok(serde_json::from_slice(&written.body).expect("JSON"))
            }
            "session.edit" => {
                let edit = json!({ "path": given["path"], "edits": [body(given, &["old", "new"])] });
                self.send("POST", &format!("{session}/edit"), &edit)
            }
            "session.read" => self.contents(&format!("{session}/files/{file}")),
            "session.delete" => self.send("DELETE", &format!("{session}/files/{file}"), &json!({})),
            "session.move" => self.send("POST", &format!("{session}/move"), &body(given, &["from", "to"])),
            "session.files" => self.get(&format!("{session}/files?{}", query(&["glob"]))),
            "session.grep" => self.send("POST", &format!("{session}/grep"), &body(given, &["pattern"])),
            "session.status" => self.get(&format!("{session}/status")),
            "session.diff" => self.get(&format!("{session}/diff?hunks=false")),
            "session.commit" => self.send("POST", &format!("{session}/commit"), &body(given, &["message"])),
            "session.submit" => self.send("POST", &format!("{session}/submit"), &body(given, &["message"])),
            "session.resolve" => self.send("POST", &format!("{session}/resolve"), &body(given, &["path", "take", "submit"])),
            "session.checkpoint" => self.send("POST", &format!("{session}/checkpoint"), &body(given, &["name"])),
            "session.pause" => self.send("POST", &format!("{session}/pause"), &json!({})),
            "session.resume" => self.send("POST", &format!("{session}/resume"), &json!({})),
            "session.end" => {
                let discard = given.get("discard").and_then(Value::as_bool).unwrap_or(false);
                self.send("DELETE", &format!("{session}?discard={discard}"), &json!({}))
            }
            "change.get" => self.get(&format!("/v1/changes/{}", encoded(text(given, "commit"), ""))),
            other => panic!("{other} is no operation"),
        }
    }
}

#[test]
fn http_answers_as_specified() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let served = runtime.block_on(Served::start(GitRepo::bare(ObjectFormat::Sha1)));
    run(&mut Http { client: served.owner(), runtime: runtime.handle().clone(), bundles: Vec::new() });
    runtime.block_on(served.end());
}
