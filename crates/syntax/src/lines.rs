//! Lines of a text, as offsets.

use std::ops::Range;

/// Where the line begins that `at` is on.
pub(crate) fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |at| at + 1)
}

/// Where the line begins that `at` is on, if there is nothing but blanks before it: behind a byte-order mark, the first
/// line begins. Looks at no more than those.
pub(crate) fn blank_line_start(text: &[u8], at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let blanks = before.iter().rev().take_while(|byte| is_blank_byte(**byte)).count();
    match before.get(..at - blanks)? {
        [] => Some(0),
        [.., b'\n'] => Some(at - blanks),
        mark @ b"\xef\xbb\xbf" => Some(mark.len()),
        _ => None,
    }
}

/// Where the line after the one that ends at or behind `at` begins. `at` is the end of something on the line.
pub(crate) fn line_end(text: &[u8], at: usize) -> usize {
    if at > 0 && text.get(at - 1) == Some(&b'\n') {
        return at;
    }
    memchr::memchr(b'\n', text.get(at..).unwrap_or_default()).map_or(text.len(), |found| at + found + 1)
}

/// The end of a range without white space at its end.
pub(crate) fn trimmed_end(text: &[u8], range: Range<usize>) -> usize {
    range.start + text.get(range.clone()).unwrap_or_default().trim_ascii_end().len()
}

/// Whether a byte is white space within a line.
pub(crate) fn is_blank_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\x0c')
}
