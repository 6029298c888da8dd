//! A profile as tables by the grammar's numbers, made once per language, so that no node costs a comparison of names.

use super::site::{MOST_NAMES, unquoted};
use crate::element::{Key, Kind};
use crate::profile::{ListRule, Name, Part, Site, SymbolRule};
use crate::{Language, Order, Profile};
use std::num::NonZeroU16;
use std::sync::OnceLock;
use tree_sitter::Node;

/// What a kind of node is, apart from a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Flag {
    Comment = 1,
    Attached = 2,
    Transparent = 4,
    Opaque = 8,
    Wrapper = 16,
    Identifier = 32,
    Head = 64,
    Loose = 128,
    Scope = 256,
}

/// The tables.
pub(crate) struct Compiled {
    profile: &'static Profile,
    flags: Vec<u16>,
    orders: Vec<Order>,
    rules: Vec<Vec<Rule>>,
    transparent_in: Vec<(u16, u16)>,
    lists: Vec<Option<&'static ListRule>>,
}

/// A rule with its names as numbers.
pub(crate) struct Rule {
    rule: &'static SymbolRule,
    name: Vec<Vec<Step>>,
    scope: Vec<Step>,
    overload: Vec<Step>,
    body: Vec<Vec<Step>>,
    signature: Vec<Vec<Step>>,
    within: Vec<u16>,
}

/// One step down: a field, or a child of one of these kinds.
struct Step {
    field: Option<NonZeroU16>,
    kinds: Vec<u16>,
}

/// What is around a node that may be a symbol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    /// The kind of node it is directly in.
    pub(crate) parent: u16,
    /// What the element around it is.
    pub(crate) container: Kind,
    /// Whether it is inside a function or statement.
    pub(crate) local: bool,
}

