//! Finds the symbols of a file: a walk over the bodies of symbols, but not of functions.

use crate::element::{Element, Kind};
use crate::languages::Compiled;
use crate::naming;
use crate::parsed::Parsed;
use crate::profile::Site;
use crate::{Outline, Symbol};
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Most symbols of a file; more are not kept.
const MOST: usize = 20_000;
/// Deepest nesting of symbols that is followed.
const DEEPEST: usize = 24;
/// Deepest nesting of keys in the values of a program's definitions.
const DEEPEST_KEYS: usize = 2;
/// Deepest nesting of statements that definitions are looked for in: `if TYPE_CHECKING:`.
const DEEPEST_STATEMENTS: usize = 3;

/// An element that is a symbol, and where.
struct Found<'t> {
    element: Element<'t>,
    parent: Option<usize>,
    depth: usize,
    segment: String,
}

impl Outline {
    /// The symbols of a text. `text` must be the text that was parsed.
    pub fn of(parsed: &Parsed, text: &[u8]) -> Self {
        let mut walk = Walk {
            parsed,
            text,
            compiled: Compiled::of(parsed.language),
            outline: Self { is_clean: parsed.is_clean(), ..Self::default() },
            prefixes: Vec::new(),
        };
        walk.run();
        naming::make_unique(&mut walk.outline.symbols);
        walk.outline
    }
}

impl Parsed {
    /// The names that an import brings into the file, as far as syntax tells; none for what is no import. `text` must be the text that was
    /// parsed.
    pub fn brought(&self, element: &Element<'_>, text: &[u8]) -> Vec<String> {
        let brings = Compiled::of(self.language).profile().brings.filter(|_| element.kind == Kind::Import);
        let (Some(brings), Some(node), Some(outer)) = (brings, element.inner, element.node) else { return Vec::new() };
        brings(&Site { node, outer, text, above: &[] })
    }
}

struct Walk<'p> {
    parsed: &'p Parsed,
    text: &'p [u8],
    compiled: &'static Compiled,
    outline: Outline,
    /// What the paths of what is in each symbol begin with.
    prefixes: Vec<String>,
}

impl<'p> Walk<'p> {
    fn run(&mut self) {
        let lines = Lines::of(self.text);
        let mut waiting = self.inside(&self.parsed.file(), None, 0);
        waiting.reverse();
        while let Some(found) = waiting.pop() {
            if self.outline.symbols.len() >= MOST {
                self.outline.is_cut = true;
                return;
            }
            let number = self.outline.symbols.len();
            self.add(&found, &lines);
            if found.depth < DEEPEST && self.is_entered(&found) {
                let inside = self.inside(&found.element, Some(number), found.depth + 1);
                waiting.extend(inside.into_iter().rev());
            }
        }
    }

    fn add(&mut self, found: &Found<'p>, lines: &Lines) {
        let Found { element, parent, segment, .. } = found;
        let Some(key) = element.key.clone() else { return };
        let divider = self.compiled.profile().divider;
        let prefix = parent.and_then(|parent| self.prefixes.get(parent)).map(String::as_str).unwrap_or_default();
        let joined = |segment: &str| if prefix.is_empty() { segment.to_owned() } else { format!("{prefix}{divider}{segment}") };
        let path = joined(segment);
        let inside = element.rule.and_then(|rule| rule.rule().inside);
        self.prefixes.push(inside.map_or_else(|| path.clone(), |inside| joined(&inside(&key))));
        let hash = |range: Range<usize>| xxh3_64(self.text.get(range).unwrap_or_default());
        self.outline.symbols.push(Symbol {
            path,
            parent: *parent,
            lines: lines.of_range(element.blank_end..element.span.end),
            span: element.span.clone(),
            core: element.core.clone(),
            signature_end: element.signature_end,
            signature_hash: hash(element.core.start..element.signature_end),
            text_hash: hash(element.core.clone()),
            brought: self.parsed.brought(element, self.text),
            has_error: element.has_error,
            key,
        });
    }

    /// Whether the symbols in a symbol are symbols of the file.
    fn is_entered(&self, found: &Found<'_>) -> bool {
        match found.element.kind {
            Kind::Function | Kind::Method | Kind::Constructor | Kind::Import | Kind::Macro | Kind::Arm | Kind::Statement => false,
            Kind::Constant | Kind::Variable | Kind::Field | Kind::Key => self.compiled.profile().data || found.depth < DEEPEST_KEYS,
            _ => true,
        }
    }

    /// The symbols directly in an element, brackets and statements looked through.
    fn inside(&self, container: &Element<'p>, parent: Option<usize>, depth: usize) -> Vec<Found<'p>> {
        let mut found = Vec::new();
        let mut waiting: Vec<(Element<'p>, usize)> = Vec::new();
        let is_test = container.kind == Kind::Test;
        let push = |element: &Element<'p>, statements: usize, waiting: &mut Vec<(Element<'p>, usize)>| {
            // The elements borrow from the tree alone, whatever they were found in.
            if let Some(body) = self.parsed.body(element, self.text) {
                waiting.extend(body.elements.into_iter().rev().map(|element| (element, statements)));
            }
        };
        push(container, 0, &mut waiting);
        while let Some((element, statements)) = waiting.pop() {
            if found.len() >= MOST {
                break;
            }
            let is_value = matches!(element.kind, Kind::Key | Kind::Item | Kind::Arm);
            if element.in_function && !(is_test && element.kind == Kind::Test) {
                continue;
            } else if element.is_group() {
                push(&element, statements, &mut waiting);
            } else if element.key.is_some() && !(statements > 0 && is_value) {
                let segment = naming::segment(&element, self.compiled.profile().divider);
                found.push(Found { element, parent, depth, segment });
            } else if element.key.is_none() && element.kind == Kind::Statement && !is_value && statements < DEEPEST_STATEMENTS {
                let in_code = !self.compiled.profile().data && matches!(container.kind, Kind::File | Kind::Module | Kind::Class);
                if in_code {
                    push(&element, statements + 1, &mut waiting);
                }
            }
        }
        naming::tell_apart(&mut found.iter_mut().map(|found| (&found.element, &mut found.segment)).collect::<Vec<_>>());
        found
    }
}

/// Where lines begin, to count them.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &[u8]) -> Self {
        Self(memchr::memchr_iter(b'\n', text).collect())
    }

    /// Where a line begins; the first is 1.
    pub(crate) fn start(&self, line: usize) -> usize {
        line.checked_sub(2).and_then(|before| self.0.get(before)).map_or(0, |end| end + 1)
    }

    /// The lines of a range of whole lines.
    pub(crate) fn of_range(&self, range: Range<usize>) -> Range<usize> {
        let first = self.0.partition_point(|end| *end < range.start) + 1;
        let after = self.0.partition_point(|end| *end < range.end.max(range.start + 1) - 1) + 2;
        first..after
    }
}
