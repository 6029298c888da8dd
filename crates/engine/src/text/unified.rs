//! Diffs as `git diff` prints them (the format of git-diff(1), "Generating patch text with -p"), readable by `git apply`.
//!
//! Deliberately missing: binary patches (binary files are named, not shown), colours, combined diffs.

use super::hunks::{DiffError, DiffLimits, DiffStats, Hunk, LineKind, hunks, is_binary};
use acetate_types::{FileMode, ObjectId};
use bytes::Bytes;

/// A file on one side of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side<'a> {
    /// Its path from the repository's root.
    pub path: &'a [u8],
    /// Its mode.
    pub mode: FileMode,
    /// Its blob's id, if known; without it no `index` line is printed.
    pub id: Option<ObjectId>,
    /// Its bytes; a link's target; for a submodule the line `Subproject commit <id>`.
    pub text: &'a Bytes,
    /// The bytes are not to be shown, or not known: the file is named as a binary one is, and compared by its id.
    pub opaque: bool,
}

/// How a diff is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnifiedOptions {
    /// Unchanged lines around a change.
    pub context: usize,
    /// Digits of the ids in `index` lines; Git shows 7 at least, and all of them with `--full-index`.
    pub id_digits: usize,
    /// Git's `core.quotePath`: quote bytes from 0x80 on as well.
    pub quote_high: bool,
    /// The bounds of the comparison.
    pub limits: DiffLimits,
}

impl Default for UnifiedOptions {
    /// Three lines, seven digits, `core.quotePath` on.
    fn default() -> Self {
        Self { context: 3, id_digits: 7, quote_high: true, limits: DiffLimits::default() }
    }
}

/// Appends the diff of one file to `out`: an addition without `before`, a deletion without `after`, a rename where the paths differ.
/// Nothing where path, mode and bytes are equal. Gives the added and removed lines (none for binary files).
///
/// # Errors
/// [`DiffError::TooLarge`]; nothing is then appended.
pub fn unified(
    before: Option<Side<'_>>,
    after: Option<Side<'_>>,
    options: &UnifiedOptions,
    out: &mut Vec<u8>,
) -> Result<DiffStats, DiffError> {
    if let (Some(one), Some(two)) = (before, after) {
        if one.path == two.path && one.mode == two.mode && same(one, two) {
            return Ok(DiffStats::default());
        }
        // A file that becomes a link is one deleted and one added, as a patch can't say it otherwise.
        if kind(one.mode) != kind(two.mode) {
            let kept = out.len();
            let mut stats = pair(before, None, options, out)?;
            match pair(None, after, options, out) {
                Ok(added) => stats += added,
                Err(error) => {
                    out.truncate(kept);
                    return Err(error);
                }
            }
            return Ok(stats);
        }
    }
    pair(before, after, options, out)
}

/// Whether two files have the same bytes.
fn same(one: Side<'_>, two: Side<'_>) -> bool {
    if one.opaque || two.opaque { one.id.is_some() && one.id == two.id } else { one.text == two.text }
}

fn kind(mode: FileMode) -> FileMode {
    if mode == FileMode::Executable { FileMode::Regular } else { mode }
}

fn pair(before: Option<Side<'_>>, after: Option<Side<'_>>, options: &UnifiedOptions, out: &mut Vec<u8>) -> Result<DiffStats, DiffError> {
    let empty = Bytes::new();
    let (one, two) = (before.map_or(&empty, |side| side.text), after.map_or(&empty, |side| side.text));
    let Some(path) = before.or(after).map(|side| side.path) else { return Ok(DiffStats::default()) };
    let opaque = before.is_some_and(|side| side.opaque) || after.is_some_and(|side| side.opaque);
    let binary = opaque || is_binary(one) || is_binary(two);
    let equal = match (before, after) {
        (Some(one), Some(two)) => same(one, two),
        _ => !opaque && one == two,
    };
    // Everything that can fail comes before the first byte is printed.
    let changes = if binary || equal { Vec::new() } else { hunks(one, two, options.context, &options.limits)? };

    let quoted = |prefix: &[u8], path: &[u8]| quote_path(prefix, path, options.quote_high);
    let name_a = quoted(b"a/", path);
    let name_b = quoted(b"b/", after.map_or(path, |side| side.path));
    for part in [b"diff --git ", &name_a[..], b" ", &name_b, b"\n"] {
        out.extend_from_slice(part);
    }
    header(before, after, [one, two], equal, binary, options, out)?;
    if equal {
        return Ok(DiffStats::default());
    }
    let label_a = if before.is_some() { name_a } else { b"/dev/null".to_vec() };
    let label_b = if after.is_some() { name_b } else { b"/dev/null".to_vec() };
    if binary {
        for part in [b"Binary files ", &label_a[..], b" and ", &label_b, b" differ\n"] {
            out.extend_from_slice(part);
        }
        return Ok(DiffStats::default());
    }
    for (sign, label) in [(b"--- ", label_a), (b"+++ ", label_b)] {
        out.extend_from_slice(sign);
        out.extend_from_slice(&label);
        // Tells a name with a space from a name and a date.
        out.extend_from_slice(if label.contains(&b' ') { b"\t\n" } else { b"\n" });
    }
    let mut stats = DiffStats::default();
    for hunk in &changes {
        print(hunk, &mut stats, out);
    }
    Ok(stats)
}