/// A node for which a rule holds.
pub(crate) struct Ruled<'t> {
    pub(crate) rule: &'static Rule,
    pub(crate) node: Node<'t>,
    pub(crate) kind: Kind,
    pub(crate) key: Option<Key>,
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
        let numbers = Numbers::of(&grammar);
        let kinds = numbers.named.len();
        let mut compiled = Self {
            profile,
            flags: vec![0; kinds],
            orders: vec![Order::Ordered; kinds],
            rules: std::iter::repeat_with(Vec::new).take(kinds).collect(),
            transparent_in: Vec::new(),
            lists: vec![None; kinds],
        };
        let lists = [
            (Flag::Comment, profile.comments),
            (Flag::Attached, profile.attached),
            (Flag::Transparent, profile.transparent),
            (Flag::Opaque, profile.opaque),
            (Flag::Wrapper, profile.wrappers),
            (Flag::Identifier, profile.identifiers),
            (Flag::Head, profile.heads),
            (Flag::Loose, profile.loose),
            (Flag::Scope, profile.scopes),
        ];
        for (flag, list) in lists {
            for id in list.iter().flat_map(|kind| numbers.kinds(kind, true)) {
                if let Some(flags) = compiled.flags.get_mut(usize::from(id)) {
                    *flags |= flag as u16;
                }
            }
        }
        for (kind, order) in profile.orders {
            for id in numbers.kinds(kind, true) {
                if let Some(known) = compiled.orders.get_mut(usize::from(id)) {
                    *known = *order;
                }
            }
        }
        for rule in profile.lists {
            for id in numbers.kinds(rule.node, true) {
                if let Some(known) = compiled.lists.get_mut(usize::from(id)) {
                    *known = Some(rule);
                }
            }
        }
        for (node, parent) in profile.transparent_in {
            for node in numbers.kinds(node, true) {
                compiled.transparent_in.extend(numbers.kinds(parent, true).map(|parent| (node, parent)));
            }
        }
        for rule in profile.symbols.iter().flat_map(|rules| rules.iter()) {
            for id in numbers.kinds(rule.node, true) {
                if let Some(rules) = compiled.rules.get_mut(usize::from(id)) {
                    rules.push(Rule::new(rule, &grammar, &numbers));
                }
            }
        }
        compiled
    }

    /// Whether a node is of a kind that has the flag.
    pub(crate) fn has(&self, node: Node<'_>, flag: Flag) -> bool {
        self.kind_has(node.kind_id(), flag)
    }

    /// Whether a kind has the flag.
    pub(crate) fn kind_has(&self, kind: u16, flag: Flag) -> bool {
        self.flags.get(usize::from(kind)).is_some_and(|flags| flags & flag as u16 != 0)
    }

    /// Whether a node is nothing of its own, unless a rule names it.
    pub(crate) fn is_transparent(&self, node: Node<'_>, parent: u16) -> bool {
        self.has(node, Flag::Transparent) || (!self.transparent_in.is_empty() && self.transparent_in.contains(&(node.kind_id(), parent)))
    }

    /// Whether there are rules for a kind of node.
    pub(crate) fn has_rules(&self, node: Node<'_>) -> bool {
        self.rules.get(usize::from(node.kind_id())).is_some_and(|rules| !rules.is_empty())
    }

    /// How much the order of what is directly in a kind of node means.
    pub(crate) fn order_in(&self, kind: u16) -> Order {
        self.orders.get(usize::from(kind)).copied().unwrap_or(Order::Ordered)
    }

    /// What kind of list a node is.
    pub(crate) fn list(&self, node: Node<'_>) -> Option<&'static ListRule> {
        self.lists.get(usize::from(node.kind_id())).copied().flatten()
    }

    /// The profile.
    pub(crate) fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// The rule that holds for a node or for what it wraps.
    pub(crate) fn ruled<'t>(&'static self, outer: Node<'t>, around: Around, text: &[u8], above: &[u8]) -> Option<Ruled<'t>> {
        const DEEPEST: usize = 4;
        let (mut node, mut parent) = (outer, around.parent);
        for _ in 0..DEEPEST {
            let site = Site { node, outer, text, above };
            for rule in self.rules.get(usize::from(node.kind_id())).into_iter().flatten() {
                if (rule.rule.global && around.local) || (!rule.within.is_empty() && !rule.within.contains(&parent)) {
                    continue;
                }
                let kind = around.container.member(rule.rule.kind);
                if matches!(rule.rule.name, Name::Unnamed) {
                    return Some(Ruled { rule, node, kind, key: None });
                }
                if let Some(key) = rule.key(kind, &site) {
                    return Some(Ruled { rule, node, kind, key: Some(key) });
                }
            }
            if !self.has(node, Flag::Wrapper) {
                return None;
            }
            let mut cursor = node.walk();
            let wrapped = node.named_children(&mut cursor).find(|child| self.has_rules(*child) || self.has(*child, Flag::Wrapper))?;
            // What wraps is as if it were not there.
            if node != outer {
                parent = node.kind_id();
            }
            node = wrapped;
        }
        None
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rule.fmt(f)
    }
}

impl Rule {
    fn new(rule: &'static SymbolRule, grammar: &tree_sitter::Language, numbers: &Numbers) -> Self {
        let steps = |steps: &[&str]| -> Vec<Step> {
            let step = |name: &&str| Step {
                field: grammar.field_id_for_name(name),
                kinds: numbers.kinds(name, true).chain(numbers.kinds(name, false)).collect(),
            };
            steps.iter().map(step).collect()
        };
        let part = |part: Part| match part {
            Part::Path(way) => steps(way),
            _ => Vec::new(),
        };
        let name = match rule.name {
            Name::Path(way) | Name::Unquoted(way) | Name::All(way) => vec![steps(way)],
            Name::Any(ways) => ways.iter().map(|way| steps(way)).collect(),
            _ => Vec::new(),
        };
        Self {
            rule,
            name,
            scope: part(rule.scope),
            overload: part(rule.overload),
            body: rule.body.iter().map(|way| steps(way)).collect(),
            signature: rule.signature.iter().map(|way| steps(way)).collect(),
            within: rule.within.iter().flat_map(|kind| numbers.kinds(kind, true)).collect(),
        }
    }

