//! The merge by symbols behind the seam of [`FileMerge`].

use super::agree::{Merged, agree};
use super::apart::apart;
use super::context::{BASE, Context, OURS, THEIRS};
use super::dangling::may_dangle;
use super::element::merge_core;
use super::elide::{Elision, touches};
use super::findings::{Version, findings};
use super::finish::finish;
use super::guard::stays;
use super::hold::hold;
use super::line_ends::merge_without;
use super::lines::{Sides, contains};
use super::options::FileOptions;
use super::reindent::indents;
use super::sequence::{FIRST, SECOND};
use super::trees::Trees;
use super::versions::{changed, from_base, splice, splices};
use crate::diff::Budget;
use crate::files::{FileInput, FileMerge, FileMerged, FilePiece, LineFiles};
use crate::lines::{ConflictHunk, Replaced};
use acetate_syntax::{Language, Outline, Parsed, Skeleton, Splice, Syntax, is_indented_python};
use acetate_types::ObjectId;
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;

/// Files merged by symbols, by lines where their language has no profile.
#[derive(Debug, Clone, Default)]
pub struct SymbolFiles {
    options: FileOptions,
    syntax: Option<Arc<Syntax>>,
    thorough: bool,
}

/// From how many of a hundred bytes on it is worth to leave them out: the same whatever is known of the base, so that the result is.
const WORTH: usize = 55;

/// Shorter texts are parsed whole.
const LONG: usize = 1 << 10;
/// How many of a hundred bytes may be left for parsing what is left to be worth it.
const MUCH: usize = 60;

impl SymbolFiles {
    /// Merges as `options` say, parsing every text anew.
    pub fn new(options: FileOptions) -> Self {
        Self { options, syntax: None, thorough: false }
    }

    /// With trees of blobs looked up and kept in a cache that all share.
    pub fn cached(options: FileOptions, syntax: Arc<Syntax>) -> Self {
        Self { options, syntax: Some(syntax), thorough: false }
    }

    /// Takes no short cuts: whole texts, and all that can be looked for. Answers the same, later; for tests.
    #[must_use]
    pub fn thorough(self) -> Self {
        Self { thorough: true, ..self }
    }
}

impl FileMerge for SymbolFiles {
    fn merge(&self, input: &FileInput<'_>) -> FileMerged {
        let (lines, replaced) = LineFiles { limits: self.options.limits.lines }.compared(input);
        let Some(language) = Language::of(input.path.as_bytes()) else { return lines };
        match &lines {
            FileMerged::Clean(text) if text == input.ours || text == input.theirs => return lines,
            FileMerged::Clean(_) => {}
            FileMerged::Conflict(_) => {
                if let Some(merged) = merge_without(self, input) {
                    return merged;
                }
            }
            FileMerged::Binary | FileMerged::TooLarge(_) => return lines,
        }
        replaced.and_then(|replaced| self.by_symbols(language, input, replaced, &lines)).unwrap_or(lines)
    }
}

impl SymbolFiles {
    /// The merge by symbols; of a clean merge by lines, whether it stands. `None` where lines have to decide.
    fn by_symbols(&self, language: Language, input: &FileInput<'_>, replaced: Replaced, lines: &FileMerged) -> Option<FileMerged> {
        let clean = if let FileMerged::Clean(text) = lines { Some(text) } else { None };
        // In an order of their own, so that nothing can depend on which side is which.
        let swapped = input.ours > input.theirs;
        let base = input.base.map_or(&[][..], |base| base);
        let (texts, ids) = match swapped {
            false => ([base, input.ours, input.theirs], input.ids),
            true => ([base, input.theirs, input.ours], [input.ids[0], input.ids[2], input.ids[1]]),
        };
        let mut splices = replaced.map(|replaced| replaced.into_iter().map(splice).collect::<Vec<Splice>>());
        if swapped {
            splices.reverse();
        }
        let both = [&splices[0][..], &splices[1][..]];
        let (tree, outline) = self.tables(language, texts, both, ids[BASE])?;
        // One after the other, the cheapest first.
        let quiet = clean.filter(|text| !self.thorough && !may_dangle(&outline, texts, both, text));
        if let Some(text) = quiet.filter(|_| apart(&outline, texts, both)) {
            return Some(FileMerged::Clean(text.clone()));
        }
        let elision = Elision::of(language, &outline, texts, both);
        if let Some(text) = quiet {
            let merged = || self.shown(language, tree.as_ref(), elision.as_ref(), texts, text);
            if agree(&outline, texts, both, merged) {
                return Some(FileMerged::Clean(text.clone()));
            }
        }
        let elision = elision.filter(|elision| !self.thorough && elision.share(base) >= WORTH);
        let elided = elision.and_then(|elision| self.elided(language, &elision, texts, both, clean));
        let merged = match elided {
            Some(merged) => merged,
            None => {
                let tree = tree.or_else(|| self.tree(language, base, ids[BASE]))?;
                let trees = Trees::new(tree, texts, splices, ids, self.syntax.as_deref(), &self.options.limits.parse)?;
                let merged = self.trees(&trees, texts, clean, Some(&outline))?;
                let both = trees.splices.each_ref().map(Vec::as_slice);
                if !keeps_to_it(language, texts, both, clean, &merged) {
                    return named(&outline, lines);
                }
                merged
            }
        };
        Some(turned(merged, swapped))
    }

