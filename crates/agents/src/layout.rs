//! How a text is laid out: line ends, the byte-order mark, lines around a place.

use crate::{ConfigError, MAX_BYTES};
use std::ops::Range;

/// What some editors put before a text to say that it is UTF-8.
const MARK: &str = "\u{feff}";

/// A file's text behind its byte-order mark.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// The mark, or nothing.
    pub mark: &'a str,
    /// What is edited.
    pub text: &'a str,
}

impl<'a> Body<'a> {
    pub fn of(text: &'a str) -> Result<Self, ConfigError> {
        if text.len() > MAX_BYTES {
            return Err(ConfigError::TooLarge { size: text.len() });
        }
        let (mark, text) = text.split_at(if text.starts_with(MARK) { MARK.len() } else { 0 });
        Ok(Self { mark, text })
    }
}

/// The line end that the text uses, as its first one.
pub fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if slice(text, 0..at).ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// A part of the text; empty where there is none.
pub fn slice(text: &str, at: Range<usize>) -> &str {
    text.get(at).unwrap_or_default()
}

/// Where the line around `at` begins.
pub fn line_start(text: &str, at: usize) -> usize {
    slice(text, 0..at).rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line around `at` ends, before its line end.
pub fn line_end(text: &str, at: usize) -> usize {
    let end = slice(text, at..text.len()).find('\n').map_or(text.len(), |found| at + found);
    if end > at && slice(text, at..end).ends_with('\r') && end < text.len() { end - 1 } else { end }
}

/// Where the next line begins, or the text ends.
pub fn next_line(text: &str, at: usize) -> usize {
    slice(text, at..text.len()).find('\n').map_or(text.len(), |found| at + found + 1)
}

/// The blanks with which the line around `at` begins.
pub fn indent(text: &str, at: usize) -> &str {
    let line = slice(text, line_start(text, at)..text.len());
    slice(line, 0..line.len() - line.trim_start_matches([' ', '\t']).len())
}

/// Whether only blanks stand between the line's beginning and `at`.
pub fn begins_line(text: &str, at: usize) -> bool {
    slice(text, line_start(text, at)..at).bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Where the line end directly before `at` begins; `at` itself if there is none.
pub fn before_newline(text: &str, at: usize) -> usize {
    let head = slice(text, 0..at);
    head.strip_suffix("\r\n").or_else(|| head.strip_suffix('\n')).map_or(at, str::len)
}

/// The line and the column, both from 1, of a place.
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let head = slice(text, 0..at);
    (head.matches('\n').count() + 1, slice(head, line_start(text, at)..at).chars().count() + 1)
}
