//! The block of lines in a file of Git attributes that sends files to the merge driver.
//!
//! It stands at the top, so that what else is in the file wins over it, and taking it out leaves every other byte as it was.

use acetate_syntax::Language;
use acetate_types::{ErrorKind, Problem};
use std::collections::BTreeSet;

/// Begins the line before the block.
const BEGIN: &str = "# acetate: begin; made by `acetate setup git-merge`, --remove takes it out";
/// The same, where the block is all that the file was made for.
const BEGIN_NEW: &str = "# acetate: begin; made with this file by `acetate setup git-merge`, --remove takes it out";
/// The line behind the block.
const END: &str = "# acetate: end";

/// A pattern for each kind of file whose language is known, sorted.
pub fn patterns() -> Vec<String> {
    let mut patterns = BTreeSet::new();
    for profile in Language::all().map(Language::profile) {
        patterns.extend(profile.extensions.iter().map(|extension| format!("*.{extension}")));
        patterns.extend(profile.file_names.iter().map(|name| (*name).to_owned()));
    }
    patterns.into_iter().collect()
}

/// The lines that send these files to the driver.
pub fn lines() -> String {
    patterns().iter().map(|pattern| format!("{pattern} merge=acetate\n")).collect()
}

/// A file's text with the block, `None` for a file that is not there.
///
/// # Errors
/// `attributes_damaged` where a block begins and does not end.
pub fn with_block(text: Option<&[u8]>) -> Result<Vec<u8>, Problem> {
    let lines = lines();
    if let Some(text) = text
        && let Some(found) = Block::find(text)?
    {
        let begin = if found.new { BEGIN_NEW } else { BEGIN };
        return Ok([found.before, format!("{begin}\n{lines}{END}\n").as_bytes(), found.after].concat());
    }
    let begin = if text.is_some() { BEGIN } else { BEGIN_NEW };
    Ok([format!("{begin}\n{lines}{END}\n").as_bytes(), text.unwrap_or_default()].concat())
}

/// What remains of a file without the block.
#[derive(Debug, PartialEq, Eq)]
pub enum Without {
    /// There is no block.
    Same,
    /// This text.
    Text(Vec<u8>),
    /// Nothing: the file was made for the block.
    Nothing,
}

/// Takes the block out.
///
/// # Errors
/// As [`with_block`].
pub fn without_block(text: &[u8]) -> Result<Without, Problem> {
    let Some(found) = Block::find(text)? else { return Ok(Without::Same) };
    let rest = [found.before, found.after].concat();
    Ok(if found.new && rest.is_empty() { Without::Nothing } else { Without::Text(rest) })
}

struct Block<'a> {
    before: &'a [u8],
    after: &'a [u8],
    new: bool,
}

impl<'a> Block<'a> {
    fn find(text: &'a [u8]) -> Result<Option<Self>, Problem> {
        let (mut at, mut begin) = (0, None);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let (start, content) = (at, line.trim_ascii_end());
            at += line.len();
            if begin.is_none() && (content == BEGIN.as_bytes() || content == BEGIN_NEW.as_bytes()) {
                begin = Some((start, content == BEGIN_NEW.as_bytes()));
            } else if let Some((begin, new)) = begin
                && content == END.as_bytes()
            {
                return Ok(Some(Self { before: &text[..begin], after: &text[at..], new }));
            }
        }
        if begin.is_none() {
            return Ok(None);
        }
        Err(Problem::new(ErrorKind::Conflict, "attributes_damaged", "the block that acetate wrote into the attributes has no end")
            .hint(format!("take its lines out by hand: they follow `{BEGIN}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_and_comes_back_exactly() {
        for text in [&b""[..], b"*.rs diff=rust", b"# x\n\n*.rs merge=mine\n", b"caf\xe9 text\r\n"] {
            let with = with_block(Some(text)).expect("a block");
            assert!(with.ends_with(text) && with.len() > text.len());
            assert_eq!(with_block(Some(&with)).expect("a block"), with, "twice is once");
            assert_eq!(without_block(&with).expect("a block"), Without::Text(text.to_vec()));
            assert_eq!(without_block(text).expect("none"), Without::Same);
        }
        let new = with_block(None).expect("a block");
        assert_eq!(with_block(Some(&new)).expect("a block"), new);
        assert_eq!(without_block(&new).expect("a block"), Without::Nothing);
        let more = [&b"before\n"[..], &new, b"after"].concat();
        assert_eq!(with_block(Some(&more)).expect("a block"), more);
        assert_eq!(without_block(&more).expect("a block"), Without::Text(b"before\nafter".to_vec()));
    }

    #[test]
    fn a_block_without_an_end_is_left_alone() {
        let text = format!("{BEGIN}\n*.rs merge=acetate\n");
        for failed in [with_block(Some(text.as_bytes())).map(drop), without_block(text.as_bytes()).map(drop)] {
            assert_eq!(failed.map_err(|problem| problem.code), Err("attributes_damaged".into()));
        }
    }

    #[test]
    fn every_language_is_listed_by_what_tells_it() {
        for pattern in patterns() {
            assert!(Language::of(pattern.replace('*', "file").as_bytes()).is_some(), "{pattern}");
        }
        assert!(patterns().contains(&"*.rs".to_owned()));
    }
}
