//! What became of symbols, for people.

use super::diff::{letter, named};
use super::paint::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::sanitise::line;
use acetate_engine::api::{ChangedSymbol, FileDiff};

/// Symbols that are named beside a path.
const SHOWN: usize = 4;

/// The files with what became of their symbols, line by line.
pub fn symbols(files: &[FileDiff]) -> Vec<String> {
    let mut lines = Vec::new();
    for file in files {
        lines.push(format!("{} {}", letter(file.change), paint(BOLD, named(file))));
        for one in file.symbols.iter().flatten() {
            let from = one.from.as_deref().map(|from| format!("{} -> ", line(from))).unwrap_or_default();
            let body = if one.body_changed { paint(DIM, ", body too") } else { String::new() };
            let what = one.change.replace('_', " ");
            lines.push(format!(
                "  {} {from}{}  {}{body}",
                sign(one),
                line(&one.symbol),
                paint(DIM, format_args!("{} {what}", line(&one.kind)))
            ));
        }
    }
    lines
}

/// The first few, on one line: `+new ~changed -gone`.
pub fn symbols_line(symbols: &[ChangedSymbol]) -> String {
    let mut shown: Vec<String> = symbols.iter().take(SHOWN).map(|one| format!("{}{}", plain_sign(one), line(&one.symbol))).collect();
    if let Some(more @ 1..) = symbols.len().checked_sub(SHOWN) {
        shown.push(format!("and {more} more"));
    }
    shown.join(" ")
}

fn plain_sign(one: &ChangedSymbol) -> &'static str {
    match one.change.as_str() {
        "added" => "+",
        "deleted" => "-",
        _ => "~",
    }
}

fn sign(one: &ChangedSymbol) -> String {
    let sign = plain_sign(one);
    paint(
        if sign == "+" {
            GREEN
        } else if sign == "-" {
            RED
        } else {
            YELLOW
        },
        sign,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_first_ones() {
        let one = |symbol: &str, change: &str| ChangedSymbol {
            symbol: symbol.into(),
            kind: "function".into(),
            change: change.into(),
            from: None,
            body_changed: false,
        };
        let all = [one("a", "added"), one("b", "changed_body"), one("c\n", "deleted"), one("d", "moved"), one("e", "added")];
        assert_eq!(symbols_line(&all[..2]), "+a ~b");
        assert_eq!(symbols_line(&all), "+a ~b -c ~d and 1 more");
        assert_eq!(symbols_line(&[]), "");
    }
}
