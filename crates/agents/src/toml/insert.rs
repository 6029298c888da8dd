//! The entry put in.

use super::earlier::pieces;
use super::plain::malformed;
use super::write::{member, table};
use crate::flow::prepend;
use crate::layout::newline;
use crate::shape::{Field, Fields};
use crate::splice::Splice;
use crate::{ConfigError, NAME};
use toml_edit::{Document, Item, Value};

/// A file with nothing but the entry.
pub fn fresh(parent: &str, fields: &Fields) -> String {
    format!("{}\n", table(parent, NAME, fields, "\n"))
}

pub fn parse(text: &str) -> Result<Document<&str>, ConfigError> {
    Document::parse(text).map_err(|error| malformed(text, error.span().map_or(0, |span| span.start), error.message()))
}

/// Puts the entry in.
pub fn insert(text: &str, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let document = parse(text)?;
    match document.as_table().get(parent) {
        Some(Item::Value(Value::InlineTable(servers))) => {
            let open = servers.span().ok_or_else(|| ConfigError::shape(format!("`{parent}` has no place of its own")))?.start;
            Ok(vec![prepend(text, open, servers.is_empty(), &member(NAME, &Field::Map(fields.clone())))])
        }
        None | Some(Item::None | Item::Table(_)) => Ok(vec![append(text, parent, fields)]),
        Some(_) => Err(ConfigError::shape(format!("`{parent}` is no table"))),
    }
}

/// At the end, behind an empty line. A text without a last line end goes on having none, so that both kinds come back as they were.
fn append(text: &str, parent: &str, fields: &Fields) -> Splice {
    let newline = newline(text);
    let table = table(parent, NAME, fields, newline);
    let block = if text.is_empty() {
        table
    } else if text.ends_with('\n') {
        format!("{newline}{table}{newline}")
    } else {
        format!("{newline}{newline}{table}")
    };
    Splice::insert(text.len(), block)
}

/// Puts ours in the place of the entry that is there: where it stands if that is in braces, else at the end.
pub fn replace(text: &str, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let document = parse(text)?;
    if let Some(Item::Value(Value::InlineTable(servers))) = document.as_table().get(parent)
        && let Some(entry) = servers.get(NAME).and_then(Value::span)
    {
        let own = member("", &Field::Map(fields.clone()));
        let value = own.split_once(" = ").map_or(own.as_str(), |(_, value)| value);
        return Ok(vec![Splice::replace(entry, value)]);
    }
    let cuts = pieces(text, &document, parent).into_iter().map(|(at, _)| Splice::cut(at));
    Ok(cuts.chain([append(text, parent, fields)]).collect())
}
