//! Globs over repository paths.
//!
//! `*` and `?` stay within a component, `**` crosses them, `[a-z]` and `[!a-z]` are classes, `{a,b}` alternatives, a backslash takes
//! the next character by the letter. A pattern without a slash is matched against the last component anywhere, one with a slash
//! against the whole path from the root, as ripgrep's `-g` does; a leading `/` or `./` only says "from the root", and a trailing
//! slash means everything below. Matching is linear in the path (globset).
//!
//! Deliberately missing: negation. A caller that excludes paths holds a second glob for that.

use acetate_types::{Classify, ErrorKind, Problem};
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

/// The bounds of compiling globs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobLimits {
    /// Most patterns in one request.
    pub max_patterns: usize,
    /// Most bytes of one pattern.
    pub max_pattern: usize,
}

impl Default for GlobLimits {
    /// 100 patterns of 1,024 bytes.
    fn default() -> Self {
        Self { max_patterns: 100, max_pattern: 1024 }
    }
}

/// Why a pattern is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GlobError {
    /// No pattern, or an empty one.
    #[error("the glob is empty")]
    Empty,
    /// A leading `!`.
    #[error("the glob {pattern:?} begins with `!`; negation is not supported")]
    Negated {
        /// The pattern.
        pattern: String,
    },
    /// A `..` component, which no path has.
    #[error("the glob {pattern:?} climbs with `..`; paths are relative to the repository's root")]
    Climbs {
        /// The pattern.
        pattern: String,
    },
    /// It can't be parsed.
    #[error("the glob {pattern:?} is invalid: {reason}")]
    Invalid {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Over a limit.
    #[error("{size} {what} are over the limit of {limit}")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How much there is.
        size: usize,
        /// How much there may be.
        limit: usize,
    },
}

impl Classify for GlobError {
    fn problem(&self) -> Problem {
        let message = self.to_string();
        match self {
            Self::Empty => Problem::new(ErrorKind::Invalid, "glob_empty", message).hint("`**` matches every path"),
            Self::Negated { .. } => Problem::new(ErrorKind::Invalid, "glob_negated", message)
                .hint("name what to match; begin with `\\!` or `[!]` for a name that begins with it"),
            Self::Climbs { .. } => Problem::new(ErrorKind::Invalid, "glob_climbs", message).hint("write the path from the root"),
            Self::Invalid { .. } => Problem::new(ErrorKind::Invalid, "glob_invalid", message)
                .hint("put a backslash before `[ ] { } * ?` that stand for themselves"),
            Self::TooLarge { .. } => Problem::new(ErrorKind::Limit, "glob_too_large", message).hint("use fewer or shorter patterns"),
        }
    }
}

/// One or more globs, compiled; a path matches if any does. Cloning is cheap next to compiling; shared freely between threads.
#[derive(Debug, Clone)]
pub struct PathGlob {
    set: GlobSet,
    prefix: Vec<u8>,
}

impl PathGlob {
    /// One pattern.
    ///
    /// # Errors
    /// See [`GlobError`].
    pub fn new(pattern: &str, limits: &GlobLimits) -> Result<Self, GlobError> {
        Self::any([pattern], limits)
    }

