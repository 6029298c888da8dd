//! Bytes tile whatever became of a text, and parsing what changed gives a tree of that text.

use crate::kit::{Fixture, fixtures, parse, tiling};
use acetate_syntax::{ParseLimits, Splice};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One thing done to a text.
#[derive(Debug, Clone)]
pub enum Damage {
    DeleteLine(Index),
    DuplicateLine(Index, Index),
    MoveLine(Index, Index),
    Truncate(Index),
    DeleteByte(Index),
    InsertByte(Index, u8),
    CutRange(Index, Index),
    CarriageReturns,
    ByteOrderMark,
    Tabs,
    NoLastLineEnd,
}

pub fn damage() -> impl Strategy<Value = Damage> {
    use Damage::*;
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"{}()[]\"'`#/*-:,;<>= \t\n\r\\".to_vec())];
    prop_oneof![
        4 => any::<Index>().prop_map(DeleteLine),
        3 => any::<(Index, Index)>().prop_map(|(from, to)| DuplicateLine(from, to)),
        3 => any::<(Index, Index)>().prop_map(|(from, to)| MoveLine(from, to)),
        1 => any::<Index>().prop_map(Truncate),
        4 => any::<Index>().prop_map(DeleteByte),
        4 => (any::<Index>(), byte).prop_map(|(at, byte)| InsertByte(at, byte)),
        1 => any::<(Index, Index)>().prop_map(|(from, to)| CutRange(from, to)),
        1 => Just(CarriageReturns),
        1 => Just(ByteOrderMark),
        1 => Just(Tabs),
        1 => Just(NoLastLineEnd),
    ]
}

pub fn apply(text: &[u8], damage: &Damage) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let mut bytes = text.to_vec();
    match damage {
        Damage::ByteOrderMark => return [b"\xef\xbb\xbf", text].concat(),
        _ if text.is_empty() => return bytes,
        Damage::DeleteLine(at) => {
            lines.remove(at.index(lines.len()));
            return lines.concat();
        }
        Damage::DuplicateLine(from, to) => {
            lines.insert(to.index(lines.len()), lines[from.index(lines.len())]);
            return lines.concat();
        }
        Damage::MoveLine(from, to) => {
            let line = lines.remove(from.index(lines.len()));
            lines.insert(to.index(lines.len() + 1), line);
            return lines.concat();
        }
        Damage::Truncate(at) => bytes.truncate(at.index(text.len())),
        Damage::DeleteByte(at) => drop(bytes.remove(at.index(text.len()))),
        Damage::InsertByte(at, byte) => bytes.insert(at.index(text.len()), *byte),
        Damage::CutRange(from, to) => {
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            bytes.drain(from.min(to)..from.max(to));
        }
        Damage::CarriageReturns => return text.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]),
        Damage::Tabs => return String::from_utf8_lossy(text).replace("    ", "\t").into_bytes(),
        Damage::NoLastLineEnd => bytes.truncate(text.trim_ascii_end().len()),
    }
    bytes
}

/// The one splice that turns one text into the other.
fn difference(before: &[u8], after: &[u8]) -> Splice {
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let end = before[start..].iter().rev().zip(after[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    Splice { before: start, removed: before.len() - start - end, after: start, added: after.len() - start - end }
}

proptest! {
    #[test]
    fn bytes_tile_in_damaged_texts(which in any::<Index>(), done in vec(damage(), 0..6)) {
        let all = fixtures();
        let Fixture { language, text, .. } = which.get(&all);
        let mut before = text.clone();
        let mut parsed = parse(*language, &before);
        for damage in &done {
            let after = apply(&before, damage);
            parsed = parsed.again(&[difference(&before, &after)], &before, &after, &ParseLimits::default()).unwrap();
            tiling(&parsed, &after);
            tiling(&parse(*language, &after), &after);
            before = after;
        }
    }

    #[test]
    fn bytes_tile_in_any_text(language in any::<Index>(), text in vec(prop_oneof![any::<u8>(), prop::sample::select(b"{}()[]\"'#/*-:,;<>= \n\n\r\\ab".to_vec())], 0..400)) {
        let languages: Vec<_> = acetate_syntax::Language::all().collect();
        tiling(&parse(*language.get(&languages), &text), &text);
    }
}