    /// A clean merge with its tree, made in the cheapest way.
    fn shown<'a>(
        &self,
        language: Language,
        tree: Option<&Parsed>,
        elision: Option<&'a Elision>,
        texts: [&[u8]; 3],
        text: &Bytes,
    ) -> Option<Merged<'a>> {
        let (base, limits) = (texts[BASE], &self.options.limits.parse);
        let whole = splices(base, text, &mut self.budget())?;
        if let Some(elision) = elision.filter(|elision| tree.is_none() || elision.share(base) >= WORTH) {
            let (before, text) = (elision.base(base), elision.merged(texts, text, &whole)?);
            let splices = splices(&before, &text, &mut self.budget())?;
            return Some(Merged { parsed: Parsed::new(language, &text, limits).ok()?, text: text.into(), splices, elision: Some(elision) });
        }
        let parsed = match tree {
            Some(tree) => from_base(tree, &whole, base, text, limits)?,
            None => Parsed::new(language, text, limits).ok()?,
        };
        Some(Merged { text: text.clone(), parsed, splices: whole, elision: None })
    }

    /// The merge of what is left of the texts without what neither side touched.
    fn elided(
        &self,
        language: Language,
        elision: &Elision,
        texts: [&[u8]; 3],
        whole: [&[Splice]; 2],
        clean: Option<&Bytes>,
    ) -> Option<FileMerged> {
        let short = elision.texts(texts);
        let short = short.each_ref().map(Vec::as_slice);
        let limits = &self.options.limits.parse;
        let mut budget = self.budget();
        let both = [OURS, THEIRS].map(|side| elision.splices(side, whole[side - 1]));
        let trees = Trees::new(Parsed::new(language, short[BASE], limits).ok()?, short, both, [None; 3], None, limits)?;
        let short_clean = match clean {
            Some(text) => Some(elision.merged(texts, text, &splices(texts[BASE], text, &mut budget)?)?.into()),
            None => None,
        };
        match self.trees(&trees, texts, short_clean.as_ref(), None)? {
            FileMerged::Clean(_) if clean.is_some() => clean.cloned().map(FileMerged::Clean),
            merged => {
                let merged = elision.restore(texts, merged)?;
                keeps_to_it(language, texts, whole, clean, &merged).then_some(merged)
            }
        }
    }

    fn trees(&self, trees: &Trees<'_>, wholes: [&[u8]; 3], clean: Option<&Bytes>, outline: Option<&Outline>) -> Option<FileMerged> {
        match clean {
            Some(text) => Some(self.hold_back(trees, wholes, text.clone())),
            None => self.combine(trees, wholes, outline),
        }
    }

    fn combine(&self, trees: &Trees<'_>, wholes: [&[u8]; 3], outline: Option<&Outline>) -> Option<FileMerged> {
        // One side has the other's changes already.
        let mut budget = self.budget();
        if let Some(text) = Sides::new(trees.texts, &mut budget).as_ref().and_then(contains) {
            return Some(FileMerged::Clean(Bytes::copy_from_slice(text)));
        }
        let splices = trees.splices.each_ref().map(Vec::as_slice);
        let mut context = Context {
            texts: trees.texts,
            outline,
            indented: indents(trees.language(), trees.texts, splices),
            parsed: trees.parsed.each_ref(),
            options: &self.options,
            budget: self.budget(),
            scope: Vec::new(),
            divider: trees.language().profile().divider,
            depth: 0,
            lines: Default::default(),
        };
        let files = trees.parsed.each_ref().map(Parsed::file);
        let out = merge_core(&mut context, [&files[BASE], &files[OURS], &files[THEIRS]]);
        Some(match finish(&context, out) {
            FileMerged::Clean(text) => self.hold_back(trees, wholes, text),
            other => other,
        })
    }

    /// A clean merge: as it is, or held back.
    fn hold_back(&self, trees: &Trees<'_>, wholes: [&[u8]; 3], text: Bytes) -> FileMerged {
        let (near, texts) = (trees.nearest(), trees.texts);
        let Some(merged) = changed(&trees.parsed[near], texts[near], &text, &self.options.limits.parse, &mut self.budget()) else {
            return FileMerged::Clean(text);
        };
        let version = |side: usize| Version { text: texts[side], whole: wholes[side], parsed: &trees.parsed[side] };
        let versions = [version(BASE), version(OURS), version(THEIRS), Version { text: &text, whole: &text, parsed: &merged }];
        let splices = trees.splices.each_ref().map(Vec::as_slice);
        let found = findings(versions, splices, self.options.same_symbol, trees.language().profile().divider);
        if found.is_empty() { FileMerged::Clean(text) } else { FileMerged::Conflict(Box::new(hold(versions, found))) }
    }

    fn budget(&self) -> Budget {
        Budget(self.options.limits.lines.max_comparisons)
    }

    /// The base's outline: looked up, or made; its tree where that had to be made.
    fn tables(
        &self,
        language: Language,
        texts: [&[u8]; 3],
        splices: [&[Splice]; 2],
        id: Option<ObjectId>,
    ) -> Option<(Option<Parsed>, Arc<Outline>)> {
        let text = texts[BASE];
        let known = self.syntax.as_deref().zip(id);
        let tree = known.and_then(|(syntax, id)| syntax.known(id, language));
        // Of a text that parses the outlines are the same, however they are made.
        if let Some(outline) = known.and_then(|(syntax, id)| syntax.known_outline(id, language)).filter(|outline| outline.is_clean) {
            return Some((tree, outline));
        }
        if !tree.as_ref().is_some_and(Parsed::is_clean)
            && let Some(skeleton) = skims(language, text, splices).filter(|_| !self.thorough)
        {
            let outline = match known {
                Some((syntax, id)) if language.profile().functions.is_some() => syntax.skimmed(id, language, text, &skeleton),
                _ => skeleton.outline(language, text, &self.options.limits.parse).map(Arc::new),
            };
            if let Some(outline) = outline {
                return Some((tree, outline));
            }
        }
        match known {
            Some((syntax, id)) => syntax.tables(id, language, text).ok(),
            None => {
                let parsed = Parsed::new(language, text, &self.options.limits.parse).ok()?;
                let outline = Arc::new(Outline::of(&parsed, text));
                Some((Some(parsed), outline))
            }
        }
    }

    /// The base's tree: looked up, or made.
    fn tree(&self, language: Language, text: &[u8], id: Option<ObjectId>) -> Option<Parsed> {
        match self.syntax.as_deref().zip(id) {
            Some((syntax, id)) => syntax.parsed(id, language, text).ok(),
            None => Parsed::new(language, text, &self.options.limits.parse).ok(),
        }
    }
}