    /// Several patterns of which one has to match.
    ///
    /// # Errors
    /// See [`GlobError`].
    pub fn any<'a>(patterns: impl IntoIterator<Item = &'a str>, limits: &GlobLimits) -> Result<Self, GlobError> {
        let mut set = GlobSetBuilder::new();
        let mut prefix: Option<Vec<u8>> = None;
        let mut count = 0_usize;
        let mut joined = String::new();
        for pattern in patterns {
            count += 1;
            too_large("globs", count, limits.max_patterns)?;
            too_large("bytes of a glob", pattern.len(), limits.max_pattern)?;
            let whole = from_root(pattern)?;
            let invalid = |error: globset::Error| GlobError::Invalid { pattern: pattern.to_owned(), reason: error.kind().to_string() };
            set.add(GlobBuilder::new(&whole).literal_separator(true).backslash_escape(true).build().map_err(invalid)?);
            let own = literal_prefix(&whole);
            prefix = Some(prefix.map_or_else(|| own.to_vec(), |known| common_directory(&known, own)));
            if joined.is_empty() {
                pattern.clone_into(&mut joined);
            }
        }
        let prefix = prefix.ok_or(GlobError::Empty)?;
        let set = set.build().map_err(|error| GlobError::Invalid { pattern: joined, reason: error.kind().to_string() })?;
        Ok(Self { set, prefix })
    }

    /// Whether a path, given from the root, matches.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.set.is_match_candidate(&Candidate::from_bytes(path))
    }

    /// The directory that every match lies in, empty for the root: `src` for `src/**/*.rs`.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Whether a match can lie below this directory (empty for the root); a walk need not enter others.
    pub fn may_match_below(&self, directory: &[u8]) -> bool {
        within(directory, &self.prefix) || within(&self.prefix, directory)
    }
}

fn too_large(what: &'static str, size: usize, limit: usize) -> Result<(), GlobError> {
    if size > limit { Err(GlobError::TooLarge { what, size, limit }) } else { Ok(()) }
}

