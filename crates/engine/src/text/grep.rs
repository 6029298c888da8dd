//! A search pattern, compiled once, with ripgrep's semantics.
//!
//! The matching engines are ripgrep's own (grep-regex), so the time of a search is linear in the text whatever the pattern is.
//! Searching a text is [`FileSearcher`](super::FileSearcher).
//!
//! Deliberately missing: look-around and back-references (they are not linear), and choosing which files to search.

use super::grep_file::FileSearcher;
use acetate_types::{Classify, ErrorKind, Problem};
use bytes::Bytes;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use memchr::memmem;
use std::sync::Arc;

/// How upper and lower case count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GrepCase {
    /// They differ.
    #[default]
    Sensitive,
    /// They are the same.
    Insensitive,
    /// The same, unless the pattern has an upper-case letter.
    Smart,
}

/// What a search gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GrepMode {
    /// Matching lines, with those around them.
    #[default]
    Content,
    /// Which files match; each is read up to its first match.
    FilesWithMatches,
    /// How many lines match (with `multiline`, how many matches there are).
    Count,
}

/// What to search for, and what to give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrepOptions {
    /// The pattern is a string, not a regular expression.
    pub fixed_strings: bool,
    /// How case counts.
    pub case: GrepCase,
    /// A match is a whole word.
    pub word: bool,
    /// A match is a whole line.
    pub line: bool,
    /// A match may span lines, and the pattern hold `\n`.
    pub multiline: bool,
    /// With `multiline`, `.` matches the end of a line as well.
    pub dot_all: bool,
    /// `$` also matches before CRLF.
    pub crlf: bool,
    /// Unmatched lines given before a match.
    pub before: usize,
    /// Unmatched lines given after a match.
    pub after: usize,
    /// What is given.
    pub mode: GrepMode,
}

/// The bounds of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrepLimits {
    /// Most bytes of the pattern.
    pub max_pattern: usize,
    /// Most bytes of the compiled pattern.
    pub max_compiled: usize,
    /// Most bytes of the matcher's cache, for each thread.
    pub max_cache: usize,
    /// Deepest nesting of the pattern.
    pub max_nesting: u32,
    /// More lines of context than this are never given.
    pub max_context: usize,
    /// Most bytes of a line that are given; of a longer one, those around its first match.
    pub max_line: usize,
    /// Most lines given of one text, context included.
    pub max_lines: usize,
    /// Most matches marked on a line.
    pub max_submatches: usize,
    /// A larger text is not searched.
    pub max_text: usize,
}

impl Default for GrepLimits {
    /// 4 KiB of pattern, 10 MiB compiled, 16 MiB of cache, 200 levels; 100 lines of context, 500 bytes and 100 matches of a line, 10,000
    /// lines of a text; texts of 64 MiB.
    fn default() -> Self {
        Self {
            max_pattern: 4096,
            max_compiled: 10 << 20,
            max_cache: 16 << 20,
            max_nesting: 200,
            max_context: 100,
            max_line: 500,
            max_lines: 10_000,
            max_submatches: 100,
            max_text: 64 << 20,
        }
    }
}

/// Why there is no search.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrepError {
    /// The pattern is no regular expression.
    #[error("the pattern is invalid: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The pattern holds the end of a line, which no single line has.
    #[error("the pattern holds a line end, but lines are searched one by one")]
    LineEnd,
    /// The pattern, or what it compiles to, is too large.
    #[error("the pattern is too large: {reason}")]
    TooLarge {
        /// Which limit was met.
        reason: String,
    },
    /// A text could not be searched.
    #[error("the text could not be searched: {reason}")]
    Search {
        /// What the searcher said.
        reason: String,
    },
}

impl Classify for GrepError {
    fn problem(&self) -> Problem {
        let message = self.to_string();
        match self {
            Self::Invalid { .. } => Problem::new(ErrorKind::Invalid, "pattern_invalid", message)
                .hint("mend the expression (Rust's regex syntax, no look-around), or search for a fixed string"),
            Self::LineEnd => Problem::new(ErrorKind::Invalid, "pattern_line_end", message).hint("turn multiline on"),
            Self::TooLarge { .. } => {
                Problem::new(ErrorKind::Limit, "pattern_too_large", message).hint("use a shorter pattern, or smaller repetitions")
            }
            Self::Search { .. } => Problem::new(ErrorKind::Internal, "search_failed", message),
        }
    }
}

