//! Searching one text after another with a compiled pattern.
//!
//! A text that lacks the bytes every match holds is left after one pass over it; the line machinery runs for the others only.
//! A text with a NUL byte is binary: whether it matches is said, its lines are not given. UTF-16 with a byte-order mark is searched
//! as UTF-8, as ripgrep does.

use super::grep::{GrepError, GrepLimits, GrepMode, GrepPattern};
use bytes::Bytes;
use grep_matcher::Matcher;
use grep_regex::RegexMatcher;
use grep_searcher::{BinaryDetection, LineIter, Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkMatch};
use memchr::memmem;
use std::sync::Arc;

/// Why a matching text's lines are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skipped {
    /// It matches and holds a NUL byte.
    Binary,
    /// It is over the size limit, and was not searched.
    TooLarge,
}

/// A line that matches, or one around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchLine {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its bytes without the line end; of a line over the limit, a part.
    pub text: Bytes,
    /// Where `text` begins within the line.
    pub from: usize,
    /// Whether `text` is a part of the line only.
    pub clipped: bool,
    /// The matches, as byte ranges within `text`; what lies outside it is left out.
    pub submatches: Vec<(usize, usize)>,
    /// Whether the line does not match and is given as context.
    pub is_context: bool,
}

/// What a search found in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMatches {
    /// The path that was handed in.
    pub path: Bytes,
    /// Lines in ascending order; only in [`GrepMode::Content`].
    pub lines: Vec<MatchLine>,
    /// How many lines (with `multiline`, matches) were found up to the limit; 1 where the mode only asks which files match.
    pub count: usize,
    /// Whether there is more than the limit let through.
    pub more: bool,
    /// Why no lines are given, if so.
    pub skipped: Option<Skipped>,
}

/// A searcher for one thread.
#[derive(Debug)]
pub struct FileSearcher {
    searcher: Searcher,
    matcher: RegexMatcher,
    needle: Option<Arc<memmem::Finder<'static>>>,
    limits: GrepLimits,
    mode: GrepMode,
    multiline: bool,
}

impl FileSearcher {
    pub(super) fn new(pattern: &GrepPattern) -> Self {
        let (options, limits) = (&pattern.options, &pattern.limits);
        let content = options.mode == GrepMode::Content;
        let context = |lines: usize| if content { lines.min(limits.max_context) } else { 0 };
        let mut builder = SearcherBuilder::new();
        builder
            .line_number(content)
            .multi_line(options.multiline)
            .before_context(context(options.before))
            .after_context(context(options.after))
            .binary_detection(BinaryDetection::none());
        if options.crlf && !options.multiline {
            builder.line_terminator(grep_matcher::LineTerminator::crlf());
        }
        Self {
            searcher: builder.build(),
            // A clone has caches of its own, so that threads do not contend for them.
            matcher: pattern.matcher.clone(),
            needle: pattern.needle.clone(),
            limits: limits.clone(),
            mode: options.mode,
            multiline: options.multiline,
        }
    }

    /// Searches `text`; `None` if nothing matches. At most `limit` lines (or matches, with `multiline`) are counted and given, and at
    /// least one.
    ///
    /// # Errors
    /// [`GrepError::Search`], when the matcher gives up.
    pub fn search(&mut self, path: &Bytes, text: &[u8], limit: usize) -> Result<Option<FileMatches>, GrepError> {
        self.search_after(path, text, limit, 0)
    }

    /// As [`search`](Self::search), passing over what is on the first `after` lines. Only in [`GrepMode::Content`].
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_after(&mut self, path: &Bytes, text: &[u8], limit: usize, after: u64) -> Result<Option<FileMatches>, GrepError> {
        let mut found = FileMatches { path: path.clone(), lines: Vec::new(), count: 0, more: false, skipped: None };
        if text.len() > self.limits.max_text {
            found.skipped = Some(Skipped::TooLarge);
            return Ok(Some(found));
        }
        let wide = text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff");
        if !wide && self.needle.as_ref().is_some_and(|needle| needle.find(text).is_none()) {
            return Ok(None);
        }
        let binary = !wide && memchr::memchr(0, text).is_some();
        let mut sink = Collect {
            matcher: &self.matcher,
            limits: &self.limits,
            mode: if binary { GrepMode::FilesWithMatches } else { self.mode },
            multiline: self.multiline,
            limit: limit.max(1),
            after,
            found,
        };
        self.searcher.search_slice(&self.matcher, text, &mut sink).map_err(|error| GrepError::Search { reason: error.to_string() })?;
        let mut found = sink.found;
        if found.count == 0 {
            return Ok(None);
        }
        if binary {
            found.skipped = Some(Skipped::Binary);
        }
        Ok(Some(found))
    }
}

struct Collect<'a> {
    matcher: &'a RegexMatcher,
    limits: &'a GrepLimits,
    mode: GrepMode,
    multiline: bool,
    limit: usize,
    /// Lines up to this one are passed over.
    after: u64,
    found: FileMatches,
}

