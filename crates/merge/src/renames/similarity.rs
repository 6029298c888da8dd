//! How much of one content is in another, estimated as Git estimates it (`diffcore-delta`).
//!
//! A content is cut behind every line feed and after every 64 bytes; each piece is hashed into about 108,000 classes, and the bytes of
//! each class are summed. What two contents share is, class by class, the smaller sum. Order plays no part. In a text a carriage return
//! before a line feed is ignored.

use crate::files::is_binary;

/// The score of equal contents.
pub const MAX_SCORE: u32 = 60_000;
/// The least score of a rename: 50 %.
pub const MIN_SCORE: u32 = 30_000;
/// The least score of a rename that the file name suggested: 75 %. Higher than [`MIN_SCORE`], for nothing else is compared then.
pub const BASENAME_SCORE: u32 = 45_000;

const CLASSES: u32 = 107_927;
const PIECE: u32 = 64;

/// A content's bytes by class.
#[derive(Debug, Clone)]
pub struct Fingerprint {
    /// The content's length in bytes.
    size: u64,
    /// Class and bytes, by class.
    sums: Vec<(u32, u32)>,
}

impl Fingerprint {
    /// The fingerprint of a content.
    pub fn new(data: &[u8]) -> Self {
        let text = !is_binary(data);
        let mut sums: Vec<(u32, u32)> = Vec::with_capacity(data.len() / 32 + 1);
        let (mut low, mut high, mut len) = (0u32, 0u32, 0u32);
        for (at, byte) in data.iter().enumerate() {
            if text && *byte == b'\r' && data.get(at + 1) == Some(&b'\n') {
                continue;
            }
            let before = low;
            low = ((low << 7) ^ (high >> 25)).wrapping_add(u32::from(*byte));
            high = (high << 7) ^ (before >> 25);
            len += 1;
            if len == PIECE || *byte == b'\n' {
                sums.push((low.wrapping_add(high.wrapping_mul(0x61)) % CLASSES, len));
                (low, high, len) = (0, 0, 0);
            }
        }
        if len > 0 {
            sums.push((low.wrapping_add(high.wrapping_mul(0x61)) % CLASSES, len));
        }
        sums.sort_unstable_by_key(|(class, _)| *class);
        sums.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
        Self { size: data.len() as u64, sums }
    }

    /// How much of this content is in `target`, relative to the larger of both: 0 to [`MAX_SCORE`].
    pub fn score(&self, target: &Self) -> u32 {
        if target.size == 0 {
            return 0;
        }
        let mut shared = 0u64;
        let mut theirs = target.sums.iter().peekable();
        for (class, bytes) in &self.sums {
            while theirs.next_if(|(other, _)| other < class).is_some() {}
            if let Some((_, other)) = theirs.next_if(|(other, _)| other == class) {
                shared += u64::from(*bytes.min(other));
            }
        }
        (shared * u64::from(MAX_SCORE) / self.size.max(target.size)) as u32
    }
}

/// Whether sizes alone rule out a score of `least`.
pub(super) fn sizes_differ_too_much(source: u64, target: u64, least: u32) -> bool {
    let (max, delta) = (source.max(target), source.abs_diff(target));
    u128::from(max) * u128::from(MAX_SCORE - least) < u128::from(delta) * u128::from(MAX_SCORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, target: &str, score: u32) {
        assert_eq!(Fingerprint::new(source.as_bytes()).score(&Fingerprint::new(target.as_bytes())), score, "{source:?} {target:?}");
    }

    #[test]
    fn shared_bytes_relative_to_the_larger_content() {
        check("a\nb\nc\nd\n", "a\nb\nc\nd\n", MAX_SCORE);
        check("a\nb\nc\nd\n", "a\nb\nx\ny\n", MIN_SCORE);
        check("a\nb\n", "a\nb\nx\ny\n", MIN_SCORE);
        check("b\na\n", "a\nb\n", MAX_SCORE);
        check("a\r\nb\r\n", "a\nb\n", 4 * MAX_SCORE / 6);
        check("a\n", "", 0);
        check("", "a\n", 0);
    }

    #[test]
    fn sizes() {
        assert!(!sizes_differ_too_much(100, 50, MIN_SCORE));
        assert!(sizes_differ_too_much(100, 49, MIN_SCORE));
        assert!(sizes_differ_too_much(0, 1, MIN_SCORE));
        assert!(sizes_differ_too_much(u64::MAX, 1, MIN_SCORE));
    }
}
