//! The entry put in.

use super::container::{Container, UNIT, unit};
use super::document::{Document, member, member_object, range};
use super::write::{Style, member as member_text, quoted, value};
use crate::layout::{indent, newline};
use crate::shape::{Field, Fields};
use crate::splice::Splice;
use crate::{ConfigError, NAME};
use jsonc_parser::common::Ranged as _;

/// A file with nothing but the entry.
pub fn fresh(parent: &str, fields: &Fields) -> String {
    format!("{}\n", top(&top_fields(parent, fields), "\n"))
}

/// An object as the whole of a file, without a last line end.
pub fn top(fields: &Fields, newline: &'static str) -> String {
    let style = Style::Lines { newline, unit: UNIT.to_owned(), indent: String::new() };
    value(&Field::Map(fields.clone()), &style)
}

/// The change that makes a text without a value hold this object.
pub fn top_in(text: &str, fields: &Fields) -> Splice {
    let end = if text.is_empty() { "" } else { newline(text) };
    Splice::insert(0, format!("{}{end}", top(fields, newline(text))))
}

fn top_fields(parent: &str, fields: &Fields) -> Fields {
    vec![(parent.to_owned(), servers(fields))]
}

fn servers(fields: &Fields) -> Field {
    Field::Map(vec![(NAME.to_owned(), Field::Map(fields.clone()))])
}

/// Puts the entry in.
pub fn insert(text: &str, comments: bool, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let document = Document::parse(text, comments)?;
    let Some(root) = document.object()? else { return Ok(vec![top_in(text, &top_fields(parent, fields))]) };
    let unit = unit(text, root);
    let entry = |style: &Style| member_text(NAME, &Field::Map(fields.clone()), style);
    Ok(match member_object(root, parent)? {
        Some((_, object)) => Container::object(object).append(&document, &unit, entry),
        None => Container::object(root).append(&document, &unit, |style| made(parent, fields, style)),
    })
}

/// Puts ours in the place of the entry's value.
pub fn replace(text: &str, comments: bool, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let document = Document::parse(text, comments)?;
    let missing = || ConfigError::shape(format!("there is no {NAME:?}"));
    let root = document.object()?.ok_or_else(missing)?;
    let (_, object) = member_object(root, parent)?.ok_or_else(missing)?;
    let (_, entry) = member(object, NAME)?.ok_or_else(missing)?;
    let style = Container::object(object).style(text, &unit(text, root), indent(text, entry.start()));
    Ok(vec![Splice::replace(range(&entry.value), value(&Field::Map(fields.clone()), &style))])
}

/// The parent with the entry in it. On one line it has blanks inside its braces, which an empty one that was filled has not.
pub fn made(parent: &str, fields: &Fields, style: &Style) -> String {
    match style {
        Style::Line => format!("{}: {{ {} }}", quoted(parent), member_text(NAME, &Field::Map(fields.clone()), style)),
        Style::Lines { .. } => member_text(parent, &servers(fields), style),
    }
}
