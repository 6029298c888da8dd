//! Values as TOML text.

use crate::json;
use crate::shape::{Field, Fields};

/// A text in quotes. JSON's escapes are TOML's too; TOML alone wants the delete character escaped.
fn quoted(text: &str) -> String {
    json::quoted(text).replace('\u{7f}', "\\u007f")
}

fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { name.to_owned() } else { quoted(name) }
}

fn value(field: &Field) -> String {
    match field {
        Field::Flag(flag) => flag.to_string(),
        Field::Count(count) => count.to_string(),
        Field::Text(text) => quoted(text),
        Field::List(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        Field::Map(fields) if fields.is_empty() => "{}".to_owned(),
        Field::Map(fields) => format!("{{ {} }}", lines(fields).join(", ")),
    }
}

fn lines(fields: &Fields) -> Vec<String> {
    fields.iter().map(|(name, field)| member(name, field)).collect()
}

/// A key and its value.
pub fn member(name: &str, field: &Field) -> String {
    format!("{} = {}", key(name), value(field))
}

/// A table under its header, without a last line end.
pub fn table(parent: &str, name: &str, fields: &Fields, newline: &str) -> String {
    let header = format!("[{}.{}]", key(parent), key(name));
    std::iter::once(header).chain(lines(fields)).collect::<Vec<_>>().join(newline)
}
