//! What an element is made of: elements, and the bytes around them.
//!
//! A child is an element of its own if it begins and ends with a line (a separator or a comment may follow). Where a node spans lines
//! without owning them (`match x {`), its children are the elements of the element around it, and lines between them that are no node are
//! [`Kind::Glue`]. So every language has elements without being described; a profile adds which of them are symbols, and how they are
//! named.

use crate::build::Build;
use crate::element::{Element, Kind};
use crate::languages::Compiled;
use crate::lines::{line_end, trimmed_end};
use crate::parsed::Parsed;
use crate::raws::{Raw, raws};
use std::ops::Range;

/// How much the order of elements means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It has a meaning: statements, arguments.
    Ordered,
    /// Keyed elements have none among each other; what has no key keeps its place: a Python module, a JavaScript object.
    Keyed,
    /// It has none for the machine, though people care: members, functions, keys.
    Unordered,
}

/// An element taken apart. `head`, the elements and `tail` tile the element.
#[derive(Debug, Clone)]
pub struct Body<'t> {
    /// What comes before the first element: comments above, signature, opening bracket. A file's byte-order mark.
    pub head: Range<usize>,
    /// The elements in order, without gaps.
    pub elements: Vec<Element<'t>>,
    /// What comes after the last: the closing bracket.
    pub tail: Range<usize>,
    /// How much their order means.
    pub order: Order,
}

impl Parsed {
    /// The whole file as an element.
    pub fn file(&self) -> Element<'_> {
        let root = self.tree.root_node();
        Element {
            node: Some(root),
            inner: None,
            rule: None,
            in_function: false,
            local: false,
            kind: Kind::File,
            key: None,
            span: 0..self.len,
            blank_end: 0,
            core: 0..self.len,
            separator: None,
            signature_end: 0,
            has_error: root.has_error(),
        }
    }

    /// Takes an element of this tree apart; `None` when it has no elements inside. `text` must be the text that was parsed.
    pub fn body<'t>(&'t self, element: &Element<'t>, text: &[u8]) -> Option<Body<'t>> {
        if text.len() != self.len {
            return None;
        }
        let mut body = self.body_once(element, text)?;
        // The same lines once more: a node that only wraps another. Each turn goes at least one node down.
        while let [only] = &body.elements[..]
            && only.core.start == element.core.start
            && only.key.is_none()
        {
            let inner = self.body_once(only, text)?;
            body = Body { head: element.span.start..inner.head.end, tail: inner.tail.start..element.span.end, ..inner };
        }
        Some(body)
    }

    fn body_once<'t>(&'t self, element: &Element<'t>, text: &[u8]) -> Option<Body<'t>> {
        let node = element.node?;
        let is_file = element.kind == Kind::File;
        if (node.is_error() || node.start_position().row == node.end_position().row) && !is_file {
            return None;
        }
        let compiled = Compiled::of(self.language);
        let raws = raws(compiled, element, text);
        let first = raws.first()?.line();
        // What is above an element is not part of what it is made of.
        let from = element.core.start;
        let head_end = if is_file { text.len() - without_mark(text).len() } else { after_last_line(text, from..first.max(from)) };
        let parent = raws.iter().find_map(|raw| if let Raw::Node(node) = raw { Some(node.parent) } else { None });
        let elements = Build::new(compiled, element, text, head_end).all(raws);
        // The last lines of the element must be outside its elements unless they end it.
        let end = elements.last().map(|last| last.span.end).filter(|end| *end <= element.span.end)?;
        let order = parent.map_or(Order::Ordered, |parent| compiled.order_in(parent));
        Some(Body { head: element.span.start..head_end, elements, tail: end..element.span.end, order })
    }
}

/// A text without its byte-order mark.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// The start of the line after the last line in `range` that is not blank, `range.start` if all are.
pub(crate) fn after_last_line(text: &[u8], range: Range<usize>) -> usize {
    let end = trimmed_end(text, range.clone());
    if end <= range.start { range.start } else { line_end(text, end).min(range.end) }
}
