//! Bitmaps as Git writes them into its index: EWAH, words of 64 bits in which runs of equal words are counted.
//!
//! A counting word says in its lowest bit which bit the run repeats, in the next 32 how many words it is long, and in the upper 31 how many
//! words follow as they are. See `ewah/` in Git.

/// Most words of a run, and most that follow as they are.
const RUN: u64 = (1 << 32) - 1;
const PLAIN: u64 = (1 << 31) - 1;

/// The bitmap of so many bits in which these are set; they ascend.
pub(super) fn bitmap(bits: usize, set: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let mut words = vec![0u64; bits.div_ceil(64)];
    for bit in set {
        if let Some(word) = words.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }
    let mut out: Vec<u64> = Vec::new();
    let mut rest = &words[..];
    let last = loop {
        let repeated = match rest.first() {
            Some(&u64::MAX) => u64::MAX,
            _ => 0,
        };
        let run = rest.iter().take_while(|word| **word == repeated).count().min(RUN as usize);
        rest = rest.get(run..).unwrap_or_default();
        let plain = rest.iter().take_while(|word| **word != 0 && **word != u64::MAX).count().min(PLAIN as usize);
        let at = out.len();
        out.push(u64::from(repeated != 0) | (run as u64) << 1 | (plain as u64) << 33);
        out.extend(rest.get(..plain).unwrap_or_default());
        rest = rest.get(plain..).unwrap_or_default();
        if rest.is_empty() {
            break at;
        }
    };
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes();
    let mut text = Vec::with_capacity(12 + out.len() * 8);
    text.extend_from_slice(&number(bits));
    text.extend_from_slice(&number(out.len()));
    out.iter().for_each(|word| text.extend_from_slice(&word.to_be_bytes()));
    text.extend_from_slice(&number(last));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As Git's `ewah_each_bit` reads it.
    fn bits_of(text: &[u8]) -> (usize, Vec<usize>) {
        let number = |at: usize| u32::from_be_bytes(text[at..at + 4].try_into().expect("four")) as usize;
        let words: Vec<u64> = text[8..text.len() - 4].chunks(8).map(|word| u64::from_be_bytes(word.try_into().expect("eight"))).collect();
        assert_eq!(words.len(), number(4));
        let (mut found, mut pos, mut at, mut last) = (Vec::new(), 0, 0, 0);
        while at < words.len() {
            (last, at) = (at, at + 1);
            let (run, plain) = ((words[last] >> 1) & RUN, words[last] >> 33);
            if words[last] & 1 == 1 {
                found.extend(pos..pos + run as usize * 64);
            }
            pos += run as usize * 64;
            for word in &words[at..at + plain as usize] {
                found.extend((0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| pos + bit));
                pos += 64;
            }
            at += plain as usize;
        }
        assert_eq!(last, number(text.len() - 4));
        (number(0), found)
    }

    proptest! {
        #[test]
        fn what_is_set_is_read(runs in proptest::collection::vec((0usize..300, any::<bool>()), 0..8)) {
            let mut set = Vec::new();
            let mut bits = 0;
            for (length, one) in runs {
                if one {
                    set.extend(bits..bits + length);
                }
                bits += length;
            }
            prop_assert_eq!(bits_of(&bitmap(bits, set.iter().copied())), (bits, set));
        }
    }
}