/// A compiled pattern with its options; shared between threads, each of which searches with a [`FileSearcher`] of its own.
#[derive(Debug, Clone)]
pub struct GrepPattern {
    pub(super) matcher: RegexMatcher,
    pub(super) options: GrepOptions,
    pub(super) limits: GrepLimits,
    /// Bytes that every match holds, where that is known: a text without them need not be searched.
    pub(super) needle: Option<Arc<memmem::Finder<'static>>>,
    /// The same, for a caller that has an index of texts.
    literal: Option<Bytes>,
}

impl GrepPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// See [`GrepError`].
    pub fn new(pattern: &str, options: GrepOptions, limits: GrepLimits) -> Result<Self, GrepError> {
        if pattern.len() > limits.max_pattern {
            return Err(GrepError::TooLarge { reason: format!("{} bytes, {} at most", pattern.len(), limits.max_pattern) });
        }
        if !options.multiline && options.fixed_strings && pattern.contains('\n') {
            return Err(GrepError::LineEnd);
        }
        let mut builder = RegexMatcherBuilder::new();
        builder
            .multi_line(true)
            .unicode(true)
            .fixed_strings(options.fixed_strings)
            .word(options.word && !options.line)
            .whole_line(options.line)
            .crlf(options.crlf)
            .dot_matches_new_line(options.multiline && options.dot_all)
            .size_limit(limits.max_compiled)
            .dfa_size_limit(limits.max_cache)
            .nest_limit(limits.max_nesting)
            .case_insensitive(options.case == GrepCase::Insensitive)
            .case_smart(options.case == GrepCase::Smart);
        if options.multiline {
            // CRLF handling implies a line terminator, and with that no match could span lines.
            builder.line_terminator(None);
        } else if !options.crlf {
            builder.line_terminator(Some(b'\n'));
        }
        let matcher = builder.build(pattern).map_err(|error| compile_error(&error))?;
        let literal = literal(pattern, &options);
        let needle = literal.as_ref().map(|literal| Arc::new(memmem::Finder::new(literal).into_owned()));
        Ok(Self { matcher, options, limits, needle, literal })
    }

    /// Bytes that every matching text holds, where the pattern is a plain string that counts case. A text in UTF-16 is searched as
    /// UTF-8 and may match without them.
    pub fn literal(&self) -> Option<&Bytes> {
        self.literal.as_ref()
    }

    /// The options it was compiled with.
    pub fn options(&self) -> &GrepOptions {
        &self.options
    }

    /// A searcher for one thread. It holds the pattern's caches and is used for many texts.
    pub fn searcher(&self) -> FileSearcher {
        FileSearcher::new(self)
    }
}

fn compile_error(error: &grep_regex::Error) -> GrepError {
    let reason = error.to_string();
    match error.kind() {
        grep_regex::ErrorKind::NotAllowed(_) => GrepError::LineEnd,
        grep_regex::ErrorKind::Regex(text)
            if text.contains("size limit") || text.contains("nest limit") || text.contains("maximum number of nested") =>
        {
            GrepError::TooLarge { reason }
        }
        _ => GrepError::Invalid { reason },
    }
}

/// The pattern, where it is a plain string that has to occur as it stands.
fn literal(pattern: &str, options: &GrepOptions) -> Option<Bytes> {
    const META: &[char] = &['\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$', '#', '&', '-', '~'];
    let plain = options.fixed_strings || !pattern.contains(META);
    let exact = match options.case {
        GrepCase::Sensitive => true,
        GrepCase::Insensitive => false,
        GrepCase::Smart => pattern.contains(char::is_uppercase),
    };
    (plain && exact && !pattern.is_empty()).then(|| Bytes::copy_from_slice(pattern.as_bytes()))
}

#[cfg(test)]
#[path = "grep_tests.rs"]
mod tests;
