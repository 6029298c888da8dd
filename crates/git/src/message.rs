//! Trailers of a commit message: `Key: value` lines of its last paragraph.
//!
//! The rules are those of `git interpret-trailers` for a block in which every line is a trailer or continues one; a last paragraph
//! with any other line holds no trailers here. A message of one paragraph has none, for that is its title.

use bstr::ByteSlice as _;
use bytes::Bytes;

/// One trailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// The key as written: letters, digits and hyphens.
    pub key: Bytes,
    /// The value without blanks around it; continuation lines are joined by one blank.
    pub value: Bytes,
}

/// The trailers of `message`, in order.
pub(crate) fn trailers(message: &Bytes) -> impl Iterator<Item = Trailer> + use<> {
    parse(message).into_iter()
}

fn parse(message: &Bytes) -> Vec<Trailer> {
    let body = message.trim_end();
    // The last paragraph begins after the last blank line.
    let mut start = None;
    let mut at = 0;
    for line in body.lines_with_terminator() {
        at += line.len();
        if line.trim().is_empty() {
            start = Some(at);
        }
    }
    let Some(block) = start.and_then(|start| body.get(start..)) else { return Vec::new() };
    let mut found: Vec<Trailer> = Vec::new();
    for line in block.lines() {
        if line.first().is_some_and(|byte| *byte == b' ' || *byte == b'\t') {
            let Some(last) = found.last_mut() else { return Vec::new() };
            last.value = [last.value.as_ref(), line.trim()].join(&b' ').into();
            continue;
        }
        let Some((key, value)) = line.split_once_str(":") else { return Vec::new() };
        if key.is_empty() || !key.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            return Vec::new();
        }
        found.push(Trailer { key: Bytes::copy_from_slice(key), value: Bytes::copy_from_slice(value.trim()) });
    }
    found
}
