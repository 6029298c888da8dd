//! A profile as tables by the grammar's numbers, made once per language.

use crate::element::{Key, Kind};
use crate::profile::{Name, SymbolRule};
use crate::{Language, Order, Profile};
use std::sync::OnceLock;
use tree_sitter::Node;

/// What a kind of node is, apart from a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Flag {
    Comment = 1,
    Attached = 2,
    Transparent = 4,
    Opaque = 8,
    Wrapper = 16,
    Unordered = 32,
    Identifier = 64,
}

/// The tables.
pub(crate) struct Compiled {
    profile: &'static Profile,
    flags: Vec<u8>,
    rules: Vec<Option<&'static SymbolRule>>,
    /// How comments begin.
    pub(crate) comment_starts: &'static [&'static str],
}

/// Room for every language.
const LANGUAGES: usize = 64;
static ALL: [OnceLock<Compiled>; LANGUAGES] = [const { OnceLock::new() }; LANGUAGES];

impl Compiled {
    /// The tables of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        ALL[language as usize % LANGUAGES].get_or_init(|| Self::new(language.profile()))
    }

    fn new(profile: &'static Profile) -> Self {
        let grammar = (profile.grammar)();
        let kinds = grammar.node_kind_count();
        let mut compiled = Self { profile, flags: vec![0; kinds], rules: vec![None; kinds], comment_starts: &["//", "#", "/*", "<!--"] };
        for id in 0..kinds {
            let Some(kind) = u16::try_from(id).ok().and_then(|id| grammar.node_kind_for_id(id)) else { continue };
            if !u16::try_from(id).is_ok_and(|id| grammar.node_kind_is_named(id)) {
                continue;
            }
            let lists = [
                (Flag::Comment, profile.comments),
                (Flag::Attached, profile.attached),
                (Flag::Transparent, profile.transparent),
                (Flag::Opaque, profile.opaque),
                (Flag::Wrapper, profile.wrappers),
                (Flag::Identifier, profile.identifiers),
            ];
            for (flag, list) in lists {
                if list.contains(&kind) {
                    compiled.flags[id] |= flag as u8;
                }
            }
            if profile.orders.iter().any(|(known, order)| *known == kind && *order == Order::Unordered) {
                compiled.flags[id] |= Flag::Unordered as u8;
            }
            compiled.rules[id] = profile.symbols.iter().find(|rule| rule.node == kind);
        }
        compiled
    }

    /// Whether a node is of a kind that has the flag.
    pub(crate) fn has(&self, node: Node<'_>, flag: Flag) -> bool {
        self.flags.get(usize::from(node.kind_id())).is_some_and(|flags| flags & flag as u8 != 0)
    }

    pub(crate) fn rule(&self, node: Node<'_>) -> Option<&'static SymbolRule> {
        self.rules.get(usize::from(node.kind_id())).copied().flatten()
    }

    /// How much the order of the elements around `element` means.
    pub(crate) fn order_of(&self, element: Node<'_>) -> Order {
        let unordered = element.parent().is_some_and(|parent| self.has(parent, Flag::Unordered));
        if unordered { Order::Unordered } else { Order::Ordered }
    }

    /// The profile.
    pub(crate) fn profile(&self) -> &'static Profile {
        self.profile
    }
}

/// The rule for a node, and the node it names: the node itself, or one that it wraps.
pub(crate) fn ruled<'t>(compiled: &Compiled, node: Node<'t>) -> Option<(&'static SymbolRule, Node<'t>)> {
    let mut node = node;
    for _ in 0..4 {
        if let Some(rule) = compiled.rule(node) {
            return Some((rule, node));
        }
        if !compiled.has(node, Flag::Wrapper) {
            return None;
        }
        let mut cursor = node.walk();
        let wrapped =
            node.named_children(&mut cursor).find(|child| compiled.rule(*child).is_some() || compiled.has(*child, Flag::Wrapper))?;
        node = wrapped;
    }
    None
}

/// What identifies a symbol; `None` where its name can't be found.
pub(crate) fn key_of(rule: &SymbolRule, node: Node<'_>, text: &[u8]) -> Option<Key> {
    let name = name_of(rule, node, text)?;
    let part =
        |steps: &[&str]| if steps.is_empty() { String::new() } else { go(node, steps).map(|at| reduced(at, text)).unwrap_or_default() };
    Some(Key { kind: rule.kind, scope: part(rule.scope), name, overload: part(rule.overload) })
}

fn name_of(rule: &SymbolRule, node: Node<'_>, text: &[u8]) -> Option<String> {
    let found = match rule.name {
        Name::Path(steps) => reduced(go(node, steps)?, text),
        Name::Any(ways) => ways.iter().find_map(|steps| go(node, steps).map(|at| reduced(at, text)))?,
        Name::All(steps) => {
            let (last, way) = steps.split_last()?;
            let at = go(node, way)?;
            let mut cursor = at.walk();
            let mut names = Vec::new();
            if cursor.goto_first_child() {
                loop {
                    if cursor.field_name() == Some(last) || cursor.node().kind() == *last {
                        names.push(reduced(cursor.node(), text));
                    }
                    if names.len() >= 64 || !cursor.goto_next_sibling() {
                        break;
                    }
                }
            }
            names.join(", ")
        }
        Name::Signature => {
            let end = rule.body.iter().find_map(|field| node.child_by_field_name(field)).map_or(node.end_byte(), |body| body.start_byte());
            reduce(text.get(node.start_byte()..end)?)
        }
        Name::Text => reduced(node, text),
        Name::Fixed(name) => name.to_owned(),
        Name::With(name) => name(node, text)?,
    };
    (!found.is_empty() || rule.kind == Kind::Import).then_some(found)
}

/// Goes down from a node; each step is a field or the kind of a child.
fn go<'t>(node: Node<'t>, steps: &[&str]) -> Option<Node<'t>> {
    let mut node = node;
    for step in steps {
        let field = node.child_by_field_name(step);
        node = match field {
            Some(field) => field,
            None => {
                let mut cursor = node.walk();
                node.children(&mut cursor).find(|child| child.kind() == *step)?
            }
        };
    }
    Some(node)
}

fn reduced(node: Node<'_>, text: &[u8]) -> String {
    reduce(text.get(node.byte_range()).unwrap_or_default())
}

/// Longest name, in bytes. What is longer is cut: names are for people, and equal texts stay equal.
const LONGEST: usize = 512;

/// A text on one line, white space reduced to single spaces.
pub(crate) fn reduce(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut reduced = String::with_capacity(text.len().min(LONGEST));
    for word in text.split_whitespace() {
        if !reduced.is_empty() {
            reduced.push(' ');
        }
        reduced.push_str(word);
        if reduced.len() > LONGEST {
            let end = reduced.floor_char_boundary(LONGEST);
            reduced.truncate(end);
            break;
        }
    }
    reduced
}
