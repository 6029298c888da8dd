//! Elements out of the nodes that own lines: what is between them, and what belongs to which.

use crate::body::after_last_line;
use crate::element::{Element, Kind};
use crate::languages::{Around, Compiled};
use crate::lines::{line_end, line_start, trimmed_end};
use crate::raws::{Raw, RawNode};
use std::ops::Range;

/// Elements being made, in order.
pub(crate) struct Build<'a, 't> {
    compiled: &'static Compiled,
    container: &'a Element<'t>,
    text: &'a [u8],
    elements: Vec<Element<'t>>,
    /// Where the next element's lines begin, apart from what waits.
    cursor: usize,
    pending: Option<Pending>,
}

/// Comments and attributes that wait for what they belong to.
struct Pending {
    /// Where they begin, blank lines included.
    from: usize,
    /// Where the blank lines end.
    blank_end: usize,
    /// Whether attributes are among them, which a blank line does not part from what follows.
    attached: bool,
}

impl<'a, 't> Build<'a, 't> {
    pub(crate) fn new(compiled: &'static Compiled, container: &'a Element<'t>, text: &'a [u8], from: usize) -> Self {
        Self { compiled, container, text, elements: Vec::new(), cursor: from, pending: None }
    }

    /// The elements of what owns lines. They follow each other without gaps from where this began.
    pub(crate) fn all(mut self, raws: Vec<Raw<'t>>) -> Vec<Element<'t>> {
        self.elements.reserve(raws.len());
        for raw in raws {
            self.add(raw);
        }
        self.flush();
        self.elements
    }

    fn add(&mut self, raw: Raw<'t>) {
        let start = raw.line();
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
        } else if start > self.cursor && self.pending.as_ref().is_some_and(|pending| !pending.attached) {
            // A blank line parts comments from what follows.
            self.flush();
        }
        match raw {
            Raw::Comment(lines) => self.wait(lines, false),
            Raw::Attached(lines) => self.wait(lines, true),
            Raw::Node(node) => self.node(node),
        }
    }

    fn wait(&mut self, lines: Range<usize>, attached: bool) {
        match &mut self.pending {
            Some(pending) => pending.attached |= attached,
            None => self.pending = Some(Pending { from: self.cursor, blank_end: lines.start, attached }),
        }
        self.cursor = lines.end;
    }

    fn node(&mut self, raw: RawNode<'t>) {
        let RawNode { node, line: start, end, parent, in_function } = raw;
        if self.pending.as_ref().is_some_and(|pending| !pending.attached && self.is_deeper(pending.blank_end, start)) {
            self.flush();
        }
        let (from, blank_end) = self.pending.take().map_or((self.cursor, start), |pending| (pending.from, pending.blank_end));
        let line_end = line_end(self.text, end);
        let after = self.text.get(end..line_end).unwrap_or_default();
        let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let separator = matches!(after.get(blanks), Some(b',' | b';')).then_some(end + blanks);
        let in_function = in_function || self.container.in_function;
        let local = in_function || self.container.is_local_inside();
        let above = self.text.get(blank_end..start).unwrap_or_default();
        let ruled = self.compiled.ruled(node, Around { parent, container: self.container.kind, local }, self.text, above);
        let signature_end = ruled.as_ref().and_then(|ruled| ruled.rule.signature_end(ruled.node));
        self.elements.push(Element {
            node: Some(node),
            inner: ruled.as_ref().map(|ruled| ruled.node),
            rule: ruled.as_ref().map(|ruled| ruled.rule),
            in_function,
            local,
            kind: ruled.as_ref().map_or(Kind::Statement, |ruled| ruled.kind),
            key: ruled.and_then(|ruled| ruled.key),
            span: from..line_end,
            blank_end,
            core: start..end,
            separator,
            signature_end: signature_end.map_or(end, |at| at.clamp(start, end)),
            has_error: node.has_error(),
        });
        self.cursor = line_end;
    }

    /// Whether the line at `first` is indented deeper than the one at `second`.
    fn is_deeper(&self, first: usize, second: usize) -> bool {
        let indent = |at: usize| self.text.get(at..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        indent(first) > indent(second)
    }

    /// Comments that belong to nothing become an element.
    fn flush(&mut self) {
        if let Some(Pending { from, blank_end, .. }) = self.pending.take() {
            let core_end = trimmed_end(self.text, blank_end..self.cursor);
            self.elements.push(Element::lines(Kind::Comment, from..self.cursor, blank_end, core_end));
        }
    }
}

/// The start of the first line in `range` that is not blank.
fn first_line(text: &[u8], range: Range<usize>) -> usize {
    let run = text.get(range.clone()).unwrap_or_default();
    let blanks = run.len() - run.trim_ascii_start().len();
    line_start(text, range.start + blanks).max(range.start)
}
