//! Texts that differ in nothing but white space.
//!
//! A side that only laid something out otherwise has nothing to say about it: what the other made of it, or that it took it away, stands.
//! White space counts where it has a meaning: between words, in quotation marks, where a line ends a statement, and as indentation in
//! Python. YAML and Markdown have none without meaning.

use super::context::{BASE, Context, OURS, THEIRS};
use super::out::Ranges;
use crate::diff::{Budget, Change, Lines, compare};
use acetate_syntax::Language;
use foldhash::HashSet;
use std::cmp::Reverse;

/// What stands if white space alone is left out of three texts; `None` if both sides say something of their own.
pub(super) fn laid_out(context: &mut Context<'_>, ranges: &Ranges) -> Option<Vec<u8>> {
    let language = context.parsed[BASE].language();
    let texts = context.three(ranges);
    // Whether the file ends with a line end is no matter of layout: it is of what stands last, whoever puts something there.
    let mut ends = texts.iter().filter(|text| !text.is_empty()).map(|text| text.ends_with(b"\n"));
    if ends.next().is_some_and(|first| ends.any(|end| end != first)) {
        return None;
    }
    let [base, ours, theirs] = texts.map(|text| said(language, text));
    match (base == ours, base == theirs) {
        (false, false) if ours != theirs => None,
        (true, false) => over(texts[BASE], texts[OURS], texts[THEIRS], &mut context.budget),
        (false, true) => over(texts[BASE], texts[THEIRS], texts[OURS], &mut context.budget),
        _ => Some(if tidier(context, texts[OURS], texts[THEIRS]) { texts[OURS] } else { texts[THEIRS] }.to_vec()),
    }
}

/// What one side changed, over the base as the other laid it out. `None` where the other broke lines otherwise that the one side left alone.
fn over(base: &[u8], laid: &[u8], changed: &[u8], budget: &mut Budget) -> Option<Vec<u8>> {
    let mut lines = Lines::default();
    let [base, laid, changed] = [lines.add(base, u32::MAX)?, lines.add(laid, u32::MAX)?, lines.add(changed, u32::MAX)?];
    let changes = compare(&base.tokens, &changed.tokens, budget).ok()?;
    let kept_by_both: HashSet<&[u8]> = (0..laid.len()).map(|at| laid.line(at)).collect();
    let same_lines = base.len() == laid.len()
        && (0..base.len()).all(|at| {
            let blank = |byte: &u8| !byte.is_ascii_whitespace();
            base.line(at).iter().filter(|byte| blank(byte)).eq(laid.line(at).iter().filter(|byte| blank(byte)))
        });
    let mut text = Vec::new();
    let mut at = 0;
    let last = Change { before: base.len(), removed: 0, after: changed.len(), added: 0 };
    for change in changes.into_iter().chain([last]) {
        for kept in at..change.before {
            if !same_lines && !base.line(kept).trim_ascii().is_empty() && !kept_by_both.contains(base.line(kept)) {
                return None;
            }
            text.extend_from_slice(if same_lines { laid.line(kept) } else { base.line(kept) });
        }
        text.extend_from_slice(changed.bytes(change.after, change.added));
        at = change.before_end();
    }
    Some(text)
}

/// Whether one version of something says what another says.
pub(super) fn says_the_same(language: Language, one: &[u8], other: &[u8]) -> bool {
    one == other || said(language, one) == said(language, other)
}

/// Of two texts that say the same, whether the first is the one to keep: with the file's line ends, without blanks at their ends, the longer.
pub(super) fn tidier(context: &Context<'_>, one: &[u8], other: &[u8]) -> bool {
    let crlf = super::finish::in_crlf(context.texts[BASE]);
    let rank = |text: &[u8]| {
        let lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let foreign = lines.clone().filter(|line| line.ends_with(b"\r\n") != crlf).count();
        let blank_ends = lines.map(|line| line.trim_ascii_end()).zip(text.split(|byte| *byte == b'\n'));
        let untidy = blank_ends.filter(|(end, line)| line.strip_suffix(b"\r").unwrap_or(line).len() > end.len()).count();
        (foreign, untidy, Reverse(text.len()))
    };
    (rank(one), one) <= (rank(other), other)
}

