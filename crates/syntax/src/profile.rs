//! What is known of a language: a table that a newcomer can write in an hour (see `docs/guides/add-a-language.md`).
//!
//! All names of nodes and fields are the grammar's; a test says that the grammar has them.

use crate::{Kind, Language, Order};

/// A language's table.
pub struct Profile {
    /// The language.
    pub language: Language,
    /// Its name in answers and reports.
    pub name: &'static str,
    /// The grammar.
    pub grammar: fn() -> tree_sitter::Language,
    /// Extensions of its files, without the dot.
    pub extensions: &'static [&'static str],
    /// Whole file names, for files without a telling extension.
    pub file_names: &'static [&'static str],
    /// Nodes that are symbols.
    pub symbols: &'static [SymbolRule],
    /// Nodes that stand around a symbol and belong to it: `export_statement`, `decorated_definition`. They are looked through.
    pub wrappers: &'static [&'static str],
    /// Nodes before a symbol, on lines of their own, that belong to it: attributes, decorators, annotations. Comments always do, unless a
    /// blank line is between.
    pub attached: &'static [&'static str],
    /// Comments.
    pub comments: &'static [&'static str],
    /// Nodes that are nothing of their own: their children are elements of the node around them. Blocks and member lists.
    pub transparent: &'static [&'static str],
    /// Nodes whose children are not looked at, though they can span lines: string literals, heredocs, JSX text.
    pub opaque: &'static [&'static str],
    /// Nodes that are lists of elements on one line or more, divided by a separator.
    pub lists: &'static [ListRule],
    /// Kinds of node whose elements have no meaningful order among each other, with how much may be assumed.
    pub orders: &'static [(&'static str, Order)],
    /// Nodes that are names: where one occurs that something else defines, that is a reference.
    pub identifiers: &'static [&'static str],
    /// What divides a symbol from the one inside it when its path is written: `::`, `.`, `/`.
    pub divider: &'static str,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("language", &self.language).finish_non_exhaustive()
    }
}

/// One kind of node that is a symbol.
#[derive(Debug, Clone, Copy)]
pub struct SymbolRule {
    /// The grammar's kind of node.
    pub node: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: Name,
    /// A part of its identity besides the name: a method's receiver, an implementation's trait. Steps as in [`Name::Path`].
    pub scope: &'static [&'static str],
    /// What tells overloads of one name apart: usually the parameters. Steps as in [`Name::Path`].
    pub overload: &'static [&'static str],
    /// Fields of the node that begin its body; the signature is what comes before the first that is there.
    pub body: &'static [&'static str],
}

impl SymbolRule {
    /// A rule for a node that is named by a field or child.
    pub const fn new(node: &'static str, kind: Kind, name: Name) -> Self {
        Self { node, kind, name, scope: &[], overload: &[], body: &["body"] }
    }

    /// With a part of the identity besides the name.
    pub const fn scope(mut self, steps: &'static [&'static str]) -> Self {
        self.scope = steps;
        self
    }

    /// With what tells overloads apart.
    pub const fn overload(mut self, steps: &'static [&'static str]) -> Self {
        self.overload = steps;
        self
    }

    /// With the fields that begin its body.
    pub const fn body(mut self, fields: &'static [&'static str]) -> Self {
        self.body = fields;
        self
    }
}

/// Where a symbol's name is.
#[derive(Debug, Clone, Copy)]
pub enum Name {
    /// Go down step by step; each step is a field's name, or the kind of a child. The text there is the name.
    Path(&'static [&'static str]),
    /// Several such ways: the first that leads anywhere.
    Any(&'static [&'static [&'static str]]),
    /// The texts of all children of this kind, or field of this name, joined by `, `: `var a, b`.
    All(&'static [&'static str]),
    /// The signature's text, white space reduced: `impl<T> Display for Id<T>`.
    Signature,
    /// The node's whole text, white space reduced.
    Text,
    /// Always this: there is one of its kind.
    Fixed(&'static str),
    /// As a function says, where no table can.
    With(fn(tree_sitter::Node<'_>, &[u8]) -> Option<String>),
}

/// A kind of node that is a list of elements divided by a separator.
#[derive(Debug, Clone, Copy)]
pub struct ListRule {
    /// The grammar's kind of node.
    pub node: &'static str,
    /// What divides its elements.
    pub separator: u8,
    /// Whether it is a set: order and repetition have no meaning (`use` lists, named imports).
    pub set: bool,
}
