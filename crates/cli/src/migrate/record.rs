//! One exported snapshot of a session's files.

use acetate_types::RepoPath;
use base64::Engine as _;
use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// A record as it is exported. Fields that are not known are passed over: exports have more than this needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The session, by which its snapshots belong together.
    pub session_id: String,
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// When the snapshot was made, as it was written.
    #[serde(default)]
    pub created_at: Option<serde_json::Value>,
    /// All files of the snapshot.
    pub files: Vec<File>,
}

/// A file of a record.
#[derive(Debug, Clone, Deserialize)]
pub struct File {
    path: String,
    content: String,
    #[serde(default)]
    encoding: Option<String>,
}

/// A record that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The files by path.
    pub files: BTreeMap<RepoPath, Bytes>,
    /// Names the snapshot: a hash of its files.
    pub mark: String,
}

impl Record {
    /// When it was made, for the commit's message.
    pub fn made(&self) -> Option<String> {
        match self.created_at.as_ref()? {
            serde_json::Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The checked files, or why the record can't be taken.
    pub fn snapshot(self) -> Result<Snapshot, String> {
        let mut files = BTreeMap::new();
        for file in self.files {
            let shown = file.path.clone();
            // What products write for "from the workspace's root".
            let path = file.path.strip_prefix("./").or_else(|| file.path.strip_prefix('/')).unwrap_or(&file.path);
            let path = RepoPath::new(path.as_bytes().to_vec()).map_err(|error| format!("path {shown:?}: {error}"))?;
            let content = match file.encoding.as_deref() {
                None | Some("" | "utf8" | "utf-8" | "UTF-8" | "text") => Bytes::from(file.content),
                Some("base64") => {
                    let text: String = file.content.chars().filter(|ch| !ch.is_ascii_whitespace()).collect();
                    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                    Bytes::from(bytes.map_err(|error| format!("{shown:?} is not the base64 that it says: {error}"))?)
                }
                Some(other) => return Err(format!("{shown:?} has the encoding {other:?}, which is not known")),
            };
            if files.insert(path, content).is_some() {
                return Err(format!("{shown:?} is there twice"));
            }
        }
        if let Some((inner, outer)) = nested(&files) {
            return Err(format!("{inner} can't be below {outer}, which is a file"));
        }
        let mark = mark(&files);
        Ok(Snapshot { files, mark })
    }
}

/// A path that lies below a file.
fn nested(files: &BTreeMap<RepoPath, Bytes>) -> Option<(&RepoPath, RepoPath)> {
    files.keys().find_map(|path| {
        let mut above = path.parent();
        while let Some(folder) = above {
            if files.contains_key(&folder) {
                return Some((path, folder));
            }
            above = folder.parent();
        }
        None
    })
}

fn mark(files: &BTreeMap<RepoPath, Bytes>) -> String {
    let mut hash = Sha256::new();
    for (path, content) in files {
        // Each with its length, so that the parts can't run into each other.
        for part in [path.as_bytes(), content] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&[(&str, &[u8])], &str>) {
        let found = serde_json::from_str::<Record>(text).map_err(|error| error.to_string()).and_then(Record::snapshot);
        match (found, expect) {
            (Ok(found), Ok(expect)) => {
                let found: Vec<(String, Vec<u8>)> =
                    found.files.iter().map(|(path, content)| (path.to_string(), content.to_vec())).collect();
                let expect: Vec<(String, Vec<u8>)> = expect.iter().map(|(path, content)| ((*path).to_owned(), content.to_vec())).collect();
                assert_eq!(found, expect, "{text}");
            }
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{found}"),
            (found, expect) => panic!("{text}: {found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn records_are_taken_whole_or_not() {
        check(
            r#"{"sessionId":"1","files":[{"path":"/a","content":"x"},{"path":"./d/b","content":"AP8=","encoding":"base64"}],"more":1}"#,
            Ok(&[("a", b"x"), ("d/b", b"\x00\xff")]),
        );
        check(r#"{"sessionId":"1","files":[]}"#, Ok(&[]));
        for (text, expect) in [
            (r#"{"files":[]}"#, "sessionId"),
            (r#"{"sessionId":"1"}"#, "files"),
            (r#"{"sessionId":"1","files":[{"path":"../a","content":""}]}"#, "path"),
            (r#"{"sessionId":"1","files":[{"path":".git/config","content":""}]}"#, "path"),
            (r#"{"sessionId":"1","files":[{"path":"a","content":""},{"path":"./a","content":""}]}"#, "twice"),
            (r#"{"sessionId":"1","files":[{"path":"a","content":""},{"path":"a/b","content":""}]}"#, "below a"),
            (r#"{"sessionId":"1","files":[{"path":"a","content":"!","encoding":"base64"}]}"#, "base64"),
            (r#"{"sessionId":"1","files":[{"path":"a","content":"","encoding":"latin1"}]}"#, "latin1"),
        ] {
            check(text, Err(expect));
        }
    }

    #[test]
    fn marks_name_the_files_and_nothing_else() {
        let of = |text: &str| serde_json::from_str::<Record>(text).expect("a record").snapshot().expect("taken").mark;
        let one = of(r#"{"sessionId":"1","files":[{"path":"a","content":"x"},{"path":"b","content":"y"}]}"#);
        assert_eq!(one, of(r#"{"sessionId":"2","files":[{"path":"b","content":"y"},{"path":"a","content":"eA==","encoding":"base64"}]}"#));
        assert_ne!(one, of(r#"{"sessionId":"1","files":[{"path":"a","content":"xb"},{"path":"y","content":""}]}"#));
    }
}