/// The base without the insides of its functions, or of data that nobody changed, where that is worth it: it is long, they are much of it, and
/// most of them are not changed by both sides. The same whatever is known of the base, so that the result is.
fn skims(language: Language, base: &[u8], splices: [&[Splice]; 2]) -> Option<Skeleton> {
    if base.len() < LONG {
        return None;
    }
    let by = |cut: &Range<usize>| splices.iter().filter(|splices| touches(splices, cut)).count();
    let skeleton = Skeleton::of(language, base).or_else(|| Skeleton::of_untouched(language, base, |cut| by(cut) > 0))?;
    let left: usize = skeleton.cuts().iter().filter(|cut| by(cut) < 2).map(Range::len).sum();
    let enough = skeleton.len() * 100 <= base.len() * MUCH && left * 100 >= base.len() * (100 - MUCH);
    enough.then_some(skeleton)
}

/// Whether what was merged by symbols keeps to what the sides did with lines.
fn keeps_to_it(language: Language, texts: [&[u8]; 3], splices: [&[Splice]; 2], clean: Option<&Bytes>, merged: &FileMerged) -> bool {
    let indented = || match merged {
        FileMerged::Clean(text) if language == Language::Python => is_indented_python(text) || !texts.into_iter().all(is_indented_python),
        _ => true,
    };
    clean.is_some() || (stays(texts, splices, merged) && indented())
}

/// A conflict of lines, each where it is in the base.
fn named(outline: &Outline, lines: &FileMerged) -> Option<FileMerged> {
    let FileMerged::Conflict(conflict) = lines else { return None };
    let symbol = |hunk: &ConflictHunk| outline.at_line(hunk.base.start as usize + 1).and_then(|at| outline.symbols.get(at));
    Some(FileMerged::Conflict(Box::new(conflict.by_place(|hunk| symbol(hunk).map(|symbol| symbol.path.clone())))))
}

/// A conflict with each side in its own place again.
fn turned(merged: FileMerged, swapped: bool) -> FileMerged {
    let FileMerged::Conflict(mut conflict) = merged else { return merged };
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
    FileMerged::Conflict(conflict)
}
