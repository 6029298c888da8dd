//! What a merge of one file carries along.

use super::options::FileOptions;
use super::out::{OpenPart, Out, Ranges};
use crate::diff::Budget;
use crate::trees::ConflictKind;
use acetate_syntax::{Key, Kind, Outline, Parsed};
use foldhash::HashMap;
use std::cell::OnceCell;
use std::ops::Range;

/// The base's place among the three versions.
pub(super) const BASE: usize = 0;
/// Ours.
pub(super) const OURS: usize = 1;
/// Theirs.
pub(super) const THEIRS: usize = 2;

/// The three versions of a file and where the merge is in them.
pub(super) struct Context<'a> {
    pub texts: [&'a [u8]; 3],
    pub parsed: [&'a Parsed; 3],
    pub options: &'a FileOptions,
    pub budget: Budget,
    /// The symbols that the merge is inside of, outermost first.
    pub scope: Vec<String>,
    /// What divides them when their path is written.
    pub divider: &'static str,
    /// How many elements deep it is.
    pub depth: usize,
    /// The base's outline, where it is known.
    pub outline: Option<&'a Outline>,
    /// Whether a side indented a line anew.
    pub indented: bool,
    /// How often each line stands in the three texts, where somebody asked.
    pub lines: OnceCell<[LineTimes<'a>; 3]>,
}

/// How often each line stands in a text, with its indentation and without.
pub(super) type LineTimes<'a> = HashMap<&'a [u8], usize>;

/// Elements nested deeper are merged by lines.
pub(super) const DEEPEST: usize = 64;

impl<'a> Context<'a> {
    /// The bytes of a range of one version.
    pub fn bytes(&self, side: usize, range: &Range<usize>) -> &'a [u8] {
        self.texts[side].get(range.clone()).unwrap_or_default()
    }

    /// The bytes of the three ranges.
    pub fn three(&self, ranges: &Ranges) -> [&'a [u8]; 3] {
        [self.bytes(BASE, &ranges[BASE]), self.bytes(OURS, &ranges[OURS]), self.bytes(THEIRS, &ranges[THEIRS])]
    }

    /// The path of the symbol that the merge is in.
    pub fn symbol(&self) -> Option<String> {
        if self.scope.is_empty() { None } else { Some(self.scope.join(self.divider)) }
    }

    /// The path of a symbol inside the one that the merge is in.
    pub fn symbol_in(&self, key: Option<&Key>) -> Option<String> {
        match key.and_then(name_of) {
            Some(name) => Some(self.scope.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join(self.divider)),
            None => self.symbol(),
        }
    }

    /// An open part for three ranges.
    pub fn open(&self, kind: ConflictKind, ranges: Ranges, symbol: Option<String>, why: String) -> OpenPart {
        let texts = self.three(&ranges).map(<[u8]>::to_vec);
        OpenPart { kind, symbol, ranges, texts, proposal: None, why }
    }

    /// A result that is one open part.
    pub fn conflict(&self, kind: ConflictKind, ranges: Ranges, why: &str) -> Out {
        let mut out = Out::default();
        out.open(self.open(kind, ranges, self.symbol(), why.to_owned()));
        out
    }
}

/// How a key is written in a path; imports and the like have no name of their own there.
pub(super) fn name_of(key: &Key) -> Option<String> {
    match key.kind {
        Kind::Import | Kind::Package if key.name.len() > 80 => None,
        _ if key.scope.is_empty() => Some(key.name.clone()),
        Kind::Method | Kind::Function => Some(format!("{}.{}", key.scope.trim_matches(['(', ')', '*']), key.name)),
        _ => Some(key.name.clone()),
    }
}

/// What needs no comparing: identical texts, or one side as the base.
pub(super) fn trivial([base, ours, theirs]: [&[u8]; 3]) -> Option<&[u8]> {
    if ours == theirs || base == theirs {
        Some(ours)
    } else if base == ours {
        Some(theirs)
    } else {
        None
    }
}
