//! A syntax tree of a text.

use crate::Language;
use crate::brackets::too_deep;
use std::cell::RefCell;
use std::ops::Range;
use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

/// Bounds of parsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseLimits {
    /// Most bytes of a text that is parsed. At most `u32::MAX`.
    pub max_bytes: u32,
}

impl Default for ParseLimits {
    /// 4 MiB.
    fn default() -> Self {
        Self { max_bytes: 4 << 20 }
    }
}

/// Why there is no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text has more bytes than [`ParseLimits::max_bytes`].
    #[error("the text has more bytes than are parsed")]
    TooLarge,
    /// The text's brackets or its indentation nest deeper than the grammar bears.
    #[error("the text is nested too deeply")]
    TooDeep,
    /// The grammar looked at the text's bytes far too often.
    #[error("the text takes too much work to parse")]
    TooCostly,
    /// The grammar could not be loaded or gave up.
    #[error("the grammar gave no tree")]
    NoTree,
}

/// A text's syntax tree. Cloning is cheap; it can be shared between threads. It does not hold the text.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub(crate) language: Language,
    pub(crate) tree: Tree,
    pub(crate) len: usize,
}

/// One replaced run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splice {
    /// The first byte, in the text before.
    pub before: usize,
    /// How many bytes were there.
    pub removed: usize,
    /// The first byte, in the text after.
    pub after: usize,
    /// How many bytes are there now.
    pub added: usize,
}

/// The smallest node that stands on both sides of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Names the node within its tree.
    pub id: usize,
    /// The number of the grammar's kind.
    pub kind: u16,
    /// Its bytes.
    pub bytes: Range<usize>,
}

thread_local! {
    /// Making a parser costs as much as parsing a small file.
    static PARSER: RefCell<Option<(Language, Parser)>> = const { RefCell::new(None) };
}

fn parse(language: Language, text: &[u8], known: Option<&Tree>) -> Result<Tree, ParseError> {
    PARSER.with_borrow_mut(|slot| {
        let (prepared, parser) = slot.get_or_insert_with(|| (language, Parser::new()));
        if *prepared != language || parser.language().is_none() {
            parser.set_language(&(language.profile().grammar)()).map_err(|_| ParseError::NoTree)?;
            *prepared = language;
        }
        let mut reader = Reader::new(text);
        let tree = parser.parse_with_options(&mut |at, _| reader.read(at), known, None);
        if reader.left == 0 {
            return Err(ParseError::TooCostly);
        }
        tree.ok_or(ParseError::NoTree)
    })
}

/// Hands a text to a grammar piece by piece, so that it can be counted how often the same bytes are looked at: a scanner may run to the end of
/// the text for each of many unclosed strings. When too much has been read, the text seems to end.
struct Reader<'a> {
    text: &'a [u8],
    /// How many pieces may still be read.
    left: usize,
}

impl<'a> Reader<'a> {
    const PIECE: usize = 4096;
    /// How often each piece may be read on average. Of 17,000 real files none read a piece more than 28 times, none of three pieces or more 14 times.
    const OFTEN: usize = 64;
    /// Pieces that any text may read.
    const FREE: usize = 4096;

    fn new(text: &'a [u8]) -> Self {
        Self { text, left: text.len() / Self::PIECE * Self::OFTEN + Self::FREE }
    }

    fn read(&mut self, at: usize) -> &'a [u8] {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return &[];
        }
        let rest = self.text.get(at..).unwrap_or_default();
        rest.get(..Self::PIECE).unwrap_or(rest)
    }
}

pub(crate) fn bounds(language: Language, text: &[u8], limits: &ParseLimits) -> Result<(), ParseError> {
    if text.len() > limits.max_bytes as usize {
        return Err(ParseError::TooLarge);
    }
    if too_deep(text) || language.profile().too_deep.is_some_and(|too_deep| too_deep(text)) {
        return Err(ParseError::TooDeep);
    }
    Ok(())
}

impl Parsed {
    /// Parses a text from nothing. A text with errors has a tree too.
    ///
    /// # Errors
    /// When the text is too large, too deep or too costly.
    pub fn new(language: Language, text: &[u8], limits: &ParseLimits) -> Result<Self, ParseError> {
        bounds(language, text, limits)?;
        let tree = parse(language, text, None)?;
        Ok(Self { language, tree, len: text.len() })
    }

    /// Parses a text that differs from this one's by `splices`, which are in order and do not overlap. Costs follow the difference.
    ///
    /// # Errors
    /// When the text is too large, too deep or too costly.
    pub fn again(&self, splices: &[Splice], before: &[u8], text: &[u8], limits: &ParseLimits) -> Result<Self, ParseError> {
        bounds(self.language, text, limits)?;
        let mut tree = self.tree.clone();
        let (old_lines, new_lines) = (LineStarts::of(before), LineStarts::of(text));
        // From the last one on, so that what comes before a splice has not moved yet.
        for splice in splices.iter().rev() {
            let start = splice.before;
            let (old_end, new_end) = (splice.before + splice.removed, splice.before + splice.added);
            let new_point = {
                // Where the added bytes end, as if nothing before them had changed.
                let start_point = old_lines.point(start);
                let (from, to) = (new_lines.point(splice.after), new_lines.point(splice.after + splice.added));
                if to.row == from.row {
                    Point { row: start_point.row, column: start_point.column + splice.added }
                } else {
                    Point { row: start_point.row + (to.row - from.row), column: to.column }
                }
            };
            tree.edit(&InputEdit {
                start_byte: start,
                old_end_byte: old_end,
                new_end_byte: new_end,
                start_position: old_lines.point(start),
                old_end_position: old_lines.point(old_end),
                new_end_position: new_point,
            });
        }
        let tree = parse(self.language, text, Some(&tree))?;
        Ok(Self { language: self.language, tree, len: text.len() })
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether the text parsed without any error.
    pub fn is_clean(&self) -> bool {
        !self.tree.root_node().has_error()
    }

    /// Places where the text did not parse: outermost error nodes, and where something is missing (empty ranges), in order. At most `most`.
    pub fn errors(&self, most: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut nodes = vec![self.tree.root_node()];
        while let Some(node) = nodes.pop() {
            if found.len() >= most {
                break;
            }
            if node.is_error() || node.is_missing() {
                found.push(node.byte_range());
            } else if node.has_error() {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
                nodes.extend(children.into_iter().rev());
            }
        }
        found
    }

    /// The smallest node that covers all of `bytes`.
    pub fn covering(&self, bytes: Range<usize>) -> Option<Span> {
        let node = self.tree.root_node().descendant_for_byte_range(bytes.start, bytes.end)?;
        Some(Span { id: node.id(), kind: node.kind_id(), bytes: node.byte_range() })
    }
}

/// Where lines start, to turn offsets into points.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &[u8]) -> Self {
        Self(std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|at| at + 1)).collect())
    }

    fn point(&self, at: usize) -> Point {
        let row = self.0.partition_point(|start| *start <= at).saturating_sub(1);
        Point { row, column: at - self.0.get(row).copied().unwrap_or(0) }
    }
}
