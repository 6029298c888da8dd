//! The insides of what nobody changed in a text of data or prose, found by its lines.

use crate::skeleton::{Line, WORTH};
use std::ops::Range;

/// How what can be left out of a language of data shows in lines.
#[derive(Debug, Clone, Copy)]
pub enum Blocks {
    /// From a line that ends with an opening bracket to one that closes it.
    Brackets,
    /// Behind a line that ends with a colon, all that is indented deeper.
    Indented,
    /// Between the headings of Markdown.
    Sections,
}

impl Blocks {
    /// The insides that `is_touched` says nothing of. What is left has all symbols that they are in, with what is around them.
    pub(crate) fn insides(self, text: &[u8], is_touched: impl Fn(&Range<usize>) -> bool) -> Vec<Range<usize>> {
        let lines: Vec<Line<'_>> = Line::all(text).collect();
        let is_unclear = match self {
            Self::Brackets => false,
            Self::Indented => memchr::memchr(0, text).is_some() || is_uneven(&lines),
            Self::Sections => lines.iter().any(|line| is_markup(line.text)),
        };
        if is_unclear {
            return Vec::new();
        }
        let mut cuts = Vec::new();
        let mut at = 0;
        let mut fence = None;
        while at < lines.len() {
            let inside = match self {
                Self::Brackets => brackets(&lines, at),
                Self::Indented => indented(&lines, at),
                Self::Sections => section(&lines, at, &mut fence),
            };
            at += 1;
            let Some((first, end)) = inside.filter(|(first, end)| first < end) else { continue };
            let range = lines[first].start..lines[end - 1].end;
            // What is added at its ends is a change as well.
            if range.len() >= WORTH && !is_touched(&range) {
                cuts.push(range);
                at = at.max(end);
            }
        }
        // A fence that nothing closes may be none.
        if fence.is_some() { Vec::new() } else { cuts }
    }
}

fn is_deeper(head: &Line<'_>, line: &Line<'_>) -> bool {
    line.text.is_empty() || (line.indent.len() > head.indent.len() && line.indent.starts_with(head.indent))
}

/// Where the lines that are deeper than one end.
fn deeper(lines: &[Line<'_>], head: usize) -> usize {
    let deeper = lines.iter().skip(head + 1).take_while(|line| is_deeper(&lines[head], line));
    head + 1 + deeper.count()
}

/// What is in brackets that are the value of a key; entries without a key may be known by what is in them.
fn brackets(lines: &[Line<'_>], head: usize) -> Option<(usize, usize)> {
    let line = lines.get(head)?;
    let closing = match line.text {
        [_, .., b'{'] => b'}',
        [_, .., b'['] => b']',
        _ => return None,
    };
    let end = deeper(lines, head);
    let last = lines.get(end)?;
    (last.indent == line.indent && matches!(last.text, [first] | [first, b','] if *first == closing)).then_some((head + 1, end))
}

/// Whether a line goes back to an indentation that none before has: the grammar makes something of that, but what depends on what is around.
fn is_uneven(lines: &[Line<'_>]) -> bool {
    let mut open: Vec<usize> = vec![0];
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.text.is_empty() || line.text.starts_with(b"#") {
            continue;
        }
        let column = line.indent.len();
        while open.last().is_some_and(|last| *last > column) {
            open.pop();
        }
        match open.last() {
            Some(last) if *last == column => {}
            _ if at > 1 && lines.get(at - 2).is_some_and(|before| before.indent.len() >= column && !before.text.is_empty()) => return true,
            _ => open.push(column),
        }
        // Text of several lines may be indented as it likes.
        let is_text = line.text.trim_ascii_end().rsplit(|byte| *byte == b' ').next().is_some_and(|last| matches!(last, [b'|' | b'>', ..]));
        if is_text {
            at = deeper(lines, at - 1);
        }
    }
    false
}

/// What is deeper than a key, but for its last entry.
fn indented(lines: &[Line<'_>], head: usize) -> Option<(usize, usize)> {
    if !lines.get(head)?.text.ends_with(b":") || lines[head].text.starts_with(b"#") {
        return None;
    }
    let end = deeper(lines, head);
    let says = |at: &usize| !lines[*at].text.is_empty() && !lines[*at].text.starts_with(b"#");
    let first = (head + 1..end).find(says)?;
    // No item of a list: it goes on above.
    let entry = |at: &usize| says(at) && lines[*at].indent == lines[first].indent;
    let last = (first..end).rfind(entry)?;
    let is_key = |at: usize| !lines[at].text.starts_with(b"-") && memchr::memchr(b':', lines[at].text).is_some();
    (first < last && is_key(first) && is_key(last)).then_some((head + 1, last))
}

/// What is in a section before the next heading, but for its last line.
fn section(lines: &[Line<'_>], head: usize, fence: &mut Option<Fence>) -> Option<(usize, usize)> {
    let line = lines.get(head)?;
    toggle(line.text, fence);
    if !is_heading(line) || fence.is_some() {
        return None;
    }
    let mut inner = None;
    let mut end = head + 1;
    while let Some(line) = lines.get(end) {
        toggle(line.text, &mut inner);
        if inner.is_none() && (is_heading(line) || is_unclear(line)) {
            break;
        }
        end += 1;
    }
    if inner.is_some() || lines.get(end).is_some_and(is_unclear) {
        return None;
    }
    let last = (head + 1..end).rfind(|at| !lines[*at].text.is_empty())?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*' | b'[' | b'(' | b'|');
    (lines[last].indent.is_empty() && lines[last].text.first().is_some_and(plain)).then_some((head + 1, last))
}

/// A fence that is open: its mark, and how many of it.
type Fence = (u8, usize);

fn toggle(line: &[u8], fence: &mut Option<Fence>) {
    let Some(mark) = line.first().copied().filter(|mark| matches!(mark, b'`' | b'~')) else { return };
    let marks = line.iter().take_while(|byte| **byte == mark).count();
    match *fence {
        // A mark behind it would make it code within a line.
        None if marks >= 3 && !line.get(marks..).is_some_and(|rest| mark == b'`' && rest.contains(&mark)) => *fence = Some((mark, marks)),
        Some((open, least)) if open == mark && marks >= least && marks == line.len() => *fence = None,
        _ => {}
    }
}

fn is_heading(line: &Line<'_>) -> bool {
    let marks = line.text.iter().take_while(|byte| **byte == b'#').count();
    line.indent.is_empty() && (1..=6).contains(&marks) && matches!(line.text.get(marks), None | Some(b' ' | b'\t'))
}

/// Whether a line may make a heading of what is above it, or be one itself.
fn is_unclear(line: &Line<'_>) -> bool {
    let all = |mark: u8| !line.text.is_empty() && line.text.iter().all(|byte| *byte == mark);
    all(b'=') || all(b'-') || (!line.indent.is_empty() && line.text.starts_with(b"#"))
}

/// Whether something begins that may hide headings in several lines.
fn is_markup(line: &[u8]) -> bool {
    let opens = |open: &[u8], close: &[u8]| {
        memchr::memmem::find(line, open).is_some_and(|at| memchr::memmem::find(line.get(at..).unwrap_or_default(), close).is_none())
    };
    let tags = [&b"<pre"[..], b"<script", b"<style", b"<textarea", b"<?", b"<!["];
    opens(b"<!--", b"-->") || tags.iter().any(|tag| line.starts_with(tag)) || line.starts_with(b"+++")
}
