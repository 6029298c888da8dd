//! How deep the indentation of a text nests, before it is parsed.
//!
//! Two grammars keep the indentations that are open in a buffer of 1,024 bytes, and end the process when it is full. No text that people write
//! comes near; one that does is not parsed.

/// How deep a YAML text nests: lines that are indented deeper and deeper, and the marks like `- ` on the few lines that have most of them.
///
/// Its grammar has room for 253. While it recovers from errors it does not close what marks on a line opened until it is past another line or
/// two; climbing towards more has never found more than twice the most of one line. That is no proof, hence several lines and the wide margin
/// in its table.
pub(crate) fn nested(text: &[u8]) -> usize {
    const LINES: usize = 4;
    let (mut open, mut deepest, mut most) = (Vec::new(), 0, [0; LINES]);
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let Some(column) = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c')) else { continue };
        while open.last().is_some_and(|last| *last >= column) {
            open.pop();
        }
        open.push(column);
        deepest = deepest.max(open.len());
        let marks = line.windows(2).filter(|pair| matches!(pair, [b'-' | b'?' | b':', b' ' | b'\t'])).count();
        if let Some(least) = most.iter_mut().min().filter(|least| **least < marks) {
            *least = marks;
        }
    }
    deepest + most.iter().sum::<usize>()
}

/// How many different indentations a Python text has, as its grammar counts columns. Each that is open is deeper than the one before, so no
/// more can be open, whatever does not parse.
pub(crate) fn distinct(text: &[u8]) -> usize {
    let mut known = vec![0u64; (usize::from(u16::MAX) + 1) / 64];
    let mut column = 0u16;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
        let mut rest = text.get(start..end).unwrap_or_default();
        start = end + 1;
        while let Some((first, behind)) = rest.split_first() {
            column = match first {
                b' ' => column.wrapping_add(1),
                b'\t' => column.wrapping_add(8),
                b'\r' | b'\x0c' => 0,
                _ => break,
            };
            rest = behind;
        }
        if let Some(word) = known.get_mut(usize::from(column / 64)) {
            *word |= 1 << (column % 64);
        }
        // A line that goes on is indented further on the next.
        if !matches!(rest, b"\\" | b"\\\r") {
            column = 0;
        }
    }
    known.iter().map(|word| word.count_ones() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::{distinct, nested};

    #[test]
    fn nesting_is_counted() {
        let check = |text: &str, expect: usize| assert_eq!(nested(text.as_bytes()), expect, "{text}");
        check("", 0);
        check("a:\n  b:\n    c: 1\n  d:\ne:\n", 4);
        check("- - a\n  - b: c\n", 6);
        check("- - - a\n", 4);
    }

    #[test]
    fn indentations_are_counted() {
        let check = |text: &str, expect: usize| assert_eq!(distinct(text.as_bytes()), expect, "{text}");
        check("a:\n  b\nc:\n  d\n", 2);
        check("a:\n\tb\n        c", 2);
        check("a:\n  \\\n   b\n", 3);
    }
}
