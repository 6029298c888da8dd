//! The behaviour specification, `sdk/behaviour/cases.json`, run against one door. `sdk/behaviour/README.md` says what its words mean.
//!
//! A door makes the call of each step; what it answers in the API's shapes is brought into the specification's form here, once for all doors
//! that speak them.

use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something the specification can be run against.
pub trait Door {
    /// Makes a call with its arguments; gives the answer in the API's shape, or the error's code. A file's text is `{"text": …}`, a bundle
    /// `{"bundle": …}` with whatever names it.
    ///
    /// # Errors
    /// The code that the door answers with.
    fn call(&mut self, operation: &str, given: &Map<String, Value>) -> Result<Value, String>;
}

static RUNS: AtomicU64 = AtomicU64::new(0);

/// Runs every case, and panics with all that differ.
#[track_caller]
pub fn run(door: &mut dyn Door) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/behaviour/cases.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let cases = cases.as_array().or_else(|| cases["cases"].as_array()).unwrap();
    assert!(cases.len() > 10, "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(door, case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn check(door: &mut dyn Door, case: &Value) -> Result<(), String> {
    let name = case["name"].as_str().unwrap_or_default();
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let unique = format!("case-{}-{run}", std::process::id());
    let mut kept: HashMap<String, Value> = HashMap::new();
    for (at, step) in case["steps"].as_array().into_iter().flatten().enumerate() {
        let operation = step["do"].as_str().unwrap_or_default();
        let failed = |why: String| format!("{name}, step {} ({operation}): {why}", at + 1);
        let given = filled(&step["with"], &kept, &unique);
        let given = given.as_object().cloned().unwrap_or_default();
        let answer = match (door.call(operation, &given), step["error"].as_str()) {
            (Err(code), Some(expect)) if code == expect => continue,
            (Err(code), Some(expect)) => return Err(failed(format!("the error is {code}, not {expect}"))),
            (Err(code), None) => return Err(failed(format!("it failed with {code}"))),
            (Ok(answer), Some(expect)) => return Err(failed(format!("it did not fail with {expect}: {answer}"))),
            (Ok(answer), None) => shaped(operation, answer),
        };
        for (name, path) in step["keep"].as_object().into_iter().flatten() {
            let found = at_path(&answer, path.as_str().unwrap_or_default());
            kept.insert(name.clone(), found.cloned().ok_or_else(|| failed(format!("{path} is not in {answer}")))?);
        }
        if let Some(expect) = step.get("expect") {
            let expect = filled(expect, &kept, &unique);
            matches(&expect, &answer).map_err(|why| failed(format!("{why}\n  expected {expect}\n  answered {answer}")))?;
        }
    }
    Ok(())
}

/// A value with what its names stand for.
fn filled(value: &Value, kept: &HashMap<String, Value>, unique: &str) -> Value {
    match value {
        Value::String(text) if text.starts_with("$unique") => json!(text.replacen("$unique", unique, 1)),
        Value::String(text) => text.strip_prefix('$').and_then(|name| kept.get(name)).unwrap_or(value).clone(),
        Value::Array(list) => list.iter().map(|value| filled(value, kept, unique)).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), filled(value, kept, unique))).collect::<Map<_, _>>().into(),
        other => other.clone(),
    }
}

fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, part| match part.parse::<usize>() {
        Ok(place) if value.is_array() => value.get(place),
        _ => value.get(part),
    })
}

fn matches(expect: &Value, found: &Value) -> Result<(), String> {
    match (expect, found) {
        (Value::String(any), found) if any == "*" => {
            if found.is_null() {
                Err("something is missing".to_owned())
            } else {
                Ok(())
            }
        }
        (Value::Object(expect), Value::Object(found)) => expect.iter().try_for_each(|(name, expect)| {
            let found = found.get(name).unwrap_or(&Value::Null);
            matches(expect, found).map_err(|why| format!("{name}: {why}"))
        }),
        (Value::Array(expect), Value::Array(found)) if expect.len() == found.len() => expect
            .iter()
            .zip(found)
            .enumerate()
            .try_for_each(|(at, (expect, found))| matches(expect, found).map_err(|why| format!("{at}: {why}"))),
        (expect, found) if expect == found => Ok(()),
        (expect, found) => Err(format!("{found}, not {expect}")),
    }
}

/// The API's answer in the specification's form.
fn shaped(operation: &str, answer: Value) -> Value {
    let paths = |list: &Value| -> Value { list.as_array().into_iter().flatten().map(|file| file["path"].clone()).collect() };
    match operation {
        "workspace.files" | "session.files" => json!({ "paths": paths(&answer["files"]) }),
        "change.get" => json!({ "commit": answer["commit"], "paths": paths(&answer["paths"]) }),
        "session.grep" => {
            let files = answer["files"].as_array().cloned().unwrap_or_default();
            let lines = files.iter().flat_map(|file| {
                let lines = file["lines"].as_array().cloned().unwrap_or_default();
                lines.into_iter().map(|line| json!({ "path": file["path"], "line": line["number"], "text": line["text"] }))
            });
            json!({ "matches": lines.collect::<Vec<_>>() })
        }
        "session.commit" => {
            let mut answer = answer;
            for field in ["result", "version"] {
                if let Some(value) = answer.pointer(&format!("/submission/{field}")).cloned() {
                    answer[field] = value;
                }
            }
            answer
        }
        _ => answer,
    }
}
