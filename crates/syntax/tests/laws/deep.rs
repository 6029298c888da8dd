//! Texts nested as deep as nobody writes them cost no stack and no more than their length.

use crate::kit::{self, tiling};
use acetate_syntax::{Language, ParseError, ParseLimits, Parsed};

/// As deep as brackets may be open.
const DEEP: usize = 10_000;

#[test]
fn nesting_costs_no_stack() {
    let open_lines = "[\n".repeat(DEEP) + &"]\n".repeat(DEEP);
    let one_line = "[".repeat(DEEP) + &"]".repeat(DEEP) + "\n";
    let two_lines = "[".repeat(DEEP) + "\n" + &"]".repeat(DEEP) + "\n";
    let unclosed = "[".repeat(DEEP);
    let parens = format!("{}a{}\n", "(".repeat(DEEP), ")".repeat(DEEP));
    let blocks = "{\n".repeat(DEEP) + &"}\n".repeat(DEEP);
    let quotes = "> ".repeat(DEEP) + "a\n";
    let lists = "- ".repeat(DEEP) + "a\n";
    let indented: String = (0..500).map(|depth| " ".repeat(depth) + "a:\n").collect();
    for text in [open_lines, one_line, two_lines, unclosed, parens, blocks, quotes, lists, indented] {
        for language in Language::all() {
            let started = std::time::Instant::now();
            let Ok(parsed) = Parsed::new(language, text.as_bytes(), &ParseLimits::default()) else { continue };
            let parsed_in = started.elapsed();
            tiling(&parsed, text.as_bytes());
            if started.elapsed().as_millis() > 1000 {
                eprintln!("{language:?} {:?}: parsed in {parsed_in:?}, all {:?}", text.get(..6), started.elapsed());
            }
        }
    }
}

#[test]
fn brackets_that_would_end_the_process_are_not_parsed() {
    for text in ["[{".repeat(30_000), "(".repeat(50_000), "{".repeat(10_001)] {
        for language in Language::all() {
            let parsed = Parsed::new(language, text.as_bytes(), &ParseLimits::default());
            assert_eq!(parsed.err(), Some(ParseError::TooDeep), "{language:?}");
        }
    }
}

#[test]
fn work_is_bounded() {
    // Each raw string is looked for up to the end of the text.
    let text = "r#\"".repeat(50_000);
    assert_eq!(Parsed::new(Language::Rust, text.as_bytes(), &ParseLimits::default()).err(), Some(ParseError::TooCostly));
    // A stream of many documents is not counted anew for each.
    let text = "---\na: 1\n".repeat(20_000);
    tiling(&kit::parse(Language::Yaml, text.as_bytes()), text.as_bytes());
}

#[test]
fn indentations_beyond_the_scanner_are_refused() {
    let deep = |columns: std::ops::Range<usize>| -> String { columns.map(|column| " ".repeat(column) + "if a:\n").collect() };
    let refused = |language: Language, text: &str| Parsed::new(language, text.as_bytes(), &ParseLimits::default()).err();
    // Tabs count eight columns, and an open string takes room as well.
    let tabs: String = (0..100).map(|column| "\t".repeat(column) + "if a:\n").collect();
    assert_eq!(refused(Language::Python, &tabs), None);
    assert_eq!(refused(Language::Python, &(deep(0..370) + &" ".repeat(370) + &"f'{".repeat(300))), None);
    assert_eq!(refused(Language::Python, &deep(0..600)), Some(ParseError::TooDeep));
    let keys: String = (0..59).map(|column| " ".repeat(column) + "a:\n").collect();
    assert_eq!(refused(Language::Yaml, &keys), None);
    assert_eq!(refused(Language::Yaml, &"- ".repeat(300)), Some(ParseError::TooDeep));
}
