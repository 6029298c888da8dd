//! The merge by symbols behind the seam of [`FileMerge`].

use super::apart::apart;
use super::context::{BASE, Context, OURS, THEIRS};
use super::element::merge_core;
use super::findings::{Version, findings};
use super::finish::finish;
use super::guard::stays_deleted;
use super::hold::hold;
use super::lines::{Sides, contains};
use super::options::FileOptions;
use super::sequence::{FIRST, SECOND};
use super::versions::{from_base, from_nothing, splices};
use crate::diff::Budget;
use crate::files::{FileConflict, FileInput, FileMerge, FileMerged, FilePiece, LineFiles};
use acetate_syntax::{Language, Outline, Parsed, Splice, Syntax};
use bytes::Bytes;
use std::sync::Arc;

/// Files merged by symbols, by lines where their language has no profile.
#[derive(Debug, Clone, Default)]
pub struct SymbolFiles {
    options: FileOptions,
    syntax: Option<Arc<Syntax>>,
}

impl SymbolFiles {
    /// Merges as `options` say, parsing every text anew.
    pub fn new(options: FileOptions) -> Self {
        Self { options, syntax: None }
    }

    /// With trees of blobs looked up and kept in a cache that all share.
    pub fn cached(options: FileOptions, syntax: Arc<Syntax>) -> Self {
        Self { options, syntax: Some(syntax) }
    }
}

impl FileMerge for SymbolFiles {
    fn merge(&self, input: &FileInput<'_>) -> FileMerged {
        let lines = LineFiles { limits: self.options.limits.lines }.merge(input);
        let Some(language) = Language::of(input.path.as_bytes()) else { return lines };
        match lines {
            FileMerged::Clean(text) => self.check(language, input, text),
            FileMerged::Conflict(conflict) => self.by_symbols(language, input).unwrap_or(FileMerged::Conflict(conflict)),
            other => other,
        }
    }
}

/// The three versions of a file with their trees, the sides in an order of their own, so that nothing can depend on which is which.
struct Trees<'a> {
    language: Language,
    texts: [&'a [u8]; 3],
    parsed: [Parsed; 3],
    splices: [Option<Vec<Splice>>; 2],
    /// Whether ours is in theirs' place.
    swapped: bool,
}

impl SymbolFiles {
    /// The base's tree: looked up, or made.
    fn base(&self, language: Language, input: &FileInput<'_>) -> Option<Parsed> {
        let text = input.base.map_or(&[][..], |base| base);
        match self.syntax.as_deref().zip(input.ids[BASE]) {
            Some((syntax, id)) => syntax.parsed(id, language, text).ok(),
            None => from_nothing(language, text, &self.options.limits.parse),
        }
    }

