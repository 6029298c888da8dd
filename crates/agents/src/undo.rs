//! What brings a file back byte for byte.
//!
//! A text alone does not always say what was there before: `{}` that was filled and a key that was made can look the same. So a door
//! keeps an [`Undo`] beside the file it wrote. It holds the bytes that were replaced, mostly none, and checksums of both texts; what
//! else is in the file it does not hold.
//!
//! Invariant: applied to any text but the one that was written, it changes nothing.

use crate::ConfigError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The way back from one text to the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The checksum of the text from which it leads.
    after: String,
    /// The checksum of the text to which it leads; none if there was no file.
    before: Option<String>,
    /// Where the two differ in the later one.
    start: usize,
    end: usize,
    /// What stood there.
    text: String,
}

impl Undo {
    /// The way back from `after` to `before`, where none means that there was no file.
    pub fn between(before: Option<&str>, after: &str) -> Self {
        let text = before.unwrap_or_default();
        let start = common(text.char_indices(), after.chars());
        let (old, new) = (text.get(start..).unwrap_or_default(), after.get(start..).unwrap_or_default());
        let tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let replaced = old.get(..old.len().saturating_sub(tail)).unwrap_or_default();
        Self {
            after: checksum(after),
            before: before.map(checksum),
            start,
            end: after.len().saturating_sub(tail),
            text: replaced.to_owned(),
        }
    }

    /// Whether this is the text that was written.
    pub fn fits(&self, text: &str) -> bool {
        checksum(text) == self.after
    }

    /// The text of before; none if there was no file.
    ///
    /// # Errors
    /// [`ConfigError::Changed`] when this is not the text that was written.
    pub fn apply(&self, text: &str) -> Result<Option<String>, ConfigError> {
        if !self.fits(text) {
            return Err(ConfigError::Changed);
        }
        let Some(expected) = &self.before else { return Ok(None) };
        let (head, tail) = (text.get(..self.start).ok_or(ConfigError::Changed)?, text.get(self.end..).ok_or(ConfigError::Changed)?);
        let before = [head, &self.text, tail].concat();
        if checksum(&before) == *expected { Ok(Some(before)) } else { Err(ConfigError::Changed) }
    }
}

fn common(one: std::str::CharIndices<'_>, other: std::str::Chars<'_>) -> usize {
    one.zip(other).take_while(|((_, a), b)| a == b).last().map_or(0, |((at, char), _)| at + char.len_utf8())
}

fn checksum(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_that_was_not_there() {
        let undo = Undo::between(None, "x");
        assert_eq!(undo.apply("x"), Ok(None));
        assert_eq!(undo.apply("y"), Err(ConfigError::Changed));
    }

    proptest! {
        #[test]
        fn every_text_comes_back(before in "[aé\n]{0,8}", after in "[aé\n]{0,8}", other in "[aé\n]{0,8}") {
            let undo = Undo::between(Some(&before), &after);
            let kept: Undo = serde_json::from_str(&serde_json::to_string(&undo).expect("it is written")).expect("it is read");
            prop_assert_eq!(kept.apply(&after), Ok(Some(before)));
            if other != after {
                prop_assert_eq!(undo.apply(&other), Err(ConfigError::Changed));
            }
        }
    }
}
