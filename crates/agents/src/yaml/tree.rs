//! A YAML text with the places of its nodes. Aliases stay aliases: nothing grows by being read.

use crate::ConfigError;
use crate::layout::{next_line, slice};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Deeper nesting is refused; no settings file comes near it.
const MAX_DEPTH: usize = 100;

/// A parsed text.
pub struct Tree {
    /// The document; none in a text without one.
    pub root: Option<Node>,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

/// A key and its value.
pub type Member = (Node, Node);

/// What a value is.
#[derive(Debug, Clone)]
pub enum Kind {
    Scalar { text: String, style: ScalarStyle },
    Map { flow: bool, members: Vec<Member> },
    List { items: Vec<Node> },
    Alias,
}

/// A collection whose end has not come.
struct Open {
    start: usize,
    map: bool,
    flow: bool,
    items: Vec<Node>,
}

impl Tree {
    /// # Errors
    /// [`ConfigError::Malformed`]; [`ConfigError::Shape`] for a text with several documents or an explicit end.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let places = Places::of(text);
        let (mut open, mut root, mut documents): (Vec<Open>, Option<Node>, usize) = (Vec::new(), None, 0);
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let at = error.marker();
                ConfigError::Malformed { line: at.line(), column: at.col() + 1, reason: error.info().to_owned() }
            })?;
            let (start, end) = places.range(&span);
            let node = match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    continue;
                }
                Event::Scalar(value, style, ..) => Node { start, end, kind: Kind::Scalar { text: value.into_owned(), style } },
                Event::Alias(_) => Node { start, end, kind: Kind::Alias },
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    let flow = slice(text, start..text.len()).starts_with(['{', '[']);
                    open.push(Open { start, map: matches!(event, Event::MappingStart(..)), flow, items: Vec::new() });
                    if open.len() > MAX_DEPTH {
                        let (line, column) = (span.start.line(), span.start.col() + 1);
                        return Err(ConfigError::Malformed { line, column, reason: "nested too deeply".to_owned() });
                    }
                    continue;
                }
                Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                    Some(done) => done.close(end),
                    None => continue,
                },
                Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => continue,
            };
            match open.last_mut() {
                Some(outer) => outer.items.push(node),
                None => root = Some(node),
            }
        }
        let ended = text.lines().any(|line| line.trim_end() == "..." || line.starts_with("... "));
        if documents > 1 || ended {
            return Err(ConfigError::shape("the file holds several documents, or an explicit end of one"));
        }
        let empty = |node: &Node| matches!(&node.kind, Kind::Scalar { text, style: ScalarStyle::Plain } if text.is_empty());
        Ok(Self { root: root.filter(|root| !empty(root)) })
    }
}

impl Open {
    fn close(self, end: usize) -> Node {
        let kind = if self.map {
            let mut members = Vec::with_capacity(self.items.len() / 2);
            let mut items = self.items.into_iter();
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                members.push((key, value));
            }
            Kind::Map { flow: self.flow, members }
        } else {
            Kind::List { items: self.items }
        };
        Node { start: self.start, end, kind }
    }
}

impl Node {
    /// Whether nothing is written where the value would stand.
    pub fn is_blank(&self) -> bool {
        self.start == self.end && matches!(&self.kind, Kind::Scalar { text, style: ScalarStyle::Plain } if text.is_empty())
    }

    /// Whether its last text runs to the end of the lines, so that a further line end would become part of it.
    pub fn ends_openly(&self) -> bool {
        match &self.kind {
            Kind::Scalar { style, .. } => matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
            Kind::Map { members, .. } => members.last().is_some_and(|(_, value)| value.ends_openly()),
            Kind::List { items } => items.last().is_some_and(Self::ends_openly),
            Kind::Alias => false,
        }
    }

    /// Where what is written of it ends; the parser's own end reaches to the next node.
    pub fn content_end(&self, text: &str) -> usize {
        match &self.kind {
            Kind::Map { flow: false, members } => {
                members.last().map_or(self.end, |(key, value)| value.content_end(text).max(key.content_end(text)))
            }
            Kind::List { items } if !slice(text, self.start..self.end).ends_with(']') => {
                items.last().map_or(self.end, |item| item.content_end(text))
            }
            _ => self.start + slice(text, self.start..self.end).trim_end().len(),
        }
    }

    /// Where the line after its last one begins.
    pub fn next_line(&self, text: &str) -> usize {
        next_line(text, self.content_end(text))
    }
}

/// From the parser's characters to bytes.
struct Places {
    bytes: Option<Vec<usize>>,
    len: usize,
}

impl Places {
    fn of(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { bytes, len: text.len() }
    }

    fn range(&self, span: &Span) -> (usize, usize) {
        (self.byte(span.start.index()), self.byte(span.end.index()))
    }

    fn byte(&self, index: usize) -> usize {
        match &self.bytes {
            None => index.min(self.len),
            Some(bytes) => bytes.get(index).copied().unwrap_or(self.len),
        }
    }
}
