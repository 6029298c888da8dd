//! The nodes below a node that own their lines: found by one walk that enters only what spans lines and is nothing of its own.

use crate::element::Element;
use crate::languages::{Compiled, Flag};
use crate::lines::{blank_line_start, is_blank_byte, line_end, trimmed_end};
use std::ops::Range;
use tree_sitter::{Node, TreeCursor};

/// Most nodes of one body; what follows is part of the tail.
const MOST: usize = 200_000;

/// Something that owns its lines.
pub(crate) enum Raw<'t> {
    /// A comment: whole lines.
    Comment(Range<usize>),
    /// An attribute or annotation: whole lines.
    Attached(Range<usize>),
    /// A node.
    Node(RawNode<'t>),
}

/// A node that owns its lines.
pub(crate) struct RawNode<'t> {
    pub(crate) node: Node<'t>,
    /// Where its first line begins.
    pub(crate) line: usize,
    /// Where it ends, without white space.
    pub(crate) end: usize,
    /// The kind of node it is directly in.
    pub(crate) parent: u16,
    /// Whether a function is between it and the element.
    pub(crate) in_function: bool,
}

impl Raw<'_> {
    /// Where its first line begins.
    pub(crate) fn line(&self) -> usize {
        match self {
            Raw::Comment(range) | Raw::Attached(range) => range.start,
            Raw::Node(node) => node.line,
        }
    }
}

/// What owns lines below the element's node, in order, comments and attributes included.
pub(crate) fn raws<'t>(compiled: &'static Compiled, element: &Element<'t>, text: &[u8]) -> Vec<Raw<'t>> {
    let Some(root) = element.inner.or(element.node) else { return Vec::new() };
    let mut walk = Walk { compiled, text, element, found: Vec::new(), done: element.core.start.max(root.start_byte()) };
    walk.run(root);
    walk.found
}

struct Walk<'a, 't> {
    compiled: &'static Compiled,
    text: &'a [u8],
    element: &'a Element<'t>,
    found: Vec<Raw<'t>>,
    /// What begins before this is on lines that belong to something already.
    done: usize,
}

