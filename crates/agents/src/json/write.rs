//! Values as JSON text: on one line, or as `JSON.stringify` lays them out, which is what most tools do when they write a file again.

use crate::shape::{Field, Fields};

/// How a value is laid out.
#[derive(Debug, Clone)]
pub enum Style {
    /// On one line.
    Line,
    /// A member a line; the value itself begins at this indentation.
    Lines { newline: &'static str, unit: String, indent: String },
}

impl Style {
    fn deeper(&self) -> Self {
        match self {
            Self::Line => Self::Line,
            Self::Lines { newline, unit, indent } => Self::Lines { newline, unit: unit.clone(), indent: format!("{indent}{unit}") },
        }
    }

    fn between(&self) -> String {
        match self {
            Self::Line => " ".to_owned(),
            Self::Lines { .. } => self.edge(),
        }
    }

    fn edge(&self) -> String {
        match self {
            Self::Line => String::new(),
            Self::Lines { newline, indent, .. } => format!("{newline}{indent}"),
        }
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value.
pub fn value(field: &Field, style: &Style) -> String {
    match field {
        Field::Flag(flag) => flag.to_string(),
        Field::Count(count) => count.to_string(),
        Field::Text(text) => quoted(text),
        Field::List(items) => between('[', items.iter().map(|item| value(item, &style.deeper())).collect(), ']', style),
        Field::Map(fields) => between('{', members(fields, &style.deeper()), '}', style),
    }
}

fn members(fields: &Fields, style: &Style) -> Vec<String> {
    fields.iter().map(|(name, field)| member(name, field, style)).collect()
}

/// A name and its value, which continues at the style's indentation.
pub fn member(name: &str, field: &Field, style: &Style) -> String {
    format!("{}: {}", quoted(name), value(field, style))
}

fn between(open: char, items: Vec<String>, close: char, style: &Style) -> String {
    if items.is_empty() {
        return format!("{open}{close}");
    }
    let inner = style.deeper();
    format!("{open}{}{}{}{close}", inner.edge(), items.join(&format!(",{}", inner.between())), style.edge())
}
