//! Values as YAML text in block style; lists and empty maps in one line.

use crate::json::{self, Style, quoted};
use crate::shape::{Field, Fields};

/// Words that YAML 1.1 or 1.2 takes for something else than text.
const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];

fn scalar(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|char| char.is_ascii_alphabetic() || char == '/');
    let safe = first && chars.all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '/'));
    let word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if safe && !word { text.to_owned() } else { quoted(text) }
}

/// Lines of a block mapping, without a last line end.
pub fn block(fields: &Fields, indent: &str, unit: &str, newline: &str) -> String {
    let line = |(name, field): &(String, Field)| match field {
        Field::Text(text) => format!("{indent}{}: {}", scalar(name), scalar(text)),
        Field::Map(inner) if !inner.is_empty() => {
            format!("{indent}{}:{newline}{}", scalar(name), block(inner, &format!("{indent}{unit}"), unit, newline))
        }
        other => format!("{indent}{}: {}", scalar(name), json::value(other, &Style::Line)),
    };
    fields.iter().map(line).collect::<Vec<_>>().join(newline)
}

/// A member of a flow mapping. YAML reads JSON, and a file in JSON stays JSON.
pub fn member(name: &str, field: &Field) -> String {
    format!("{}: {}", quoted(name), json::value(field, &Style::Line))
}
