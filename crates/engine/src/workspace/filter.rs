//! Which events a reader wants.

use crate::api::{Event, EventFilter};
use crate::symbols::is_inside;
use acetate_types::{RepoPath, Text};
use serde::Deserialize as _;
use serde_json::Value;

impl EventFilter {
    /// Whether an event may be wanted, by what is recorded of it: its symbols are not.
    pub(super) fn may_want(&self, event: &Event) -> bool {
        // An event lists few of its paths; where it has more, its symbols decide.
        let listed = event.data.get("paths").and_then(Value::as_array).map(|paths| paths.len() as u64);
        let more = event.data.get("path_count").and_then(Value::as_u64) > listed;
        match (&self.path, &self.symbol) {
            (None, _) => true,
            (Some(path), None) => names(event, path),
            (Some(path), Some(_)) => event.data.get("paths").is_none() || more || names(event, path),
        }
    }

    /// Whether an event is wanted, once its symbols are known.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let Some(symbol) = &self.symbol else { return true };
        let Some(changed) = event.data.get("symbols").and_then(Value::as_array) else { return false };
        changed.iter().any(|one| {
            let here = self.path.as_ref().is_none_or(|path| one.get("path").is_some_and(|at| is_below(at, path)));
            here && one.get("symbol").and_then(Value::as_str).is_some_and(|name| is_inside(name, symbol))
        })
    }
}

/// Whether an event names this path, one below it, or a directory above it that was taken whole.
fn names(event: &Event, path: &RepoPath) -> bool {
    let Some(found) = event.data.get("paths").and_then(Value::as_array) else { return false };
    found.iter().any(|found| is_below(found, path) || is_above(found, path))
}

fn is_below(found: &Value, path: &RepoPath) -> bool {
    Text::deserialize(found)
        .is_ok_and(|found| found.0.strip_prefix(path.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/")))
}

fn is_above(found: &Value, path: &RepoPath) -> bool {
    Text::deserialize(found).is_ok_and(|found| path.as_bytes().strip_prefix(&found.0[..]).is_some_and(|rest| rest.starts_with(b"/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(data: Value) -> Event {
        let workspace = acetate_types::WorkspaceId::from_random([0; 10]);
        Event { number: 1, workspace, kind: "landed".into(), at: crate::api::Timestamp(0), data }
    }

    #[test]
    fn the_filter_by_path_takes_what_is_below() {
        let filter = EventFilter { path: Some("src".parse().expect("a path")), symbol: None };
        for (data, expect) in [
            (json!({"paths": ["src/a.rs"]}), true),
            (json!({"paths": ["docs/x", "src"]}), true),
            (json!({"paths": ["src2/a.rs", "a/src"]}), false),
            (json!({"paths": ["s", "sr"]}), false),
            (json!({"paths": [{"base64": "c3JjL/8="}]}), true),
            (json!({"paths": [7]}), false),
            (json!({"version": 3}), false),
        ] {
            assert_eq!(filter.may_want(&event(data.clone())), expect, "{data}");
        }
    }

    #[test]
    fn the_filter_by_symbol_takes_what_is_in_it() {
        let changed =
            json!({"paths": ["a.rs"], "symbols": [{"path": "a.rs", "symbol": "Parser::next"}, {"path": "b.rs", "symbol": "main"}]});
        for (path, symbol, expect) in [
            (None, "Parser", true),
            (None, "Parser::next", true),
            (None, "Pars", false),
            (Some("a.rs"), "main", false),
            (Some("b.rs"), "main", true),
        ] {
            let filter = EventFilter { path: path.map(|path| path.parse().expect("a path")), symbol: Some(symbol.to_owned()) };
            assert_eq!(filter.wants(&event(changed.clone())), expect, "{path:?} {symbol}");
        }
    }
}
