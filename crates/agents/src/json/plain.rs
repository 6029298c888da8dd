//! JSON read a second time: comments and trailing commas blanked out by a scanner of its own, the rest by `serde_json`.

use super::document::Document;
use crate::ConfigError;
use crate::plain::Plain;

/// What the text holds.
///
/// # Errors
/// [`ConfigError::Malformed`], by whichever parser objects.
pub fn plain(text: &str, comments: bool) -> Result<Plain, ConfigError> {
    if Document::parse(text, comments)?.root.is_none() {
        return Ok(Plain::Null);
    }
    let bare = if comments { blanked(text) } else { text.to_owned() };
    serde_json::from_str(&bare).map_err(|error| ConfigError::Malformed {
        line: error.line(),
        column: error.column(),
        reason: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    })
}

/// The text with blanks in place of comments and trailing commas; every place stays where it was.
fn blanked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    // The last comma with nothing but blanks and comments behind it so far.
    let mut comma: Option<usize> = None;
    while let Some(byte) = bytes.get(at) {
        let skipped = comment(bytes, at);
        if skipped > at {
            out.extend(bytes.iter().take(skipped).skip(at).map(|byte| if byte.is_ascii_whitespace() { *byte } else { b' ' }));
            at = skipped;
            continue;
        }
        if *byte == b'"' {
            let end = string(bytes, at);
            out.extend(bytes.iter().take(end).skip(at));
            (at, comma) = (end, None);
            continue;
        }
        match byte {
            b',' => comma = Some(out.len()),
            b'}' | b']' => {
                if let Some(trailing) = comma.take().and_then(|at| out.get_mut(at)) {
                    *trailing = b' ';
                }
            }
            byte if !byte.is_ascii_whitespace() => comma = None,
            _ => {}
        }
        out.push(*byte);
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The end of the comment that begins at `at`; `at` itself if none does.
fn comment(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.starts_with(b"//") {
        at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
    } else if rest.starts_with(b"/*") {
        let inner = rest.get(2..).unwrap_or_default();
        at + inner.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |end| end + 4)
    } else {
        at
    }
}

/// The end of the string that begins at `at`.
fn string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    bytes.len()
}
