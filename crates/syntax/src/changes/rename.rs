//! Renames: a symbol that went and one that came, of one kind in one place, that nothing else resembles.

use super::lines::Bag;
use super::pair::Sides;
use crate::{Kind, Symbol};

/// Most symbols on a side that are compared by their lines.
const MOST: usize = 48;

/// What may be a rename: for each symbol that went, those that came and resemble it.
pub(super) struct Renames {
    candidates: Vec<(usize, usize)>,
}

impl Renames {
    /// The candidates among symbols that went and symbols that came.
    pub(super) fn among(sides: Sides<'_>, olds: Vec<usize>, news: Vec<usize>) -> Self {
        let mut candidates = Vec::new();
        if !olds.is_empty() && !news.is_empty() && olds.len() <= MOST && news.len() <= MOST {
            let olds = texts(&olds, &sides.before.symbols, sides.before_text);
            let news = texts(&news, &sides.after.symbols, sides.after_text);
            for (old, new) in olds.iter().flat_map(|old| news.iter().map(move |new| (old, new))) {
                let same_kind = old.symbol.kind() == new.symbol.kind();
                if same_kind && (is_replaced(old, new) || old.bag.resembles(&new.bag)) {
                    candidates.push((old.number, new.number));
                }
            }
        }
        Self { candidates }
    }

    /// Those without a rival.
    pub(super) fn found(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let alone = |pair: &&(usize, usize)| {
            self.candidates.iter().filter(|other| other.0 == pair.0).count() == 1
                && self.candidates.iter().filter(|other| other.1 == pair.1).count() == 1
        };
        self.candidates.iter().filter(alone).copied()
    }
}

/// Whether symbols of a kind are renamed at all: another import is another import.
fn is_renamed(kind: Kind) -> bool {
    !matches!(kind, Kind::Import | Kind::Package | Kind::Arm | Kind::Statement)
}

/// A symbol with what is compared of it.
struct Text<'a> {
    number: usize,
    symbol: &'a Symbol,
    text: &'a [u8],
    bag: Bag<'a>,
}

fn texts<'a>(numbers: &[usize], symbols: &'a [Symbol], text: &'a [u8]) -> Vec<Text<'a>> {
    let one = |number: &usize| {
        let symbol = symbols.get(*number).filter(|symbol| is_renamed(symbol.kind()))?;
        let text = text.get(symbol.core.clone())?;
        Some(Text { number: *number, symbol, text, bag: Bag::of(text) })
    };
    numbers.iter().filter_map(one).collect()
}

/// Whether one text is the other with the name replaced, and there is more to it than the name.
fn is_replaced(before: &Text<'_>, after: &Text<'_>) -> bool {
    let (old, new) = (before.symbol.name().as_bytes(), after.symbol.name().as_bytes());
    let (text, other_text) = (before.text, after.text);
    let mut at = 0;
    let mut expected = Vec::with_capacity(other_text.len());
    for found in memchr::memmem::find_iter(text, old) {
        expected.extend_from_slice(text.get(at..found).unwrap_or_default());
        expected.extend_from_slice(new);
        at = found + old.len();
    }
    expected.extend_from_slice(text.get(at..).unwrap_or_default());
    at > 0 && expected.trim_ascii() == other_text.trim_ascii() && expected.trim_ascii().len() > new.len()
}
