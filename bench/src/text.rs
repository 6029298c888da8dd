//! Texts that look like source, the same on every machine, and changes to them.

use crate::sources;

/// Numbers that look random and are the same everywhere (splitmix64).
#[derive(Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The next one below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound.max(1) as u64).unwrap_or(0)
    }
}

const WORDS: [&str; 64] = [
    "account", "action", "active", "address", "amount", "anchor", "answer", "archive", "arena", "batch", "bounds", "branch", "buffer",
    "bundle", "cache", "change", "channel", "client", "column", "commit", "config", "context", "cursor", "decode", "delta", "device",
    "encode", "entry", "error", "event", "filter", "format", "frame", "handle", "header", "index", "input", "invoice", "journal", "layer",
    "layout", "ledger", "level", "limit", "logger", "matrix", "member", "merge", "metric", "module", "number", "object", "offset",
    "option", "output", "packet", "parser", "policy", "record", "region", "render", "report", "schema", "symbol",
];

/// A literal that about one file in a thousand has, once.
pub const RARE: &str = "reconcile_orphaned_ledger";
/// Extensions of the files made.
pub const EXTENSIONS: [&str; 4] = ["rs", "ts", "py", "go"];

/// The path of the numbered file: areas of packages of modules of files, five components deep.
pub fn path(number: usize) -> String {
    let (module, package) = (number / 20, number / 500);
    let word = WORDS[number * 7 % WORDS.len()];
    let extension = extension(number);
    format!(
        "area{:02}/{}_{:03}/src/module_{:02}/{word}_{:02}.{extension}",
        package / 20,
        WORDS[package % 64],
        package,
        module % 25,
        number % 20
    )
}

/// A text of about so many bytes, all its own, in the language of its path.
pub fn source(number: usize, bytes: usize) -> String {
    let extension = extension(number);
    let mut numbers = Numbers::new(number as u64);
    let word = |numbers: &mut Numbers| WORDS[numbers.below(WORDS.len())];
    let (first, second) = (word(&mut numbers), word(&mut numbers));
    let mut text = String::with_capacity(bytes + 200);
    text.push_str(&sources::top(extension, number, first, second, (number % 997 == 5).then_some(RARE)));
    while text.len() < bytes {
        let (a, b, c) = (word(&mut numbers), word(&mut numbers), word(&mut numbers));
        let id = numbers.below(100_000);
        text.push_str(&sources::opening(extension, &format!("{a}_{b}_{id}"), (a, b, c), &title(b)));
        for number in 0..3 + numbers.below(9) {
            let (d, e) = (word(&mut numbers), word(&mut numbers));
            let value = numbers.below(4096);
            let line = sources::Line { kind: numbers.below(5), number, a, c, d, e, value };
            text.push_str(&sources::line(extension, &line, &title(e)));
        }
        text.push_str(sources::closing(extension));
    }
    text
}

fn extension(number: usize) -> &'static str {
    EXTENSIONS[number / 500 % EXTENSIONS.len()]
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

/// Which lines of a text are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Lines all over it.
    Spread,
    /// Lines of its first third.
    Top,
    /// Lines of its last third.
    Bottom,
}

/// The text of a path with so many lines changed (fewer if the place has fewer): each gets a comment with this salt, instead of one it had.
pub fn changed(path: &[u8], text: &[u8], salt: &str, count: usize, place: Place) -> Vec<u8> {
    let mark = format!(" {} bench ", sources::comment(path)).into_bytes();
    let mark = mark.as_slice();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let third = lines.len() / 3;
    let (from, to) = match place {
        Place::Spread => (0, lines.len()),
        Place::Top => (0, third),
        Place::Bottom => (lines.len() - third, lines.len()),
    };
    let count = count.min(to - from);
    let chosen: std::collections::HashSet<usize> = (0..count).map(|index| from + index * (to - from) / count).collect();
    let mut out = Vec::with_capacity(text.len() + count * (mark.len() + salt.len()));
    for (index, line) in lines.iter().enumerate() {
        if !chosen.contains(&index) {
            out.extend_from_slice(line);
            continue;
        }
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let kept = body.windows(mark.len()).position(|window| window == mark).unwrap_or(body.len());
        out.extend_from_slice(&body[..kept]);
        out.extend_from_slice(mark);
        out.extend_from_slice(salt.as_bytes());
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_paths_are_the_same_everywhere_and_all_different() {
        let paths: std::collections::HashSet<String> = (0..20_000).map(path).collect();
        assert_eq!(paths.len(), 20_000);
        assert_eq!(path(0), "area00/account_000/src/module_00/account_00.rs");
        assert_eq!(source(7, 500), source(7, 500));
        assert_ne!(source(7, 500), source(8, 500));
        for number in [0, 500, 1_000, 1_500, 502] {
            let (path, text) = (path(number), source(number, 5_000));
            let language = acetate_syntax::Language::of(path.as_bytes()).expect("a language");
            let parses =
                |text: &[u8]| acetate_syntax::Parsed::new(language, text, &Default::default()).is_ok_and(|parsed| parsed.is_clean());
            assert!(parses(text.as_bytes()), "{path}");
            assert!(parses(&changed(path.as_bytes(), text.as_bytes(), "x", 9, Place::Spread)), "{path}");
        }
        assert!((5_000..5_800).contains(&source(3, 5_000).len()));
        assert!(source(5, 5_000).contains(RARE) && !source(6, 5_000).contains(RARE));
    }

    #[test]
    fn a_change_touches_just_the_lines_of_its_place() {
        let text: Vec<u8> = (0..30).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
        let differing = |other: &[u8]| -> Vec<usize> {
            let pairs = text.split(|byte| *byte == b'\n').zip(other.split(|byte| *byte == b'\n'));
            pairs.enumerate().filter(|(_, (before, after))| before != after).map(|(index, _)| index).collect()
        };
        assert_eq!(differing(&changed(b"a.rs", &text, "x", 3, Place::Spread)), [0, 10, 20]);
        assert!(differing(&changed(b"a.rs", &text, "x", 5, Place::Top)).iter().all(|line| *line < 10));
        assert!(differing(&changed(b"a.rs", &text, "x", 5, Place::Bottom)).iter().all(|line| *line >= 20));
        let once = changed(b"a.rs", &text, "x", 3, Place::Spread);
        assert_eq!(changed(b"a.rs", &once, "y", 3, Place::Spread).len(), once.len());
    }
}
