//! A JSON text with the places of its values, commas and comments.

use crate::ConfigError;
use crate::layout::{position, slice};
use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::tokens::Token;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use std::ops::Range;

/// A parsed text.
pub struct Document<'a> {
    pub text: &'a str,
    /// The top value; none in a text without one.
    pub root: Option<Value<'a>>,
    pieces: Vec<Piece>,
}

/// What stands between values.
struct Piece {
    at: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comma,
    Comment,
    Other,
}

impl<'a> Document<'a> {
    /// # Errors
    /// [`ConfigError::Malformed`].
    pub fn parse(text: &'a str, comments: bool) -> Result<Self, ConfigError> {
        let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
        let options = ParseOptions {
            allow_comments: comments,
            allow_trailing_commas: comments,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(text, &collect, &options).map_err(|error| {
            let (line, column) = position(text, error.range().start);
            ConfigError::Malformed { line, column, reason: error.kind().to_string() }
        })?;
        let pieces = parsed.tokens.unwrap_or_default().into_iter().map(|token| Piece {
            at: token.range.start..token.range.end,
            kind: match token.token {
                Token::Comma => Kind::Comma,
                Token::CommentLine(_) | Token::CommentBlock(_) => Kind::Comment,
                _ => Kind::Other,
            },
        });
        Ok(Self { text, root: parsed.value, pieces: pieces.collect() })
    }

    /// The top object.
    pub fn object(&self) -> Result<Option<&Object<'a>>, ConfigError> {
        match &self.root {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(ConfigError::shape("the file holds no object")),
        }
    }

    /// The comma behind the value that ends at `end`.
    pub fn comma_after(&self, end: usize) -> Option<Range<usize>> {
        let first = self.pieces.partition_point(|piece| piece.at.start < end);
        let next = self.pieces.iter().skip(first).find(|piece| piece.kind != Kind::Comment)?;
        (next.kind == Kind::Comma).then(|| next.at.clone())
    }

    /// The comma before the member that begins at `start`.
    pub fn comma_before(&self, start: usize) -> Option<Range<usize>> {
        let first = self.pieces.partition_point(|piece| piece.at.start < start);
        let last = self.pieces.iter().take(first).rev().find(|piece| piece.kind != Kind::Comment)?;
        (last.kind == Kind::Comma).then(|| last.at.clone())
    }

    /// Behind the comments that follow `at` on its line.
    pub fn after_comments(&self, at: usize) -> usize {
        let first = self.pieces.partition_point(|piece| piece.at.start < at);
        let mut end = at;
        for piece in self.pieces.iter().skip(first) {
            if piece.kind != Kind::Comment || slice(self.text, end..piece.at.start).contains('\n') {
                break;
            }
            end = piece.at.end;
        }
        // A comment's text may reach over the first half of its line end.
        if slice(self.text, 0..end).ends_with('\r') && slice(self.text, end..self.text.len()).starts_with('\n') { end - 1 } else { end }
    }
}

/// The bytes of something parsed.
pub fn range(of: &impl jsonc_parser::common::Ranged) -> Range<usize> {
    of.start()..of.end()
}

/// A member and its number.
pub fn member<'o, 'a>(object: &'o Object<'a>, key: &str) -> Result<Option<(usize, &'o ObjectProp<'a>)>, ConfigError> {
    let mut found = object.properties.iter().enumerate().filter(|(_, member)| member.name.as_str() == key);
    let first = found.next();
    if found.next().is_some() { Err(ConfigError::Ambiguous { key: key.to_owned() }) } else { Ok(first) }
}

/// A member that has to be an object.
pub fn member_object<'o, 'a>(object: &'o Object<'a>, key: &str) -> Result<Option<(usize, &'o Object<'a>)>, ConfigError> {
    match member(object, key)? {
        None => Ok(None),
        Some((number, member)) => match &member.value {
            Value::Object(inner) => Ok(Some((number, inner))),
            _ => Err(ConfigError::shape(format!("{key:?} is no object"))),
        },
    }
}
