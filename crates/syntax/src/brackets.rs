//! How many brackets of a text are open at once, before it is parsed.

/// More open brackets than this take a grammar's stack of versions where releasing it needs more of the thread's stack than there is.
const OPEN: usize = 10_000;

/// Whether brackets are open deeper than a text is parsed.
pub(crate) fn too_deep(text: &[u8]) -> bool {
    let opens = |byte: &u8| matches!(byte, b'(' | b'[' | b'{');
    if text.len() <= OPEN || text.iter().filter(|byte| opens(byte)).count() <= OPEN {
        return false;
    }
    let mut open = 0usize;
    text.iter().any(|byte| {
        match byte {
            byte if opens(byte) => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > OPEN
    })
}
