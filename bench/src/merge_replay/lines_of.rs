//! A text as lines and words, white space around lines left out: how people's results and tools' are compared here.

use std::collections::HashMap;

/// The lines that are not blank, trimmed, in order.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

/// How often each of them stands.
pub fn counts(text: &[u8]) -> HashMap<&[u8], i64> {
    let mut counts = HashMap::new();
    for line in lines(text) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

/// The words of a text, in order: runs of letters, digits and `_`.
pub fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    text.split(move |byte| !word(byte)).filter(|word| !word.is_empty())
}

/// A line without the separators at its end, which belong to the list that it stands in.
pub fn without_separator(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b',' | b';')).map_or(0, |last| last + 1);
    &line[..end]
}

/// The text without any white space.
pub fn squeezed(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}