    fn trees<'a>(&self, base: Parsed, input: &FileInput<'a>) -> Option<Trees<'a>> {
        let (language, limits, swapped) = (base.language(), &self.options.limits, input.ours > input.theirs);
        let (ours, theirs) = if swapped { (input.theirs, input.ours) } else { (input.ours, input.theirs) };
        let texts: [&[u8]; 3] = [input.base.map_or(&[][..], |base| base), ours, theirs];
        let ids = if swapped { [input.ids[0], input.ids[2], input.ids[1]] } else { input.ids };
        let cache = |side: usize| self.syntax.as_deref().zip(ids[side]);
        let mut budget = Budget(limits.lines.max_comparisons);
        let mut side = |side: usize| {
            let known = cache(side).and_then(|(syntax, id)| syntax.known(id, language));
            let is_known = known.is_some();
            let (parsed, splices) = from_base(&base, texts[BASE], texts[side], known, &limits.parse, &mut budget)?;
            if let Some((syntax, id)) = cache(side).filter(|_| !is_known) {
                syntax.insert_parsed(id, parsed.clone());
            }
            Some((parsed, splices))
        };
        let ((ours, our_splices), (theirs, their_splices)) = (side(OURS)?, side(THEIRS)?);
        Some(Trees { language, texts, parsed: [base, ours, theirs], splices: [our_splices, their_splices], swapped })
    }

    fn by_symbols(&self, language: Language, input: &FileInput<'_>) -> Option<FileMerged> {
        let trees = self.trees(self.base(language, input)?, input)?;
        // One side has the other's changes already.
        let mut budget = Budget(self.options.limits.lines.max_comparisons);
        if let Some(text) = Sides::new(trees.texts, &mut budget).as_ref().and_then(contains) {
            return Some(FileMerged::Clean(Bytes::copy_from_slice(text)));
        }
        let mut context = Context {
            texts: trees.texts,
            parsed: trees.parsed.each_ref(),
            options: &self.options,
            budget: Budget(self.options.limits.lines.max_comparisons),
            scope: Vec::new(),
            divider: language.profile().divider,
            depth: 0,
        };
        let files = trees.parsed.each_ref().map(Parsed::file);
        let out = merge_core(&mut context, [&files[BASE], &files[OURS], &files[THEIRS]]);
        let merged = finish(&context, out);
        if !stays_deleted(trees.texts, &merged, &mut budget) {
            return None;
        }
        Some(match merged {
            FileMerged::Clean(text) => self.hold_back(&trees, text),
            FileMerged::Conflict(conflict) => FileMerged::Conflict(Box::new(turned(*conflict, trees.swapped))),
            other => other,
        })
    }

    /// A clean merge by lines: as it is, or held back.
    fn check(&self, language: Language, input: &FileInput<'_>, text: Bytes) -> FileMerged {
        if text == *input.ours || text == *input.theirs {
            return FileMerged::Clean(text);
        }
        let base = self.base(language, input);
        if base.as_ref().and_then(|base| self.is_apart(base, input)).unwrap_or(false) {
            return FileMerged::Clean(text);
        }
        match base.and_then(|base| self.trees(base, input)) {
            Some(trees) => self.hold_back(&trees, text),
            None => FileMerged::Clean(text),
        }
    }

    /// Whether a merge by lines needs no looking over; `None` where that can't be told.
    fn is_apart(&self, parsed: &Parsed, input: &FileInput<'_>) -> Option<bool> {
        let (limits, base) = (&self.options.limits, input.base?);
        let mut budget = Budget(limits.lines.max_comparisons);
        let texts: [&[u8]; 3] = [base, input.ours, input.theirs];
        let (ours, theirs) = (splices(base, input.ours, &mut budget)?, splices(base, input.theirs, &mut budget)?);
        let outline = match self.syntax.as_deref().zip(input.ids[BASE]) {
            Some((syntax, id)) => syntax.outline(id, parsed.language(), base).ok()?,
            None => Arc::new(Outline::of(parsed, base)),
        };
        Some(apart(&outline, texts, [&ours, &theirs]))
    }

    fn hold_back(&self, trees: &Trees<'_>, text: Bytes) -> FileMerged {
        let mut budget = Budget(self.options.limits.lines.max_comparisons);
        let (base, texts) = (&trees.parsed[BASE], trees.texts);
        let Some((merged, _)) = from_base(base, texts[BASE], &text, None, &self.options.limits.parse, &mut budget) else {
            return FileMerged::Clean(text);
        };
        let version = |side: usize| Version { text: texts[side], parsed: &trees.parsed[side] };
        let versions = [version(BASE), version(OURS), version(THEIRS), Version { text: &text, parsed: &merged }];
        let splices = trees.splices.each_ref().map(Option::as_deref);
        let found = findings(versions, splices, self.options.same_symbol, trees.language.profile().divider);
        if found.is_empty() {
            return FileMerged::Clean(text);
        }
        FileMerged::Conflict(Box::new(turned(hold(versions, found), trees.swapped)))
    }
}

/// A conflict with each side in its own place again.
fn turned(mut conflict: FileConflict, swapped: bool) -> FileConflict {
    for question in &mut conflict.questions {
        let names = if swapped { ["theirs", "ours"] } else { ["ours", "theirs"] };
        question.why = question.why.replace(FIRST, names[0]).replace(SECOND, names[1]);
        question.proposal = question.proposal.take().map(|why| why.replace(FIRST, names[0]).replace(SECOND, names[1]));
        if swapped {
            question.hunks.iter_mut().for_each(|hunk| std::mem::swap(&mut hunk.ours, &mut hunk.theirs));
        }
    }
    for piece in &mut conflict.pieces {
        if let FilePiece::Open(open) = piece
            && swapped
        {
            std::mem::swap(&mut open.ours, &mut open.theirs);
        }
    }
    conflict
}