impl<'t> Walk<'_, 't> {
    fn run(&mut self, root: Node<'t>) {
        let mut cursor = root.walk();
        // The kinds of the nodes around the cursor, and whether a function is among them.
        let mut around = vec![(root.kind_id(), self.compiled.has(root, Flag::Scope))];
        if !cursor.goto_first_child() {
            return;
        }
        loop {
            let depth = around.len();
            let Some((parent, local)) = around.last().copied() else { return };
            if self.visit(&cursor, parent, local, depth) {
                let node = cursor.node();
                if cursor.goto_first_child() {
                    around.push((node.kind_id(), local || self.compiled.has(node, Flag::Scope)));
                    continue;
                }
            }
            while !cursor.goto_next_sibling() {
                around.pop();
                if around.is_empty() || !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// Takes the cursor's node if it is something; whether its children are to be looked at.
    fn visit(&mut self, cursor: &TreeCursor<'t>, parent: u16, local: bool, depth: usize) -> bool {
        let (node, compiled) = (cursor.node(), self.compiled);
        let (start, mut end) = (node.start_byte(), trimmed_end(self.text, node.byte_range()));
        if start < self.done || start >= self.element.core.end || end <= start || self.found.len() >= MOST {
            return false;
        }
        let mut given_back = Vec::new();
        if compiled.has(node, Flag::Loose) {
            (end, given_back) = loose_end(compiled, node, end, self.text);
        }
        let Some(line) = blank_line_start(self.text, start).filter(|_| ends_line(compiled, end, self.text)) else {
            return self.enters(node);
        };
        if compiled.has(node, Flag::Comment) {
            self.done = line_end(self.text, end);
            self.found.push(Raw::Comment(line..self.done));
            return false;
        }
        if compiled.has(node, Flag::Attached) {
            // What is above a symbol's first line is its head.
            if !(depth == 1 && self.found.is_empty() && self.element.rule.is_some()) {
                self.done = line_end(self.text, end);
                self.found.push(Raw::Attached(line..self.done));
            }
            return false;
        }
        let nothing = !node.is_named() || node.is_error() || compiled.has(node, Flag::Head) || line < self.element.span.start;
        if nothing {
            return self.enters(node);
        }
        if self.is_transparent(node, parent, local) {
            return !compiled.has(node, Flag::Opaque);
        }
        self.found.push(Raw::Node(RawNode { node, line, end, parent, in_function: local }));
        self.done = line_end(self.text, end);
        for comment in given_back {
            self.done = comment.end;
            self.found.push(Raw::Comment(comment));
        }
        false
    }

    fn is_transparent(&self, node: Node<'t>, parent: u16, local: bool) -> bool {
        if !self.compiled.is_transparent(node, parent) {
            return false;
        }
        if !self.compiled.has_rules(node) {
            return true;
        }
        let around = crate::languages::Around { parent, container: self.element.kind, local: local || self.element.is_local_inside() };
        self.compiled.ruled(node, around, self.text, &[]).is_none()
    }

    fn enters(&self, node: Node<'t>) -> bool {
        node.start_position().row != node.end_position().row
            && !self.compiled.has(node, Flag::Opaque)
            && !self.compiled.has(node, Flag::Head)
            && !node.is_error()
    }
}

/// Whether nothing is behind `end` on its line but a separator and a comment. Looks at no more of the line than it must.
fn ends_line(compiled: &Compiled, end: usize, text: &[u8]) -> bool {
    let skip_blanks = |at: usize| at + text.get(at..).unwrap_or_default().iter().take_while(|byte| is_blank_byte(**byte)).count();
    let mut at = skip_blanks(end);
    if matches!(text.get(at), Some(b',' | b';')) {
        at = skip_blanks(at + 1);
    }
    let rest = text.get(at..).unwrap_or_default();
    if matches!(rest.first(), None | Some(b'\n')) {
        return true;
    }
    if !compiled.profile().comment_starts.iter().any(|start| rest.starts_with(start.as_bytes())) {
        return false;
    }
    let rest = memchr::memchr(b'\n', rest).and_then(|end| rest.get(..end)).unwrap_or(rest).trim_ascii_end();
    // A comment that ends with the line.
    (!rest.starts_with(b"/*") || memchr::memmem::find(rest, b"*/").is_some_and(|at| at + 2 == rest.len()))
        && (!rest.starts_with(b"<!--") || rest.ends_with(b"-->"))
}

/// Where a node really ends that the grammar lets run to what follows, and the comments that follow it. Comments directly below it stay, if
/// a blank line or nothing comes behind them.
fn loose_end(compiled: &Compiled, node: Node<'_>, end: usize, text: &[u8]) -> (usize, Vec<Range<usize>>) {
    let mut cursor = node.walk();
    let (mut content_end, mut comments) = (node.start_byte(), Vec::new());
    for child in node.children(&mut cursor) {
        let child_end = trimmed_end(text, child.byte_range());
        if child_end <= child.start_byte() {
            continue;
        }
        match blank_line_start(text, child.start_byte()) {
            Some(line) if compiled.has(child, Flag::Comment) => comments.push(line..line_end(text, child_end)),
            _ if compiled.has(child, Flag::Comment) => {}
            _ => {
                content_end = child_end;
                comments.clear();
            }
        }
    }
    let mut kept_end = line_end(text, content_end);
    let kept = comments.iter().take_while(|comment| {
        let follows = comment.start == kept_end;
        kept_end = if follows { comment.end } else { kept_end };
        follows
    });
    let kept = kept.count();
    let alone = blank_or_end(text, kept_end) || kept < comments.len();
    if kept > 0 && alone {
        let last = comments.drain(..kept).next_back();
        return (last.map_or(content_end, |last| trimmed_end(text, last)), comments);
    }
    (if comments.is_empty() { content_end.max(node.start_byte()).min(end) } else { content_end }, comments)
}

/// Whether the line at `at` is blank or there is none.
fn blank_or_end(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let first = rest.iter().find(|byte| !is_blank_byte(**byte));
    matches!(first, None | Some(b'\n'))
}
