//! How many lines two texts share.

use std::collections::HashMap;

/// The lines of a text, as a bag: without indentation and blank lines.
pub(super) struct Bag<'a> {
    counts: HashMap<&'a [u8], usize>,
    lines: usize,
}

impl<'a> Bag<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        let mut bag = Self { counts: HashMap::new(), lines: 0 };
        for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            *bag.counts.entry(line).or_default() += 1;
            bag.lines += 1;
        }
        bag
    }

    /// Whether at least four fifths of the lines of the longer one are in both. Two lines tell nothing.
    pub(super) fn resembles(&self, other: &Self) -> bool {
        const LEAST: usize = 3;
        let longer = self.lines.max(other.lines);
        let shared: usize = self.counts.iter().map(|(line, count)| other.counts.get(line).map_or(0, |others| *count.min(others))).sum();
        longer >= LEAST && shared * 5 >= longer * 4
    }
}
