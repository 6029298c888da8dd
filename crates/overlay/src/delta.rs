//! A content as the difference to another: Acetate's own format, kept in memory only.
//!
//! A delta is a sequence of operations, each led by a LEB128 number `n`. Odd: copy `n >> 1` bytes of the base from the offset that
//! follows as a LEB128 number. Even: the next `n >> 1` bytes are new. Encoding takes the common prefix and suffix first, then looks
//! up 16-byte blocks of the base in a table of bounded size, so time is linear and memory bounded by the base. The result's length
//! and hash stand beside the operations, so that a delta never yields anything but what was encoded.
//!
//! Deliberately missing: compression of new bytes, and matches within them.

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes of a block that is looked up.
const BLOCK: usize = 16;
/// Every so many bytes a block of the base is entered into the table.
const STRIDE: usize = 4;
/// Most places that the table of a base remembers; of a larger base fewer blocks are.
const TABLE_BITS: u32 = 16;

/// A content as operations on a base that the holder names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delta {
    hash: u64,
    len: usize,
    ops: Box<[u8]>,
}

impl Delta {
    /// The difference that makes `text` of `base`; `None` when it would have more than `limit` bytes.
    pub(crate) fn encode(base: &[u8], text: &[u8], limit: usize) -> Option<Self> {
        let mut ops = Ops { out: Vec::new(), limit };
        let common = base.iter().zip(text).take_while(|(a, b)| a == b).count();
        let (base_rest, text_rest) = (base.get(common..)?, text.get(common..)?);
        let suffix = base_rest.iter().rev().zip(text_rest.iter().rev()).take_while(|(a, b)| a == b).count();
        ops.copy(0, common);
        let middle = text_rest.get(..text_rest.len() - suffix)?;
        match base_rest.get(..base_rest.len() - suffix) {
            Some(old) if old.len() >= BLOCK && middle.len() >= BLOCK => ops.matches(base, middle, limit)?,
            _ => ops.insert(middle),
        }
        ops.copy(base.len() - suffix, suffix);
        (ops.out.len() <= limit).then(|| Self { hash: xxh3_64(text), len: text.len(), ops: ops.out.into_boxed_slice() })
    }

    /// The content, from the base it was encoded against; `None` when `base` is another.
    pub(crate) fn apply(&self, base: &[u8]) -> Option<Bytes> {
        let mut out = Vec::with_capacity(self.len);
        let mut rest = &self.ops[..];
        while !rest.is_empty() {
            let head = number(&mut rest)?;
            let len = head >> 1;
            if len > self.len - out.len() {
                return None;
            }
            if head & 1 == 1 {
                let at = number(&mut rest)?;
                out.extend_from_slice(base.get(at..at.checked_add(len)?)?);
            } else {
                let (new, after) = rest.split_at_checked(len)?;
                out.extend_from_slice(new);
                rest = after;
            }
        }
        (out.len() == self.len && xxh3_64(&out) == self.hash).then(|| out.into())
    }

    /// The content's length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes that the operations take.
    pub(crate) fn held(&self) -> usize {
        self.ops.len()
    }
}

struct Ops {
    out: Vec<u8>,
    limit: usize,
}

impl Ops {
    fn number(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn copy(&mut self, at: usize, len: usize) {
        if len > 0 {
            self.number(len << 1 | 1);
            self.number(at);
        }
    }

    fn insert(&mut self, new: &[u8]) {
        if !new.is_empty() {
            self.number(new.len() << 1);
            // Beyond the limit the outcome is thrown away: don't copy what nobody will read.
            if self.out.len() + new.len() <= self.limit {
                self.out.extend_from_slice(new);
            } else {
                self.out.resize(self.limit + 1, 0);
            }
        }
    }

    /// Operations that make `text` out of blocks of `base`. `None` as soon as the limit is passed.
    fn matches(&mut self, base: &[u8], text: &[u8], limit: usize) -> Option<()> {
        let table = Table::of(base);
        let (mut at, mut done) = (0, 0);
        while let Some(block) = text.get(at..at + BLOCK) {
            let Some(mut from) = table.find(block).filter(|from| base.get(*from..*from + BLOCK) == Some(block)) else {
                at += 1;
                continue;
            };
            let mut len = BLOCK + base[from + BLOCK..].iter().zip(&text[at + BLOCK..]).take_while(|(a, b)| a == b).count();
            let back = base[..from].iter().rev().zip(text[done..at].iter().rev()).take_while(|(a, b)| a == b).count();
            (from, at, len) = (from - back, at - back, len + back);
            self.insert(&text[done..at]);
            self.copy(from, len);
            at += len;
            done = at;
            if self.out.len() > limit {
                return None;
            }
        }
        self.insert(&text[done..]);
        Some(())
    }
}

/// Where blocks of a base stand. One place per slot: of colliding blocks the first stays, so that runs of one byte match early.
struct Table {
    slots: Vec<u32>,
    bits: u32,
}

impl Table {
    fn of(base: &[u8]) -> Self {
        let bits = (base.len() / STRIDE).next_power_of_two().trailing_zeros().clamp(4, TABLE_BITS);
        let mut table = Self { slots: vec![u32::MAX; 1 << bits], bits };
        let stride = STRIDE.max(base.len() >> TABLE_BITS);
        for (at, block) in base.windows(BLOCK).enumerate().step_by(stride) {
            let slot = table.slot(block);
            if let (Some(place @ &mut u32::MAX), Ok(at)) = (table.slots.get_mut(slot), u32::try_from(at)) {
                *place = at;
            }
        }
        table
    }

