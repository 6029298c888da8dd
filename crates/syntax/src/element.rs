//! One element: a run of whole lines that is one thing.

use crate::languages::Rule;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tree_sitter::Node;

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A whole file.
    File,
    /// A module, namespace or package body.
    Module,
    /// The line that names a file's package or module.
    Package,
    /// An import.
    Import,
    /// A function.
    Function,
    /// A method.
    Method,
    /// A constructor.
    Constructor,
    /// A structure.
    Struct,
    /// A class.
    Class,
    /// An interface or protocol.
    Interface,
    /// A trait.
    Trait,
    /// An enumeration.
    Enum,
    /// A union.
    Union,
    /// A type alias.
    Type,
    /// An implementation of a type or trait.
    Impl,
    /// A constant.
    Constant,
    /// A variable.
    Variable,
    /// A field or property.
    Field,
    /// A variant of an enumeration.
    Variant,
    /// An arm of a match or a case of a switch.
    Arm,
    /// A macro.
    Macro,
    /// A test, where the language or its habits have them as calls: `describe`, `it`.
    Test,
    /// A key of an object, map or table.
    Key,
    /// A table of a configuration file.
    Table,
    /// A section of a document, or what stands under a heading.
    Section,
    /// One entry of a list.
    Item,
    /// A comment that belongs to nothing.
    Comment,
    /// Any other node that has lines of its own: a statement.
    Statement,
    /// Lines that are no node of their own: `} else {`, or what did not parse.
    Glue,
}

impl Kind {
    /// What a definition of this kind is, directly in another: a function in a class is a method.
    pub(crate) fn member(self, inner: Self) -> Self {
        match (self, inner) {
            (Self::Class | Self::Struct | Self::Interface | Self::Trait | Self::Impl | Self::Enum, Self::Function) => Self::Method,
            (Self::Class, Self::Variable) => Self::Field,
            (_, inner) => inner,
        }
    }

    /// As in answers: `function`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Module => "module",
            Self::Package => "package",
            Self::Import => "import",
            Self::Function => "function",
            Self::Method => "method",
            Self::Constructor => "constructor",
            Self::Struct => "struct",
            Self::Class => "class",
            Self::Interface => "interface",
            Self::Trait => "trait",
            Self::Enum => "enum",
            Self::Union => "union",
            Self::Type => "type",
            Self::Impl => "impl",
            Self::Constant => "constant",
            Self::Variable => "variable",
            Self::Field => "field",
            Self::Variant => "variant",
            Self::Arm => "arm",
            Self::Macro => "macro",
            Self::Test => "test",
            Self::Key => "key",
            Self::Table => "table",
            Self::Section => "section",
            Self::Item => "item",
            Self::Comment => "comment",
            Self::Statement => "statement",
            Self::Glue => "glue",
        }
    }
}

/// What makes an element the same thing in two versions of a file, among those around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// A receiver, a trait, a `cfg`: part of the identity, not of the name. Mostly empty.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// What tells it from others of the same kind, scope and name: its parameters. Not part of the identity where the rest is unique.
    pub overload: String,
}

/// A run of whole lines that is one thing, with the blank lines, comments and attributes above it that belong to it.
#[derive(Debug, Clone)]
pub struct Element<'t> {
    pub(crate) node: Option<Node<'t>>,
    /// The node that its rule named: inside wrappers, if there are any. Its children are the element's.
    pub(crate) inner: Option<Node<'t>>,
    /// The rule.
    pub(crate) rule: Option<&'static Rule>,
    /// Whether it is inside a function.
    pub(crate) in_function: bool,
    /// Whether it is inside a function or a statement.
    pub(crate) local: bool,
    /// What it is.
    pub kind: Kind,
    /// What identifies it; `None` for what only its content identifies.
    pub key: Option<Key>,
    /// All its bytes: from the start of a line to the start of another (or the text's end).
    pub span: Range<usize>,
    /// Where the blank lines above it end.
    pub blank_end: usize,
    /// From the start of its first line to the end of its last node, without what is above it, a separator, trailing comments and the line
    /// end.
    pub core: Range<usize>,
    /// Where the separator behind it is, if there is one: `,` or `;`, not part of the node itself.
    pub separator: Option<usize>,
    /// Where its signature ends and its body begins; the core's end for what has no body.
    pub signature_end: usize,
    /// Whether something in it did not parse.
    pub has_error: bool,
}

impl<'t> Element<'t> {
    /// Lines that are no node.
    pub(crate) fn lines(kind: Kind, span: Range<usize>, blank_end: usize, core_end: usize) -> Self {
        let core = blank_end..core_end;
        Self {
            node: None,
            inner: None,
            rule: None,
            in_function: false,
            local: false,
            kind,
            key: None,
            span,
            blank_end,
            signature_end: core.end,
            core,
            separator: None,
            has_error: false,
        }
    }

    /// Comments and attributes that belong to it, with the indentation of its first line left to the core.
    pub fn attached(&self) -> Range<usize> {
        self.blank_end..self.core.start
    }

    /// The grammar's kind of node, empty for lines that are none.
    pub fn node_kind(&self) -> &'t str {
        self.node.map_or("", |node| node.kind())
    }

    /// Whether what is in it can only be named there, as far as the element itself says.
    pub(crate) fn is_local_inside(&self) -> bool {
        self.local || (self.kind == Kind::Statement && self.key.is_none())
    }

    /// Whether it is only a bracket around symbols, and none of its own: `const (…)`.
    pub fn is_group(&self) -> bool {
        self.rule.is_some_and(|rule| rule.rule().group)
    }
}
