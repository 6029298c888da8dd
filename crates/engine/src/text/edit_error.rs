//! Why an edit could not be made, with what its author needs to mend it.

use super::closest::{Candidate, Difference};
use acetate_types::{Classify, ErrorKind, Problem, Text};
use bytes::Bytes;
use serde_json::json;

/// A line that an edit's text was found on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedLine {
    /// The line's number, counted from 1.
    pub line: usize,
    /// The line without its end, clipped to the limit.
    pub text: Bytes,
}

/// Why [`apply_edits`](super::apply_edits) changed nothing. `index` counts the edits from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The old text is not there.
    #[error("edit {index}: the old text is not in the file{}", describe(closest.as_deref()))]
    NotFound {
        /// Which edit.
        index: usize,
        /// The place most like it, if anything is.
        closest: Option<Box<Candidate>>,
        /// It was there before the edits ahead of it in the same request.
        replaced_before: bool,
    },
    /// The old text is there several times, and the edit does not say `all`.
    #[error("edit {index}: the old text is in the file {total} times")]
    NotUnique {
        /// Which edit.
        index: usize,
        /// The first places, as many as the limit allows.
        matches: Vec<MatchedLine>,
        /// How many places there are.
        total: usize,
    },
    /// The edit would leave the text as it is.
    #[error("edit {index}: the new text equals the old one")]
    NoChange {
        /// Which edit.
        index: usize,
    },
    /// The old text is empty and the file is not.
    #[error("edit {index}: the old text is empty, which stands for a new or empty file only")]
    EmptyOld {
        /// Which edit.
        index: usize,
    },
    /// A limit was met.
    #[error("edit {index}: {what} would be {size}, over the limit of {limit}")]
    TooLarge {
        /// Which edit.
        index: usize,
        /// What was counted.
        what: &'static str,
        /// How much there would be.
        size: usize,
        /// How much there may be.
        limit: usize,
    },
}

fn describe(closest: Option<&Candidate>) -> String {
    let Some(candidate) = closest else { return String::new() };
    let (first, last) = candidate.lines;
    let place = if first == last { format!("line {first}") } else { format!("lines {first} to {last}") };
    let how = match &candidate.differs {
        Difference::LineEndings => "only line endings differ".to_owned(),
        Difference::TrailingWhitespace => "only white space at the end of lines differs".to_owned(),
        Difference::Indentation => "only indentation differs".to_owned(),
        Difference::Whitespace => "only white space differs".to_owned(),
        Difference::Case => "only upper and lower case differ".to_owned(),
        Difference::Word { expected, found } => {
            format!("it has {:?} in place of {:?}", String::from_utf8_lossy(found), String::from_utf8_lossy(expected))
        }
        Difference::Several => "several words differ".to_owned(),
    };
    format!("; {place} comes closest ({} % alike): {how}", candidate.similarity)
}

impl Classify for EditError {
    fn problem(&self) -> Problem {
        let message = self.to_string();
        match self {
            Self::NotFound { index, closest, replaced_before } => {
                let hint = if *replaced_before {
                    "an earlier edit of this request replaced that text; edits apply in order"
                } else if closest.is_some() {
                    "copy the old text exactly as the closest place has it, white space included"
                } else {
                    "read the file again and copy the old text exactly"
                };
                let details = closest.as_ref().map(|candidate| {
                    json!({ "lines": [candidate.lines.0, candidate.lines.1], "text": Text(candidate.text.clone()),
                            "similarity": candidate.similarity, "differs": candidate.differs.as_str() })
                });
                Problem::new(ErrorKind::Stale, "edit_not_found", message)
                    .hint(hint)
                    .details(json!({ "index": index, "closest": details, "replaced_before": replaced_before }))
            }
            Self::NotUnique { index, matches, total } => {
                let lines: Vec<_> = matches.iter().map(|at| json!({ "line": at.line, "text": Text(at.text.clone()) })).collect();
                Problem::new(ErrorKind::Invalid, "edit_not_unique", message)
                    .hint("add neighbouring lines to the old text until it names one place, or ask for all places")
                    .details(json!({ "index": index, "total": total, "matches": lines }))
            }
            Self::NoChange { index } => Problem::new(ErrorKind::Invalid, "edit_no_change", message)
                .hint("leave this edit out, or correct its new text")
                .details(json!({ "index": index })),
            Self::EmptyOld { index } => Problem::new(ErrorKind::Invalid, "edit_empty_old", message)
                .hint("name the text to replace, or write the whole file")
                .details(json!({ "index": index })),
            Self::TooLarge { index, what, size, limit } => Problem::new(ErrorKind::Limit, "edit_too_large", message)
                .hint("split the request into smaller ones")
                .details(json!({ "index": index, "what": what, "size": size, "limit": limit })),
        }
    }
}
