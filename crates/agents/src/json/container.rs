//! Objects and lists alike: something put in behind the last item, and an item's absence.

use super::document::{Document, range};
use super::write::Style;
use crate::layout::{begins_line, indent, newline, slice};
use crate::splice::{Splice, apply};
use jsonc_parser::ast::{Array, Object};
use jsonc_parser::common::Ranged as _;
use std::ops::Range;

/// The indentation of a file that shows none of its own.
pub const UNIT: &str = "  ";

/// Brackets, and the places of what stands between them.
pub struct Container {
    at: Range<usize>,
    pub items: Vec<Range<usize>>,
}

impl Container {
    pub fn object(object: &Object<'_>) -> Self {
        Self { at: range(object), items: object.properties.iter().map(range).collect() }
    }

    pub fn list(list: &Array<'_>) -> Self {
        Self { at: range(list), items: list.elements.iter().map(range).collect() }
    }

    /// How something at this indentation is laid out in it.
    pub fn style(&self, text: &str, unit: &str, indent: &str) -> Style {
        if slice(text, self.at.clone()).contains('\n') {
            Style::Lines { newline: newline(text), unit: unit.to_owned(), indent: indent.to_owned() }
        } else {
            Style::Line
        }
    }

    /// Puts an item in, behind the last one and before nothing but what belongs to the end.
    pub fn append(&self, document: &Document<'_>, unit: &str, written: impl Fn(&Style) -> String) -> Vec<Splice> {
        let text = document.text;
        let at = match self.items.first() {
            Some(first) if begins_line(text, first.start) => indent(text, first.start).to_owned(),
            _ => format!("{}{unit}", indent(text, self.at.start)),
        };
        let style = self.style(text, unit, &at);
        let own = written(&style);
        let Some(last) = self.items.last() else {
            let start = self.at.start + 1;
            return vec![match style {
                Style::Lines { newline, indent, .. } => Splice::insert(document.after_comments(start), format!("{newline}{indent}{own}")),
                Style::Line if slice(text, start..self.at.end).starts_with(' ') => Splice::insert(start, format!(" {own}")),
                Style::Line => Splice::insert(start, own),
            }];
        };
        let lead = match &style {
            Style::Line => " ".to_owned(),
            Style::Lines { newline, indent, .. } => format!("{newline}{indent}"),
        };
        match document.comma_after(last.end) {
            // A file that ends its objects with a comma goes on doing so.
            Some(comma) => vec![Splice::insert(document.after_comments(comma.end), format!("{lead}{own},"))],
            None => vec![Splice::insert(last.end, ","), Splice::insert(document.after_comments(last.end), format!("{lead}{own}"))],
        }
    }

    /// The texts without an item, by how much of the blanks before it goes with it.
    pub fn without(&self, document: &Document<'_>, number: usize) -> Vec<String> {
        let text = document.text;
        let Some(item) = self.items.get(number) else { return Vec::new() };
        let (start, end) = (item.start, item.end);
        let behind = document.comma_after(end);
        let last = number + 1 == self.items.len();
        let comma = if last { behind.or_else(|| document.comma_before(start)) } else { behind };
        let head = slice(text, 0..start);
        let blanks = head.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let blank = if head.ends_with(' ') { start - 1 } else { start };
        let cut = |from: usize| {
            let item = Splice::cut(from..end);
            // With the blanks between a comma and the item both cuts touch, which is one.
            let cuts = comma.iter().filter(|comma| comma.start >= end || comma.end <= from).map(|comma| Splice::cut(comma.clone()));
            apply(text, std::iter::once(item).chain(cuts).collect())
        };
        [blanks, blank, start].map(cut).into()
    }
}

/// What one step of indentation is, as the top object's first member shows it.
pub fn unit(text: &str, root: &Object<'_>) -> String {
    let own = root.properties.first().filter(|first| begins_line(text, first.start())).map(|first| indent(text, first.start()));
    let step = own.and_then(|own| own.strip_prefix(indent(text, root.start())));
    step.filter(|step| !step.is_empty()).unwrap_or(UNIT).to_owned()
}
