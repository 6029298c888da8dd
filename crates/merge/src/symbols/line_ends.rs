//! Line ends that one side changed throughout.
//!
//! Whether a file's lines end in LF or CR LF is one fact. Where each version is uniform and one side changed it, that is merged as the fact that
//! it is, and the lines without it. Files of mixed line ends are merged as they are.

use crate::files::{FileConflict, FileInput, FileMerge, FileMerged, FilePiece};
use bytes::Bytes;

/// How all lines of a text end: with a carriage return before the line feed, or without; `None` where some do and some do not, or there is no line.
fn style(text: &[u8]) -> Option<bool> {
    let lines = memchr::memchr_iter(b'\n', text);
    let (all, crlf) = lines.fold((0usize, 0usize), |(all, crlf), at| {
        let returns = at.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\r');
        (all + 1, crlf + usize::from(returns))
    });
    match (all, crlf) {
        (0, _) => None,
        (all, crlf) if all == crlf => Some(true),
        (_, 0) => Some(false),
        _ => None,
    }
}

/// Merges three contents of which one side changed all line ends; `None` if that is not so, or if lines have to decide.
pub(super) fn merge_without(files: &impl FileMerge, input: &FileInput<'_>) -> Option<FileMerged> {
    let base = input.base?;
    let [before, ours, theirs] = [style(base)?, style(input.ours)?, style(input.theirs)?];
    if before == ours && before == theirs {
        return None;
    }
    let crlf = if before == ours { theirs } else { ours };
    let [base, our, their] = [base, input.ours, input.theirs].map(without);
    let merged = if our == their || base == their {
        FileMerged::Clean(our)
    } else if base == our {
        FileMerged::Clean(their)
    } else {
        files.merge(&FileInput { path: input.path, base: Some(&base), ours: &our, theirs: &their, ids: [None; 3] })
    };
    match merged {
        FileMerged::Clean(text) => Some(FileMerged::Clean(with(&text, crlf))),
        FileMerged::Conflict(conflict) if conflict.lines.is_none() => Some(FileMerged::Conflict(Box::new(again(*conflict, crlf)))),
        _ => None,
    }
}

fn again(mut conflict: FileConflict, crlf: bool) -> FileConflict {
    for piece in &mut conflict.pieces {
        match piece {
            FilePiece::Merged(text) => *text = with(text, crlf),
            FilePiece::Open(open) => {
                for text in [&mut open.base, &mut open.ours, &mut open.theirs].into_iter().chain(&mut open.proposal) {
                    *text = with(text, crlf);
                }
                open.crlf = crlf;
            }
        }
    }
    conflict
}

/// A text of one style with its lines ending in LF alone.
fn without(text: &Bytes) -> Bytes {
    if style(text) == Some(false) {
        return text.clone();
    }
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => out.extend(line.iter().chain(b"\n")),
            None => out.extend_from_slice(line),
        }
    }
    out.into()
}

/// A text whose lines end in LF alone, with the line ends wanted.
fn with(text: &Bytes, crlf: bool) -> Bytes {
    if !crlf {
        return text.clone();
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => out.extend(line.iter().chain(b"\r\n")),
            None => out.extend_from_slice(line),
        }
    }
    out.into()
}
