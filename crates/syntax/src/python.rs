//! The statements of a Python text, by its lines: enough to find the insides of functions before it is parsed, and to tell whether its lines
//! are indented as the language asks, which its grammar does not.
//!
//! After the [lexical analysis](https://docs.python.org/3/reference/lexical_analysis.html#indentation) of the language: a logical line is as
//! deep as the one before, deeper behind a colon and only there, or as deep as one of those around. Deeper means that what is around is
//! the start of its indentation, so that tabs and blanks are not mixed.

use std::ops::Range;

/// Whether a text's lines are indented as Python asks.
pub fn is_indented_python(text: &[u8]) -> bool {
    Statements::of(text).are_indented(text)
}

/// A statement's first line to its last; of a compound one only what is before its block.
struct Statement {
    start: usize,
    end: usize,
    indent: usize,
    /// Whether it ends with a colon: a block follows.
    opens: bool,
}

/// The statements of a text, in order.
pub(crate) struct Statements(Vec<Statement>);

impl Statements {
    /// Of a text that may be anything.
    pub fn of(text: &[u8]) -> Self {
        let mut all = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let line = line(text, at);
            let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let said = line.trim_ascii();
            if said.is_empty() || said.starts_with(b"#") {
                at += line.len();
                continue;
            }
            let start = at;
            let (end, opens) = end(text, start + indent);
            all.push(Statement { start, end, indent, opens });
            at = end;
        }
        Self(all)
    }

    /// Whether they are indented as the language asks.
    fn are_indented(&self, text: &[u8]) -> bool {
        let mut around: Vec<&[u8]> = vec![b""];
        let mut opens = false;
        self.0.iter().all(|statement| {
            let indent = text.get(statement.start..statement.start + statement.indent).unwrap_or_default();
            let last = around.last().copied().unwrap_or_default();
            let deeper = indent.len() > last.len() && indent.starts_with(last);
            if std::mem::replace(&mut opens, statement.opens) != deeper {
                return false;
            }
            if deeper {
                around.push(indent);
            } else {
                while around.last().is_some_and(|last| *last != indent) {
                    around.pop();
                }
            }
            !around.is_empty()
        })
    }

    /// What is in functions from their first statements to their last, if it has at least `worth` bytes. Nothing in a text that is not indented
    /// as the language asks: the grammar makes something of it, but what depends on what is around.
    pub fn insides(&self, text: &[u8], worth: usize) -> Vec<Range<usize>> {
        let mut cuts = Vec::new();
        if !self.are_indented(text) {
            return cuts;
        }
        let word = |statement: &Statement| text.get(statement.start + statement.indent..statement.end).unwrap_or_default();
        let mut at = 0;
        while let Some(head) = self.0.get(at) {
            at += 1;
            if !head.opens || !(word(head).starts_with(b"def ") || word(head).starts_with(b"async def ")) {
                continue;
            }
            let body = self.0.get(at..).unwrap_or_default();
            let body = body.get(..body.iter().take_while(|statement| statement.indent > head.indent).count()).unwrap_or_default();
            let Some(first) = body.first() else { continue };
            let alone = |statement: &&Statement| {
                let words = [&b"else"[..], b"elif", b"except", b"finally", b"case", b"def ", b"class", b"async", b"@"];
                !words.iter().any(|begin| word(statement).starts_with(begin))
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

/// The rest of a line from a place on, with its end.
fn line(text: &[u8], at: usize) -> &[u8] {
    let rest = text.get(at..).unwrap_or_default();
    rest.get(..memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)).unwrap_or(rest)
}

/// Where the line after the statement begins that begins at a place, behind brackets, strings and line ends with a backslash before them; and
/// whether the statement ends with a colon.
fn end(text: &[u8], mut at: usize) -> (usize, bool) {
    let mut depth = 0usize;
    let mut opens = false;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' if depth == 0 => return (at + 1, opens),
            b'#' => {
                // Its line's end is looked at next.
                at += line(text, at).len() - usize::from(line(text, at).ends_with(b"\n"));
                continue;
            }
            b'\\' if line(text, at).trim_ascii_end().len() == 1 => {
                at += line(text, at).len();
                opens = false;
                continue;
            }
            b'"' | b'\'' => {
                at = string_end(text, at, *byte);
                opens = false;
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            opens = *byte == b':' && depth == 0;
        }
        at += 1;
    }
    (text.len(), opens)
}

/// Where a string ends that begins with a quotation mark: behind three of them, or at the end of its line at the latest.
fn string_end(text: &[u8], start: usize, mark: u8) -> usize {
    let ends_long = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(&[mark; 3]));
    let is_long = ends_long(start);
    let mut at = start + if is_long { 3 } else { 1 };
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !is_long => return at,
            _ if *byte == mark && !is_long => return at + 1,
            _ if *byte == mark && ends_long(at) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::is_indented_python;

    #[track_caller]
    fn check(text: &str, expect: bool) {
        assert_eq!(is_indented_python(text.as_bytes()), expect, "{text}");
    }

    #[test]
    fn blocks_are_deeper_behind_a_colon_and_only_there() {
        check("def f(x):\n    if x:  # why\n        a()\n\n  # odd\n    return x\n\nb()\n", true);
        check("if x: a()\nb()\n", true);
        check("def f(x):\n    a()\n        b()\n", false);
        check("def f(x):\n    for y in x:\n    a()\n", false);
        check("def f(x):\n        a()\n    b()\n", false);
        check("def f(x):\n\tif x:\n\t\ta()\n        b()\n", false);
    }

    #[test]
    fn what_goes_on_is_as_it_likes() {
        check("a = [\n1,\n      2,\n]\nb = 'x:' \\\n      + c\nd = \"\"\"\n  e:\n\"\"\"\nf({'k':\n  1})\n", true);
        check("def f(\n    a,\n):\n    x = {1: 2}\n    s = 'it\\'s:'\n    return x[1:]\n", true);
        check("b = 1 \\\r\n      + c\r\nif b:\r\n    d()\r\n", true);
    }
}
