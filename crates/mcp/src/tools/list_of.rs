//! The list of tools as clients get it: made once, the same for everybody, always in this order.

use super::table::{Definition, TOOLS};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};

static LIST: LazyLock<Vec<Tool>> = LazyLock::new(|| TOOLS.iter().map(tool).collect());

/// Every tool.
pub fn list() -> &'static [Tool] {
    &LIST
}

fn tool(of: &Definition) -> Tool {
    let mut takes = object(of.takes);
    takes.insert("session_id".to_owned(), json!({ "type": "string" }));
    let gives = object(of.gives);
    // Nothing is required: an error is a structured result too, and there are clients that check it against this schema all the same.
    let mut input = JsonObject::new();
    input.insert("type".to_owned(), "object".into());
    input.insert("properties".to_owned(), takes.into());
    if !of.needs.is_empty() {
        input.insert("required".to_owned(), of.needs.iter().copied().collect());
    }
    let mut output = JsonObject::new();
    output.insert("type".to_owned(), "object".into());
    output.insert("properties".to_owned(), gives.into());
    let hints =
        ToolAnnotations::new().read_only(of.hints.reads).destructive(of.hints.replaces).idempotent(of.hints.repeats).open_world(false);
    Tool::new(of.name, of.about, Arc::new(input)).with_title(of.title).with_raw_output_schema(Arc::new(output)).with_annotations(hints)
}

/// The table is part of the program, and a test reads all of it: what can't be read would be an empty schema there.
fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_small_and_whole() {
        let tools = list();
        assert!(tools.len() <= 20, "{}", tools.len());
        let text = serde_json::to_string(tools).expect("written");
        assert!(text.len() < 12_000, "the list takes {} bytes", text.len());
        for (tool, of) in tools.iter().zip(TOOLS) {
            assert!(serde_json::from_str::<Map<String, Value>>(of.takes).is_ok(), "{}: what it takes is no JSON", of.name);
            assert!(serde_json::from_str::<Map<String, Value>>(of.gives).is_ok(), "{}: what it gives is no JSON", of.name);
            assert!(of.needs.iter().all(|name| object(of.takes).contains_key(*name)), "{}", of.name);
            assert!(of.about.len() < 2_000 && !of.title.is_empty(), "{}", of.name);
            let hints = tool.annotations.as_ref().expect("hints");
            assert!(hints.read_only_hint.is_some() && hints.destructive_hint.is_some());
            assert!(hints.idempotent_hint.is_some() && hints.open_world_hint.is_some());
        }
        let mut names: Vec<_> = TOOLS.iter().map(|of| of.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TOOLS.len(), "a name is there twice");
    }
}
