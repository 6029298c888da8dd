//! What a tool came to: data for programs, a short text for models, the same for an error.

use acetate_engine::EngineError;
use acetate_types::Classify as _;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};

/// The most characters of an error's text: clients cut longer ones.
const ERROR_CHARS: usize = 10_000;

/// The result of a tool that did what was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// The data; always an object.
    pub(crate) data: Map<String, Value>,
    /// The same for a reader, in few lines.
    pub(crate) text: String,
}

impl Outcome {
    /// Of a value that is an object.
    pub(crate) fn new(data: Value, text: impl Into<String>) -> Self {
        let data = match data {
            Value::Object(data) => data,
            other => Map::from_iter([("value".to_owned(), other)]),
        };
        Self { data, text: text.into() }
    }

    /// The result as clients get it.
    pub(crate) fn result(self) -> CallToolResult {
        let mut result = CallToolResult::success(vec![ContentBlock::text(self.text)]);
        result.structured_content = Some(Value::Object(self.data));
        result
    }
}

/// An error as a tool's result: a code, what happened, and the next step.
pub(crate) fn failed(error: &EngineError) -> CallToolResult {
    let problem = error.problem();
    let mut text = format!("{}: {}", problem.code, problem.message);
    if let Some(details) = problem.details.as_deref() {
        details_text(details, &mut text);
    }
    if let Some(hint) = &problem.hint {
        text.push_str("\nNext: ");
        text.push_str(hint);
    }
    let mut data = json!({ "code": problem.code, "kind": problem.kind.as_str(), "message": problem.message });
    if let Some(hint) = problem.hint {
        data["hint"] = hint.into();
    }
    if let Some(details) = problem.details {
        data["details"] = *details;
    }
    let mut result = CallToolResult::error(vec![ContentBlock::text(clip(&text, ERROR_CHARS))]);
    result.structured_content = Some(json!({ "error": data }));
    result
}

/// The details of an edit that did not fit: the closest place, or the places it names.
fn details_text(details: &Value, text: &mut String) {
    let closest = &details["closest"];
    if let (Some(from), Some(found)) = (closest["lines"][0].as_u64(), closest["text"].as_str()) {
        text.push_str("\nClosest text in the file:");
        for (number, line) in (from..).zip(found.lines()) {
            text.push_str(&format!("\n{number:>6}\t{line}"));
        }
    }
    for place in details["matches"].as_array().into_iter().flatten() {
        if let (Some(line), Some(found)) = (place["line"].as_u64(), place["text"].as_str()) {
            text.push_str(&format!("\n{line:>6}\t{found}"));
        }
    }
}

/// A text on one line, without what a reader does not see or a terminal obeys: control characters, and those that change the direction of
/// writing, have no width, or are tags.
pub(crate) fn one_line(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect()
}

/// So many of something.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The first characters of a text, with a mark where it was cut.
pub(crate) fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do_next() {
        let error =
            EngineError::invalid("edit_not_unique", "twice").hint("add lines").details(json!({"matches": [{"line": 3, "text": "x"}]}));
        let result = failed(&error);
        assert_eq!(result.is_error, Some(true));
        let text = result.content.first().and_then(ContentBlock::as_text).map(|text| text.text.clone());
        assert_eq!(text.as_deref(), Some("edit_not_unique: twice\n     3\tx\nNext: add lines"));
        let data = result.structured_content.unwrap_or_default();
        assert_eq!((&data["error"]["code"], &data["error"]["kind"]), (&json!("edit_not_unique"), &json!("invalid")));
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äöü…");
    }
}
