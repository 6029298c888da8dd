//! Texts as sequences of numbers: equal lines, wherever they occur, are equal numbers.

use imara_diff::Interner;

/// The lines of several texts. A line includes its line feed; the last one may lack it.
pub struct Lines<'a> {
    interner: Interner<&'a [u8]>,
}

/// One text of a [`Lines`].
#[derive(Debug, Clone)]
pub struct LinesOf<'a> {
    /// The whole text.
    pub text: &'a [u8],
    /// The number of each line.
    pub tokens: Vec<u32>,
    /// Where each line starts, and then the text's length.
    starts: Vec<u32>,
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("distinct", &self.interner.num_tokens()).finish()
    }
}

impl Default for Lines<'_> {
    fn default() -> Self {
        Self { interner: Interner::new(256) }
    }
}

impl<'a> Lines<'a> {
    /// Takes a text in; `None` when it has more than `max_lines` lines or more than `u32::MAX` bytes.
    pub fn add(&mut self, text: &'a [u8], max_lines: u32) -> Option<LinesOf<'a>> {
        self.add_as(text, max_lines, |line| line)
    }

    /// As [`Lines::add`], with lines that are equal but for the blanks around them and their line end as equal ones.
    pub fn add_unindented(&mut self, text: &'a [u8], max_lines: u32) -> Option<LinesOf<'a>> {
        self.add_as(text, max_lines, |line| line.get(indentation(line)..).unwrap_or_default().trim_ascii_end())
    }

    fn add_as(&mut self, text: &'a [u8], max_lines: u32, key: impl Fn(&'a [u8]) -> &'a [u8]) -> Option<LinesOf<'a>> {
        let len = u32::try_from(text.len()).ok()?;
        let mut lines = LinesOf { text, tokens: Vec::with_capacity(text.len() / 24), starts: Vec::with_capacity(text.len() / 24 + 1) };
        let mut start = 0;
        let ends =
            memchr::memchr_iter(b'\n', text).map(|at| at + 1).chain((!text.is_empty() && !text.ends_with(b"\n")).then_some(text.len()));
        for end in ends {
            if lines.tokens.len() >= max_lines as usize {
                return None;
            }
            lines.tokens.push(self.interner.intern(key(text.get(start..end)?)).0);
            lines.starts.push(start as u32);
            start = end;
        }
        lines.starts.push(len);
        Some(lines)
    }
}

impl<'a> LinesOf<'a> {
    /// How many lines.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The bytes of a run of lines, as offsets into the text. Cut off at the text's end.
    pub fn span(&self, start: usize, len: usize) -> std::ops::Range<usize> {
        let at = |line: usize| self.starts.get(line).map_or(self.text.len(), |start| *start as usize);
        at(start)..at(start + len)
    }

    /// The bytes of a run of lines.
    pub fn bytes(&self, start: usize, len: usize) -> &'a [u8] {
        self.text.get(self.span(start, len)).unwrap_or_default()
    }

    /// The bytes of one line.
    pub fn line(&self, at: usize) -> &'a [u8] {
        self.bytes(at, 1)
    }
}

/// How many blanks a line begins with.
pub(crate) fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
