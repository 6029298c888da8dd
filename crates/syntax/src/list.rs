//! Lists within lines: arguments, parameters, imported names.

use crate::languages::Compiled;
use crate::parsed::Parsed;
use crate::profile::ListRule;
use std::ops::Range;
use tree_sitter::Node;

/// A list of things divided by a separator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The whole list, with its brackets where they belong to it.
    pub node: Range<usize>,
    /// What is in it, without separators, comments left out.
    pub items: Vec<Range<usize>>,
    /// What divides its items.
    pub separator: u8,
    /// Whether order and repetition have no meaning.
    pub set: bool,
    /// Where the opening bracket ends.
    pub open_end: usize,
    /// Where the closing bracket begins.
    pub close_start: usize,
    /// Whether a separator is behind the last item.
    pub trailing: bool,
}

/// Most items of a list.
const MOST: usize = 50_000;

impl Parsed {
    /// The smallest list that has all these bytes between its brackets. `text` must be the text that was parsed.
    pub fn list(&self, bytes: Range<usize>, text: &[u8]) -> Option<List> {
        if text.len() != self.len || bytes.end > self.len || bytes.start > bytes.end {
            return None;
        }
        let compiled = Compiled::of(self.language);
        let mut cursor = self.tree.walk();
        let mut smallest = None;
        loop {
            let node = cursor.node();
            if let Some(rule) = compiled.list(node) {
                // One that reaches into a bracket is not between the brackets.
                smallest = list(rule, node, text).filter(|list| list.open_end <= bytes.start && bytes.end <= list.close_start).or(smallest);
            }
            if cursor.goto_first_child_for_byte(bytes.start).is_none() || !covers(cursor.node(), &bytes) {
                return smallest;
            }
        }
    }
}

fn covers(node: Node<'_>, bytes: &Range<usize>) -> bool {
    node.start_byte() <= bytes.start && bytes.end <= node.end_byte()
}

fn list(rule: &ListRule, node: Node<'_>, text: &[u8]) -> Option<List> {
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.children(&mut cursor).take(2 * MOST).collect();
    let is_token = |node: &Node<'_>, tokens: &[u8]| {
        !node.is_named()
            && node.end_byte() - node.start_byte() == 1
            && text.get(node.start_byte()).is_some_and(|byte| tokens.contains(byte))
    };
    let open = children.iter().position(|child| is_token(child, b"([{<"));
    let close = open.and_then(|_| children.iter().rposition(|child| is_token(child, b")]}>")));
    // Without brackets, what comes behind the first separator tells where it begins.
    let (first, last) = match (open, close) {
        (Some(open), Some(close)) if open < close => (open + 1, close),
        _ => (
            children.iter().rposition(|child| !child.is_named() && !is_token(child, &[rule.separator])).map_or(0, |at| at + 1),
            children.len(),
        ),
    };
    let mut items: Vec<Range<usize>> = Vec::new();
    let (mut item, mut trailing): (Option<Range<usize>>, bool) = (None, false);
    for child in children.get(first..last)? {
        if is_token(child, &[rule.separator]) {
            trailing = item.is_some();
            items.extend(item.take());
        } else if rule.separator == b'\n' && child.is_named() && !child.is_extra() {
            // Line ends are no nodes.
            items.push(child.byte_range());
        } else if child.is_named() && !child.is_extra() && !child.is_error() {
            trailing = false;
            item = Some(item.map_or(child.byte_range(), |item| item.start..child.end_byte()));
        }
    }
    items.extend(item);
    let open_end = match open.filter(|_| close.is_some()).and_then(|at| children.get(at)) {
        Some(bracket) => bracket.end_byte(),
        None => items.first().map_or(node.start_byte(), |item| item.start),
    };
    let close_start = match close.and_then(|at| children.get(at)) {
        Some(bracket) => bracket.start_byte(),
        None => items.last().map_or(node.end_byte(), |item| item.end),
    };
    (open_end <= close_start).then(|| List {
        node: node.byte_range(),
        items,
        separator: rule.separator,
        set: rule.set,
        open_end,
        close_start,
        trailing,
    })
}
