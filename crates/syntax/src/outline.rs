//! The symbols of one file, in order.

use crate::{Key, Kind};
use std::ops::Range;

/// A symbol of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its path in the file: `Parser::next`. No other symbol of the file has the same.
    pub path: String,
    /// What identifies it among those around it.
    pub key: Key,
    /// The symbol it is in, by its number.
    pub parent: Option<usize>,
    /// Its lines, comments and attributes above it included: the first is line 1; the end is the line after the last.
    pub lines: Range<usize>,
    /// All its bytes, with the blank lines, comments and attributes above.
    pub span: Range<usize>,
    /// Its bytes without what is above it and behind it.
    pub core: Range<usize>,
    /// Where its signature ends and its body begins.
    pub signature_end: usize,
    /// A hash of the signature's bytes.
    pub signature_hash: u64,
    /// A hash of the core's bytes.
    pub text_hash: u64,
    /// The names that it brings into the file, if it is an import, as far as syntax tells.
    pub brought: Vec<String>,
    /// Whether something in it did not parse.
    pub has_error: bool,
}

impl Symbol {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.key.kind
    }

    /// What it is called, without what it is in.
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// The bytes of its signature.
    pub fn signature(&self) -> Range<usize> {
        self.core.start..self.signature_end
    }

    /// The bytes of its body; empty for what has none.
    pub fn body(&self) -> Range<usize> {
        self.signature_end..self.core.end
    }
}

/// The symbols of one file, each before those in it. What is inside functions is not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The symbols.
    pub symbols: Vec<Symbol>,
    /// Whether there were more than are kept.
    pub is_cut: bool,
    /// Whether all that was parsed for it parsed without an error.
    pub is_clean: bool,
}

impl Outline {
    /// The innermost symbol that a byte belongs to, by its number.
    pub fn at(&self, byte: usize) -> Option<usize> {
        self.innermost(self.symbols.partition_point(|symbol| symbol.span.start <= byte), |symbol| symbol.span.contains(&byte))
    }

    /// The innermost symbol that has a line; the first line is 1.
    pub fn at_line(&self, line: usize) -> Option<usize> {
        self.innermost(self.symbols.partition_point(|symbol| symbol.lines.start <= line), |symbol| symbol.lines.contains(&line))
    }

    /// The symbol with a path.
    pub fn find(&self, path: &str) -> Option<&Symbol> {
        self.symbols.iter().find(|symbol| symbol.path == path)
    }

    /// All names that imports bring into the file.
    pub fn brought(&self) -> impl Iterator<Item = &str> {
        self.symbols.iter().flat_map(|symbol| symbol.brought.iter().map(String::as_str))
    }

    /// How many bytes of memory it takes, roughly.
    pub fn weight(&self) -> usize {
        let names = |symbol: &Symbol| {
            let key = &symbol.key;
            let brought: usize = symbol.brought.iter().map(|name| name.len() + size_of::<String>()).sum();
            symbol.path.len() + key.scope.len() + key.name.len() + key.overload.len() + brought
        };
        self.symbols.iter().map(|symbol| size_of::<Symbol>() + names(symbol)).sum::<usize>() + size_of::<Self>()
    }

    /// The last of the first `count` symbols, or the innermost one around it that holds the place.
    fn innermost(&self, count: usize, holds: impl Fn(&Symbol) -> bool) -> Option<usize> {
        let mut at = count.checked_sub(1)?;
        loop {
            let symbol = self.symbols.get(at)?;
            if holds(symbol) {
                return Some(at);
            }
            // What it is in comes before it, so this ends.
            at = symbol.parent.filter(|parent| *parent < at)?;
        }
    }
}