/// The lines between `diff --git` and the texts.
fn header(
    before: Option<Side<'_>>,
    after: Option<Side<'_>>,
    [one, two]: [&Bytes; 2],
    equal: bool,
    binary: bool,
    options: &UnifiedOptions,
    out: &mut Vec<u8>,
) -> Result<(), DiffError> {
    let mut line = |text: String| {
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    };
    let mut mode = None;
    match (before, after) {
        (Some(side), None) => line(format!("deleted file mode {}", side.mode)),
        (None, Some(side)) => line(format!("new file mode {}", side.mode)),
        (Some(a), Some(b)) if a.mode != b.mode => {
            line(format!("old mode {}", a.mode));
            line(format!("new mode {}", b.mode));
        }
        (Some(a), Some(_)) => mode = Some(a.mode),
        (None, None) => {}
    }
    if let (Some(a), Some(b)) = (before, after)
        && a.path != b.path
    {
        let similarity = if equal { 100 } else { similarity(one, two, binary, &options.limits)? };
        line(format!("similarity index {similarity}%"));
        for (what, side) in [("rename from ", a), ("rename to ", b)] {
            out.extend_from_slice(what.as_bytes());
            out.extend_from_slice(&quote_path(b"", side.path, options.quote_high));
            out.push(b'\n');
        }
    }
    let ids = (before.map(|side| side.id), after.map(|side| side.id));
    let (a, b) = match ids {
        (Some(Some(a)), Some(Some(b))) => (a, b),
        (Some(Some(a)), None) => (a, ObjectId::null(a.format())),
        (None, Some(Some(b))) => (ObjectId::null(b.format()), b),
        _ => return Ok(()),
    };
    if a == b {
        return Ok(());
    }
    let digits = options.id_digits.max(4);
    let mut text = format!("index {a:.digits$}..{b:.digits$}");
    if let Some(mode) = mode {
        text.push_str(&format!(" {mode}"));
    }
    text.push('\n');
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Kept bytes in per cent of the larger of two different texts, by lines.
fn similarity(one: &Bytes, two: &Bytes, binary: bool, limits: &DiffLimits) -> Result<usize, DiffError> {
    if binary {
        // Binary files have no lines: what both ends share.
        let (short, long) = (one.len().min(two.len()), one.len().max(two.len()));
        let head = one.iter().zip(two.iter()).take_while(|(a, b)| a == b).count();
        let tail = one.iter().rev().zip(two.iter().rev()).take(short - head).take_while(|(a, b)| a == b).count();
        return Ok(((head + tail) * 100 / long.max(1)).min(99));
    }
    let removed: usize = hunks(one, two, 0, limits)?
        .iter()
        .flat_map(|hunk| &hunk.lines)
        .filter(|line| line.kind == LineKind::Remove)
        .map(|line| line.text.len())
        .sum();
    Ok(((one.len() - removed) * 100 / one.len().max(two.len()).max(1)).min(99))
}

fn print(hunk: &Hunk, stats: &mut DiffStats, out: &mut Vec<u8>) {
    let range = |start: usize, lines: usize| if lines == 1 { start.to_string() } else { format!("{start},{lines}") };
    let (one, two) = (range(hunk.before_start, hunk.before_lines), range(hunk.after_start, hunk.after_lines));
    out.extend_from_slice(format!("@@ -{one} +{two} @@").as_bytes());
    if !hunk.heading.is_empty() {
        out.push(b' ');
        out.extend_from_slice(&hunk.heading);
    }
    out.push(b'\n');
    for line in &hunk.lines {
        out.push(line.kind.sign());
        out.extend_from_slice(&line.text);
        if line.lacks_newline() {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
        match line.kind {
            LineKind::Context => {}
            LineKind::Remove => stats.removed += 1,
            LineKind::Add => stats.added += 1,
        }
    }
}

/// A path as Git prints it: as it is, or in double quotes with C escapes where it holds a control character, a quote, a backslash, or
/// (with `high`) a byte from 0x80 on. The prefix goes inside the quotes.
pub fn quote_path(prefix: &[u8], path: &[u8], high: bool) -> Vec<u8> {
    let odd = |byte: &u8| matches!(byte, 0..0x20 | 0x7f | b'"' | b'\\') || (high && *byte >= 0x80);
    let mut out = Vec::with_capacity(prefix.len() + path.len() + 2);
    if !path.iter().any(odd) {
        out.extend_from_slice(prefix);
        out.extend_from_slice(path);
        return out;
    }
    out.push(b'"');
    out.extend_from_slice(prefix);
    for byte in path {
        let letter = match byte {
            0x07 => b'a',
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0b => b'v',
            0x0c => b'f',
            b'\r' => b'r',
            b'"' | b'\\' => *byte,
            byte if odd(byte) => {
                out.extend_from_slice(&[b'\\', b'0' + (byte >> 6), b'0' + (byte >> 3 & 7), b'0' + (byte & 7)]);
                continue;
            }
            byte => {
                out.push(*byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', letter]);
    }
    out.push(b'"');
    out
}

#[cfg(test)]
#[path = "unified_tests.rs"]
mod tests;