    /// The rule in the table.
    pub(crate) fn rule(&self) -> &'static SymbolRule {
        self.rule
    }

    /// Where a symbol's body begins, if it has one.
    pub(crate) fn signature_end(&self, node: Node<'_>) -> Option<usize> {
        let body = self.body.iter().find_map(|way| go(node, way)).map(|body| body.start_byte());
        body.or_else(|| self.signature.iter().find_map(|way| go(node, way)).map(|head| head.end_byte()))
    }

    fn key(&self, kind: Kind, site: &Site<'_, '_>) -> Option<Key> {
        let name = self.name(site)?;
        let part = |part: Part, way: &[Step]| match part {
            Part::Nothing => String::new(),
            Part::Fixed(text) => text.to_owned(),
            Part::Path(_) => go(site.node, way).map(|at| site.text_of(at)).unwrap_or_default(),
            Part::With(part) => part(site).unwrap_or_default(),
        };
        Some(Key { kind, scope: part(self.rule.scope, &self.scope), name, overload: part(self.rule.overload, &self.overload) })
    }

    fn name(&self, site: &Site<'_, '_>) -> Option<String> {
        let first = || self.name.iter().find_map(|way| go(site.node, way));
        let found = match self.rule.name {
            Name::Path(_) | Name::Any(_) => site.text_of(first()?),
            Name::Unquoted(_) => unquoted(&site.text_of(first()?)).to_owned(),
            Name::All(_) => self.name.first().and_then(|way| all(site, way))?,
            Name::Text => site.text_of(site.node),
            Name::Fixed(name) => name.to_owned(),
            Name::Unnamed => return None,
            Name::With(name) => name(site)?,
        };
        (!found.is_empty()).then_some(found)
    }
}

/// The texts of all that the last step leads to, joined.
fn all(site: &Site<'_, '_>, way: &[Step]) -> Option<String> {
    let (last, way) = way.split_last()?;
    let at = go(site.node, way)?;
    let mut cursor = at.walk();
    let mut names = Vec::new();
    if cursor.goto_first_child() {
        loop {
            let is_field = last.field.is_some() && cursor.field_id() == last.field;
            if !cursor.node().is_named() {
                // A separator can bear the field's name as well.
            } else if is_field || last.kinds.contains(&cursor.node().kind_id()) {
                names.push(site.text_of(cursor.node()));
            }
            if names.len() >= MOST_NAMES || !cursor.goto_next_sibling() {
                break;
            }
        }
    }
    Some(names.join(", "))
}

/// Goes down from a node; each step is a field or the kind of a child.
fn go<'t>(node: Node<'t>, steps: &[Step]) -> Option<Node<'t>> {
    let mut node = node;
    for step in steps {
        let field = step.field.and_then(|field| node.child_by_field_id(field.get()));
        node = match field {
            Some(field) => field,
            None if step.kinds.is_empty() => return None,
            None => {
                let mut cursor = node.walk();
                node.children(&mut cursor).find(|child| step.kinds.contains(&child.kind_id()))?
            }
        };
    }
    Some(node)
}

/// The grammar's kinds by name: one name can have several numbers.
struct Numbers {
    named: Vec<(String, bool)>,
}

impl Numbers {
    fn of(grammar: &tree_sitter::Language) -> Self {
        let named = (0..grammar.node_kind_count())
            .map(|id| u16::try_from(id).unwrap_or(u16::MAX))
            .map(|id| {
                let shown = grammar.node_kind_is_visible(id);
                (grammar.node_kind_for_id(id).filter(|_| shown).unwrap_or_default().to_owned(), grammar.node_kind_is_named(id))
            })
            .collect();
        Self { named }
    }

    fn kinds<'a>(&'a self, name: &'a str, named: bool) -> impl Iterator<Item = u16> + 'a {
        let matches = move |(id, known): (usize, &(String, bool))| {
            (known.1 == named && known.0 == name && !name.is_empty()).then(|| u16::try_from(id).ok()).flatten()
        };
        self.named.iter().enumerate().filter_map(matches)
    }
}

/// Longest name, in bytes. What is longer is cut: names are for people, and equal texts stay equal.
const LONGEST: usize = 512;

/// A text on one line, white space reduced to single spaces.
pub(crate) fn reduce(text: &[u8]) -> String {
    // Enough for the longest name, whatever the white space.
    const LOOKED_AT: usize = 8 * LONGEST;
    let text = String::from_utf8_lossy(text.get(..LOOKED_AT).unwrap_or(text));
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
