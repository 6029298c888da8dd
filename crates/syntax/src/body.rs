//! What an element is made of: elements, and the bytes around them.
//!
//! A child is an element of its own if it begins and ends with a line (a separator or a comment may follow). Where a node spans lines
//! without owning them (`match x {`), its children are the elements of the element around it, and lines between them that are no node are
//! [`Kind::Glue`]. So every language has elements without being described; a profile adds which of them are symbols, and how they are
//! named.

use crate::element::{Element, Kind};
use crate::languages::{Compiled, Flag, key_of, ruled};
use crate::lines::{is_blank, line_end, line_start, trimmed_end};
use crate::parsed::Parsed;
use std::ops::Range;
use tree_sitter::Node;

/// How much the order of elements means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It has a meaning: statements, arguments.
    Ordered,
    /// It has none for the machine, though people care: members, functions, keys.
    Unordered,
}

/// An element taken apart. `head`, the elements and `tail` tile the element.
#[derive(Debug, Clone)]
pub struct Body<'t> {
    /// What comes before the first element: comments above, signature, opening bracket.
    pub head: Range<usize>,
    /// The elements in order, without gaps.
    pub elements: Vec<Element<'t>>,
    /// What comes after the last: the closing bracket.
    pub tail: Range<usize>,
    /// How much their order means.
    pub order: Order,
}

/// Most elements of one body; what follows is part of the tail.
const MOST: usize = 200_000;

enum Raw<'t> {
    Comment(Range<usize>),
    Attached(Range<usize>),
    Node(Node<'t>),
}

impl Parsed {
    /// The whole file as an element.
    pub fn file(&self) -> Element<'_> {
        let root = self.tree.root_node();
        Element {
            node: Some(root),
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
        let node = element.node?;
        if text.len() != self.len || node.is_error() {
            return None;
        }
        let compiled = Compiled::of(self.language);
        let raws = raws(compiled, node, element, text);
        let is_file = element.kind == Kind::File;
        let mut build = Build { compiled, text, elements: Vec::with_capacity(raws.len()), cursor: 0, pending: None, attached: false };
        let first = raws.first().map(|raw| match raw {
            Raw::Comment(range) | Raw::Attached(range) => range.start,
            Raw::Node(node) => line_start(text, node.start_byte()),
        })?;
        // What is above an element is not part of what it is made of.
        build.cursor = if is_file { 0 } else { after_last_line(text, element.core.start..first.max(element.core.start)) };
        let head = element.span.start..build.cursor;
        let mut order = None;
        for raw in raws {
            if let Raw::Node(node) = &raw {
                order = order.or_else(|| Some(compiled.order_of(*node)));
            }
            build.add(raw);
        }
        build.flush();
        // The last lines of the element must be outside its elements unless they end it.
        let end = build.elements.last().map_or(build.cursor, |last| last.span.end);
        if build.elements.is_empty() || end > element.span.end {
            return None;
        }
        if let [only] = &build.elements[..]
            && only.core.start == element.core.start
            && only.key.is_none()
        {
            // The same lines once more: a node that only wraps another.
            return self.body(only, text).map(|mut body| {
                body.head.start = element.span.start;
                body.tail.end = element.span.end;
                body
            });
        }
        Some(Body { head, elements: build.elements, tail: end..element.span.end, order: order.unwrap_or(Order::Ordered) })
    }
}