    fn slot(&self, block: &[u8]) -> usize {
        let word = |at: usize| block.get(at..at + 8).and_then(|part| part.try_into().ok()).map_or(0, u64::from_le_bytes);
        let mixed = (word(0) ^ word(8).rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (64 - self.bits)) as usize
    }

    fn find(&self, block: &[u8]) -> Option<usize> {
        self.slots.get(self.slot(block)).filter(|at| **at != u32::MAX).map(|at| *at as usize)
    }
}

/// Takes a LEB128 number off the front.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(base: &[u8], text: &[u8], at_most: usize) {
        let delta = Delta::encode(base, text, usize::MAX).expect("no limit");
        assert_eq!(delta.apply(base).expect("the same base"), text);
        assert_eq!(delta.len(), text.len());
        assert!(delta.held() <= at_most, "{} bytes", delta.held());
        if delta.held() > 0 {
            assert_eq!(Delta::encode(base, text, delta.held() - 1), None);
        }
        assert_eq!(Delta::encode(base, text, delta.held()), Some(delta));
    }

    #[test]
    fn small_changes_make_small_deltas() {
        let base: Vec<u8> = (0..400).flat_map(|n| format!("    line {n} of the text {}\n", n * 7919 % 1000).into_bytes()).collect();
        check(&base, &base, 4);
        check(&base, b"", 0);
        check(b"", b"abc", 4);
        let text = String::from_utf8(base.clone()).expect("text");
        check(&base, text.replace("line 100 ", "line one hundred ").as_bytes(), 60);
        check(&base, text.replace("line 7 ", "row 7 ").replace("line 300 ", "row 300 ").replace("line 200 ", "").as_bytes(), 120);
        let (first, second) = base.split_at(base.len() / 2);
        check(&base, &[second, first].concat(), 40);
        check(&[b'a'; 5000], &[b'a'; 4000], 8);
        // Of a large base only some blocks are in the table: matches grow backwards to where they begin.
        let large: Vec<u8> =
            (0..40_000u32).flat_map(|n| format!("{:08x} is number {n}\n", n.wrapping_mul(0x9e37_79b9)).into_bytes()).collect();
        let (first, second) = large.split_at(large.len() / 2 + 1);
        check(&large, &[second, first].concat(), 14);
    }

    #[test]
    fn another_base_is_refused() {
        let base: Vec<u8> = (0..200).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let mut text = base.clone();
        text.extend_from_slice(b"more\n");
        let delta = Delta::encode(&base, &text, usize::MAX).expect("no limit");
        assert_eq!(delta.apply(&base[1..]), None);
        let mut other = base.clone();
        other[77] ^= 1;
        assert_eq!(delta.apply(&other), None);
    }

    proptest! {
        #[test]
        fn round_trip(base in proptest::collection::vec(0u8..4, 0..300), edits in proptest::collection::vec((any::<u16>(), 0usize..60, proptest::collection::vec(0u8..4, 0..40)), 0..5), rotate in any::<u16>()) {
            let mut text = base.clone();
            for (at, cut, new) in edits {
                let at = usize::from(at) % (text.len() + 1);
                let end = (at + cut).min(text.len());
                text.splice(at..end, new);
            }
            if !text.is_empty() {
                let by = usize::from(rotate) % text.len();
                text.rotate_left(by);
            }
            // At worst all is new, led by one number, in as many pieces as copies of at least a block allow.
            check(&base, &text, text.len() + 4 + text.len() / 4);
        }

        #[test]
        fn damaged_operations_never_panic(ops in proptest::collection::vec(any::<u8>(), 0..60), base in proptest::collection::vec(any::<u8>(), 0..60), len in 0usize..200) {
            let delta = Delta { hash: 1, len, ops: ops.into() };
            prop_assert_eq!(delta.apply(&base), None);
        }
    }
}
