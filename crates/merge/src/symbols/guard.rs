//! The last look at what was merged by symbols: a line that one side took out and the other left where it was, or only indented anew, must not be
//! there, one that all three have once must not be there twice, and one that a side added must be where it put it.

use super::context::{BASE, OURS, THEIRS};
use super::order::{Places, stands};
use crate::files::{FileMerged, FilePiece};
use acetate_syntax::Splice;
use foldhash::HashMap;

/// Shorter lines say nothing.
const TELLING: usize = 4;
/// Shorter lines may well be said twice.
pub(super) const UNIQUE: usize = 10;

/// Whether everything that is decided keeps to it. Lines that are in the base more than once are not judged.
pub(super) fn stays(texts: [&[u8]; 3], splices: [&[Splice]; 2], merged: &FileMerged) -> bool {
    let conflict;
    let text: &[u8] = match merged {
        FileMerged::Clean(text) => text,
        FileMerged::Conflict(found) => {
            conflict = found.pieces.iter().fold(Vec::new(), |mut text, piece| {
                match piece {
                    FilePiece::Merged(bytes) => text.extend_from_slice(bytes),
                    FilePiece::Open(_) => text.push(b'\n'),
                }
                text
            });
            &conflict
        }
        FileMerged::Binary | FileMerged::TooLarge(_) => return true,
    };
    let places = Places::of(text);
    stays_deleted(texts, splices, text) && stays_single(texts, &places) && stands(texts, splices, &places)
}

/// Whether no line is back.
fn stays_deleted(texts: [&[u8]; 3], splices: [&[Splice]; 2], text: &[u8]) -> bool {
    let mut gone = gone(texts, splices);
    if gone.is_empty() {
        return true;
    }
    let mut take = |line: &[u8]| match gone.get_mut(line) {
        Some(0) => false,
        Some(times) => {
            *times -= 1;
            true
        }
        None => true,
    };
    lines(text).all(|line| {
        let (plain, indented) = (plain(line), indented(line));
        take(plain) && (plain.len() == indented.len() || take(indented))
    })
}

/// Whether no line is there twice that all three texts have once.
fn stays_single(texts: [&[u8]; 3], places: &Places<'_>) -> bool {
    let mut times: HashMap<&[u8], usize> = places.repeated().map(|line| (line, 0)).collect();
    for text in texts {
        if times.is_empty() {
            break;
        }
        times.values_mut().for_each(|times| *times = 0);
        for line in lines(text) {
            if let Some(times) = times.get_mut(plain(line)) {
                *times += 1;
            }
        }
        times.retain(|_, times| *times == 1);
    }
    times.is_empty()
}

pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// A line without what belongs to its place: its indentation, and the comma that its container needs.
pub(super) fn plain(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    line.strip_suffix(b",").unwrap_or(line)
}

/// A line with its indentation.
fn indented(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_end();
    line.strip_suffix(b",").unwrap_or(line)
}

/// A line of the base in the place of which a side has others.
struct Taken<'a> {
    indented: &'a [u8],
    /// Whether ours and theirs replaced it.
    by: [bool; 2],
    /// How often it stands in base, ours and theirs, whatever its indentation.
    times: [usize; 3],
}

/// The lines that one side took out and the other left where they were, without their indentation and with it, each with how often that other side added the same elsewhere: `try {`.
fn gone<'a>(texts: [&'a [u8]; 3], splices: [&[Splice]; 2]) -> HashMap<&'a [u8], usize> {
    let mut found: HashMap<&[u8], Taken<'_>> = HashMap::default();
    for side in [OURS, THEIRS] {
        for splice in splices[side - 1] {
            let removed = texts[BASE].get(splice.before..splice.before + splice.removed).unwrap_or_default();
            for line in lines(removed).filter(|line| plain(line).len() >= TELLING) {
                let taken = Taken { indented: indented(line), by: [false; 2], times: [0; 3] };
                found.entry(plain(line)).or_insert(taken).by[side - 1] = true;
            }
        }
    }
    if found.is_empty() {
        return HashMap::default();
    }
    let mut with_indentation: HashMap<&[u8], [usize; 3]> = found.values().map(|taken| (taken.indented, [0; 3])).collect();
    for (version, text) in texts.into_iter().enumerate() {
        for line in lines(text) {
            let (plain, indented) = (plain(line), indented(line));
            if let Some(taken) = found.get_mut(plain) {
                taken.times[version] += 1;
                if plain.len() < indented.len()
                    && let Some(times) = with_indentation.get_mut(indented)
                {
                    times[version] += 1;
                }
            }
        }
    }
    let mut gone = HashMap::default();
    for (line, Taken { indented, by, times }) in found {
        let Some(side) = [OURS, THEIRS].into_iter().find(|side| by[side - 1] && times[*side] == 0) else { continue };
        let other = OURS + THEIRS - side;
        // The other side has it, where it was or indented anew.
        if times[BASE] != 1 || (by[other - 1] && times[other] != 1) {
            continue;
        }
        gone.insert(line, times[other].saturating_sub(1));
        if line.len() < indented.len() {
            gone.insert(indented, with_indentation.get(indented).map_or(0, |times| times[other].saturating_sub(1)));
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::versions::splices;

    #[test]
    fn a_line_that_one_side_took_out_and_the_other_only_indented_anew_is_gone() {
        let base = b"f {\n  first_step(x);\n  while (more(x)) {\n    run_it(x);\n  }\n}\n";
        let ours = b"f {\n  while (outer(x)) {\n    first_step(x);\n    while (more(x)) {\n      run_it(x);\n    }\n  }\n}\n";
        let theirs = b"f {\n  while (more(x)) {\n    run_it(x);\n  }\n}\n";
        let mut budget = crate::diff::Budget(1_000_000);
        let both = [splices(base, ours, &mut budget).expect("splices"), splices(base, theirs, &mut budget).expect("splices")];
        let stays = |text: &[u8]| stays([base, ours, theirs], [&both[0], &both[1]], &FileMerged::Clean(text.to_vec().into()));
        assert!(!stays(ours));
        assert!(stays(b"f {\n  while (outer(x)) {\n    while (more(x)) {\n      run_it(x);\n    }\n  }\n}\n"));
    }
}
