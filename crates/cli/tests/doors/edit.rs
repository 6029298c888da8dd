//! Edits as the doors other than the mount make them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

/// An edit; paths are the session's.
#[derive(Debug, Clone)]
pub enum Edit {
    Write {
        path: &'static str,
        text: Vec<u8>,
        mode: Option<&'static str>,
    },
    Replace {
        path: &'static str,
        old: &'static str,
        new: &'static str,
        all: bool,
    },
    Delete {
        path: &'static str,
    },
    Move {
        from: &'static str,
        to: &'static str,
        replace: bool,
    },
    Mode {
        path: &'static str,
        mode: &'static str,
    },
    /// All or none.
    Batch(Vec<Edit>),
}

/// Texts in which replacements find something.
fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        5 => "[abc\n]{0,14}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

fn replace(paths: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    let (path, part) = (proptest::sample::select(paths), proptest::sample::select(&["a", "b", "c", "ab", "cc\n", "\n"][..]));
    (path, part.clone(), prop_oneof![3 => part, 1 => Just("")], any::<bool>()).prop_map(|(path, old, new, all)| Edit::Replace {
        path,
        old,
        new,
        all,
    })
}

fn common(paths: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    let path = proptest::sample::select(paths);
    prop_oneof![
        3 => replace(paths),
        2 => path.clone().prop_map(|path| Edit::Delete { path }),
        3 => (path.clone(), path, any::<bool>()).prop_map(|(from, to, replace)| Edit::Move { from, to, replace }),
    ]
}

fn single(paths: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    let path = proptest::sample::select(paths);
    let mode = prop_oneof![
        4 => Just(None),
        2 => Just(Some("100644")),
        2 => Just(Some("100755")),
        1 => Just(Some("120000")),
    ];
    prop_oneof![
        4 => (path.clone(), text(), mode).prop_map(|(path, text, mode)| Edit::Write { path, text, mode }),
        1 => (path, proptest::sample::select(&["100644", "100755"][..])).prop_map(|(path, mode)| Edit::Mode { path, mode }),
        6 => common(paths),
    ]
}

/// Edits over HTTP.
pub fn edits(paths: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => single(paths),
        1 => proptest::collection::vec(single(paths), 1..5).prop_map(Edit::Batch),
    ]
}

/// Edits that MCP has tools for.
pub fn edits_of_tools(paths: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    let write = (proptest::sample::select(paths), "[abc\n]{0,14}");
    prop_oneof![
        4 => write.prop_map(|(path, text)| Edit::Write { path, text: text.into_bytes(), mode: None }),
        6 => common(paths),
        1 => proptest::collection::vec(replace(paths), 1..4).prop_map(Edit::Batch),
    ]
}

/// Bytes as JSON has them.
fn bytes(text: &[u8]) -> Value {
    match std::str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => json!({ "base64": BASE64_STANDARD.encode(text) }),
    }
}

impl Edit {
    /// As a step of a batch over HTTP.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Write { path, text, mode } => {
                let mut step = json!({ "op": "write", "path": path, "content": bytes(text) });
                if let Some(mode) = mode {
                    step["mode"] = (*mode).into();
                }
                step
            }
            Self::Replace { path, old, new, all } => {
                json!({ "op": "edit", "path": path, "edits": [{ "old": old, "new": new, "all": all }] })
            }
            Self::Delete { path } => json!({ "op": "delete", "path": path }),
            Self::Move { from, to, replace } => json!({ "op": "move", "from": from, "to": to, "replace": replace }),
            Self::Mode { path, mode } => json!({ "op": "mode", "path": path, "mode": mode }),
            Self::Batch(steps) => json!({ "edits": steps.iter().map(Self::to_json).collect::<Vec<_>>() }),
        }
    }
}
