//! Text of others, made harmless for a terminal: names, messages, intents and file contents may hold escape sequences.

use acetate_types::RepoPath;
use std::borrow::Cow;

/// Control characters, and those that reorder or hide what is shown.
fn harmful(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text without control characters; lines and tabs stay.
pub fn clean(text: &str) -> Cow<'_, str> {
    filtered(text, |char| harmful(char) && !matches!(char, '\n' | '\t'))
}

/// The same for one line: everything of the first line, tabs as spaces.
pub fn line(text: &str) -> String {
    text.lines().next().unwrap_or_default().replace('\t', " ").chars().filter(|char| !harmful(*char)).collect()
}

/// Bytes of a file as clean text; what is not UTF-8 is replaced.
pub fn bytes_clean(bytes: &[u8]) -> String {
    clean(&String::from_utf8_lossy(bytes)).into_owned()
}

fn filtered(text: &str, bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().any(&bad) { Cow::Owned(text.chars().filter(|char| !bad(*char)).collect()) } else { Cow::Borrowed(text) }
}

/// A path as Git shows it: as it is, or in double quotes with escapes where a byte is awkward.
pub fn path(path: &RepoPath) -> String {
    let bytes = path.as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(|char| harmful(char) || matches!(char, '"' | '\\')) => text.to_owned(),
        _ => quoted(bytes),
    }
}

fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                char if harmful(char) => octal(&mut text, char.encode_utf8(&mut [0; 4]).as_bytes()),
                char => text.push(char),
            }
        }
        octal(&mut text, chunk.invalid());
    }
    text.push('"');
    text
}

fn octal(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        text.push_str(&format!("\\{byte:03o}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_reaches_a_terminal() {
        for (input, expect) in [
            ("plain é 漢", "plain é 漢"),
            ("a\x1b[31mred\x1b]0;title\x07", "a[31mred]0;title"),
            ("two\nlines\tand tab", "two\nlines\tand tab"),
            ("c1 \u{9b}31m", "c1 31m"),
            ("rtl \u{202e}txt.exe", "rtl txt.exe"),
            ("back\u{8}\rspace", "backspace"),
        ] {
            assert_eq!(clean(input), expect);
        }
        assert_eq!(line("first\x1b\tline\nsecond"), "first line");
        assert_eq!(bytes_clean(b"ok\xff\x1b"), "ok\u{fffd}");
    }

    #[test]
    fn awkward_paths_are_quoted_as_git_does() {
        for (input, expect) in [
            (&b"src/a b.rs"[..], "src/a b.rs"),
            ("caf\u{e9}".as_bytes(), "caf\u{e9}"),
            (b"caf\xe9", "\"caf\\351\""),
            (b"a\"b\\c", "\"a\\\"b\\\\c\""),
            (b"a\nb\x1b", "\"a\\nb\\033\""),
        ] {
            assert_eq!(path(&RepoPath::existing(input).expect("a path")), expect);
        }
    }
}