/// The pattern as one over whole paths.
fn from_root(pattern: &str) -> Result<String, GlobError> {
    if pattern.starts_with('!') {
        return Err(GlobError::Negated { pattern: pattern.to_owned() });
    }
    let (anchored, mut rest) = match pattern.strip_prefix("./").or_else(|| pattern.strip_prefix('/')) {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let below = rest.ends_with('/');
    rest = rest.trim_end_matches('/');
    if rest.is_empty() {
        // `/` and `./` are the root; everything lies below it.
        return if anchored { Ok("**".to_owned()) } else { Err(GlobError::Empty) };
    }
    if rest.split('/').any(|component| component == "..") {
        return Err(GlobError::Climbs { pattern: pattern.to_owned() });
    }
    let mut whole = String::with_capacity(rest.len() + 6);
    if !anchored && !below && !rest.contains('/') {
        whole.push_str("**/");
    }
    whole.push_str(rest);
    if below {
        whole.push_str("/**");
    }
    Ok(whole)
}

/// The directories before the first component that is not literal; the last component names no directory.
fn literal_prefix(whole: &str) -> &[u8] {
    let special = whole.find(['*', '?', '[', '{', '\\', '}', ']']).unwrap_or(whole.len());
    let end = whole[..special].rfind('/').unwrap_or(0);
    &whole.as_bytes()[..end]
}

/// Whether `path` is `directory` or lies below it.
fn within(path: &[u8], directory: &[u8]) -> bool {
    directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

fn common_directory(one: &[u8], two: &[u8]) -> Vec<u8> {
    let shared = one.split(|byte| *byte == b'/').zip(two.split(|byte| *byte == b'/')).take_while(|(a, b)| a == b);
    shared.map(|(component, _)| component).collect::<Vec<_>>().join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, matching: &[&str], other: &[&str], prefix: &str) {
        let glob = PathGlob::new(pattern, &GlobLimits::default()).expect(pattern);
        for path in matching {
            assert!(glob.matches(path.as_bytes()), "{pattern} should match {path}");
        }
        for path in other {
            assert!(!glob.matches(path.as_bytes()), "{pattern} should not match {path}");
        }
        assert_eq!(String::from_utf8_lossy(glob.prefix()), prefix, "{pattern}");
    }

    #[test]
    fn what_matches_and_where_it_lies() {
        check("*.rs", &["a.rs", "x/y/a.rs", ".rs"], &["a.rsx", "a.rs/b"], "");
        check("/*.rs", &["a.rs"], &["x/a.rs"], "");
        check("./a.rs", &["a.rs"], &["x/a.rs"], "");
        check("src/**/*.rs", &["src/a.rs", "src/x/y/a.rs"], &["a.rs", "xsrc/a.rs", "x/src/a.rs", "src/a.c"], "src");
        check("src/*.rs", &["src/a.rs"], &["src/x/a.rs"], "src");
        check("src/x/a.rs", &["src/x/a.rs"], &["src/x/a.rs/b"], "src/x");
        check("**/test/*.{c,h}", &["test/a.c", "x/y/test/a.h"], &["test/x/a.c", "test/a.o"], "");
        check("a/{b,c/d}/e", &["a/b/e", "a/c/d/e"], &["a/c/e"], "a");
        check("{a,b}.txt", &["x/a.txt", "b.txt"], &["c.txt"], "");
        check("src/", &["src/a", "src/x/y"], &["src", "x/src/a"], "src");
        check("**", &["a", "a/b/c"], &[], "");
        check("/", &["a", "a/b/c"], &[], "");
        check("[!a]b", &["xb", "z/cb"], &["ab"], "");
        check("\\!a", &["!a"], &["a"], "");
        check("a/\\*", &["a/*"], &["a/b"], "a");
        check("caf\u{e9}/?", &["caf\u{e9}/x"], &[], "caf\u{e9}");
    }

    #[test]
    fn paths_that_are_not_utf8() {
        let glob = PathGlob::new("d/*.rs", &GlobLimits::default()).expect("a glob");
        assert!(glob.matches(b"d/\xff\xfe.rs"));
        assert!(!glob.matches(b"\xff/\xfe.rs"));
    }

    #[test]
    fn several_patterns_share_a_prefix() {
        let glob = PathGlob::any(["src/x/*.rs", "src/y/**"], &GlobLimits::default()).expect("globs");
        assert_eq!(glob.prefix(), b"src");
        assert!(glob.matches(b"src/x/a.rs") && glob.matches(b"src/y/z/b") && !glob.matches(b"src/x/b"));
        for (directory, may) in [("", true), ("src", true), ("src/x", true), ("srcx", false), ("doc", false)] {
            assert_eq!(glob.may_match_below(directory.as_bytes()), may, "{directory}");
        }
    }

    #[test]
    fn what_is_no_glob_is_said_clearly() {
        let limits = GlobLimits { max_patterns: 1, max_pattern: 20 };
        for (patterns, code) in [
            (vec![], "glob_empty"),
            (vec![""], "glob_empty"),
            (vec!["!a"], "glob_negated"),
            (vec!["a/../b"], "glob_climbs"),
            (vec!["a["], "glob_invalid"),
            (vec!["{a"], "glob_invalid"),
            (vec!["a}"], "glob_invalid"),
            (vec!["[z-a]"], "glob_invalid"),
            (vec!["a\\"], "glob_invalid"),
            (vec!["a", "b"], "glob_too_large"),
            (vec!["aaaaaaaaaaaaaaaaaaaaa"], "glob_too_large"),
        ] {
            assert_eq!(
                PathGlob::any(patterns.iter().copied(), &limits).map(|_| ()).expect_err("no glob").problem().code,
                code,
                "{patterns:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_match_lies_below_the_prefix_and_is_never_pruned(
            pattern in "[ab*?/{},\\[\\]!.\\\\]{0,10}",
            paths in proptest::collection::vec("[ab.!]{1,2}(/[ab.!]{1,2}){0,3}", 8),
        ) {
            if let Ok(glob) = PathGlob::new(&pattern, &GlobLimits::default()) {
                for path in paths.iter().filter(|path| glob.matches(path.as_bytes())) {
                    prop_assert!(within(path.as_bytes(), glob.prefix()), "{pattern} {path}");
                    for (at, _) in path.match_indices('/') {
                        prop_assert!(glob.may_match_below(&path.as_bytes()[..at]));
                    }
                }
            }
        }
    }
}
