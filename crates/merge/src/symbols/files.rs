//! The merge by symbols behind the seam of [`FileMerge`].

use super::context::Context;
use super::element::merge_core;
use super::finish::finish;
use super::{FileOptions, SameSymbol};
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
            FileMerged::Conflict(conflict) => self.by_symbols(language, input).unwrap_or(FileMerged::Conflict(conflict)),
            other => other,
        }
    }
}

impl SymbolFiles {
    fn by_symbols(&self, language: Language, input: &FileInput<'_>) -> Option<FileMerged> {
        let empty = Bytes::new();
        let texts: [&[u8]; 3] = [input.base.unwrap_or(&empty), input.ours, input.theirs];
        let parse = |text: &[u8]| Parsed::new(language, text, &self.options.limits.parse).ok();
        let parsed = [parse(texts[0])?, parse(texts[1])?, parse(texts[2])?];
        let _ = SameSymbol::Merge;
        let mut context = Context {
            texts,
            parsed: [&parsed[0], &parsed[1], &parsed[2]],
            options: &self.options,
            budget: Budget(self.options.limits.lines.max_comparisons),
            scope: Vec::new(),
            divider: language.profile().divider,
            depth: 0,
        };
        let files = parsed.each_ref().map(Parsed::file);
        let out = merge_core(&mut context, [&files[0], &files[1], &files[2]]);
        Some(finish(&context, out))
    }
}
