//! What is known of a language: a table that a newcomer can write in an hour (see `docs/guides/add-a-language.md`).
//!
//! All names of nodes and fields are the grammar's; a test says that the grammar has them.

use crate::{Blocks, Functions, Key, Kind, Language, Order};
use tree_sitter::Node;

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
    /// Nodes that are symbols. Several rules for one kind of node are tried in order: the first that finds a name holds.
    pub symbols: &'static [&'static [SymbolRule]],
    /// Nodes that stand around a symbol and belong to it: `export_statement`, `decorated_definition`. They are looked through.
    pub wrappers: &'static [&'static str],
    /// Nodes before a symbol, on lines of their own, that belong to it: attributes, decorators, annotations. Comments always do, unless a
    /// blank line is between.
    pub attached: &'static [&'static str],
    /// Nodes that belong to a symbol's head and are never taken apart: Java's `modifiers`, Markdown's headings.
    pub heads: &'static [&'static str],
    /// Comments.
    pub comments: &'static [&'static str],
    /// How a comment begins that may stand behind something on its line.
    pub comment_starts: &'static [&'static str],
    /// Nodes that are nothing of their own: their children are elements of the node around them. Blocks and member lists. Where a rule names
    /// such a node, it is a symbol instead.
    pub transparent: &'static [&'static str],
    /// Nodes that are transparent only directly in another: the first is the node, the second what is around it.
    pub transparent_in: &'static [(&'static str, &'static str)],
    /// Nodes whose children are not looked at, though they can span lines: string literals, heredocs, JSX text.
    pub opaque: &'static [&'static str],
    /// Nodes whose end the grammar draws behind comments that belong to what follows: TOML's tables.
    pub loose: &'static [&'static str],
    /// Nodes whose inside nobody outside can name: functions. [`SymbolRule::global`] rules do not hold there.
    pub scopes: &'static [&'static str],
    /// Whether a text nests deeper than the grammar bears, where its scanner keeps indentations in a buffer of fixed size. Such a text is not
    /// parsed.
    pub too_deep: Option<fn(&[u8]) -> bool>,
    /// How functions show in lines, where long texts need not be parsed for their symbols' sake.
    pub functions: Option<Functions>,
    /// How the insides of what nobody changed show in lines, in a language of data.
    pub blocks: Option<Blocks>,
    /// Nodes that are lists of elements on one line or more, divided by a separator.
    pub lists: &'static [ListRule],
    /// Kinds of node whose elements have no meaningful order among each other, with how much may be assumed.
    pub orders: &'static [(&'static str, Order)],
    /// Nodes that are names: where one occurs that something else defines, that is a reference.
    pub identifiers: &'static [&'static str],
    /// Where a name is bound, or only names a part of something: the kind of node, the field of the name (or of the pattern around it) in
    /// that node, and which of both; an empty field for any child. Without them nothing is known of local names.
    pub binds: &'static [&'static [(&'static str, &'static str, Bind)]],
    /// The names that an import brings into the file, as far as syntax tells.
    pub brings: Option<fn(&Site<'_, '_>) -> Vec<String>>,
    /// Whether files are data: all keys of their symbols are symbols, not only those of definitions.
    pub data: bool,
    /// What divides a symbol from the one inside it when its path is written: `::`, `.`, `/`.
    pub divider: &'static str,
}

impl Profile {
    /// A table in which nothing is known but the grammar: every element is a statement.
    pub(crate) const fn bare(language: Language, name: &'static str, grammar: fn() -> tree_sitter::Language) -> Self {
        Self {
            language,
            name,
            grammar,
            extensions: &[],
            file_names: &[],
            symbols: &[],
            wrappers: &[],
            attached: &[],
            heads: &[],
            comments: &["comment"],
            comment_starts: &[],
            transparent: &[],
            transparent_in: &[],
            opaque: &[],
            loose: &[],
            scopes: &[],
            too_deep: None,
            functions: None,
            blocks: None,
            lists: &[],
            orders: &[],
            identifiers: &[],
            binds: &[],
            brings: None,
            data: false,
            divider: ".",
        }
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("language", &self.language).finish_non_exhaustive()
    }
}

/// What a name does where it stands, if it is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// It is bound there: a variable, a parameter.
    Name,
    /// It is bound in a part of the function only: a comprehension, a closure.
    Inner,
    /// It names a part of something: an argument, a field of a literal.
    Part,
}

