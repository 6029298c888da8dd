//! The statements of a Python text, by its lines: enough to find the insides of functions before it is parsed.

use std::ops::Range;

/// A statement's first line to its last; of a compound one only what is before its block.
struct Statement {
    start: usize,
    end: usize,
    indent: usize,
}

/// The statements of a text, in order.
pub(crate) struct Statements {
    all: Vec<Statement>,
    /// Whether some are indented by spaces and some by tabs.
    mixed: bool,
}

impl Statements {
    /// Of a text that may be anything.
    pub fn of(text: &[u8]) -> Self {
        let mut all = Vec::new();
        let mut blanks = [false; 2];
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let indent = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let start = at;
            match rest.get(indent) {
                None => break,
                Some(b'\n' | b'\r' | b'#') => at += line_len(rest),
                Some(_) => {
                    at = end(text, start + indent);
                    all.push(Statement { start, end: at, indent });
                    rest.iter().take(indent).for_each(|blank| blanks[usize::from(*blank == b'\t')] = true);
                }
            }
        }
        Self { all, mixed: blanks == [true; 2] }
    }

    /// Whether a statement goes back to an indentation that none before has. It is no Python, but the grammar makes something of it.
    fn are_uneven(&self) -> bool {
        let mut open = Vec::new();
        self.mixed
            || self.all.iter().any(|statement| {
                let mut back = false;
                while open.last().is_some_and(|last| *last > statement.indent) {
                    open.pop();
                    back = true;
                }
                if open.last() == Some(&statement.indent) {
                    return false;
                }
                open.push(statement.indent);
                back
            })
    }

    /// What is in functions from their first statements to their last, if it has at least `worth` bytes.
    pub fn insides(&self, text: &[u8], worth: usize) -> Vec<Range<usize>> {
        let word = |statement: &Statement| text.get(statement.start + statement.indent..statement.end).unwrap_or_default().trim_ascii_end();
        let mut cuts = Vec::new();
        if self.are_uneven() {
            return cuts;
        }
        let mut at = 0;
        while let Some(head) = self.all.get(at) {
            at += 1;
            if !(word(head).starts_with(b"def ") || word(head).starts_with(b"async def ")) || !word(head).ends_with(b":") {
                continue;
            }
            let body = self.all.get(at..).unwrap_or_default();
            let body = body.get(..body.iter().take_while(|statement| statement.indent > head.indent).count()).unwrap_or_default();
            let Some(first) = body.first() else { continue };
            let alone = |statement: &&Statement| {
                let words = [&b"else"[..], b"elif", b"except", b"finally", b"case", b"def ", b"class", b"async", b"@"];
                statement.indent == first.indent && !words.iter().any(|begin| word(statement).starts_with(begin))
            };
            let last = body.iter().rfind(|statement| statement.indent == first.indent);
            if let Some(last) = last.filter(alone).filter(|last| last.start >= first.start + worth) {
                // Its body begins where its first statement does.
                cuts.push(first.start + first.indent..last.start + last.indent);
                at += body.len();
            }
        }
        cuts
    }
}

fn line_len(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |at| at + 1)
}

/// Where the line after the statement begins that begins at a place: behind brackets, strings and line ends with a backslash before them.
fn end(text: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' if depth == 0 => return at + 1,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'\\' => at += 1,
            b'#' => {
                at += line_len(text.get(at..).unwrap_or_default()).saturating_sub(1);
                continue;
            }
            b'"' | b'\'' => {
                at = string_end(text, at, *byte);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Where a string ends that begins with a quotation mark: behind three of them, or at the end of its line at the latest.
fn string_end(text: &[u8], start: usize, mark: u8) -> usize {
    let is_long = text.get(start..start + 3).is_some_and(|three| three.iter().all(|byte| *byte == mark));
    let mut at = start + if is_long { 3 } else { 1 };
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !is_long => return at,
            _ if *byte == mark && !is_long => return at + 1,
            _ if *byte == mark && text.get(at..at + 3).is_some_and(|three| three.iter().all(|byte| *byte == mark)) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    text.len()
}