/// The nodes below `node` that own their lines, comments and attributes among them, in order. Walks only into what spans lines.
fn raws<'t>(compiled: &Compiled, node: Node<'t>, element: &Element<'t>, text: &[u8]) -> Vec<Raw<'t>> {
    let mut found: Vec<Raw<'t>> = Vec::new();
    let mut cursor = node.walk();
    let mut done = element.core.start.max(node.start_byte());
    if !cursor.goto_first_child() {
        return found;
    }
    let mut depth = 1usize;
    loop {
        let child = cursor.node();
        let mut enter = false;
        let (start, end) = (child.start_byte(), trimmed_end(text, child.byte_range()));
        if start >= done && end > start && found.len() < MOST {
            let (line, whole) = (line_start(text, start), owns_lines(compiled, child, end, text));
            if compiled.has(child, Flag::Comment) {
                if whole && line >= done.min(line) {
                    let end = line_end(text, end);
                    found.push(Raw::Comment(line..end));
                    done = end;
                }
            } else if compiled.has(child, Flag::Attached) && whole {
                let end = line_end(text, end);
                found.push(Raw::Attached(line..end));
                done = end;
            } else if whole
                && !compiled.has(child, Flag::Transparent)
                && child.is_named()
                && !child.is_error()
                && line >= element.span.start
            {
                found.push(Raw::Node(child));
                done = line_end(text, end);
            } else {
                enter = child.start_position().row != child.end_position().row && !compiled.has(child, Flag::Opaque) && !child.is_error();
            }
        }
        if enter && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            depth -= 1;
            if depth == 0 || !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// Whether nothing else is on the lines of a node but a separator and a comment behind it.
fn owns_lines(compiled: &Compiled, node: Node<'_>, end: usize, text: &[u8]) -> bool {
    if !is_blank(text.get(line_start(text, node.start_byte())..node.start_byte()).unwrap_or_default()) {
        return false;
    }
    let rest_end = memchr::memchr(b'\n', text.get(end..).unwrap_or_default()).map_or(text.len(), |at| end + at);
    let rest = text.get(end..rest_end).unwrap_or_default().trim_ascii();
    let rest = rest.strip_prefix(b",").or_else(|| rest.strip_prefix(b";")).unwrap_or(rest).trim_ascii_start();
    if rest.is_empty() {
        return true;
    }
    // A comment that ends with the line.
    compiled.comment_starts.iter().any(|start| rest.starts_with(start.as_bytes()))
        && (!rest.starts_with(b"/*") || memchr::memmem::find(rest, b"*/").is_some_and(|at| at + 2 == rest.len()))
        && (!rest.starts_with(b"<!--") || rest.ends_with(b"-->"))
}

/// The start of the line after the last line in `range` that is not blank, `range.start` if all are.
fn after_last_line(text: &[u8], range: Range<usize>) -> usize {
    let end = trimmed_end(text, range.clone());
    if end <= range.start { range.start } else { line_end(text, end).min(range.end) }
}

struct Build<'a, 't> {
    compiled: &'a Compiled,
    text: &'a [u8],
    elements: Vec<Element<'t>>,
    /// Where the next element's lines begin, apart from what waits.
    cursor: usize,
    /// Comments and attributes that wait for what they belong to: where they begin, blank lines included, and where the blank lines end.
    pending: Option<(usize, usize)>,
    /// Whether attributes are among them, which a blank line does not part from what follows.
    attached: bool,
}

impl<'t> Build<'_, 't> {
    fn add(&mut self, raw: Raw<'t>) {
        let start = match &raw {
            Raw::Comment(range) | Raw::Attached(range) => range.start,
            Raw::Node(node) => line_start(self.text, node.start_byte()),
        };
        if start < self.cursor {
            return;
        }
        let glue_end = after_last_line(self.text, self.cursor..start);
        if glue_end > self.cursor {
            self.flush();
            let blank_end = first_line(self.text, self.cursor..glue_end);
            let core_end = trimmed_end(self.text, blank_end..glue_end);
            self.elements.push(Element::lines(Kind::Glue, self.cursor..glue_end, blank_end, core_end));
            self.cursor = glue_end;
        } else if start > self.cursor && !self.attached {
            // A blank line parts comments from what follows.
            self.flush();
        }
        match raw {
            Raw::Comment(range) | Raw::Attached(range) if self.pending.is_some() => self.cursor = range.end,
            Raw::Comment(range) => {
                self.pending = Some((self.cursor, range.start));
                self.cursor = range.end;
            }
            Raw::Attached(range) => {
                self.pending = Some((self.cursor, range.start));
                self.attached = true;
                self.cursor = range.end;
            }
            Raw::Node(node) => self.node(node, start),
        }
    }

    fn node(&mut self, node: Node<'t>, start: usize) {
        let end = trimmed_end(self.text, node.byte_range());
        let (from, blank_end) = self.pending.take().unwrap_or((self.cursor, start));
        self.attached = false;
        let line_end = line_end(self.text, end);
        let after = self.text.get(end..line_end).unwrap_or_default();
        let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let separator = matches!(after.get(blanks), Some(b',' | b';')).then_some(end + blanks);
        let rule = ruled(self.compiled, node);
        let (kind, key, signature_end) = match rule {
            Some((rule, symbol)) => {
                let body = rule.body.iter().find_map(|field| symbol.child_by_field_name(field));
                (rule.kind, key_of(rule, symbol, self.text), body.map_or(end, |body| body.start_byte().clamp(start, end)))
            }
            None => (Kind::Statement, None, end),
        };
        self.elements.push(Element {
            node: Some(node),
            kind,
            key,
            span: from..line_end,
            blank_end,
            core: start..end,
            separator,
            signature_end,
            has_error: node.has_error(),
        });
        self.cursor = line_end;
    }

    /// Comments that belong to nothing become an element.
    fn flush(&mut self) {
        if let Some((from, blank_end)) = self.pending.take() {
            let core_end = trimmed_end(self.text, blank_end..self.cursor);
            self.elements.push(Element::lines(Kind::Comment, from..self.cursor, blank_end, core_end));
        }
        self.attached = false;
    }
}

/// The start of the first line in `range` that is not blank.
fn first_line(text: &[u8], range: Range<usize>) -> usize {
    let run = text.get(range.clone()).unwrap_or_default();
    let blanks = run.len() - run.trim_ascii_start().len();
    line_start(text, range.start + blanks).max(range.start)
}
