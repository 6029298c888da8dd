//! A large content in parts: changing a part of it costs that part, and a list of the others.
//!
//! Invariant: no part is empty. Invariant: parts own their bytes, so that none keeps a larger buffer alive; runs of zeros share one.

use bytes::{Bytes, BytesMut};

/// How long a part is at most that is made here, in bytes.
const PART: usize = 64 << 10;
/// What runs of zeros share.
static ZEROS: [u8; PART] = [0; PART];

/// The content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    parts: Vec<Bytes>,
    len: usize,
}

impl Parts {
    /// Of a content.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { parts: bytes.chunks(PART).map(Bytes::copy_from_slice).collect(), len: bytes.len() }
    }

    /// Bytes of content.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of memory that the list takes beside the contents.
    pub(crate) fn room(&self) -> usize {
        self.parts.capacity() * size_of::<Bytes>()
    }

    /// All of it. Costs its length.
    pub(crate) fn join(&self) -> Bytes {
        self.part(0, self.len)
    }

    /// At most `size` bytes from `at` on. Costs them, and the list.
    pub(crate) fn part(&self, at: usize, size: usize) -> Bytes {
        let at = at.min(self.len);
        let end = at.saturating_add(size).min(self.len);
        let mut out = BytesMut::with_capacity(end - at);
        let mut start = 0;
        for part in &self.parts {
            let stop = start + part.len();
            if stop > at && start < end {
                out.extend_from_slice(part.get(at.saturating_sub(start)..part.len().min(end - start)).unwrap_or_default());
            }
            start = stop;
        }
        out.freeze()
    }

    /// The content with `removed` bytes at `at` replaced by `zeros` zeros and then `inserted`. `None` where that lies outside.
    pub(crate) fn spliced(&self, at: usize, removed: usize, zeros: usize, inserted: &[u8]) -> Option<Self> {
        let end = at.checked_add(removed).filter(|end| *end <= self.len)?;
        let len = (self.len - removed).checked_add(zeros)?.checked_add(inserted.len())?;
        let mut parts = Vec::with_capacity(self.parts.len() + zeros / PART + inserted.len() / PART + 3);
        let (mut head, mut tail): (&[u8], &[u8]) = (&[], &[]);
        let (mut start, mut behind) = (0, Vec::new());
        for part in &self.parts {
            let stop = start + part.len();
            // A short last part before the place is filled up, so that what is appended bit by bit does not end in small parts.
            let joins = stop == at && part.len() < PART && zeros == 0;
            if stop <= at && !joins {
                parts.push(part.clone());
            } else if start >= end && start >= at && !joins {
                behind.push(part.clone());
            } else {
                if start < at {
                    head = part.get(..at - start).unwrap_or_default();
                }
                if stop > end {
                    tail = part.get(end.saturating_sub(start)..).unwrap_or_default();
                }
            }
            start = stop;
        }
        if zeros > 0 {
            push(&mut parts, &[head]);
            for left in (0..zeros).step_by(PART).map(|done| (zeros - done).min(PART)) {
                parts.push(Bytes::from_static(&ZEROS).slice(..left));
            }
            push(&mut parts, &[inserted, tail]);
        } else {
            push(&mut parts, &[head, inserted, tail]);
        }
        parts.extend(behind);
        Some(Self { parts, len })
    }
}

/// Adds pieces as parts of their own.
fn push(parts: &mut Vec<Bytes>, pieces: &[&[u8]]) {
    let mut room = BytesMut::with_capacity(pieces.iter().map(|piece| piece.len()).sum::<usize>().min(PART));
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PART - room.len()));
            room.extend_from_slice(now);
            rest = later;
            if room.len() == PART {
                parts.push(std::mem::replace(&mut room, BytesMut::with_capacity(rest.len().min(PART))).freeze());
            }
        }
    }
    if !room.is_empty() {
        parts.push(room.freeze());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plain_array_says_the_same(
            begin in 0usize..300_000,
            edits in prop::collection::vec((any::<u32>(), 0usize..200_000, 0usize..200_000, 0usize..150_000, any::<bool>()), 1..8),
        ) {
            let mut model: Vec<u8> = (0..begin).map(|number| (number * 31 % 251) as u8).collect();
            let mut parts = Parts::of(&model);
            for (at, removed, zeros, count, plain) in edits {
                let at = at as usize % (model.len() + 1);
                let removed = removed.min(model.len() - at);
                let zeros = if plain { 0 } else { zeros };
                let inserted: Vec<u8> = (0..count).map(|number| (number * 17 % 241) as u8).collect();
                prop_assert!(parts.spliced(model.len(), 1, 0, b"").is_none());
                parts = parts.spliced(at, removed, zeros, &inserted).expect("within");
                model.splice(at..at + removed, std::iter::repeat_n(0, zeros).chain(inserted));
                prop_assert_eq!(parts.len(), model.len());
                prop_assert!(parts.join() == model, "all of it");
                prop_assert!(parts.parts.iter().all(|part| !part.is_empty() && part.len() <= PART));
                let (from, size) = (at / 2, removed + 5_000);
                prop_assert!(parts.part(from, size) == model[from.min(model.len())..(from + size).min(model.len())], "a part");
            }
        }
    }

    #[test]
    fn what_is_appended_bit_by_bit_ends_in_few_parts() {
        let mut parts = Parts::default();
        for _ in 0..1_000 {
            parts = parts.spliced(parts.len(), 0, 0, &[7; 1_000]).expect("at the end");
        }
        assert_eq!((parts.len(), parts.parts.len()), (1_000_000, 1_000_000usize.div_ceil(PART)));
    }
}
