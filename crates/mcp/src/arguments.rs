//! Arguments of tools. What is wrong with them is said so that a model can mend it.

use acetate_engine::EngineError;
use acetate_types::{RepoPath, SessionId};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The arguments as the tool takes them; unknown ones are refused, so that a misspelt one is not passed over in silence.
pub(crate) fn parse<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, EngineError> {
    T::deserialize(Value::Object(arguments)).map_err(|error| {
        EngineError::invalid("arguments_invalid", error.to_string()).hint("correct the arguments; the tool's schema lists them all")
    })
}

/// A session's id as given. A text that is none names no session, and is answered as one that is not there.
pub(crate) fn session_id(text: &str) -> Result<SessionId, EngineError> {
    text.trim().parse().map_err(|_| crate::shared::gone())
}

/// A path of the repository, as agents write paths: from its root, also with `./` before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) RepoPath);

/// A directory: a path, or the root for an empty one, `.` or `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Directory(pub(crate) Option<RepoPath>);

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => relative(&text).map(Self).map_err(serde::de::Error::custom),
            // What is not UTF-8 comes as `{"base64": …}`, as everywhere.
            other => RepoPath::deserialize(other).map(Self).map_err(serde::de::Error::custom),
        }
    }
}

impl<'de> Deserialize<'de> for Directory {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Value::String(text) = &value
            && matches!(text.as_str(), "" | "." | "/" | "./")
        {
            return Ok(Self(None));
        }
        let value = match value {
            Value::String(text) => Value::String(text.strip_suffix('/').unwrap_or(&text).to_owned()),
            other => other,
        };
        Path::deserialize(value).map(|path| Self(Some(path.0))).map_err(serde::de::Error::custom)
    }
}

fn relative(text: &str) -> Result<RepoPath, String> {
    let path = text.strip_prefix("./").unwrap_or(text);
    RepoPath::new(path.to_owned()).map_err(|error| {
        let hint = if path.starts_with('/') { ": src/main.rs, not /home/me/project/src/main.rs" } else { "" };
        format!("the path {text:?}: {error}{hint}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_as_agents_write_them() {
        let check = |given: Value, expect: Option<&str>| {
            let found = Path::deserialize(given.clone()).ok();
            assert_eq!(found.map(|path| path.0.to_lossy().into_owned()).as_deref(), expect, "{given}");
        };
        check(json!("src/a.rs"), Some("src/a.rs"));
        check(json!("./src/a.rs"), Some("src/a.rs"));
        check(json!({"base64": "YQ=="}), Some("a"));
        check(json!("/src/a.rs"), None);
        check(json!("../a"), None);
        check(json!("a/.git/config"), None);
        check(json!(7), None);
    }

    #[test]
    fn the_root_has_several_names() {
        let check = |given: Value, expect: Option<Option<&str>>| {
            let found = Directory::deserialize(given.clone()).ok();
            let found = found.map(|directory| directory.0.map(|path| path.to_lossy().into_owned()));
            assert_eq!(found.as_ref().map(Option::as_deref), expect, "{given}");
        };
        for root in ["", ".", "/", "./"] {
            check(json!(root), Some(None));
        }
        check(json!("src/"), Some(Some("src")));
        check(json!("./src"), Some(Some("src")));
        check(json!("/src"), None);
    }
}
