//! One read file as a JSON line, written straight into a buffer. The same bytes as serde writes, at a fraction of the cost: most of an
//! answer with many files is text, which is looked at eight bytes at a time and copied in runs.

use acetate_engine::api::{FileContent, ReadFile};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Adds the line. `false` where it can't be written, which plain data never comes to.
pub(super) fn file_line(out: &mut Vec<u8>, read: &ReadFile) -> bool {
    match read {
        ReadFile::File(file) => {
            // Escapes take more than this; then the buffer grows.
            out.reserve(file.content.0.len() + file.content.0.len() / 16 + 256);
            content(out, file);
        }
        ReadFile::Error { .. } => {
            if serde_json::to_writer(&mut *out, read).is_err() {
                return false;
            }
        }
    }
    out.push(b'\n');
    true
}

fn content(out: &mut Vec<u8>, file: &FileContent) {
    out.extend_from_slice(b"{\"path\":");
    bytes(out, file.path.as_bytes());
    out.extend_from_slice(b",\"mode\":\"");
    out.extend_from_slice(file.mode.as_str().as_bytes());
    out.extend_from_slice(b"\",\"etag\":");
    text(out, &file.etag);
    out.extend_from_slice(b",\"content\":");
    bytes(out, &file.content.0);
    out.push(b'}');
}

/// Bytes as [`acetate_types::Text`] shows them.
fn bytes(out: &mut Vec<u8>, data: &[u8]) {
    if let Ok(data) = std::str::from_utf8(data) {
        return text(out, data);
    }
    out.extend_from_slice(b"{\"base64\":\"");
    let from = out.len();
    out.resize(from + data.len().div_ceil(3) * 4, 0);
    let written = out.get_mut(from..).and_then(|room| STANDARD.encode_slice(data, room).ok()).unwrap_or_default();
    out.truncate(from + written);
    out.extend_from_slice(b"\"}");
}

/// A JSON string.
fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let run = plain(rest);
        let (copied, after) = rest.split_at(run);
        out.extend_from_slice(copied);
        let Some((byte, after)) = after.split_first() else { break };
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            other => {
                out.extend_from_slice(b"\\u00");
                out.extend([other >> 4, other & 15].map(|digit| b"0123456789abcdef".get(usize::from(digit)).copied().unwrap_or(b'0')));
            }
        }
        rest = after;
    }
    out.push(b'"');
}

/// How many bytes come before the first that JSON escapes.
fn plain(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return at * 8 + (found.trailing_zeros() / 8) as usize;
        }
    }
    let escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    words.len() * 8 + rest.iter().position(escaped).unwrap_or(rest.len())
}

/// The high bit of each byte that JSON escapes: of the lowest such byte for certain, which is the one that is asked for; above it, a
/// borrow may set more.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = zero(word ^ (ONES * u64::from(b'"')));
    let backslash = zero(word ^ (ONES * u64::from(b'\\')));
    (control | quote | backslash) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_types::{FileMode, RepoPath};
    use proptest::prelude::*;

    fn check(path: &[u8], data: Vec<u8>) {
        let read = ReadFile::File(FileContent {
            path: RepoPath::existing(path.to_vec()).expect("a path"),
            mode: FileMode::Executable,
            etag: "e-1".into(),
            content: data.into(),
        });
        let mut found = b"before".to_vec();
        assert!(file_line(&mut found, &read));
        let expect = [b"before", &serde_json::to_vec(&read).expect("JSON")[..], b"\n"].concat();
        assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expect));
    }

    #[test]
    fn every_byte_at_every_place_is_as_serde_has_it() {
        for byte in 0..=255u8 {
            for at in 0..17 {
                let mut data = vec![b'x'; 17];
                data[at] = byte;
                check(b"a", data);
            }
        }
        check("ü\"\\".as_bytes(), "é\n\u{2028}\u{7f}\u{80}".into());
        check(b"\xff", Vec::new());
    }

    proptest! {
        #[test]
        fn text_and_bytes_are_as_serde_has_them(text in "(?s).{0,80}", data in proptest::collection::vec(any::<u8>(), 0..80)) {
            check(b"a/b", text.into_bytes());
            check(b"a/b", data);
        }
    }
}
