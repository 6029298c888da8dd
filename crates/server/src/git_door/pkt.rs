//! Git's pkt-lines (gitprotocol-common): four hexadecimal digits of length, counting themselves, then the data.
//!
//! Reading is strict and bounded: a length is 0 (flush) or 5 to 65,520; the special packets of protocol v2 are refused, for nothing here
//! speaks v2 itself.

use std::io::{self, Read};

/// The longest packet, its length included.
pub(super) const LONGEST: usize = 65_520;
/// The packet that ends a section.
pub(super) const FLUSH: &[u8] = b"0000";

/// A packet as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packet {
    /// The end of a section.
    Flush,
    /// Data, never empty.
    Data(Vec<u8>),
}

/// Why bytes are no packet.
#[derive(Debug, thiserror::Error)]
pub(super) enum PktError {
    /// The length is none that a packet can have.
    #[error("the length of a packet can't be {0:?}")]
    Length(String),
    /// The bytes end within a packet, or can't be read.
    #[error("the request ends within a packet: {0}")]
    Read(#[from] io::Error),
}

/// Reads one packet.
pub(super) fn read(source: &mut impl Read) -> Result<Packet, PktError> {
    let mut head = [0; 4];
    source.read_exact(&mut head)?;
    let length = length(head).ok_or_else(|| PktError::Length(head.escape_ascii().to_string()))?;
    if length == 0 {
        return Ok(Packet::Flush);
    }
    let mut data = vec![0; length - 4];
    source.read_exact(&mut data)?;
    Ok(Packet::Data(data))
}

/// The length that a packet's head says: 0 for a flush, else 5 to [`LONGEST`].
fn length(head: [u8; 4]) -> Option<usize> {
    let mut length = 0;
    for digit in head {
        length = length * 16 + (digit as char).to_digit(16)? as usize;
    }
    (length == 0 || (5..=LONGEST).contains(&length)).then_some(length)
}

/// Appends one packet. Data over what a packet holds is cut, so callers split it first.
pub(super) fn write(out: &mut Vec<u8>, data: &[u8]) {
    let data = data.get(..LONGEST - 4).unwrap_or(data);
    out.extend_from_slice(format!("{:04x}", data.len() + 4).as_bytes());
    out.extend_from_slice(data);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(mut bytes: &[u8], expect: Result<Packet, &str>) {
        let found = read(&mut bytes);
        match (&found, &expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(PktError::Length(_)), Err("length")) | (Err(PktError::Read(_)), Err("read")) => {}
            _ => panic!("{found:?} instead of {expect:?}"),
        }
    }

    #[test]
    fn packets() {
        check(b"0000rest", Ok(Packet::Flush));
        check(b"0006a\nrest", Ok(Packet::Data(b"a\n".to_vec())));
        check(b"000Aabcdef", Ok(Packet::Data(b"abcdef".to_vec())));
        for bad in [&b"0001"[..], b"0002", b"0003", b"0004", b"fff1", b"ffff", b"00g0", b"+006", b"-001", b" 006a\n", b"\xff\xff\xff\xff"] {
            check(bad, Err("length"));
        }
        for cut in [&b""[..], b"0", b"000", b"0006", b"0006a", b"fff0"] {
            check(cut, Err("read"));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..8)) {
            let mut bytes = Vec::new();
            for part in &parts {
                write(&mut bytes, part);
            }
            bytes.extend_from_slice(FLUSH);
            let mut source = &bytes[..];
            for part in &parts {
                prop_assert_eq!(read(&mut source).expect("a packet"), Packet::Data(part.clone()));
            }
            prop_assert_eq!(read(&mut source).expect("a flush"), Packet::Flush);
            prop_assert!(source.is_empty());
        }

        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut source = &bytes[..];
            if let Ok(Packet::Data(data)) = read(&mut source) {
                // Written again, it is what was read, save for the case of the digits.
                let mut again = Vec::new();
                write(&mut again, &data);
                prop_assert_eq!(&bytes[4..again.len()], &again[4..]);
                prop_assert_eq!(source.len() + again.len(), bytes.len());
            }
        }
    }
}
