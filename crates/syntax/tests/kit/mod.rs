//! The kit for testing a language: the outline of a text as indented lines, and the law that bytes tile.

#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses a part of the kit")]
#![allow(unused_imports, reason = "each test binary uses a part of the kit")]

mod fixtures;
mod outline;
mod tiling;

pub use fixtures::{Fixture, fixtures};
pub use outline::{check, symbols};
pub use tiling::{Tiled, tiling};

use acetate_syntax::{Language, ParseLimits, Parsed};

/// Parses, or panics.
pub fn parse(language: Language, text: &[u8]) -> Parsed {
    Parsed::new(language, text, &ParseLimits::default()).unwrap()
}

/// A text that is indented for reading, as it is meant: without the first line end and the indentation of the first line.
pub fn dedent(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let indent = text.len() - text.trim_start_matches(' ').len();
    let lines = text.split_inclusive('\n').map(|line| line.get(indent..).unwrap_or(line.trim_start_matches(' ')));
    lines.collect()
}
