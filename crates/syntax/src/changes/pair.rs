//! Which symbol of one outline is which of another.

use super::rename::Renames;
use crate::{Kind, Outline, Symbol};
use std::collections::HashMap;

/// Two outlines laid over each other, by the numbers of their symbols.
pub(super) struct Pairs {
    /// For each symbol before, the one after.
    pub(super) after: Vec<Option<usize>>,
    /// For each symbol after, the one before.
    pub(super) before: Vec<Option<usize>>,
}

/// The symbols in each symbol; those in none come first.
pub(super) struct Children(HashMap<Option<usize>, Vec<usize>>);

impl Children {
    pub(super) fn of(outline: &Outline) -> Self {
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for (number, symbol) in outline.symbols.iter().enumerate() {
            children.entry(symbol.parent).or_default().push(number);
        }
        Self(children)
    }

    pub(super) fn inside(&self, parent: Option<usize>) -> &[usize] {
        self.0.get(&parent).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Both sides of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) before: &'a Outline,
    pub(super) before_text: &'a [u8],
    pub(super) after: &'a Outline,
    pub(super) after_text: &'a [u8],
}

impl Pairs {
    pub(super) fn of(sides: Sides<'_>) -> Self {
        let (before, after) = (sides.before, sides.after);
        let mut pairs = Self { after: vec![None; before.symbols.len()], before: vec![None; after.symbols.len()] };
        let (inside_before, inside_after) = (Children::of(before), Children::of(after));
        let mut waiting = vec![(None, None)];
        while let Some((old, new)) = waiting.pop() {
            let (olds, news) = (inside_before.inside(old), inside_after.inside(new));
            pairs.by_key(sides, olds, news, |symbol| {
                (symbol.kind(), symbol.key.scope.clone(), symbol.key.name.clone(), Some(symbol.key.overload.clone()))
            });
            pairs.by_key(sides, olds, news, |symbol| (symbol.kind(), symbol.key.scope.clone(), symbol.key.name.clone(), None));
            pairs.by_key(sides, olds, news, |symbol| (symbol.kind(), String::new(), symbol.key.name.clone(), None));
            for (old, new) in Renames::among(sides, pairs.free_before(olds), pairs.free_after(news)).found() {
                pairs.add(old, new);
            }
            waiting.extend(olds.iter().filter_map(|old| Some((Some(*old), Some(pairs.after.get(*old).copied().flatten()?)))));
        }
        pairs.moved(sides);
        pairs
    }

    fn add(&mut self, old: usize, new: usize) {
        if let (Some(after), Some(before)) = (self.after.get_mut(old), self.before.get_mut(new)) {
            (*after, *before) = (Some(new), Some(old));
        }
    }

    fn free_before(&self, olds: &[usize]) -> Vec<usize> {
        olds.iter().copied().filter(|old| self.after.get(*old) == Some(&None)).collect()
    }

    fn free_after(&self, news: &[usize]) -> Vec<usize> {
        news.iter().copied().filter(|new| self.before.get(*new) == Some(&None)).collect()
    }

    /// Pairs what has the same key; of several the first with the first, if their numbers are equal or their keys say all.
    fn by_key(
        &mut self,
        sides: Sides<'_>,
        olds: &[usize],
        news: &[usize],
        key: impl Fn(&Symbol) -> (Kind, String, String, Option<String>),
    ) {
        let (olds, news) = (self.free_before(olds), self.free_after(news));
        if olds.is_empty() || news.is_empty() {
            return;
        }
        let mut known: HashMap<_, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for old in olds {
            known.entry(sides.before.symbols.get(old).map(&key)).or_default().0.push(old);
        }
        for new in news {
            known.entry(sides.after.symbols.get(new).map(&key)).or_default().1.push(new);
        }
        for (key, (olds, news)) in known {
            let all = key.is_some_and(|key| key.3.is_some());
            if all || (olds.len() == 1 && news.len() == 1) {
                olds.into_iter().zip(news).for_each(|(old, new)| self.add(old, new));
            }
        }
    }

    /// Pairs what went to another place of the file as it was, where there is no other like it.
    fn moved(&mut self, sides: Sides<'_>) {
        let key = |symbol: &Symbol| (symbol.kind(), symbol.key.name.clone(), symbol.text_hash);
        let mut known: HashMap<_, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (number, symbol) in sides.before.symbols.iter().enumerate().filter(|(number, _)| self.after.get(*number) == Some(&None)) {
            known.entry(key(symbol)).or_default().0.push(number);
        }
        for (number, symbol) in sides.after.symbols.iter().enumerate().filter(|(number, _)| self.before.get(*number) == Some(&None)) {
            known.entry(key(symbol)).or_default().1.push(number);
        }
        for (olds, news) in known.into_values() {
            if let ([old], [new]) = (&olds[..], &news[..]) {
                self.add(*old, *new);
            }
        }
    }
}
