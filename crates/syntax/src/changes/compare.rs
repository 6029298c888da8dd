//! What became of each symbol.

use super::order::out_of_order;
use super::pair::{Children, Pairs, Sides};
use crate::{Kind, Outline, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What became of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new. What is in it is not told apart.
    Added,
    /// It is gone, with what was in it.
    Deleted,
    /// Its signature is another; see [`SymbolChange::body_changed`] for the rest.
    ChangedSignature,
    /// Its body is another, apart from the symbols in it.
    ChangedBody,
    /// Only the comments or attributes above it are others.
    ChangedAbove,
    /// It has another name.
    Renamed,
    /// It is in another symbol, or elsewhere among those it was with, and otherwise as it was.
    Moved,
}

impl ChangeKind {
    /// As in answers: `changed_body`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Deleted => "deleted",
            Self::ChangedSignature => "changed_signature",
            Self::ChangedBody => "changed_body",
            Self::ChangedAbove => "changed_above",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
        }
    }
}

/// One symbol that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolChange {
    /// What became of it.
    pub change: ChangeKind,
    /// What it is.
    pub kind: Kind,
    /// Its path: after the change, or before it where it is gone.
    pub path: String,
    /// Its path before, where that was another.
    pub from: Option<String>,
    /// Whether its body changed as well.
    pub body_changed: bool,
    /// Its number in the outline before.
    pub before: Option<usize>,
    /// Its number in the outline after.
    pub after: Option<usize>,
}

/// What became of the symbols of a file, in the order of the text after; what is gone stands behind what came before it.
pub fn changes(before: &Outline, before_text: &[u8], after: &Outline, after_text: &[u8]) -> Vec<SymbolChange> {
    let sides = Sides { before, before_text, after, after_text };
    let pairs = Pairs::of(sides);
    let children = (Children::of(before), Children::of(after));
    let moved = moved_among(sides, &pairs, &children.0);
    let mut found: Vec<((usize, usize), SymbolChange)> = Vec::new();
    for (number, symbol) in after.symbols.iter().enumerate() {
        let Some(old) = pairs.before.get(number).copied().flatten() else {
            // What is in something new is new with it.
            if symbol.parent.is_none_or(|parent| pairs.before.get(parent).copied().flatten().is_some()) {
                found.push(((number + 1, 0), one(ChangeKind::Added, symbol, None, Some(number))));
            }
            continue;
        };
        if let Some(was) = before.symbols.get(old) {
            let compared = Compared { sides, pairs: &pairs, children: &children, old: (old, was), new: (number, symbol) };
            found.extend(compared.change(moved.contains(&old)).map(|change| ((number + 1, 0), change)));
        }
    }
    let mut place = 0;
    for (number, symbol) in before.symbols.iter().enumerate() {
        match pairs.after.get(number).copied().flatten() {
            Some(new) => place = new + 1,
            None if symbol.parent.is_none_or(|parent| pairs.after.get(parent).copied().flatten().is_some()) => {
                found.push(((place, number + 1), one(ChangeKind::Deleted, symbol, Some(number), None)));
            }
            None => {}
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, change)| change).collect()
}

fn one(change: ChangeKind, symbol: &Symbol, before: Option<usize>, after: Option<usize>) -> SymbolChange {
    SymbolChange { change, kind: symbol.kind(), path: symbol.path.clone(), from: None, body_changed: false, before, after }
}

/// The symbols before whose order among those around them is another after.
fn moved_among(sides: Sides<'_>, pairs: &Pairs, children: &Children) -> HashSet<usize> {
    let parents = std::iter::once(None).chain((0..sides.before.symbols.len()).map(Some));
    let mut moved = HashSet::new();
    for parent in parents {
        let now = |old: &usize| {
            let new = pairs.after.get(*old).copied().flatten()?;
            let around = sides.after.symbols.get(new)?.parent;
            // What is in another symbol now is moved anyway.
            (around == parent.and_then(|parent| pairs.after.get(parent).copied().flatten())).then_some(new)
        };
        let row: Vec<usize> = children.inside(parent).iter().filter_map(now).collect();
        moved.extend(out_of_order(&row).into_iter().filter_map(|new| pairs.before.get(new).copied().flatten()));
    }
    moved
}

/// A symbol before and after.
struct Compared<'a> {
    sides: Sides<'a>,
    pairs: &'a Pairs,
    children: &'a (Children, Children),
    old: (usize, &'a Symbol),
    new: (usize, &'a Symbol),
}

impl Compared<'_> {
    fn change(&self, out_of_order: bool) -> Option<SymbolChange> {
        let ((old, was), (new, is)) = (self.old, self.new);
        let parent_now = was.parent.map(|parent| self.pairs.after.get(parent).copied().flatten());
        let is_elsewhere = match (parent_now, is.parent) {
            (None, None) => false,
            (Some(Some(expected)), Some(parent)) => expected != parent,
            _ => true,
        };
        let body_changed = was.text_hash != is.text_hash && self.own_body(false) != self.own_body(true);
        let change = if was.key.name != is.key.name {
            ChangeKind::Renamed
        } else if is_elsewhere {
            ChangeKind::Moved
        } else if was.signature_hash != is.signature_hash {
            ChangeKind::ChangedSignature
        } else if body_changed {
            ChangeKind::ChangedBody
        } else if self.above(false) != self.above(true) {
            ChangeKind::ChangedAbove
        } else if out_of_order && was.text_hash == is.text_hash {
            ChangeKind::Moved
        } else {
            return None;
        };
        let from = (was.path != is.path).then(|| was.path.clone());
        Some(SymbolChange { from, body_changed, ..one(change, is, Some(old), Some(new)) })
    }

    fn side(&self, after: bool) -> (&[u8], &Outline, usize, &Symbol, &Children) {
        if after {
            (self.sides.after_text, self.sides.after, self.new.0, self.new.1, &self.children.1)
        } else {
            (self.sides.before_text, self.sides.before, self.old.0, self.old.1, &self.children.0)
        }
    }

    /// The body without the symbols in it, and then without the white space between them.
    fn own_body(&self, after: bool) -> Vec<u8> {
        let (text, outline, number, symbol, children) = self.side(after);
        let mut own = Vec::new();
        let mut at = symbol.signature_end;
        for child in children.inside(Some(number)).iter().filter_map(|child| outline.symbols.get(*child)) {
            if child.span.start >= at {
                own.extend_from_slice(text.get(at..child.span.start).unwrap_or_default());
            }
            at = at.max(child.span.end);
        }
        own.extend_from_slice(text.get(at..symbol.core.end).unwrap_or_default());
        if self.children.0.inside(Some(self.old.0)).is_empty() && self.children.1.inside(Some(self.new.0)).is_empty() {
            return own;
        }
        own.retain(|byte| !byte.is_ascii_whitespace());
        own
    }

    /// Comments and attributes above the symbol.
    fn above(&self, after: bool) -> &[u8] {
        let (text, _, _, symbol, _) = self.side(after);
        text.get(symbol.span.start..symbol.core.start).unwrap_or_default().trim_ascii()
    }
}
