//! Exact string replacement, the way coding agents edit files.
//!
//! Invariants: edits apply in order and all or none do; without `all` an old text must name exactly one place. An old text without a
//! carriage return matches lines that end in LF and in CRLF alike, and what is put in their place ends its lines as the replaced
//! lines do, so that a file keeps its line ends and its byte-order mark. A caller that writes a carriage return itself is taken by
//! the letter.
//!
//! Deliberately missing: every other leniency (quotes, indentation, Unicode forms). What nearly matches is reported, never guessed;
//! see [`closest`](super::closest).

use super::closest::{ClosestLimits, closest};
use super::edit_error::{EditError, MatchedLine};
use super::splice::{Splice, compose};
use bstr::ByteSlice;
use bytes::Bytes;
use memchr::memmem;
use std::borrow::Cow;
use std::ops::Range;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringEdit {
    /// The text to replace; empty only for a file that is empty.
    pub old: Bytes,
    /// What stands there afterwards.
    pub new: Bytes,
    /// Replace every place, not the only one.
    pub all: bool,
}

/// The bounds of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditLimits {
    /// Most bytes of the text, before and after every edit.
    pub max_text: usize,
    /// Most edits.
    pub max_edits: usize,
    /// Most replaced places of all edits together.
    pub max_replacements: usize,
    /// Most bytes read and copied, that is: the sizes of the texts between the edits, added up.
    pub max_copied: usize,
    /// Most places listed when the old text is not unique.
    pub max_listed: usize,
    /// Most bytes of a listed line.
    pub max_line: usize,
    /// The bounds of looking for what comes closest.
    pub closest: ClosestLimits,
}

impl Default for EditLimits {
    /// 16 MiB of text, 1,000 edits, 100,000 places, 1 GiB copied, 10 listed lines of 200 bytes.
    fn default() -> Self {
        Self {
            max_text: 16 << 20,
            max_edits: 1000,
            max_replacements: 100_000,
            max_copied: 1 << 30,
            max_listed: 10,
            max_line: 200,
            closest: ClosestLimits::default(),
        }
    }
}

/// A text after its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: Bytes,
    /// What was replaced: ascending, disjoint, positions in the text before all edits. See [`Edited::pieces`].
    pub spans: Vec<Splice>,
}

impl Edited {
    /// Each replaced range of the text before, with the bytes that stand there now.
    pub fn pieces(&self) -> impl Iterator<Item = (Splice, Bytes)> {
        let mut shift = 0_isize;
        self.spans.iter().map(move |splice| {
            let from = splice.at.saturating_add_signed(shift);
            shift += splice.inserted_len as isize - splice.removed as isize;
            (*splice, self.text.slice(from..from + splice.inserted_len))
        })
    }
}

/// Applies `edits` to `text`, one after the other, all or none. O(edits × text).
///
/// # Errors
/// See [`EditError`]; the text is then as it was.
pub fn apply_edits(text: &[u8], edits: &[StringEdit], limits: &EditLimits) -> Result<Edited, EditError> {
    check(0, "the number of edits", edits.len(), limits.max_edits)?;
    check(0, "the text's bytes", text.len(), limits.max_text)?;
    let mut current = Cow::Borrowed(text);
    let mut spans = Vec::new();
    let mut copied = 0_usize;
    let mut places = 0_usize;
    for (index, edit) in edits.iter().enumerate() {
        copied = copied.saturating_add(current.len());
        check(index, "the bytes to copy", copied, limits.max_copied)?;
        let found = find(&current, edit, index, limits).map_err(|error| match error {
            EditError::NotFound { index, closest, .. } if index > 0 => {
                let replaced_before = memmem::find(&Searched::new(text, &edit.old).text, &edit.old).is_some();
                EditError::NotFound { index, closest, replaced_before }
            }
            error => error,
        })?;
        places += found.len();
        check(index, "the number of replaced places", places, limits.max_replacements)?;
        let (next, pass) = replace(&current, edit, &found, index, limits)?;
        spans = compose(&spans, &pass);
        current = Cow::Owned(next);
    }
    Ok(Edited { text: Bytes::from(current.into_owned()), spans })
}

fn check(index: usize, what: &'static str, size: usize, limit: usize) -> Result<(), EditError> {
    if size > limit { Err(EditError::TooLarge { index, what, size, limit }) } else { Ok(()) }
}

/// The places of `edit.old`, ascending and disjoint; exactly one unless `edit.all`.
fn find(text: &[u8], edit: &StringEdit, index: usize, limits: &EditLimits) -> Result<Vec<Range<usize>>, EditError> {
    if edit.old == edit.new {
        return Err(EditError::NoChange { index });
    }
    if edit.old.is_empty() {
        // A byte-order mark alone is an empty file that keeps its mark.
        if text.is_empty() || text == BYTE_ORDER_MARK {
            return Ok(std::iter::once(text.len()..text.len()).collect());
        }
        return Err(EditError::EmptyOld { index });
    }
    let searched = Searched::new(text, &edit.old);
    let finder = memmem::Finder::new(&edit.old);
    let Some(first) = finder.find(&searched.text) else {
        let closest = closest(text, &edit.old, &limits.closest).map(Box::new);
        return Err(EditError::NotFound { index, closest, replaced_before: false });
    };
    if edit.all {
        let mut found = Vec::new();
        for at in finder.find_iter(&searched.text) {
            if found.len() == limits.max_replacements {
                let limit = limits.max_replacements;
                return Err(EditError::TooLarge { index, what: "the number of replaced places", size: limit.saturating_add(1), limit });
            }
            found.push(searched.raw(at)..searched.raw(at + edit.old.len()));
        }
        return Ok(found);
    }
    // Overlapping places are two places: "aa" in "aaa" names none of them.
    if let Some(second) = searched.text.get(first + 1..).and_then(|rest| finder.find(rest)) {
        return Err(not_unique(&searched.text, &finder, index, (first, first + 1 + second), limits));
    }
    Ok(std::iter::once(searched.raw(first)..searched.raw(first + edit.old.len())).collect())
}

