//! The keyed elements of a text as indented lines: `class Parser`, `method next`.

use super::{dedent, parse, tiling};
use acetate_syntax::{Element, Language, Parsed};

/// Checks that a text has these symbols, that it parses without an error, and that its bytes tile.
#[track_caller]
pub fn check(language: Language, text: &str, expect: &str) {
    let text = dedent(text);
    let parsed = parse(language, text.as_bytes());
    assert!(parsed.is_clean(), "errors at {:?}:\n{text}", parsed.errors(5));
    tiling(&parsed, text.as_bytes());
    let found = symbols(&parsed, text.as_bytes());
    let expect = dedent(expect);
    assert!(found.trim_end() == expect.trim_end(), "found:\n{found}\nexpected:\n{expect}\nin:\n{text}");
}

/// The symbols, a line each, indented by depth; elements without a key are passed through if they have symbols inside.
pub fn symbols(parsed: &Parsed, text: &[u8]) -> String {
    let mut lines = String::new();
    let mut waiting = vec![(parsed.file(), 0usize)];
    while let Some((element, depth)) = waiting.pop() {
        let mut inside = depth;
        if let Some(line) = line(&element, text) {
            lines.push_str(&"    ".repeat(depth));
            lines.push_str(&line);
            lines.push('\n');
            inside += 1;
        }
        if let Some(body) = parsed.body(&element, text) {
            waiting.extend(body.elements.into_iter().rev().map(|element| (element, inside)));
        }
    }
    lines
}

/// An element's line: its kind, scope, name and overload, and after `^` the first line of what is attached above it.
fn line(element: &Element<'_>, text: &[u8]) -> Option<String> {
    let key = element.key.as_ref()?;
    let mut line = key.kind.as_str().to_owned();
    if !key.scope.is_empty() {
        line += &format!(" [{}]", key.scope);
    }
    line += &format!(" {}", key.name);
    if !key.overload.is_empty() {
        line += &format!(" {{{}}}", key.overload);
    }
    let attached = String::from_utf8_lossy(&text[element.attached()]);
    if let Some(first) = attached.lines().next() {
        line += &format!(" ^{}", first.trim());
    }
    Some(line)
}