impl Collect<'_> {
    /// Calls `each` with the matches within the lines of `matched`, as ranges from their beginning, until it says `false`.
    fn submatches(&self, matched: &SinkMatch<'_>, mut each: impl FnMut(usize, usize) -> bool) -> Result<(), std::io::Error> {
        let outcome = if self.multiline {
            // Assertions may look at what is around the lines.
            let lines = matched.bytes_range_in_buffer();
            self.matcher.find_iter_at(matched.buffer(), lines.start, |at| {
                at.start() < lines.end && each(at.start() - lines.start, at.end() - lines.start)
            })
        } else {
            self.matcher.find_iter(matched.bytes(), |at| each(at.start(), at.end()))
        };
        outcome.map_err(|error| std::io::Error::other(error.to_string()))
    }

    /// Whether no further line may be given; there is one, or nobody would ask.
    fn full(&mut self) -> bool {
        let full = self.found.lines.len() >= self.limits.max_lines;
        self.found.more |= full;
        full
    }

    fn push(&mut self, number: u64, line: &[u8], ranges: &[(usize, usize)], is_context: bool) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (from, to) = self.window(line, ranges.first().copied());
        let submatches = ranges
            .iter()
            .map(|(start, end)| {
                ((*start).clamp(from, to) - from, (*end).clamp(from, to) - from, *start >= from && *start <= to, start == end)
            })
            .filter(|(start, end, inside, empty)| start < end || (*empty && *inside))
            .map(|(start, end, ..)| (start, end))
            .collect();
        let clipped = to - from < line.len();
        let text = Bytes::copy_from_slice(&line[from..to]);
        self.found.lines.push(MatchLine { number, text, from, clipped, submatches, is_context });
    }

    /// The part of a line that is given: all of it, or what the limit allows around the first match, cut between characters.
    fn window(&self, line: &[u8], first: Option<(usize, usize)>) -> (usize, usize) {
        let most = self.limits.max_line.max(8);
        if line.len() <= most {
            return (0, line.len());
        }
        let (start, end) = first.unwrap_or((0, 0));
        let mut from = if end <= most { 0 } else { start.saturating_sub(most / 4).min(line.len() - most) };
        let mut to = from + most;
        let inside = |at: usize| line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        // A character has four bytes at most; other bytes are cut anywhere.
        for _ in 0..3 {
            from += usize::from(inside(from));
            to -= usize::from(inside(to));
        }
        (from, to)
    }
}

impl Sink for Collect<'_> {
    type Error = std::io::Error;

    fn matched(&mut self, _: &Searcher, matched: &SinkMatch<'_>) -> Result<bool, Self::Error> {
        let number = matched.line_number().unwrap_or(u64::MAX);
        // Where what was not given yet begins: several lines come with `multiline` only.
        let mut first = 0;
        if number <= self.after {
            let seen = LineIter::new(b'\n', matched.bytes()).take(usize::try_from(self.after - number + 1).unwrap_or(usize::MAX));
            first = seen.map(<[u8]>::len).sum();
            if first >= matched.bytes().len() {
                return Ok(true);
            }
        }
        if self.found.count >= self.limit {
            self.found.more = true;
            return Ok(false);
        }
        if self.mode == GrepMode::FilesWithMatches {
            self.found.count = 1;
            return Ok(false);
        }
        let room = self.limit - self.found.count;
        if self.mode == GrepMode::Count {
            let mut count = usize::from(!self.multiline);
            if self.multiline {
                self.submatches(matched, |_, _| {
                    count += 1;
                    count <= room
                })?;
            }
            self.found.more |= count > room;
            self.found.count += count.min(room);
            return Ok(!self.found.more);
        }
        // Several lines at once come with `multiline` only, and then each match counts.
        let counted = if self.multiline { room } else { usize::MAX };
        let most = self.limits.max_submatches.saturating_mul(if self.multiline { self.limits.max_lines } else { 1 }).max(1);
        let mut ranges = Vec::new();
        self.submatches(matched, |start, end| {
            if start < first {
                return true;
            }
            ranges.push((start, end));
            ranges.len() <= most.min(counted)
        })?;
        if self.full() || (self.multiline && ranges.is_empty()) {
            return Ok(!self.found.more);
        }
        let mut upto = matched.bytes().len();
        if ranges.len() > most.min(counted) {
            ranges.pop();
            if self.multiline {
                self.found.more = true;
                upto = ranges.last().map_or(upto, |(start, end)| *end.max(&(start + 1)));
            }
        }
        self.found.count += if self.multiline { ranges.len().max(1) } else { 1 };
        let mut offset = 0_usize;
        // Ranges that ended on an earlier line are not looked at again.
        let mut rest = &ranges[..];
        for (number, line) in (matched.line_number().unwrap_or(0)..).zip(LineIter::new(b'\n', matched.bytes())) {
            let end = offset + line.len();
            if offset >= upto || (offset >= first && self.full()) {
                break;
            }
            if offset < first {
                offset = end;
                continue;
            }
            while let [(_, past), tail @ ..] = rest
                && *past <= offset
                && tail.first().is_some_and(|(start, _)| *start <= offset)
            {
                rest = tail;
            }
            let own: Vec<_> = rest
                .iter()
                .take_while(|(start, _)| *start < end)
                .filter(|(start, past)| *past > offset || (start == past && *start == offset))
                .take(self.limits.max_submatches)
                .map(|(start, past)| (start.saturating_sub(offset), past.min(&end) - offset))
                .collect();
            self.push(number, line, &own, false);
            offset = end;
        }
        Ok(!self.found.more)
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> Result<bool, Self::Error> {
        // A line before a match that is past the limit; what follows the last match is still given.
        if self.found.count >= self.limit && *context.kind() == SinkContextKind::Before {
            self.found.more = true;
            return Ok(false);
        }
        if context.line_number().is_some_and(|number| number <= self.after) {
            return Ok(true);
        }
        if self.full() {
            return Ok(false);
        }
        self.push(context.line_number().unwrap_or(0), context.bytes(), &[], true);
        Ok(true)
    }
}
