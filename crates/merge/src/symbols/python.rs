//! Whether lines of Python are indented as the language asks, which its grammar does not tell.
//!
//! After the [lexical analysis](https://docs.python.org/3/reference/lexical_analysis.html#indentation) of the language: a logical line is as
//! deep as the one before, deeper behind a colon and only there, or as deep as one of those around. Deeper means that what is around is
//! the start of its indentation, so that tabs and blanks are not mixed.

/// Whether a text's lines are indented so.
pub(super) fn is_indented(text: &[u8]) -> bool {
    let mut around: Vec<&[u8]> = vec![b""];
    let mut opens = false;
    let mut state = State::default();
    for line in text.split(|byte| *byte == b'\n') {
        let goes_on = state.goes_on();
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let (indent, rest) = line.split_at(blanks);
        let rest = rest.trim_ascii();
        if !goes_on && (rest.is_empty() || rest.starts_with(b"#")) {
            continue;
        }
        if !goes_on {
            let last = around.last().copied().unwrap_or_default();
            if indent != last {
                let deeper = indent.len() > last.len() && indent.starts_with(last);
                if deeper != opens {
                    return false;
                }
                if deeper {
                    around.push(indent);
                } else {
                    while around.last().is_some_and(|last| *last != indent) {
                        around.pop();
                    }
                    if around.is_empty() {
                        return false;
                    }
                }
            } else if opens {
                return false;
            }
        }
        state.read(line);
        opens = state.ends_with_colon;
    }
    true
}

/// What a line is inside of when it begins.
#[derive(Default)]
struct State {
    brackets: usize,
    /// The quotation mark of a string over several lines.
    string: Option<u8>,
    is_continued: bool,
    ends_with_colon: bool,
}

impl State {
    fn goes_on(&self) -> bool {
        self.brackets > 0 || self.string.is_some() || self.is_continued
    }

    fn read(&mut self, line: &[u8]) {
        self.is_continued = false;
        self.ends_with_colon = false;
        let mut at = 0;
        while let Some(byte) = line.get(at).copied() {
            let rest = line.get(at..).unwrap_or_default();
            if let Some(quote) = self.string {
                if byte == b'\\' {
                    at += 1;
                } else if rest.starts_with(&[quote; 3]) {
                    self.string = None;
                    at += 2;
                }
                at += 1;
                continue;
            }
            match byte {
                b'#' => break,
                b'"' | b'\'' if rest.starts_with(&[byte; 3]) => {
                    self.string = Some(byte);
                    at += 2;
                }
                b'"' | b'\'' => at += short_string(rest.get(1..).unwrap_or_default(), byte),
                b'(' | b'[' | b'{' => self.brackets += 1,
                b')' | b']' | b'}' => self.brackets = self.brackets.saturating_sub(1),
                b'\\' if rest.trim_ascii_end().len() == 1 => self.is_continued = true,
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                self.ends_with_colon = byte == b':' && self.brackets == 0;
            }
            at += 1;
        }
    }
}

/// How many bytes there are to the end of a string that ends on its line, the closing quotation mark included.
fn short_string(text: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::is_indented;

    #[track_caller]
    fn check(text: &str, expect: bool) {
        assert_eq!(is_indented(text.as_bytes()), expect, "{text}");
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
    }
}
