//! Texts cut into words, for comparing and merging within lines.

/// The words of a text: runs of letters, digits and `_`; runs of blanks; line ends; every other byte for itself. They tile the text.
pub(super) fn words(text: &[u8]) -> Vec<&[u8]> {
    let class = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => 0u8,
        b' ' | b'\t' => 1,
        _ => 2,
    };
    let mut words = Vec::with_capacity(text.len() / 4);
    let mut rest = text;
    while let Some(first) = rest.first() {
        let kind = class(*first);
        let len = if kind == 2 { 1 } else { rest.iter().take_while(|byte| class(**byte) == kind).count() };
        let (word, others) = rest.split_at(len);
        words.push(word);
        rest = others;
    }
    words
}

/// Whether a word is only blanks or a line end.
pub(super) fn is_space(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_whitespace)
}

/// How much two texts have in common, from 0 to 1000: twice the words (or lines, for longer texts) in both, by all. Order does not count.
pub(super) fn likeness(a: &[u8], b: &[u8]) -> u32 {
    let by_lines = memchr::memchr_iter(b'\n', a).count().min(memchr::memchr_iter(b'\n', b).count()) >= 8;
    let units = |text: &'_ [u8]| -> Vec<u64> {
        let mut units: Vec<u64> = if by_lines {
            text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| line.len() > 1).map(hash).collect()
        } else {
            words(text).into_iter().filter(|word| !is_space(word)).map(hash).collect()
        };
        units.sort_unstable();
        units
    };
    let (a, b) = (units(a), units(b));
    let all = a.len() + b.len();
    if all == 0 {
        return 1000;
    }
    let (mut at, mut common) = (0, 0usize);
    for unit in &a {
        while b.get(at).is_some_and(|other| other < unit) {
            at += 1;
        }
        if b.get(at) == Some(unit) {
            common += 1;
            at += 1;
        }
    }
    (2000 * common / all) as u32
}

/// FNV-1a: the same on every machine, good enough to compare words.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
