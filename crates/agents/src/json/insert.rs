//! The entry put in: behind the last member, before nothing but what belongs to the object's end.

use super::document::{Document, member, member_object, range};
use super::write::{Style, member as member_text, quoted, value};
use crate::layout::{begins_line, indent, newline, slice};
use crate::shape::{Field, Fields};
use crate::splice::Splice;
use crate::{ConfigError, NAME};
use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged as _;

/// The indentation of a file that shows none of its own.
const UNIT: &str = "  ";

/// A file with nothing but the entry.
pub fn fresh(parent: &str, fields: &Fields) -> String {
    format!("{}\n", top(parent, fields, "\n"))
}

fn top(parent: &str, fields: &Fields, newline: &'static str) -> String {
    let style = Style::Lines { newline, unit: UNIT.to_owned(), indent: String::new() };
    value(&Field::Map(vec![(parent.to_owned(), servers(fields))]), &style)
}

fn servers(fields: &Fields) -> Field {
    Field::Map(vec![(NAME.to_owned(), Field::Map(fields.clone()))])
}

/// Puts the entry in.
pub fn insert(text: &str, comments: bool, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let document = Document::parse(text, comments)?;
    let Some(root) = document.object()? else {
        let end = if text.is_empty() { "" } else { newline(text) };
        return Ok(vec![Splice::insert(0, format!("{}{end}", top(parent, fields, newline(text))))]);
    };
    let unit = unit(text, root);
    Ok(match member_object(root, parent)? {
        Some((_, object)) => append(&document, object, &unit, |style| member_text(NAME, &Field::Map(fields.clone()), style)),
        None => append(&document, root, &unit, |style| made(parent, fields, style)),
    })
}

/// Puts ours in the place of the entry's value.
pub fn replace(text: &str, comments: bool, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let document = Document::parse(text, comments)?;
    let missing = || ConfigError::shape(format!("there is no {NAME:?}"));
    let root = document.object()?.ok_or_else(missing)?;
    let (_, object) = member_object(root, parent)?.ok_or_else(missing)?;
    let (_, entry) = member(object, NAME)?.ok_or_else(missing)?;
    let style = style(text, object, &unit(text, root), indent(text, entry.start()));
    Ok(vec![Splice::replace(range(&entry.value), value(&Field::Map(fields.clone()), &style))])
}

/// What one step of indentation is, as the top object's first member shows it.
fn unit(text: &str, root: &Object<'_>) -> String {
    let own = root.properties.first().filter(|first| begins_line(text, first.start())).map(|first| indent(text, first.start()));
    let step = own.and_then(|own| own.strip_prefix(indent(text, root.start())));
    step.filter(|step| !step.is_empty()).unwrap_or(UNIT).to_owned()
}

fn one_line(text: &str, object: &Object<'_>) -> bool {
    !slice(text, range(object)).contains('\n')
}

fn style(text: &str, object: &Object<'_>, unit: &str, indent: &str) -> Style {
    if one_line(text, object) {
        Style::Line
    } else {
        Style::Lines { newline: newline(text), unit: unit.to_owned(), indent: indent.to_owned() }
    }
}

/// The parent with the entry in it. On one line it has blanks inside its braces, which an empty one that was filled has not.
pub fn made(parent: &str, fields: &Fields, style: &Style) -> String {
    match style {
        Style::Line => format!("{}: {{ {} }}", quoted(parent), member_text(NAME, &Field::Map(fields.clone()), style)),
        Style::Lines { .. } => member_text(parent, &servers(fields), style),
    }
}

fn append(document: &Document<'_>, object: &Object<'_>, unit: &str, written: impl Fn(&Style) -> String) -> Vec<Splice> {
    let text = document.text;
    let at = match object.properties.first() {
        Some(first) if begins_line(text, first.start()) => indent(text, first.start()).to_owned(),
        _ => format!("{}{unit}", indent(text, object.start())),
    };
    let style = style(text, object, unit, &at);
    let own = written(&style);
    let Some(last) = object.properties.last() else {
        let start = object.start() + 1;
        return vec![match style {
            Style::Lines { newline, indent, .. } => Splice::insert(document.after_comments(start), format!("{newline}{indent}{own}")),
            Style::Line if slice(text, start..object.end()).starts_with(' ') => Splice::insert(start, format!(" {own}")),
            Style::Line => Splice::insert(start, own),
        }];
    };
    let lead = match &style {
        Style::Line => " ".to_owned(),
        Style::Lines { newline, indent, .. } => format!("{newline}{indent}"),
    };
    match document.comma_after(last.end()) {
        // A file that ends its objects with a comma goes on doing so.
        Some(comma) => vec![Splice::insert(document.after_comments(comma.end), format!("{lead}{own},"))],
        None => vec![Splice::insert(last.end(), ","), Splice::insert(document.after_comments(last.end()), format!("{lead}{own}"))],
    }
}
