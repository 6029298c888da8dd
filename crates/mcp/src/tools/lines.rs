//! A text as agents are shown it: lines with their numbers, page by page.

use bstr::ByteSlice as _;
use std::fmt::Write as _;

/// Most characters of one line.
const LINE: usize = 2_000;

/// A page of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    /// The first line that is shown, from 1.
    pub(super) first: usize,
    /// How many are shown.
    pub(super) shown: usize,
    /// How many there are.
    pub(super) total: usize,
    /// The lines as they are.
    pub(super) content: String,
    /// The lines with their numbers.
    pub(super) numbered: String,
    /// Whether a line was cut, or bytes were replaced that are no UTF-8.
    pub(super) altered: Option<&'static str>,
}

/// The lines from `first` on, at most so many, and at most about so many characters (but one line at least).
pub(super) fn lines(text: &[u8], first: usize, most: usize, chars: usize) -> Lines {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut page = Lines { first, shown: 0, total: 0, content: String::new(), numbered: String::new(), altered: None };
    let mut full = false;
    for (at, line) in text.lines_with_terminator().enumerate() {
        page.total = at + 1;
        if full || at + 1 < first {
            continue;
        }
        let shown = line.to_str_lossy();
        if page.shown == most || (page.shown > 0 && page.numbered.len() + shown.len().min(LINE) > chars) {
            full = true;
            continue;
        }
        if line.to_str().is_err() {
            page.altered = Some("bytes that are not UTF-8 are shown as U+FFFD");
        }
        let end = shown.trim_end_matches(['\n', '\r']);
        let (cut, ending) = match end.char_indices().nth(LINE) {
            Some((cut, _)) => {
                page.altered = Some("lines longer than 2,000 characters are cut");
                (&end[..cut], &shown[end.len()..])
            }
            None => (end, &shown[end.len()..]),
        };
        let _ = writeln!(page.numbered, "{:>6}\t{cut}", at + 1);
        page.content.push_str(cut);
        page.content.push_str(ending);
        page.shown += 1;
    }
    page
}

/// Whether a text is none: it has a NUL early on, as Git decides it.
pub(super) fn is_binary(text: &[u8]) -> bool {
    text.get(..8_000).unwrap_or(text).contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], first: usize, most: usize, chars: usize, numbered: &str, rest: (usize, usize)) {
        let page = lines(text, first, most, chars);
        assert_eq!((page.numbered.as_str(), (page.shown, page.total)), (numbered, rest));
    }

    #[test]
    fn pages() {
        check(b"a\nb\nc", 1, 9, 99, "     1\ta\n     2\tb\n     3\tc\n", (3, 3));
        check(b"a\nb\nc", 2, 1, 99, "     2\tb\n", (1, 3));
        check(b"a\nb\nc", 1, 9, 1, "     1\ta\n", (1, 3));
        check(b"a\r\nb\r\n", 1, 9, 99, "     1\ta\n     2\tb\n", (2, 2));
        check(b"\xef\xbb\xbfa\n", 1, 9, 99, "     1\ta\n", (1, 1));
        check(b"", 1, 9, 99, "", (0, 0));
        check(b"a\n", 5, 9, 99, "", (0, 1));
    }

    #[test]
    fn what_is_shown_otherwise_is_said() {
        assert_eq!(lines(b"a\n", 1, 9, 99).altered, None);
        assert!(lines(b"\xff\n", 1, 9, 99).altered.is_some());
        let long = "x".repeat(LINE + 1);
        let page = lines(long.as_bytes(), 1, 9, 99);
        assert_eq!((page.content.len(), page.altered.is_some()), (LINE, true));
        assert_eq!(lines(b"a\r\nb", 1, 9, 99).content, "a\r\nb", "line ends stay");
    }
}
