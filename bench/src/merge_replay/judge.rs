//! What an outcome is worth, seen from what the people made.

use super::case::Texts;
use super::lines_of::{counts, lines, squeezed};
use super::outcome::{Outcome, Status};
use acetate_merge::LineConflict;
use serde::Serialize;
use std::collections::HashSet;

/// The classes of outcomes. Whoever made the result, a class says how it compares with the people's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The people's bytes.
    Equal,
    /// Equal when all white space is left out.
    EqualButSpace,
    /// The same lines in another order. Whether the order means anything is for a reader to say.
    OtherOrder,
    /// Clean and different; the people took one whole side in all of Git's conflicts.
    CleanOneSide,
    /// Clean and different; the people wrote lines that none of the three texts has.
    CleanNewLines,
    /// Clean and different, and neither explains it.
    Unexplained,
    /// A conflict; the people took one whole side.
    ConflictOneSide,
    /// A conflict; the people only combined lines that were there: the room that is left.
    ConflictRecombined,
    /// A conflict; the people wrote new lines.
    ConflictNewLines,
    /// No answer.
    Failed,
    /// No answer in time.
    TimedOut,
}

impl Class {
    /// Its name, as in file names and arguments.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::EqualButSpace => "equal-but-space",
            Self::OtherOrder => "other-order",
            Self::CleanOneSide => "clean-one-side",
            Self::CleanNewLines => "clean-new-lines",
            Self::Unexplained => "unexplained",
            Self::ConflictOneSide => "conflict-one-side",
            Self::ConflictRecombined => "conflict-recombined",
            Self::ConflictNewLines => "conflict-new-lines",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
        }
    }
}

/// What the people did with a case.
#[derive(Debug)]
pub struct People<'a> {
    text: &'a [u8],
    squeezed: Vec<u8>,
    one_side: bool,
    new_lines: bool,
}

impl<'a> People<'a> {
    /// Looks at what they made, given Git's conflict where there is one.
    pub fn of(texts: &'a Texts, conflict: Option<&LineConflict>) -> Self {
        let people = squeezed(&texts.people);
        let mut sides = vec![squeezed(&texts.ours), squeezed(&texts.theirs)];
        if let Some(conflict) = conflict {
            sides.extend([true, false].map(|ours| squeezed(&one_side(conflict, ours))));
        }
        let known: HashSet<&[u8]> = [&texts.base, &texts.ours, &texts.theirs].into_iter().flat_map(|text| lines(text)).collect();
        let new_lines = lines(&texts.people).any(|line| !known.contains(line));
        Self { text: &texts.people, one_side: sides.contains(&people), squeezed: people, new_lines }
    }

    /// The class of an outcome.
    pub fn class(&self, outcome: &Outcome) -> Class {
        match outcome.status {
            Status::Failed => Class::Failed,
            Status::TimedOut => Class::TimedOut,
            Status::Conflict if self.one_side => Class::ConflictOneSide,
            Status::Conflict if self.new_lines => Class::ConflictNewLines,
            Status::Conflict => Class::ConflictRecombined,
            Status::Clean if outcome.text == self.text => Class::Equal,
            Status::Clean if squeezed(&outcome.text) == self.squeezed => Class::EqualButSpace,
            Status::Clean if counts(&outcome.text) == counts(self.text) => Class::OtherOrder,
            Status::Clean if self.one_side => Class::CleanOneSide,
            Status::Clean if self.new_lines => Class::CleanNewLines,
            Status::Clean => Class::Unexplained,
        }
    }
}

/// The whole text when one side is taken in every conflict.
fn one_side(conflict: &LineConflict, ours: bool) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in &conflict.wide {
        match piece {
            acetate_merge::lines::Piece::Merged(bytes) => text.extend_from_slice(bytes),
            acetate_merge::lines::Piece::Conflict { ours: range, .. } if ours => text.extend_from_slice(&conflict.ours[range.clone()]),
            acetate_merge::lines::Piece::Conflict { theirs: range, .. } => text.extend_from_slice(&conflict.theirs[range.clone()]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git;

    fn texts(base: &'static str, ours: &'static str, theirs: &'static str, people: &'static str) -> Texts {
        Texts { base: base.into(), ours: ours.into(), theirs: theirs.into(), people: people.into() }
    }

    /// The class of an output for this case; `None` stands for a conflict.
    fn class(texts: &Texts, output: Option<&'static str>) -> Class {
        let conflict = git::lines(texts).expect("merge").conflict;
        let status = if output.is_some() { Status::Clean } else { Status::Conflict };
        People::of(texts, conflict.as_ref()).class(&Outcome {
            status,
            text: output.unwrap_or_default().into(),
            took: crate::clock::Took::default(),
        })
    }

    #[test]
    fn equal_up_to_what() {
        let case = texts("a\nm\nz\n", "a\nm\no\nz\n", "a\nm\nt\nz\n", "a\nm\no\nt\nz\n");
        assert_eq!(class(&case, Some("a\nm\no\nt\nz\n")), Class::Equal);
        assert_eq!(class(&case, Some("a\nm\n  o\n\nt\nz")), Class::EqualButSpace);
        assert_eq!(class(&case, Some("a\nm\nt\no\nz\n")), Class::OtherOrder);
        assert_eq!(class(&case, Some("a\nm\nt\nz\n")), Class::Unexplained);
        assert_eq!(class(&case, None), Class::ConflictRecombined);
    }

    #[test]
    fn one_side_in_every_conflict_is_one_side_also_where_the_other_side_changed_more() {
        let case = texts("1\n2\n3\n4\n5\n6\n", "1\no\n3\n4\n5\n6\n", "1\nt\n3\n4\n5\nx\n", "1\no\n3\n4\n5\nx\n");
        assert_eq!(class(&case, Some("1\no\nt\n3\n4\n5\nx\n")), Class::CleanOneSide);
        assert_eq!(class(&case, None), Class::ConflictOneSide);
    }

    #[test]
    fn lines_that_nobody_had_are_new() {
        let case = texts("a\nb\nc\n", "a\no\nc\n", "a\nt\nc\n", "a\nboth\nc\n");
        assert_eq!(class(&case, Some("a\no\nt\nc\n")), Class::CleanNewLines);
        assert_eq!(class(&case, None), Class::ConflictNewLines);
    }
}
