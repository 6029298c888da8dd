//! Each fixture has the elements and symbols that the files beside it say. `UPDATE=1` writes what is found, to be read before it is
//! believed.

use crate::kit::{Fixture, fixtures, parse, symbols, tiling};
use acetate_syntax::Outline;
use std::fmt::Write;

/// Each fixture, with the file beside it that ends with `.kind`.
#[track_caller]
fn check(kind: &str, show: impl Fn(&Fixture) -> String) {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        let found = show(&fixture);
        let expected = fixture.path.with_extension(format!("{}.{kind}", fixture.path.extension().unwrap().display()));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &found).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{:?}\n{found}", fixture.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixtures_have_their_elements() {
    check("elements", |fixture| {
        let parsed = parse(fixture.language, &fixture.text);
        assert!(parsed.is_clean(), "{:?} has errors at {:?}", fixture.path, parsed.errors(5));
        tiling(&parsed, &fixture.text);
        symbols(&parsed, &fixture.text)
    });
}

#[test]
fn fixtures_have_their_outline() {
    check("outline", |fixture| {
        let outline = Outline::of(&parse(fixture.language, &fixture.text), &fixture.text);
        let mut shown = String::new();
        for symbol in &outline.symbols {
            let lines = symbol.lines.start..=symbol.lines.end - 1;
            write!(shown, "{lines:?} {} {}", symbol.kind().as_str(), symbol.path).unwrap();
            if !symbol.brought.is_empty() {
                write!(shown, " brings {}", symbol.brought.join(" ")).unwrap();
            }
            shown.push('\n');
        }
        shown
    });
}
