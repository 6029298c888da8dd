//! Lines of a text, as offsets.

use std::ops::Range;

/// Where the line begins that `at` is on.
pub(crate) fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |at| at + 1)
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

/// Whether there is nothing but blanks (or a byte-order mark).
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\x0c'))
}
