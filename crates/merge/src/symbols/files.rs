//! The merge by symbols behind the seam of [`FileMerge`].

use super::context::{BASE, Context, OURS, THEIRS};
use super::element::merge_core;
use super::findings::{Version, findings};
use super::finish::finish;
use super::hold::hold;
use super::options::FileOptions;
use super::versions::{from_base, from_nothing};
use crate::diff::Budget;
use crate::files::{FileInput, FileMerge, FileMerged, LineFiles};
use acetate_syntax::{Language, Parsed};
use bytes::Bytes;

/// Files merged by symbols, by lines where their language has no profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct SymbolFiles {
    /// How.
    pub options: FileOptions,
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

impl SymbolFiles {
    fn parse(&self, language: Language, texts: [&[u8]; 3]) -> Option<[Parsed; 3]> {
        let limits = &self.options.limits;
        let base = from_nothing(language, texts[BASE], &limits.parse)?;
        let mut budget = Budget(limits.lines.max_comparisons);
        let mut side = |side: usize| from_base(&base, texts[BASE], texts[side], &limits.parse, &mut budget);
        let (ours, theirs) = (side(OURS)?, side(THEIRS)?);
        Some([base, ours, theirs])
    }

    fn by_symbols(&self, language: Language, input: &FileInput<'_>) -> Option<FileMerged> {
        let empty = Bytes::new();
        let texts: [&[u8]; 3] = [input.base.unwrap_or(&empty), input.ours, input.theirs];
        let parsed = self.parse(language, texts)?;
        let mut context = Context {
            texts,
            parsed: [&parsed[BASE], &parsed[OURS], &parsed[THEIRS]],
            options: &self.options,
            budget: Budget(self.options.limits.lines.max_comparisons),
            scope: Vec::new(),
            divider: language.profile().divider,
            depth: 0,
        };
        let files = parsed.each_ref().map(Parsed::file);
        let out = merge_core(&mut context, [&files[BASE], &files[OURS], &files[THEIRS]]);
        match finish(&context, out) {
            FileMerged::Clean(text) => Some(self.hold_back(language, texts, &parsed, text)),
            other => Some(other),
        }
    }

    /// A clean merge by lines: as it is, or held back.
    fn check(&self, language: Language, input: &FileInput<'_>, text: Bytes) -> FileMerged {
        let empty = Bytes::new();
        let texts: [&[u8]; 3] = [input.base.unwrap_or(&empty), input.ours, input.theirs];
        if texts.contains(&&text[..]) {
            return FileMerged::Clean(text);
        }
        match self.parse(language, texts) {
            Some(parsed) => self.hold_back(language, texts, &parsed, text),
            None => FileMerged::Clean(text),
        }
    }

    fn hold_back(&self, language: Language, texts: [&[u8]; 3], parsed: &[Parsed; 3], text: Bytes) -> FileMerged {
        let mut budget = Budget(self.options.limits.lines.max_comparisons);
        let Some(merged) = from_base(&parsed[BASE], texts[BASE], &text, &self.options.limits.parse, &mut budget) else {
            return FileMerged::Clean(text);
        };
        let version = |side: usize| Version { text: texts[side], parsed: &parsed[side] };
        let versions = [version(BASE), version(OURS), version(THEIRS), Version { text: &text, parsed: &merged }];
        let found = findings(versions, self.options.same_symbol, language.profile().divider);
        if found.is_empty() { FileMerged::Clean(text) } else { FileMerged::Conflict(Box::new(hold(versions, found))) }
    }
}