/// One kind of node that is a symbol.
#[derive(Debug, Clone, Copy)]
pub struct SymbolRule {
    /// The grammar's kind of node.
    pub node: &'static str,
    /// What it is. A function in a class, trait or implementation is a method, a variable in a class a field.
    pub kind: Kind,
    /// What it is called.
    pub name: Name,
    /// A part of its identity besides the name: a method's receiver, an implementation's trait.
    pub scope: Part,
    /// What tells overloads of one name apart: usually the parameters.
    pub overload: Part,
    /// Ways to what begins its body, as in [`Name::Any`]; the signature is what comes before the first that is there.
    pub body: &'static [&'static [&'static str]],
    /// Ways to what ends its signature, where nothing begins its body: a heading.
    pub signature: &'static [&'static [&'static str]],
    /// The kinds of node it must be directly in (wrappers do not count); empty for any.
    pub within: &'static [&'static str],
    /// Whether it is a symbol only outside functions and statements.
    pub global: bool,
    /// Whether it is only a bracket around symbols: keyed, so that two versions match, but no symbol of its own: `const (…)`.
    pub group: bool,
    /// Whether its scope is what it belongs to, and part of its path: a method's receiver.
    pub owned: bool,
    /// What the paths of the symbols inside begin with, where that is not its own name: `Parser` for `impl Parser`.
    pub inside: Option<fn(&Key) -> String>,
}

impl SymbolRule {
    /// A rule for a node that is named by a field or child.
    pub const fn new(node: &'static str, kind: Kind, name: Name) -> Self {
        Self {
            node,
            kind,
            name,
            scope: Part::Nothing,
            overload: Part::Nothing,
            body: &[&["body"]],
            signature: &[],
            within: &[],
            global: false,
            group: false,
            owned: false,
            inside: None,
        }
    }

    /// With a part of the identity besides the name.
    pub const fn scope(mut self, part: Part) -> Self {
        self.scope = part;
        self
    }

    /// With what tells overloads apart.
    pub const fn overload(mut self, part: Part) -> Self {
        self.overload = part;
        self
    }

    /// With the ways to what begins its body.
    pub const fn body(mut self, ways: &'static [&'static [&'static str]]) -> Self {
        self.body = ways;
        self
    }

    /// With the ways to what ends its signature.
    pub const fn signature(mut self, ways: &'static [&'static [&'static str]]) -> Self {
        self.body = &[];
        self.signature = ways;
        self
    }

    /// Only directly in these kinds of node.
    pub const fn within(mut self, kinds: &'static [&'static str]) -> Self {
        self.within = kinds;
        self
    }

    /// Only outside functions and statements.
    pub const fn global(mut self) -> Self {
        self.global = true;
        self
    }

    /// Its scope is what it belongs to.
    pub const fn owned(mut self) -> Self {
        self.owned = true;
        self
    }

    /// With what the paths of the symbols inside begin with.
    pub const fn inside(mut self, inside: fn(&Key) -> String) -> Self {
        self.inside = Some(inside);
        self
    }

    /// Only a bracket around symbols.
    pub const fn group(mut self) -> Self {
        self.group = true;
        self
    }
}

/// Where a symbol's name is.
#[derive(Debug, Clone, Copy)]
pub enum Name {
    /// Go down step by step; each step is a field's name, or the kind of a child. The text there is the name.
    Path(&'static [&'static str]),
    /// The same, without quotation marks around it.
    Unquoted(&'static [&'static str]),
    /// Several such ways: the first that leads anywhere.
    Any(&'static [&'static [&'static str]]),
    /// The texts of all children of this kind, or field of this name, joined by `, `: `var a, b`.
    All(&'static [&'static str]),
    /// The node's whole text, white space reduced.
    Text,
    /// Always this: there is one of its kind.
    Fixed(&'static str),
    /// None: the rule gives its kind, and only its content identifies it.
    Unnamed,
    /// As a function says, where no table can.
    With(fn(&Site<'_, '_>) -> Option<String>),
}

/// A part of a symbol's identity besides its name.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// There is none.
    Nothing,
    /// Always this.
    Fixed(&'static str),
    /// The text at the end of steps as in [`Name::Path`]; nothing, where they lead nowhere.
    Path(&'static [&'static str]),
    /// As a function says.
    With(fn(&Site<'_, '_>) -> Option<String>),
}

/// A place where a rule may hold.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a, 't> {
    /// The node the rule is for.
    pub node: Node<'t>,
    /// The node itself or what wraps it: a decorated or exported definition.
    pub outer: Node<'t>,
    /// The whole text.
    pub text: &'a [u8],
    /// The comments and attributes above it.
    pub above: &'a [u8],
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

impl ListRule {
    /// A list whose order has a meaning, divided by commas.
    pub const fn commas(node: &'static str) -> Self {
        Self { node, separator: b',', set: false }
    }

    /// A set divided by commas.
    pub const fn set(node: &'static str) -> Self {
        Self { node, separator: b',', set: true }
    }
}
