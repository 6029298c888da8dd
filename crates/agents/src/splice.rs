//! Changes of a text, as what takes the place of which bytes.
//!
//! Invariant: what no splice names is in the result, in its order.

use std::ops::Range;

/// What takes the place of which bytes; an empty range inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub at: Range<usize>,
    pub text: String,
}

impl Splice {
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { at: at..at, text: text.into() }
    }

    pub fn replace(at: Range<usize>, text: impl Into<String>) -> Self {
        Self { at, text: text.into() }
    }

    pub fn cut(at: Range<usize>) -> Self {
        Self { at, text: String::new() }
    }
}

/// The text with all of them done. They don't overlap; where they did, the later one would do nothing.
pub fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| (splice.at.start, splice.at.end));
    let mut result = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut done = 0;
    for splice in splices {
        if let Some(kept) = text.get(done..splice.at.start) {
            result.push_str(kept);
            result.push_str(&splice.text);
            done = splice.at.end.max(splice.at.start);
        }
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}