fn not_unique(text: &[u8], finder: &memmem::Finder<'_>, index: usize, two: (usize, usize), limits: &EditLimits) -> EditError {
    let mut places: Vec<usize> = finder.find_iter(text).take(limits.max_listed).collect();
    let total = finder.find_iter(text).count();
    if total == 1 {
        places = vec![two.0, two.1];
    }
    let mut line = 1;
    let mut counted = 0;
    let matches = places
        .iter()
        .take(limits.max_listed)
        .map(|at| {
            line += text[counted..*at].find_iter(b"\n").count();
            counted = *at;
            let start = text[..*at].rfind_byte(b'\n').map_or(0, |end| end + 1);
            let end = text[*at..].find_byte(b'\n').map_or(text.len(), |end| at + end).min(start.saturating_add(limits.max_line));
            MatchedLine { line, text: Bytes::copy_from_slice(&text[start..end]) }
        })
        .collect();
    EditError::NotUnique { index, matches, total: total.max(2) }
}

/// A text as it is searched: with its CRLF taken for LF where the old text has no carriage return.
struct Searched<'a> {
    text: Cow<'a, [u8]>,
    /// Where in `text` the ends of lines stand that were CRLF; ascending.
    folded: Vec<usize>,
}

impl<'a> Searched<'a> {
    fn new(text: &'a [u8], old: &[u8]) -> Self {
        if old.contains(&b'\r') || memmem::find(text, b"\r\n").is_none() {
            return Self { text: Cow::Borrowed(text), folded: Vec::new() };
        }
        let mut folded = Vec::new();
        let mut out = Vec::with_capacity(text.len());
        let mut from = 0;
        for at in memmem::find_iter(text, b"\r\n") {
            out.extend_from_slice(&text[from..at]);
            folded.push(out.len());
            from = at + 1;
        }
        out.extend_from_slice(&text[from..]);
        Self { text: Cow::Owned(out), folded }
    }

    /// The position in the text as it is; at a folded line end, before its carriage return.
    fn raw(&self, at: usize) -> usize {
        at + self.folded.partition_point(|end| *end < at)
    }
}

/// The text with `found` replaced, and the splices that say so.
fn replace(
    text: &[u8],
    edit: &StringEdit,
    found: &[Range<usize>],
    index: usize,
    limits: &EditLimits,
) -> Result<(Vec<u8>, Vec<Splice>), EditError> {
    // Where either text has a carriage return, its author means line ends by the letter.
    let follow = edit.new.contains(&b'\n') && !edit.new.contains(&b'\r') && !edit.old.contains(&b'\r');
    let mut out = Vec::with_capacity(text.len() + edit.new.len());
    let mut pass = Vec::with_capacity(found.len());
    let mut from = 0;
    let mut changed = false;
    for place in found {
        out.extend_from_slice(&text[from..place.start]);
        let start = out.len();
        // Refused before it is built.
        check(index, "the text's bytes", out.len().saturating_add(edit.new.len()), limits.max_text)?;
        if follow {
            with_line_ends(&edit.new, text, place, &mut out)
        } else {
            out.extend_from_slice(&edit.new)
        }
        changed |= out[start..] != text[place.clone()];
        pass.push(Splice { at: place.start, removed: place.len(), inserted_len: out.len() - start });
        from = place.end;
    }
    out.extend_from_slice(&text[from..]);
    check(index, "the text's bytes", out.len(), limits.max_text)?;
    if changed { Ok((out, pass)) } else { Err(EditError::NoChange { index }) }
}

/// Appends `new` with the line ends of the replaced place: its first line ends as the place's first line does, and so on; lines
/// beyond them end as the last one, and where the place has no line end, as the line does that it stands on (or the one before).
fn with_line_ends(new: &[u8], text: &[u8], place: &Range<usize>, out: &mut Vec<u8>) {
    let is_crlf = |end: usize| end > 0 && text[end - 1] == b'\r';
    let mut ends = memchr::memchr_iter(b'\n', &text[place.clone()]).map(|at| is_crlf(place.start + at));
    let mut crlf = text[place.end..]
        .find_byte(b'\n')
        .map(|at| is_crlf(place.end + at))
        .or_else(|| text[..place.start].rfind_byte(b'\n').map(is_crlf))
        .unwrap_or(false);
    let mut from = 0;
    for at in memchr::memchr_iter(b'\n', new) {
        crlf = ends.next().unwrap_or(crlf);
        out.extend_from_slice(&new[from..at]);
        out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
        from = at + 1;
    }
    out.extend_from_slice(&new[from..]);
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