/// A text without the white space that says nothing.
fn said(language: Language, text: &[u8]) -> Vec<u8> {
    let indented = match language {
        Language::Markdown | Language::Yaml => return text.to_vec(),
        Language::Python => true,
        _ => false,
    };
    let is_word =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@' | b'#' | b'\'' | b'"' | b'`') || byte >= 0x80;
    let (opens, closes) = (b"([{,;=&|?:<+-*/.".as_slice(), b")]}.,?:&|+-*/;>".as_slice());
    let mut said: Vec<u8> = Vec::with_capacity(text.len());
    let mut quote = None;
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        if let Some(mark) = quote {
            said.push(byte);
            match byte {
                b'\\' => said.extend(text.get(at + 1)),
                b'\n' if mark != b'`' => quote = None,
                _ if byte == mark => quote = None,
                _ => {}
            }
            at += if byte == b'\\' { 2 } else { 1 };
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        if let Some(mark) = [b"\"\"\"", b"\'\'\'"].into_iter().find(|mark| indented && rest.starts_with(*mark)) {
            let end =
                rest.get(mark.len()..).and_then(|inside| memchr::memmem::find(inside, mark)).map_or(rest.len(), |end| end + 2 * mark.len());
            said.extend_from_slice(rest.get(..end).unwrap_or_default());
            at += end;
            continue;
        }
        if !byte.is_ascii_whitespace() {
            quote = Some(byte).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
            said.push(byte);
            at += 1;
            continue;
        }
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let run = text.get(at..at + blanks).unwrap_or_default();
        let next = text.get(at + blanks).copied();
        at += blanks;
        let last = said.last().copied();
        let Some(next) = next else { break };
        if run.contains(&b'\n') && indented {
            said.push(b'\n');
            said.extend_from_slice(run.rsplit(|byte| *byte == b'\n').next().unwrap_or_default());
        } else if last.is_none() {
            if indented {
                said.extend_from_slice(run);
            }
        } else if run.contains(&b'\n') {
            let goes_on = last.is_some_and(|last| opens.contains(&last)) || closes.contains(&next);
            // What follows a comment must not become part of it.
            let line = text.get(..at - blanks).and_then(|before| before.rsplit(|byte| *byte == b'\n').next()).unwrap_or_default();
            if !goes_on || line.contains(&b'#') || memchr::memmem::find(line, b"//").is_some() {
                said.push(b'\n');
            }
        } else if last.is_some_and(is_word) && is_word(next) {
            said.push(b' ');
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, one: &str, other: &str, same: bool) {
        assert_eq!(says_the_same(language, one.as_bytes(), other.as_bytes()), same, "{one:?} {other:?}");
    }

    #[test]
    fn layout_says_nothing() {
        check(Language::Java, "  f(a,b);\n", "\tf( a, b );  \r\n", true);
        check(Language::Rust, "f(&S {\n    a: 1,\n})\n", "f(\n    &S {\n        a: 1,\n    }\n)\n", true);
        check(Language::JavaScript, "x = {0: true};\n", "x = {\n  0: true\n};\n", true);
        check(Language::Python, "f(a,b)  \n\ng()\n", "f(a, b)\ng()\n", true);
    }

    #[test]
    fn where_it_has_a_meaning_it_counts() {
        check(Language::Java, "a b", "ab", false);
        check(Language::Java, "f(\"a b\")", "f(\"ab\")", false);
        check(Language::Java, "f(\" a\")", "f(\"a\")", false);
        check(Language::JavaScript, "return\nx\n", "return x\n", false);
        check(Language::Go, "a\nb\n", "a b\n", false);
        check(Language::Java, "f(a // why -\n);\n", "f(a // why -);\n", false);
        check(Language::Python, "if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n", false);
        check(Language::Python, "a = \"\"\"b\n\n  c\"\"\"\n", "a = \"\"\"b\n  c\"\"\"\n", false);
        check(Language::Yaml, "a: |\n  b\n\n  c\n", "a: |\n  b\n  c\n", false);
        check(Language::Markdown, "a  \nb\n", "a\nb\n", false);
        check(Language::TypeScript, "`a\n  b`", "`a\nb`", false);
    }
}
