//! How deep the indentation of a text nests, before it is parsed.
//!
//! Two grammars keep the indentations that are open in a buffer of fixed size, and end the process when it is full. No text that people
//! write comes near; one that does is not parsed.

/// An upper bound of how many indentations are open at once: lines that are indented deeper and deeper, and marks like `- ` on one line.
pub(crate) fn deepest(text: &[u8]) -> usize {
    let (mut open, mut deepest) = (Vec::new(), 0);
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let Some(column) = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c')) else { continue };
        while open.last().is_some_and(|last| *last >= column) {
            open.pop();
        }
        open.push(column);
        let marks = line.windows(2).filter(|pair| matches!(pair, [b'-' | b'?' | b':', b' ' | b'\t'])).count();
        deepest = deepest.max(open.len() + marks);
    }
    deepest
}
