//! The result while it is made: decided bytes, and what is open.

use crate::trees::ConflictKind;
use std::ops::Range;

/// The three texts' places in the order base, ours, theirs.
pub(super) type Ranges = [Range<usize>; 3];

/// A part of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Decided.
    Merged(Vec<u8>),
    /// Not decided.
    Open(OpenPart),
}

/// A part that is not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenPart {
    pub kind: ConflictKind,
    /// The path of the symbol that it is in.
    pub symbol: Option<String>,
    /// Where it is in the three texts.
    pub ranges: Ranges,
    /// What the sides have there: the bytes of `ranges`, but for separators that the container needs.
    pub texts: [Vec<u8>; 3],
    /// A merge that a rule holds back.
    pub proposal: Option<Vec<u8>>,
    pub why: String,
}

/// The result so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Out {
    pub parts: Vec<Part>,
}

impl Out {
    /// Adds decided bytes.
    pub fn merged(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Merged(last)) => last.extend_from_slice(bytes),
            _ => self.parts.push(Part::Merged(bytes.to_vec())),
        }
    }

    /// Adds what is not decided.
    pub fn open(&mut self, open: OpenPart) {
        self.parts.push(Part::Open(open));
    }

    /// Takes off the end what each version has there beyond what it is about: a separator, a comment, the line end.
    pub fn cut_end(&mut self, beyond: [&[u8]; 3]) {
        let longest = |text: &[u8]| beyond.iter().filter(|end| text.ends_with(end)).map(|end| end.len()).max().unwrap_or(0);
        let trim = |text: &mut Vec<u8>| {
            text.truncate(text.len() - longest(text));
            text.truncate(text.trim_ascii_end().len());
        };
        match self.parts.last_mut() {
            Some(Part::Merged(bytes)) => trim(bytes),
            Some(Part::Open(open)) => open.texts.iter_mut().chain(open.proposal.as_mut()).for_each(trim),
            None => {}
        }
    }

    /// Takes blank lines off the beginning.
    pub fn cut_blank(&mut self) {
        if let Some(Part::Merged(bytes)) = self.parts.first_mut() {
            let blanks = bytes.len() - bytes.trim_ascii_start().len();
            let end = bytes.get(..blanks).and_then(|blanks| memchr::memrchr(b'\n', blanks)).map_or(0, |at| at + 1);
            bytes.drain(..end);
        }
    }

    /// Adds another result.
    pub fn append(&mut self, other: Self) {
        for part in other.parts {
            match part {
                Part::Merged(bytes) => self.merged(&bytes),
                open => self.parts.push(open),
            }
        }
    }

    /// What is open where `about` says so is a question of another kind: it has a reason of its own.
    pub fn ask_as(&mut self, kind: ConflictKind, why: &str, about: impl Fn(&Ranges) -> bool) {
        for part in &mut self.parts {
            if let Part::Open(open) = part
                && open.kind == ConflictKind::BothChanged
                && about(&open.ranges)
            {
                open.kind = kind;
                why.clone_into(&mut open.why);
            }
        }
    }

    /// Whether everything is decided.
    pub fn is_clean(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Merged(_)))
    }

    /// The text, if everything is decided.
    pub fn text(&self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        for part in &self.parts {
            match part {
                Part::Merged(bytes) => text.extend_from_slice(bytes),
                Part::Open(_) => return None,
            }
        }
        Some(text)
    }

    /// How many bytes of both sides are in open parts.
    pub fn open_bytes(&self) -> usize {
        let opens = self.parts.iter().filter_map(|part| match part {
            Part::Open(open) => Some(open.texts[1].len() + open.texts[2].len() + 1),
            Part::Merged(_) => None,
        });
        opens.sum()
    }
}
